"""What must happen once although it is asked for several times, or by several at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from bot.store.schema import inbox, lease

KEPT = timedelta(days=2)
"""How long an event is known: Slack delivers again for about ten minutes."""

PATIENCE, TRIES = timedelta(seconds=60), 5
"""How long whoever took an event has for it, and how often it is tried."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What Slack told, until it is dealt with. Every method is one transaction."""

    engine: Engine

    def take(self, event: str, told: Mapping[str, Any], now: datetime) -> bool:
        """Keep an event to be dealt with; False if it was told before."""
        with self.engine.execution_options(writes=True).begin() as connection:
            if connection.execute(select(inbox.c.event).where(inbox.c.event == event)).first():
                return False
            connection.execute(insert(inbox).values(event=event, told=dict(told), at=now))
            return True

    def once(self, name: str, now: datetime) -> bool:
        """Whether something of that name is new, with nothing to be dealt with later."""
        with self.engine.execution_options(writes=True).begin() as connection:
            if connection.execute(select(inbox.c.event).where(inbox.c.event == name)).first():
                return False
            connection.execute(insert(inbox).values(event=name, told=None, at=now))
            return True

    def begin(self, event: str, now: datetime) -> bool:
        """Deal with an event for the first time; False if somebody has begun that before."""
        its = (inbox.c.event == event, inbox.c.told.is_not(None), inbox.c.tries == 0)
        with self.engine.execution_options(writes=True).begin() as connection:
            begun = update(inbox).where(*its).values(at=now, tries=1)
            return bool(connection.execute(begun).rowcount)

    def finish(self, event: str) -> None:
        """It is dealt with; what it said is kept no longer."""
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(update(inbox).where(inbox.c.event == event).values(told=None))

    def overdue(self, now: datetime) -> dict[str, Any] | None:
        """Take up again what nobody finished in time: the oldest, or None if there is none.

        One at a time: whoever dies over one has not tried the others.
        """
        late = (inbox.c.told.is_not(None), inbox.c.at < now - PATIENCE, inbox.c.tries < TRIES)
        with self.engine.execution_options(writes=True).begin() as connection:
            oldest = select(inbox).where(*late).order_by(inbox.c.at).limit(1)
            row = connection.execute(oldest).first()
            if row is None:
                return None
            again = {"at": now, "tries": row.tries + 1}
            connection.execute(update(inbox).where(inbox.c.event == row.event).values(**again))
            return dict(row.told)

    def clear(self, now: datetime) -> int:
        """Forget what nobody delivers any more; returns how much."""
        with self.engine.execution_options(writes=True).begin() as connection:
            return connection.execute(delete(inbox).where(inbox.c.at < now - KEPT)).rowcount


@dataclass(frozen=True, slots=True)
class Leases:
    """Who alone does something for a while. Every method is one transaction."""

    engine: Engine

    def take(self, name: str, holder: str, now: datetime, span: timedelta) -> bool:
        """Get, or go on holding, a lease until `now + span`; False while another holds it."""
        with self.engine.execution_options(writes=True).begin() as connection:
            held = connection.execute(select(lease).where(lease.c.name == name)).first()
            if held and held.holder != holder and held.until > now:
                return False
            values = {"holder": holder, "until": now + span}
            if held:
                connection.execute(update(lease).where(lease.c.name == name).values(**values))
            else:
                connection.execute(insert(lease).values(name=name, **values))
            return True

    def give_back(self, name: str, holder: str) -> None:
        """Let another take it at once."""
        its = (lease.c.name == name, lease.c.holder == holder)
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(delete(lease).where(*its))
