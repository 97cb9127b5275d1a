"""Full-text search: FTS5's BM25, of the posts that fulfil a Query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, func, literal, or_, select

from bot.model import Query
from bot.store.filters import conditions, index
from bot.store.narrowing import fulfilling, ids_of
from bot.store.schema import placement, post, reading
from bot.store.words import asked, match_all, pieces

TITLE_WEIGHT, TEXT_WEIGHT, CODE_WEIGHT = 10.0, 1.0, 1.0
"""A word in the title says more about a post than one in its body."""

TERMS_MOST = 16
"""Of a long text, such as a pasted stack trace, so many words are asked for: the rarest."""

ASKED_MOST = 200
"""Words of a text that are looked up to find the rarest."""

RANKED_MOST = 30_000
"""Posts that are ranked, about: what only says commoner words is left out."""

FIRST, FURTHER = 2, 10
"""How far down the ranking of all posts, in times of what is wanted, a query's filters are tried
before they are asked of every post. What comes out is the same."""


@dataclass(frozen=True, slots=True)
class Index:
    """The words of every post."""

    engine: Engine

    def best(
        self, words: Sequence[str], query: Query, now: datetime, limit: int
    ) -> list[tuple[int, float]]:
        """Row ids of posts that hold any of the words, best first, with BM25 scores (positive).

        Only posts that fulfil the query are ranked; its own words are not asked for: they are what
        `words` rank. Of words that are in very many posts, those posts count that say a rare one
        too, or two of them. Parts of code names count where the whole name is not said.
        """
        with self.engine.connect() as connection:
            expression = _telling(connection, words)
            if not expression:
                return []
            found = _ranked(connection, expression, FURTHER * limit)
            for depth in (FIRST * limit, FURTHER * limit):
                some = [i for i, _ in found[:depth]]
                kept = set(fulfilling(connection, some, query, now).tolist())
                if len(kept) >= limit or len(found) < depth:
                    return [pair for pair in found if pair[0] in kept][:limit]
            return _ranked_within(connection, expression, query, now, limit)

    def saying(self, words: Sequence[str]) -> set[int]:
        """Row ids of all posts that hold every one of the words, whatever else they fulfil."""
        statement = select(index.c.rowid).where(_matching(match_all(words)))
        with self.engine.connect() as connection:
            return set(ids_of(connection, statement).tolist())

    def literally(self, row_ids: Sequence[int], words: Iterable[str]) -> set[int]:
        """Those of some posts that hold one of the words to the letter, in any case."""
        has = [
            column.icontains(word, autoescape=True)
            for word in words
            for column in (post.c.title, post.c.text)
        ]
        if not has or not row_ids:
            return set()
        statement = select(post.c.id).where(post.c.id.in_(row_ids), or_(*has))
        with self.engine.connect() as connection:
            return set(connection.execute(statement).scalars())


def _matching(expression: str) -> ColumnElement[bool]:
    return index.c.post_index.op("MATCH")(expression)


_RANK = func.bm25(index.c.post_index, TITLE_WEIGHT, TEXT_WEIGHT, CODE_WEIGHT)


def _ranked(connection: Connection, expression: str, limit: int) -> list[tuple[int, float]]:
    statement = (
        select(index.c.rowid, _RANK.label("rank"))
        .where(_matching(expression))
        .order_by(_RANK, index.c.rowid)
        .limit(limit)
    )
    return [(row.rowid, -row.rank) for row in connection.execute(statement)]


def _ranked_within(
    connection: Connection, expression: str, query: Query, now: datetime, limit: int
) -> list[tuple[int, float]]:
    tables = post.join(index, index.c.rowid == post.c.id).outerjoin(reading).outerjoin(placement)
    statement = (
        select(post.c.id, _RANK.label("rank"))
        .select_from(tables)
        .where(_matching(expression))
        .where(*conditions(replace(query, words=()), now))
        .order_by(_RANK, post.c.id)
        .limit(limit)
    )
    return [(row.id, -row.rank) for row in connection.execute(statement)]


def _telling(connection: Connection, words: Sequence[str]) -> str:
    """An FTS5 expression for the words that tell posts apart; "" if no post holds any."""
    terms = dict.fromkeys(asked(word) for word in list(words)[:ASKED_MOST])
    terms |= dict.fromkeys(asked(piece) for word in words[:ASKED_MOST] for piece in pieces(word))
    counts = {term: count for term in terms if (count := _count(connection, term))}
    rare, common, total = list[str](), list[str](), 0
    for term in sorted(counts, key=lambda term: (counts[term], term))[:TERMS_MOST]:
        total += counts[term]
        (common if rare and total > RANKED_MOST else rare).append(term)
    either, also = " OR ".join(rare), " OR ".join(common)
    if not common:
        return either
    together = f"(({either}) AND ({also}))"
    # Where even the rarest word is in too many posts, only those that say another as well.
    return together if counts[rare[0]] > RANKED_MOST else f"{either} OR {together}"


def _count(connection: Connection, term: str) -> int:
    """In how many posts a term is, counted no further than it takes to call it common."""
    found = select(literal(1)).where(_matching(term)).select_from(index).limit(2 * RANKED_MOST)
    return connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
