"""What posts point at, and what points at them: by row id, so that a store of any size is quick."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Engine, Row, Select, select

from bot.model import UNCOMPLAINING, Intent, Link, Post, Query, Role
from bot.store.filters import conditions, theme_number
from bot.store.rows import CHUNK, not_after, post_columns, rootless, to_post
from bot.store.schema import link, placement, post, reading

Item = TypeVar("Item")

TEXT_LIMIT = 6_000
"""Characters of a text that are read: versions are named early, or in a form's first fields."""

BEGINNING = 1_500
"""Characters of a text that show which words a community uses."""


@dataclass(frozen=True, slots=True)
class Read:
    """A post that may be shown, and whether it complains."""

    row_id: int
    post: Post
    complains: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A link with the row ids of its ends."""

    source: int
    target: int
    link: Link


@dataclass(frozen=True, slots=True)
class Links:
    """Links of a database. Every method is one transaction, and keeps to posts up to `now`.

    Nothing looks at all posts or all links but `newest`, which reads as many as it is asked for.
    """

    engine: Engine

    def of_themes(self, themes: Sequence[str], now: datetime) -> dict[str, list[Read]]:
        """The posts of themes, oldest first; a theme without any is left out."""
        found: dict[str, list[Read]] = {}
        for numbers in _chunks([theme_number(theme) for theme in themes]):
            # Put in order here: asked for by time, the database goes through all posts by time.
            its = select(placement.c.post_id).where(placement.c.theme.in_(numbers))
            rows = self._rows(_shown(now, placement.c.theme).where(post.c.id.in_(its)))
            for row in sorted(rows, key=lambda row: (row.created_at, row.row_id)):
                found.setdefault(f"T{row.theme}", []).append(_read(row))
        return found

    def posts(self, row_ids: Iterable[int], now: datetime) -> dict[int, Read]:
        """Posts by row id; those that may not be shown, or are not read yet, are left out."""
        found = {}
        for chunk in _chunks(sorted(set(row_ids))):
            for row in self._rows(_shown(now).where(post.c.id.in_(chunk))):
                found[row.row_id] = _read(row)
        return found

    def leaving(
        self, row_ids: Iterable[int], hows: Collection[str], now: datetime
    ) -> tuple[Edge, ...]:
        """The links of these kinds that leave any of the posts."""
        return self._edges(link.c.post_id, row_ids, hows, now)

    def reaching(
        self, row_ids: Iterable[int], hows: Collection[str], now: datetime
    ) -> tuple[Edge, ...]:
        """The links of these kinds that point at any of the posts."""
        return self._edges(link.c.target_id, row_ids, hows, now)

    def replies(self, threads: Iterable[Post], role: Role, now: datetime) -> list[Post]:
        """What people of a role said in the threads that these posts open, without its words."""
        openers: dict[str, list[str]] = {}
        for opener in threads:
            openers.setdefault(opener.source, []).append(opener.external_id)
        said = select(*post_columns(0)).where(
            post.c.role == role.value, not_after(post.c.created_at, now)
        )
        found: list[Post] = []
        for source, ids in openers.items():
            of_source = said.where(post.c.source == source)
            for chunk in _chunks(ids):
                # Two questions, each with an index: a reply that knows its thread, and one that
                # knows only what it answers.
                in_thread = of_source.where(post.c.root_id.in_(chunk))
                under = of_source.where(rootless(), post.c.parent_id.in_(chunk))
                found += (to_post(row) for one in (in_thread, under) for row in self._rows(one))
        return found

    def releases(self, repo: str, now: datetime) -> dict[int, Post]:
        """The releases of `owner/name` by row id, without their words, oldest first."""
        # A tag follows the name after an "@"; "A" is the next letter.
        first, last = f"{repo}@", f"{repo}A"
        statement = (
            select(post.c.id.label("row_id"), *post_columns(0))
            .where(post.c.source == "github", not_after(post.c.created_at, now))
            .where(post.c.external_id >= first, post.c.external_id < last)
            .where(post.c.kind == "release")
            .order_by(post.c.created_at, post.c.id)
        )
        return {row.row_id: to_post(row) for row in self._rows(statement)}

    def newest(self, now: datetime, count: int) -> list[Post]:
        """The last posts that open a thread, newest first, with the beginnings of their texts."""
        statement = (
            select(*post_columns(BEGINNING))
            .where(post.c.created_at <= now, post.c.parent_id.is_(None))
            .order_by(post.c.created_at.desc(), post.c.id)
            .limit(count)
        )
        return [to_post(row) for row in self._rows(statement)]

    def _edges(
        self, end: Column[Any], row_ids: Iterable[int], hows: Collection[str], now: datetime
    ) -> tuple[Edge, ...]:
        found: list[Edge] = []
        for chunk in _chunks(sorted(set(row_ids))):
            statement = _ends(now).where(end.in_(chunk), link.c.how.in_(sorted(hows)))
            found += map(_edge, self._rows(statement.order_by(link.c.post_id, link.c.target_id)))
        return tuple(found)

    def _rows(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        with self.engine.connect() as connection:
            return connection.execute(statement).all()


def _shown(now: datetime, *more: Column[Any]) -> Select[Any]:
    """Posts that have been read and may be shown: what is sensitive may not be named either."""
    return (
        select(
            post.c.id.label("row_id"),
            *post_columns(TEXT_LIMIT),
            reading.c.strength,
            reading.c.intent,
            *more,
        )
        .select_from(post.join(reading).outerjoin(placement))
        .where(*conditions(Query(), now))
    )


def _ends(now: datetime) -> Select[Any]:
    target = post.alias("target")
    return (
        select(
            link,
            post.c.source,
            post.c.external_id,
            target.c.source.label("target_source"),
            target.c.external_id.label("target_external_id"),
        )
        .join_from(link, post, link.c.post_id == post.c.id)
        .join(target, link.c.target_id == target.c.id)
        .where(post.c.created_at <= now, target.c.created_at <= now)
    )


def _edge(row: Row[Any]) -> Edge:
    own = f"{row.source}:{row.external_id}"
    other = f"{row.target_source}:{row.target_external_id}"
    return Edge(row.post_id, row.target_id, Link(own, other, row.how))


def _read(row: Row[Any]) -> Read:
    complains = row.strength > 0 and Intent(row.intent) not in UNCOMPLAINING
    return Read(row.row_id, to_post(row), complains)


def _chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
