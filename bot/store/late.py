"""Posts that a site told of by itself: they may come late, and may leave out what reading gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from bot.store.rows import CHUNK, fingerprint
from bot.store.schema import post

UNTOLD = ("updated_at", "score", "reply_count", "state")
"""What the site of a source may leave out when it tells of a post by itself."""


def not_late(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that are no older than what stands, with what they do not tell as it stands."""
    kept = []
    for source, of_source in groupby(rows, key=lambda row: row["source"]):
        pending = list(of_source)
        for start in range(0, len(pending), CHUNK):
            chunk = pending[start : start + CHUNK]
            standing = _standing(connection, source, [row["external_id"] for row in chunk])
            for row in chunk:
                before = standing.get(row["external_id"], {})
                told, stands = row["updated_at"], before.get("updated_at")
                if told is None or stands is None or told >= stands:
                    untold = {name: before[name] for name in before if row[name] is None}
                    kept.append(row | untold | {"fingerprint": fingerprint(row | untold)})
    return kept


def _standing(
    connection: Connection, source: str, external_ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """What stands of posts in the fields that a delivery may leave untold, by external id."""
    statement = select(post.c.external_id, *(post.c[name] for name in UNTOLD)).where(
        post.c.source == source, post.c.external_id.in_(external_ids)
    )
    return {
        row.external_id: {name: getattr(row, name) for name in UNTOLD}
        for row in connection.execute(statement)
    }
