"""Posts that can make a theme: those that open a thread and are fit to be shown, no bot's.

Whatever reads them here reads as many as it was asked for, however many are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, func, select

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
        """Row ids of those written last."""
        statement = _openers(embedder, now, post.c.id).order_by(
            post.c.created_at.desc(), post.c.source, post.c.external_id
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement.limit(most)).scalars())

    def unplaced(self, embedder: str, now: datetime) -> list[int]:
        """Row ids of those that no run has placed yet, oldest first."""
        statement = (
            _openers(embedder, now, post.c.id)
            .where(placement.c.post_id.is_(None))
            .order_by(post.c.created_at, post.c.source, post.c.external_id)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def speakers(self, embedder: str, now: datetime, themes: int, each: int) -> list[int]:
        """Row ids of the most central posts of the youngest themes, up to `each` of each."""
        youngest = (
            select(placement.c.theme)
            .distinct()
            .where(placement.c.theme.is_not(None))
            .order_by(placement.c.theme.desc())
            .limit(themes)
        )
        rank = func.row_number().over(
            partition_by=placement.c.theme,
            order_by=(placement.c.centrality.desc(), post.c.source, post.c.external_id),
        )
        # By the posts of these themes, lest all posts be gone through to see which are of one.
        theirs = select(placement.c.post_id).where(placement.c.theme.in_(youngest))
        ranked = (
            _openers(embedder, now, post.c.id, rank.label("rank"))
            .where(post.c.id.in_(theirs))
            .subquery()
        )
        with self.engine.connect() as connection:
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


def _openers(embedder: str, now: datetime, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(post.join(vector).outerjoin(reading).outerjoin(placement))
        .where(vector.c.embedder == embedder, post.c.created_at <= now)
        .where(post.c.parent_id.is_(None), post.c.role != Role.BOT.value)
        .where(reading.c.sensitive.is_(None))
    )
