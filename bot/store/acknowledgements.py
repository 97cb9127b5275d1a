"""Who has seen an alert, and which themes a channel wants no alerts of for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from bot.deliveries import Acknowledgement
from bot.store.schema import acknowledgement as table


@dataclass(frozen=True, slots=True)
class Acknowledgements:
    """A log: nothing in it is changed but to be taken back. Every method is one transaction."""

    engine: Engine

    def add(self, made: Acknowledgement) -> Acknowledgement:
        """Keep one, under an id of its own; `made.id` is not looked at."""
        values = {
            "channel": made.channel,
            "what": made.what,
            "until": made.until,
            "by": made.by,
            "at": made.at,
        }
        with self.engine.execution_options(writes=True).begin() as connection:
            row = connection.execute(insert(table).values(values).returning(table.c.id)).one()
        return replace(made, id=row.id)

    def undo(self, number: int, channel: str, by: str, at: datetime) -> Acknowledgement | None:
        """Take one back; None if this channel has none of that number that stands."""
        its = (table.c.id == number, table.c.channel == channel, table.c.undone_at.is_(None))
        with self.engine.execution_options(writes=True).begin() as connection:
            row = connection.execute(select(table).where(*its)).first()
            if row is None:
                return None
            connection.execute(update(table).where(*its).values(undone_by=by, undone_at=at))
        return Acknowledgement(row.id, row.channel, row.what, row.by, row.at, row.until)

    def snoozed(self, channel: str, now: datetime) -> set[str]:
        """The themes that a channel wants no alerts of now."""
        statement = select(table.c.what).where(
            table.c.channel == channel, table.c.undone_at.is_(None), table.c.until > now
        )
        with self.engine.connect() as connection:
            return set(connection.execute(statement).scalars())
