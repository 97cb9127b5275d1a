"""Whole threads of themes: the openers that stand in them, and all that was replied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Select, select

from bot.model import Post, Query, Visibility
from bot.store.filters import conditions, theme_number
from bot.store.posts import joined
from bot.store.rows import CHUNK, not_after, post_columns, rootless, to_post
from bot.store.schema import placement, post, reading

Item = TypeVar("Item")

TEXT_LIMIT = 6_000
"""Characters of a text that are read."""
DEEP = 20
"""How far replies to replies are followed where these do not know their thread."""


@dataclass(slots=True)
class _Thread:
    """What is known of a thread before its words are read."""

    theme: str
    row_ids: list[int]
    last: datetime | None = None
    """When the last reply was written."""
    kept_back: bool = False
    """Whether a reply looks like an undisclosed vulnerability."""


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads of a database. Every method is one transaction, and keeps to posts up to `now`."""

    engine: Engine

    def of_themes(
        self, themes: Sequence[str], query: Query, now: datetime, most: int
    ) -> dict[str, list[Post]]:
        """By theme the posts of its threads that have replies, in no order.

        The openers fulfil the query but for its `since`; some reply was written from then on, and
        none after its `until`. Of a theme the `most` threads that were replied to last. What is
        private is left out, and so is every thread of which a post must not be shown.
        """
        with self.engine.connect() as connection:
            threads = _openers(connection, themes, query, now)
            _add_replies(connection, threads, _until(query), now)
            chosen = list(_newest(threads.values(), query.since, most))
            row_ids = [row_id for thread in chosen for row_id in thread.row_ids]
            posts = _posts(connection, row_ids, _until(query), now)
        found: defaultdict[str, list[Post]] = defaultdict(list)
        for thread in chosen:
            found[thread.theme] += (posts[r] for r in thread.row_ids if r in posts)
        return dict(found)


def _until(query: Query) -> Query:
    """What replies must fulfil: they have no labels, and say nothing of the query's words."""
    return Query(until=query.until)


def _openers(
    connection: Connection, themes: Sequence[str], query: Query, now: datetime
) -> dict[tuple[str, str], _Thread]:
    """The threads that the query's openers in the themes begin, by source and external id."""
    columns = select(post.c.id, post.c.source, post.c.external_id, placement.c.theme)
    found = {}
    for chunk in _chunks([theme_number(theme) for theme in themes]):
        statement = joined(columns, replace(query, since=None), now)
        statement = statement.where(placement.c.theme.in_(chunk), post.c.parent_id.is_(None))
        for row in connection.execute(_public(statement)):
            found[(row.source, row.external_id)] = _Thread(f"T{row.theme}", [row.id])
    return found


def _add_replies(
    connection: Connection,
    threads: Mapping[tuple[str, str], _Thread],
    query: Query,
    now: datetime,
) -> None:
    """Add the rows of all replies; who does not know its thread is found under what it answers."""
    above = dict(threads)
    for depth in range(DEEP):
        below: dict[tuple[str, str], _Thread] = {}
        for source, ids in _by_source(above).items():
            for chunk in _chunks(ids):
                for up, row in _replies(connection, source, chunk, query, now, first=not depth):
                    thread = above[(source, up)]
                    _add(thread, row)
                    below[(source, row.external_id)] = thread
        above = {key: thread for key, thread in below.items() if key not in threads}
        if not above:
            return


def _replies(
    connection: Connection,
    source: str,
    ids: Sequence[str],
    query: Query,
    now: datetime,
    *,
    first: bool,
) -> Iterator[tuple[str, Row[Any]]]:
    """Replies with the external id that they are under: their thread's, else what they answer.

    Two questions, each with an index.
    """
    columns = select(
        post.c.id,
        post.c.external_id,
        post.c.created_at,
        post.c.root_id,
        post.c.parent_id,
        reading.c.sensitive,
    ).select_from(post.outerjoin(reading))
    # Without the condition on what is sensitive: such a reply keeps its whole thread back.
    times = [not_after(post.c.created_at, now)]
    times += [post.c.created_at < query.until] if query.until else []
    of_source = _public(columns.where(post.c.source == source, *times))
    if first:
        for row in connection.execute(of_source.where(post.c.root_id.in_(ids))):
            yield row.root_id, row
    under = of_source.where(rootless(), post.c.parent_id.in_(ids))
    for row in connection.execute(under):
        yield row.parent_id, row


def _add(thread: _Thread, row: Row[Any]) -> None:
    thread.row_ids.append(row.id)
    thread.last = max(filter(None, (thread.last, row.created_at)))
    thread.kept_back = thread.kept_back or row.sensitive is not None


def _newest(threads: Iterable[_Thread], since: datetime | None, most: int) -> Iterator[_Thread]:
    """Of each theme the threads that were replied to last."""
    taken: defaultdict[str, int] = defaultdict(int)
    alive = [(t.last, t.row_ids[0], t) for t in threads if t.last and t.last >= (since or t.last)]
    for _, _, thread in sorted(alive, key=itemgetter(0, 1), reverse=True):
        if taken[thread.theme] < most and not thread.kept_back:
            taken[thread.theme] += 1
            yield thread


def _posts(
    connection: Connection, row_ids: Sequence[int], query: Query, now: datetime
) -> dict[int, Post]:
    statement = (
        select(post.c.id.label("row_id"), *post_columns(TEXT_LIMIT))
        .select_from(post.outerjoin(reading).outerjoin(placement))
        .where(*conditions(query, now))
    )
    found = {}
    for chunk in _chunks(row_ids):
        for row in connection.execute(statement.where(post.c.id.in_(chunk))):
            found[row.row_id] = to_post(row)
    return found


def _public(statement: Select[Any]) -> Select[Any]:
    return statement.where(post.c.visibility == Visibility.PUBLIC.value)


def _by_source(keys: Mapping[tuple[str, str], object]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for source, external_id in keys:
        found[source].append(external_id)
    return dict(found)


def _chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
