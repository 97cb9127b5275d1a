"""What a language model has cost, what it wrote before, and the posts it may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update

from bot.model import Audience, Post, Query
from bot.store.filters import conditions
from bot.store.rows import POST_COLUMNS, by_source, to_post
from bot.store.schema import phrasing, placement, post, reading, spent

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
            _begin(connection, day)
            fits = (
                spent.c.tokens + cost.tokens <= most.tokens,
                spent.c.micros + cost.micros <= most.micros,
            )
            return _add(connection, day, cost, *fits)

    def settle(self, day: date, reserved: Cost, cost: Cost) -> None:
        """Put what it did cost in the place of what was set aside."""
        with self.engine.execution_options(writes=True).begin() as connection:
            _begin(connection, day)
            _add(connection, day, cost - reserved)


def _on(connection: Connection, day: date) -> Cost:
    row = connection.execute(select(spent).where(spent.c.day == day.isoformat())).first()
    return Cost(row.tokens, row.micros) if row else Cost(0, 0)


def _begin(connection: Connection, day: date) -> None:
    if not connection.execute(select(spent).where(spent.c.day == day.isoformat())).first():
        connection.execute(insert(spent).values(day=day.isoformat(), tokens=0, micros=0))


def _add(connection: Connection, day: date, cost: Cost, *fits: ColumnElement[bool]) -> bool:
    """Add to a day, if these hold of it, in one statement that nobody can come between."""
    added = connection.execute(
        update(spent)
        .where(spent.c.day == day.isoformat(), *fits)
        .values(tokens=spent.c.tokens + cost.tokens, micros=spent.c.micros + cost.micros)
    )
    return bool(added.rowcount)


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
        """Keep what was written from the posts of these keys, unless one is gone already.

        It goes when any post goes.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            if _stored(connection, keys) < len(set(keys)):
                return
            connection.execute(delete(phrasing).where(phrasing.c.digest == digest))
            connection.execute(insert(phrasing).values(digest=digest, said=said, at=now))
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

    def posts(self, keys: Sequence[str], now: datetime, audience: Audience) -> list[Post]:
        """Those that exist as of `now` and that the audience may read, in no order."""
        found: list[Post] = []
        with self.engine.connect() as connection:
            for source, ids in by_source(keys):
                statement = (
                    select(*POST_COLUMNS)
                    .select_from(post.outerjoin(reading).outerjoin(placement))
                    .where(post.c.source == source, post.c.external_id.in_(ids))
                    .where(*conditions(Query(audience=audience), now))
                )
                found += map(to_post, connection.execute(statement))
        return found


def _stored(connection: Connection, keys: Sequence[str]) -> int:
    """How many posts of these keys there are."""
    found = 0
    for source, ids in by_source(keys):
        its = select(func.count(post.c.id)).where(post.c.source == source)
        found += connection.execute(its.where(post.c.external_id.in_(ids))).scalar_one()
    return found
