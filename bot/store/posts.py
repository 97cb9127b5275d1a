"""Posts in and out: saved with their source's cursor in one transaction, read through a Query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.model import Intent, Post, Query
from bot.store.filters import conditions, saying
from bot.store.rows import CHUNK, POST_COLUMNS, to_post, to_row
from bot.store.schema import link, placement, post, reading, source_state, vector

Chosen = TypeVar("Chosen", bound=Select[Any])

WORDS = ("title", "text", "role")
"""An edit of one of these makes what we understood of the post stale."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save changed; a post that came again unchanged counts nowhere."""

    new: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of a database. Every method is one transaction."""

    engine: Engine

    def save(
        self,
        posts: Iterable[Post],
        *,
        deleted: Sequence[tuple[str, str]] = (),
        source: str | None = None,
        cursor: str | None = None,
    ) -> Saved:
        """Save posts and the place reached in their source, together or not at all.

        `deleted` are (source, external id). With `source`, its `cursor` is kept as well. Of two
        posts with one key the later wins.
        """
        rows = sorted(
            ({(p.source, p.external_id): to_row(p) for p in posts}).values(),
            key=lambda row: (row["source"], row["external_id"]),
        )
        with self.engine.execution_options(writes=True).begin() as connection:
            new, updated = _upsert(connection, rows)
            gone = sum(_delete(connection, *key) for key in deleted)
            if source is not None:
                keep_cursor(connection, source, cursor)
        return Saved(new, updated, gone)

    def count(self, now: datetime, query: Query | None = None) -> int:
        """How many posts there are up to `now`, of those the query asks for."""
        statement = joined(select(func.count(post.c.id)), query or Query(), now)
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def find(self, query: Query, now: datetime) -> list[tuple[int, Post, Intent | None]]:
        """Posts that fulfil all of the query, its words too, newest first, with row ids."""
        columns = select(post.c.id.label("row_id"), *POST_COLUMNS, reading.c.intent)
        statement = joined(columns, query, now).order_by(post.c.created_at.desc(), post.c.id)
        with self.engine.connect() as connection:
            return [_found(row) for row in connection.execute(statement)]

    def by_rows(self, row_ids: Sequence[int]) -> dict[int, tuple[Post, Intent | None]]:
        """Posts by row id; those that are gone are left out."""
        columns = select(post.c.id.label("row_id"), *POST_COLUMNS, reading.c.intent)
        statement = columns.select_from(post.outerjoin(reading)).where(post.c.id.in_(row_ids))
        with self.engine.connect() as connection:
            rows = (_found(row) for row in connection.execute(statement))
            return {row_id: (found, intent) for row_id, found, intent in rows}

    def moments(self, now: datetime) -> list[datetime]:
        """When each post that opens a thread was written, in no order."""
        with self.engine.connect() as connection:
            statement = select(post.c.created_at).where(
                post.c.created_at <= now, post.c.parent_id.is_(None)
            )
            return list(connection.execute(statement).scalars())


def keep_cursor(connection: Connection, source: str, cursor: str | None) -> None:
    """Remember the place reached in a source, as part of the caller's transaction."""
    found = connection.execute(
        update(source_state).where(source_state.c.name == source).values(cursor=cursor)
    )
    if not found.rowcount:
        connection.execute(insert(source_state).values(name=source, cursor=cursor))


def _found(row: Row[*tuple[Any, ...]]) -> tuple[int, Post, Intent | None]:
    return row.row_id, to_post(row), Intent(row.intent) if row.intent else None


def joined(columns: Chosen, query: Query, now: datetime) -> Chosen:
    """A select over posts with what is known of them, narrowed to a query."""
    tables = post.outerjoin(reading).outerjoin(placement)
    statement: Chosen = columns.select_from(tables).where(*conditions(query, now))
    return statement.where(saying(query.words)) if query.words else statement


def _upsert(connection: Connection, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    new = updated = 0
    for source, of_source in groupby(rows, key=lambda row: row["source"]):
        pending = list(of_source)
        for start in range(0, len(pending), CHUNK):
            chunk = pending[start : start + CHUNK]
            added, changed = _upsert_chunk(connection, source, chunk)
            new, updated = new + added, updated + changed
    return new, updated


def _upsert_chunk(
    connection: Connection, source: str, rows: Sequence[dict[str, Any]]
) -> tuple[int, int]:
    statement = select(
        post.c.id, post.c.external_id, post.c.fingerprint, *(post.c[w] for w in WORDS)
    )
    ids = [row["external_id"] for row in rows]
    found = connection.execute(
        statement.where(post.c.source == source, post.c.external_id.in_(ids))
    )
    standing = {row.external_id: row for row in found}
    fresh = [row for row in rows if row["external_id"] not in standing]
    if fresh:
        connection.execute(insert(post), fresh)
    edited = [
        row | {"row_id": before.id}
        for row in rows
        if (before := standing.get(row["external_id"])) and before.fingerprint != row["fingerprint"]
    ]
    if edited:
        connection.execute(update(post).where(post.c.id == bindparam("row_id")), edited)
    reworded = [
        row["row_id"]
        for row in edited
        if any(getattr(standing[row["external_id"]], word) != row[word] for word in WORDS)
    ]
    _forget_understanding(connection, reworded)
    return len(fresh), len(edited)


def _forget_understanding(connection: Connection, row_ids: Sequence[int]) -> None:
    if row_ids:
        for table in (vector, reading, link, placement):
            connection.execute(delete(table).where(table.c.post_id.in_(row_ids)))


def _delete(connection: Connection, source: str, external_id: str) -> int:
    gone = delete(post).where(post.c.source == source, post.c.external_id == external_id)
    return connection.execute(gone).rowcount
