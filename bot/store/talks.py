"""What was asked last in a thread. Nothing that was answered stands here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from bot.store.schema import talk

LASTING = timedelta(days=7)
"""How long a thread goes on."""


@dataclass(frozen=True, slots=True)
class Talks:
    """Every method is one transaction."""

    engine: Engine

    def last(self, place: str, now: datetime) -> dict[str, Any] | None:
        """What was asked last in a place, unless that is long ago."""
        statement = select(talk.c.asked).where(talk.c.place == place, talk.c.at > now - LASTING)
        with self.engine.connect() as connection:
            found: dict[str, Any] | None = connection.execute(statement).scalar()
        return found

    def keep(self, place: str, asked: dict[str, Any], now: datetime) -> None:
        """That was asked now; what is older than a thread lasts is forgotten, everywhere."""
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(delete(talk).where(talk.c.at <= now - LASTING))
            known = update(talk).where(talk.c.place == place).values(asked=asked, at=now)
            if not connection.execute(known).rowcount:
                connection.execute(insert(talk).values(place=place, asked=asked, at=now))
