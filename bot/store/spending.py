"""What a language model has cost, what it wrote before, and the posts it may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from bot.model import Post, Query
from bot.store.filters import conditions
from bot.store.rows import CHUNK, POST_COLUMNS, to_post
from bot.store.schema import phrased_post, phrasing, placement, post, reading, spent

MOST_KEPT = 2_000
"""Phrasings that are kept; of more, the oldest go."""

KEPT = timedelta(days=7)
"""How long one is kept: longer, and it would outlive the words that an edit took back."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens, and millionths of the currency that prices are set in."""

    tokens: int
    micros: int

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.tokens - other.tokens, self.micros - other.micros)


@dataclass(frozen=True, slots=True)
class Spending:
    """Costs by day. Every method is one transaction."""

    engine: Engine

    def on(self, day: date) -> Cost:
        """What was spent on a day, with what is set aside for answers under way."""
        with self.engine.connect() as connection:
            return _on(connection, day)

    def reserve(self, day: date, cost: Cost, most: Cost) -> bool:
        """Set so much aside; False, and nothing is, if that would be more than `most` in all.

        Whoever dies before `settle` leaves it set aside: the budget is never overdrawn.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            so_far = _on(connection, day)
            over = so_far.tokens + cost.tokens > most.tokens
            if over or so_far.micros + cost.micros > most.micros:
                return False
            _add(connection, day, cost)
            return True

    def settle(self, day: date, reserved: Cost, cost: Cost) -> None:
        """Put what it did cost in the place of what was set aside."""
        with self.engine.execution_options(writes=True).begin() as connection:
            _add(connection, day, cost - reserved)


def _on(connection: Connection, day: date) -> Cost:
    row = connection.execute(select(spent).where(spent.c.day == day.isoformat())).first()
    return Cost(row.tokens, row.micros) if row else Cost(0, 0)


def _add(connection: Connection, day: date, cost: Cost) -> None:
    changed = connection.execute(
        update(spent)
        .where(spent.c.day == day.isoformat())
        .values(tokens=spent.c.tokens + cost.tokens, micros=spent.c.micros + cost.micros)
    )
    if not changed.rowcount:
        row = {"day": day.isoformat(), "tokens": cost.tokens, "micros": cost.micros}
        connection.execute(insert(spent).values(row))


@dataclass(frozen=True, slots=True)
class Phrasings:
    """What was written of some facts and posts, by a digest of both."""

    engine: Engine

    def find(self, digest: str, now: datetime) -> list[Any] | None:
        """What was written, as JSON; None if nothing was, or it is too old."""
        statement = select(phrasing.c.said).where(
            phrasing.c.digest == digest, phrasing.c.at > now - KEPT
        )
        with self.engine.connect() as connection:
            said: list[Any] | None = connection.execute(statement).scalar()
            return said

    def keep(self, digest: str, said: list[Any], keys: Sequence[str], now: datetime) -> None:
        """Keep what was written from the posts of these keys; it goes when one of them goes.

        Nothing is kept if one is gone already.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            row_ids = _row_ids(connection, keys)
            if len(row_ids) < len(set(keys)):
                return
            connection.execute(delete(phrasing).where(phrasing.c.digest == digest))
            connection.execute(insert(phrasing).values(digest=digest, said=said, at=now))
            rows = [{"digest": digest, "post_id": row_id} for row_id in row_ids]
            if rows:
                connection.execute(insert(phrased_post), rows)
            _clear(connection, now)


def _clear(connection: Connection, now: datetime) -> None:
    connection.execute(delete(phrasing).where(phrasing.c.at <= now - KEPT))
    newest = select(phrasing.c.digest).order_by(phrasing.c.at.desc(), phrasing.c.digest)
    old = select(newest.offset(MOST_KEPT).limit(MOST_KEPT).subquery().c.digest)
    connection.execute(delete(phrasing).where(phrasing.c.digest.in_(old)))


@dataclass(frozen=True, slots=True)
class Cited:
    """Posts by their keys."""

    engine: Engine

    def posts(self, keys: Sequence[str], now: datetime) -> list[Post]:
        """Those that exist as of `now` and may be shown, in no order."""
        found: list[Post] = []
        with self.engine.connect() as connection:
            for source, ids in _by_source(keys):
                statement = (
                    select(*POST_COLUMNS)
                    .select_from(post.outerjoin(reading).outerjoin(placement))
                    .where(post.c.source == source, post.c.external_id.in_(ids))
                    .where(*conditions(Query(), now))
                )
                found += map(to_post, connection.execute(statement))
        return found


def _row_ids(connection: Connection, keys: Sequence[str]) -> list[int]:
    found: list[int] = []
    for source, ids in _by_source(keys):
        its = select(post.c.id).where(post.c.source == source, post.c.external_id.in_(ids))
        found += connection.execute(its).scalars()
    return found


def _by_source(keys: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Source and external ids of some keys, in lots that a statement takes."""
    parted = [key.partition(":")[::2] for key in sorted(set(keys))]
    lots: list[tuple[str, list[str]]] = []
    for source, pairs in groupby(parted, key=lambda pair: pair[0]):
        ids = [external_id for _, external_id in pairs]
        lots += [(source, ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK)]
    return lots
