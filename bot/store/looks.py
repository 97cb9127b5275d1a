"""When each member last looked at their Home. Nothing of what they saw stands here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, select, update

from bot.store.schema import look

SITTING = timedelta(minutes=30)
"""Who looks again within that time still reads what they began to read."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Every method is one transaction."""

    engine: Engine

    def at(self, user: str, now: datetime) -> datetime | None:
        """Somebody looks now; returns when they had last looked before. None for the first time."""
        with self.engine.execution_options(writes=True).begin() as connection:
            kept = connection.execute(select(look).where(look.c.user == user)).one_or_none()
            if kept is None:
                connection.execute(insert(look).values(user=user, at=now))
                return None
            before: datetime | None = kept.since if kept.at > now - SITTING else kept.at
            connection.execute(update(look).where(look.c.user == user).values(at=now, since=before))
            return before
