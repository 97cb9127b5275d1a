"""Posts that can make a theme: those that open a thread and are fit to be shown, no bot's.

Whatever reads them here reads as many as it was asked for, however many are stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, select

from bot.model import Role
from bot.store.rows import CHUNK
from bot.store.schema import placement, post, reading, vector
from bot.store.themes import theme_named
from bot.store.vectors import Matrix, stacked


@dataclass(frozen=True, slots=True)
class Opened:
    """Openers in the order of their keys, which does not depend on the order of arrival."""

    row_ids: list[int]
    keys: list[str]
    vectors: Matrix
    """(n, dims)."""
    stood: list[str | None]
    """The theme that each stands in; None for none, and for those never placed."""
    placed: list[bool]
    """Whether it was ever placed, in a theme or in none."""


@dataclass(frozen=True, slots=True)
class Openers:
    """Openers as of a moment. Every method is one transaction.

    Without what looks like an undisclosed vulnerability: a theme's name could tell it.
    """

    engine: Engine

    def newest(self, embedder: str, now: datetime, most: int) -> list[int]:
        """Row ids of those written last: of so many that open a thread the ones that are fit."""
        # By posts alone first: joined, all would be gone through before the first is known.
        last = (
            select(post.c.id)
            .where(post.c.parent_id.is_(None), post.c.created_at <= now)
            .order_by(post.c.created_at.desc(), post.c.source, post.c.external_id)
            .limit(most)
        )
        statement = _openers(embedder, now, post.c.id).where(post.c.id.in_(last))
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def unplaced(self, embedder: str, now: datetime) -> list[int]:
        """Row ids of those that no run has placed yet, oldest first."""
        statement = (
            _openers(embedder, now, post.c.id)
            .where(vector.c.post_id.not_in(select(placement.c.post_id)))
            .order_by(post.c.created_at, post.c.source, post.c.external_id)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def hearts(self) -> list[int]:
        """Row ids of the most central post of each theme; of equals all."""
        greatest = (
            select(placement.c.theme, func.max(placement.c.centrality).label("most"))
            .where(placement.c.theme.is_not(None))
            .group_by(placement.c.theme)
            .subquery()
        )
        its = and_(placement.c.theme == greatest.c.theme, placement.c.centrality == greatest.c.most)
        with self.engine.connect() as connection:
            found = connection.execute(select(placement.c.post_id).join(greatest, its))
            return list(found.scalars())

    def speakers(
        self, embedder: str, now: datetime, near: Sequence[int] | None, themes: int, each: int
    ) -> list[int]:
        """Row ids of the most central posts of so many themes, up to `each` of each.

        The themes in which posts that are `near` stand, those of most of them first; if that is
        None, the youngest.
        """
        with self.engine.connect() as connection:
            chosen = (_youngest(connection) if near is None else _themes_of(connection, near))[
                :themes
            ]
            ranked = _ranked(embedder, now, chosen).subquery()
            found = connection.execute(select(ranked.c.id).where(ranked.c.rank <= each))
            return list(found.scalars())

    def load(self, embedder: str, now: datetime, row_ids: Sequence[int]) -> Opened:
        """Some of them with all that grouping needs; those that are gone are left out."""
        columns = _openers(
            embedder,
            now,
            post.c.id,
            post.c.source,
            post.c.external_id,
            vector.c.row,
            placement.c.theme,
            placement.c.post_id.label("placed"),
        )
        found: list[Row[Any]] = []
        with self.engine.connect() as connection:
            for start in range(0, len(row_ids), CHUNK):
                chunk = row_ids[start : start + CHUNK]
                found += connection.execute(columns.where(post.c.id.in_(chunk)))
        found.sort(key=lambda row: (row.source, row.external_id))
        return Opened(
            [row.id for row in found],
            [f"{row.source}:{row.external_id}" for row in found],
            stacked([row.row for row in found]),
            [theme_named(row.theme) for row in found],
            [row.placed is not None for row in found],
        )


def _youngest(connection: Connection) -> list[int]:
    """The numbers of all themes that have posts, the youngest first."""
    standing = select(placement.c.theme).where(placement.c.theme.is_not(None)).distinct()
    return list(connection.execute(standing.order_by(placement.c.theme.desc())).scalars())


def _themes_of(connection: Connection, row_ids: Sequence[int]) -> list[int]:
    """The numbers of the themes that posts stand in, those of most posts first, then the oldest."""
    found: Counter[int] = Counter()
    for start in range(0, len(row_ids), CHUNK):
        chunk = placement.c.post_id.in_(row_ids[start : start + CHUNK])
        standing = select(placement.c.theme).where(chunk, placement.c.theme.is_not(None))
        found.update(connection.execute(standing).scalars())
    return sorted(found, key=lambda number: (-found[number], number))


def _ranked(embedder: str, now: datetime, themes: Sequence[int]) -> Select[Any]:
    """The posts of some themes, each with its rank in its theme, the most central first."""
    rank = func.row_number().over(
        partition_by=placement.c.theme,
        order_by=(placement.c.centrality.desc(), post.c.source, post.c.external_id),
    )
    # By the posts of these themes, lest all posts be gone through to see which are of one.
    theirs = select(placement.c.post_id).where(placement.c.theme.in_(themes))
    return _openers(embedder, now, post.c.id, rank.label("rank")).where(post.c.id.in_(theirs))


def _openers(embedder: str, now: datetime, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(post.join(vector).outerjoin(reading).outerjoin(placement))
        .where(vector.c.embedder == embedder, post.c.created_at <= now)
        .where(post.c.parent_id.is_(None), post.c.role != Role.BOT.value)
        .where(reading.c.sensitive.is_(None))
    )
