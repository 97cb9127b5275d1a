"""Taking posts out for good: rows, index, vectors, and the names that quote them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update

from bot.store.marks import unmark
from bot.store.posted_names import forsake
from bot.store.rows import CHUNK
from bot.store.schema import phrasing, picture, placement, post, theme, tombstone
from bot.store.sketches import unsketch


def purge(connection: Connection, row_ids: Sequence[int]) -> int:
    """Delete posts and all that was made of them, as part of the caller's transaction.

    What hangs on a post goes with it by foreign key. A theme's label may be the very title that
    goes: such themes lose their names, and get new ones from the posts that stay.
    """
    unmark(connection, row_ids)
    unsketch(connection, row_ids)
    gone = 0
    for start in range(0, len(row_ids), CHUNK):
        chunk = row_ids[start : start + CHUNK]
        forsake(connection, chunk)
        unname(connection, chunk)
        gone += connection.execute(delete(post).where(post.c.id.in_(chunk))).rowcount
    if gone and connection.dialect.name == "sqlite":
        # A deletion in FTS5 is only a note until segments are merged: the words would stay.
        connection.execute(text("INSERT INTO post_index(post_index) VALUES ('optimize')"))
    return gone


def take_out(connection: Connection, row_ids: Sequence[int]) -> None:
    """Take posts out of their themes, whose names may be their words."""
    for start in range(0, len(row_ids), CHUNK):
        chunk = row_ids[start : start + CHUNK]
        unname(connection, chunk)
        connection.execute(delete(placement).where(placement.c.post_id.in_(chunk)))


def unname(connection: Connection, row_ids: Sequence[int]) -> None:
    """Take away the names of the themes that some posts stand in, what models wrote, and pictures.

    These may hold their words; written anew they are cheap, as other counts ask for others anyway.
    """
    if not row_ids:
        return
    connection.execute(delete(phrasing))
    connection.execute(delete(picture))
    stood = select(placement.c.theme).where(
        placement.c.post_id.in_(row_ids), placement.c.theme.is_not(None)
    )
    connection.execute(
        update(theme).where(theme.c.number.in_(stood)).values(label="", keywords=[], area=None)
    )


def bury(connection: Connection, author: str, now: datetime) -> None:
    """Remember that an author must not come back, without remembering the name."""
    mark = _mark(author)
    if not connection.execute(select(tombstone).where(tombstone.c.mark == mark)).first():
        connection.execute(insert(tombstone).values(mark=mark, made_at=now))


def without_forgotten(
    connection: Connection, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows whose author did not ask to be forgotten."""
    buried = set(connection.execute(select(tombstone.c.mark)).scalars())
    if not buried:
        return list(rows)
    return [row for row in rows if not row["author"] or _mark(row["author"]) not in buried]


def _mark(author: str) -> str:
    return hashlib.blake2b(author.lower().encode("utf-8", "replace"), digest_size=16).hexdigest()
