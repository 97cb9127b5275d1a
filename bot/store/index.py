"""Full-text search: FTS5's BM25, narrowed to a Query before it ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, column, func, select, table

from bot.model import Query
from bot.store.filters import conditions, match_any
from bot.store.schema import placement, post, reading

_index = table("post_index", column("rowid"), column("post_index"))

TITLE_WEIGHT, TEXT_WEIGHT = 3.0, 1.0
"""A word in the title says more about a post than one in its body."""


@dataclass(frozen=True, slots=True)
class Index:
    """The words of every post."""

    engine: Engine

    def best(
        self, words: Sequence[str], query: Query, now: datetime, limit: int
    ) -> list[tuple[int, float]]:
        """Row ids of posts that hold any of the words, best first, with BM25 scores (positive).

        The query's own words are not asked for: they are what `words` rank.
        """
        if not words:
            return []
        rank = func.bm25(_index.c.post_index, TITLE_WEIGHT, TEXT_WEIGHT)
        tables = (
            post.join(_index, _index.c.rowid == post.c.id).outerjoin(reading).outerjoin(placement)
        )
        statement = (
            select(post.c.id, rank.label("rank"))
            .select_from(tables)
            .where(_index.c.post_index.op("MATCH")(match_any(words)))
            .where(*conditions(replace(query, words=()), now))
            .order_by(rank, post.c.id)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [(row.id, -row.rank) for row in connection.execute(statement)]
