"""Posts in and out: saved with their source's cursor in one transaction, read through a Query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.model import Intent, Post, Query, Role
from bot.store.filters import conditions, saying
from bot.store.late import not_late
from bot.store.marks import TELLING, unlink
from bot.store.narrowing import among, ids_of
from bot.store.purge import bury, purge, unname, without_forgotten
from bot.store.rows import CHUNK, INTENTS, POST_COLUMNS, post_of, to_row
from bot.store.schema import ground, pending, placement, post, reading, source_state, vector
from bot.store.sketches import unsketch

Chosen = TypeVar("Chosen", bound=Select[Any])

CHECKED_DAYS, CITED_DAYS = 7, 90
"""How long after its writing a post is looked at again, and one that can be cited."""

CHECKED_EVERY = timedelta(hours=1)
"""How long it is then left alone: else most requests to a quiet site would be such looks."""

LABELLED_AMONG = 10_000
"""How many of a venue's newest posts are looked through for labels."""

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
        threads: Sequence[tuple[str, str]] = (),
        origin: str | None = None,
        place: tuple[str, str | None] | None = None,
        heard: bool = False,
    ) -> Saved:
        """Save posts and the place reached in their source, together or not at all.

        `deleted` are (source, external id), and so are the openers of `threads` that go with all
        their replies. `origin` is the configured source that brought them;
        `place` is a name and the cursor to keep under it. Of two posts with one key the later
        wins. What was written by somebody who asked to be forgotten is left out. Posts that were
        `heard` may come late and tell less: see `not_late`.
        """
        rows = sorted(
            ({(p.source, p.external_id): to_row(p) for p in posts}).values(),
            key=lambda row: (row["source"], row["external_id"]),
        )
        with self.engine.execution_options(writes=True).begin() as connection:
            rows = without_forgotten(connection, rows)
            if heard:
                rows = not_late(connection, rows)
            if origin is not None:
                rows = [row | {"origin": origin} for row in rows]
            new, updated = _upsert(connection, rows)
            hanging = _rows_of(connection, threads, post.c.root_id)
            gone = purge(connection, sorted({*_rows_of(connection, deleted), *hanging}))
            if place is not None:
                keep_cursor(connection, *place)
        return Saved(new, updated, gone)

    def to_check(self, origin: str, now: datetime, limit: int) -> list[str]:
        """External ids of an origin's posts to look at again, the longest unseen first.

        Those of the last CHECKED_DAYS, and, up to CITED_DAYS, those that stand in a theme and so
        can be cited; none that was looked at within CHECKED_EVERY.
        """
        recent = post.c.created_at >= now - timedelta(days=CHECKED_DAYS)
        cited = placement.c.theme.is_not(None) & (
            post.c.created_at >= now - timedelta(days=CITED_DAYS)
        )
        statement = (
            select(post.c.external_id)
            .select_from(post.outerjoin(placement))
            .where(post.c.origin == origin, post.c.created_at <= now, recent | cited)
            .where(post.c.checked_at.is_(None) | (post.c.checked_at <= now - CHECKED_EVERY))
            .order_by(post.c.checked_at.is_not(None), post.c.checked_at, post.c.id)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def checked(self, origin: str, external_ids: Sequence[str], at: datetime) -> None:
        """These posts of an origin were looked at again."""
        named = update(post).where(post.c.origin == origin).values(checked_at=at)
        with self.engine.execution_options(writes=True).begin() as connection:
            for start in range(0, len(external_ids), CHUNK):
                chunk = external_ids[start : start + CHUNK]
                connection.execute(named.where(post.c.external_id.in_(chunk)))

    def forget(self, author: str, now: datetime) -> int:
        """Remove all that somebody wrote, in every source, and never take it in again.

        Names are compared without regard to case. Returns how many posts are gone.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            own = select(post.c.id).where(func.lower(post.c.author) == author.lower())
            gone = purge(connection, list(connection.execute(own).scalars()))
            bury(connection, author, now)
        return gone

    def assign_roles(self, roles: Mapping[str, Role]) -> int:
        """Give authors their role, by lower-case name; returns how many posts have another now."""
        changed = 0
        with self.engine.execution_options(writes=True).begin() as connection:
            for author, role in roles.items():
                other = select(post.c.id).where(
                    func.lower(post.c.author) == author, post.c.role != role.value
                )
                row_ids = list(connection.execute(other).scalars())
                for start in range(0, len(row_ids), CHUNK):
                    chunk = row_ids[start : start + CHUNK]
                    connection.execute(
                        update(post).where(post.c.id.in_(chunk)).values(role=role.value)
                    )
                _forget_understanding(connection, row_ids)
                changed += len(row_ids)
        return changed

    def count(self, now: datetime, query: Query | None = None) -> int:
        """How many posts there are up to `now`, or of those, how many a query asks for."""
        counted = select(func.count(post.c.id))
        plain = counted.where(post.c.created_at <= now)
        statement = plain if query is None else joined(counted, query, now)
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def find(self, query: Query, now: datetime) -> list[tuple[int, Post, Intent | None]]:
        """Posts that fulfil all of the query, its words too, newest first, with row ids."""
        columns = select(post.c.id.label("row_id"), *POST_COLUMNS, reading.c.intent)
        statement = joined(columns, query, now).order_by(post.c.created_at.desc(), post.c.id)
        with self.engine.connect() as connection:
            return [_found(row) for row in connection.execute(statement).all()]

    def row_ids(self, query: Query, now: datetime) -> set[int]:
        """Row ids of the posts that fulfil all of the query, its words too."""
        with self.engine.connect() as connection:
            return set(ids_of(connection, joined(select(post.c.id), query, now)).tolist())

    def by_rows(self, row_ids: Sequence[int]) -> dict[int, tuple[Post, Intent | None]]:
        """Posts by row id; those that are gone are left out."""
        columns = select(post.c.id.label("row_id"), *POST_COLUMNS, reading.c.intent)
        statement = columns.select_from(post.outerjoin(reading)).where(among(row_ids))
        with self.engine.connect() as connection:
            rows = map(_found, connection.execute(statement).all())
            return {row_id: (found, intent) for row_id, found, intent in rows}

    def venues(self, row_ids: Sequence[int]) -> set[str]:
        """Where some posts were written."""
        found: set[str] = set()
        with self.engine.connect() as connection:
            for start in range(0, len(row_ids), CHUNK):
                its = post.c.id.in_(row_ids[start : start + CHUNK])
                found.update(
                    connection.execute(select(post.c.venue).where(its).distinct()).scalars()
                )
        return found

    def labelled(self, venue: str, now: datetime, most: int) -> list[int]:
        """Row ids of a venue's openers that have labels, the newest first, at most so many.

        They are looked for among the newest posts of the venue, however many there are before.
        """
        newest = (
            select(post.c.id)
            .where(post.c.venue == venue, post.c.created_at <= now)
            .order_by(post.c.created_at.desc())
            .limit(LABELLED_AMONG)
        )
        statement = (
            select(post.c.id)
            .where(post.c.id.in_(newest), post.c.parent_id.is_(None))
            .where(cast(post.c.labels, String) != "[]")
            .order_by(post.c.created_at.desc(), post.c.source, post.c.external_id)
            .limit(most)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())


def keep_cursor(connection: Connection, source: str, cursor: str | None) -> None:
    """Remember the place reached in a source, as part of the caller's transaction."""
    found = connection.execute(
        update(source_state).where(source_state.c.name == source).values(cursor=cursor)
    )
    if not found.rowcount:
        connection.execute(insert(source_state).values(name=source, cursor=cursor))


def _found(row: Row[*tuple[Any, ...]]) -> tuple[int, Post, Intent | None]:
    """Of a row id, `POST_COLUMNS` and an intent, in this order: by place, which is quicker."""
    row_id, *values, intent = row
    return row_id, post_of(values), INTENTS[intent] if intent else None


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
    looked_at = (post.c[name] for name in sorted({*WORDS, *TELLING}))
    statement = select(post.c.id, post.c.fingerprint, *looked_at)
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
    unname(connection, _other(edited, standing, ("title",)))
    _forget_understanding(connection, _other(edited, standing, WORDS))
    came = _rows_of(connection, [(source, row["external_id"]) for row in fresh])
    _await(connection, came)
    unlink(connection, [*came, *_other(edited, standing, TELLING)])
    return len(fresh), len(edited)


def _other(
    edited: Iterable[dict[str, Any]], standing: Mapping[str, Row[Any]], names: Sequence[str]
) -> list[int]:
    """The row ids of the edited posts that differ in one of these fields from what stood."""
    return [
        row["row_id"]
        for row in edited
        if any(getattr(standing[row["external_id"]], name) != row[name] for name in names)
    ]


def _forget_understanding(connection: Connection, row_ids: Sequence[int]) -> None:
    unsketch(connection, row_ids)
    for start in range(0, len(row_ids), CHUNK):
        for table in (vector, reading, ground, placement, pending):
            chunk = row_ids[start : start + CHUNK]
            connection.execute(delete(table).where(table.c.post_id.in_(chunk)))
    _await(connection, row_ids)


def _await(connection: Connection, row_ids: Sequence[int]) -> None:
    """These wait to be understood; none of them waits already."""
    if row_ids:
        connection.execute(insert(pending), [{"post_id": row_id} for row_id in row_ids])


def _rows_of(
    connection: Connection,
    keys: Sequence[tuple[str, str]],
    column: ColumnElement[str | None] = post.c.external_id,
) -> list[int]:
    """Row ids of posts by source and what a column holds; what is not there is left out."""
    found: list[int] = []
    for source, of_source in groupby(sorted(keys), key=lambda key: key[0]):
        ids = [external_id for _, external_id in of_source]
        for start in range(0, len(ids), CHUNK):
            statement = select(post.c.id).where(
                post.c.source == source, column.in_(ids[start : start + CHUNK])
            )
            found += connection.execute(statement).scalars()
    return found
