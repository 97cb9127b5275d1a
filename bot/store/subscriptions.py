"""What channels asked to be told again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, func, insert, select, update

from bot.deliveries import Asks, Style, Subscription
from bot.store.schema import delivery, subscription


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Every method is one transaction."""

    engine: Engine

    def add(self, wanted: Subscription) -> Subscription:
        """Keep one, under an id of its own; `wanted.id` is not looked at."""
        values = {
            "channel": wanted.channel,
            "asks": wanted.asks.value,
            "words": wanted.words,
            "cadence": wanted.cadence,
            "zone": wanted.zone,
            "style": wanted.style.value,
            "made_by": wanted.made_by,
            "made_at": wanted.made_at,
        }
        with self.engine.execution_options(writes=True).begin() as connection:
            made = connection.execute(insert(subscription).values(values).returning(subscription))
            return _subscription(made.one())

    def all(self, channel: str | None = None) -> list[Subscription]:
        """Those that stand, of a channel or of all, oldest first."""
        statement = select(subscription).where(subscription.c.ended_at.is_(None))
        if channel is not None:
            statement = statement.where(subscription.c.channel == channel)
        with self.engine.connect() as connection:
            rows = connection.execute(statement.order_by(subscription.c.id))
            return [_subscription(row) for row in rows]

    def change(self, its: Subscription) -> bool:
        """Tell it in another way from now on, under its id; False if it does not stand any more."""
        statement = (
            update(subscription)
            .where(subscription.c.id == its.id, subscription.c.channel == its.channel)
            .where(subscription.c.ended_at.is_(None))
            .values(words=its.words, cadence=its.cadence, zone=its.zone, style=its.style.value)
        )
        with self.engine.execution_options(writes=True).begin() as connection:
            return bool(connection.execute(statement).rowcount)

    def end(self, number: int, channel: str, at: datetime) -> bool:
        """Tell a channel no more; False if it has none of that number."""
        statement = (
            update(subscription)
            .where(subscription.c.id == number, subscription.c.channel == channel)
            .where(subscription.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        with self.engine.execution_options(writes=True).begin() as connection:
            return bool(connection.execute(statement).rowcount)

    def last_due(self) -> dict[int, datetime]:
        """When each was due last, by id; none for what never was."""
        statement = select(delivery.c.subscription_id, func.max(delivery.c.due_at)).group_by(
            delivery.c.subscription_id
        )
        with self.engine.connect() as connection:
            return {number: at for number, at in connection.execute(statement) if at}


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        row.id,
        row.channel,
        Asks(row.asks),
        row.words,
        row.cadence,
        row.zone,
        Style(row.style),
        row.made_by,
        row.made_at,
    )
