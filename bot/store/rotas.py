"""Who looks first: the rota that stands, and those that stood before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, or_, select, update

from bot.rota import Person, Rota
from bot.store.schema import rota


@dataclass(frozen=True, slots=True)
class Rotas:
    """Every method is one transaction."""

    engine: Engine

    def standing(self, now: datetime) -> Rota | None:
        """The rota that stood at a moment."""
        statement = (
            select(rota)
            .where(rota.c.made_at <= now, or_(rota.c.ended_at.is_(None), rota.c.ended_at > now))
            .order_by(rota.c.id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(statement).first()
        return _rota(row) if row else None

    def set(self, wanted: Rota) -> None:
        """From now on this one stands, and no other."""
        row = {
            "people": [[person.id, person.name] for person in wanted.people],
            "weekday": wanted.weekday,
            "zone": wanted.zone,
            "made_by": wanted.made_by,
            "made_at": wanted.made_at,
        }
        with self.engine.execution_options(writes=True).begin() as connection:
            _end(connection, wanted.made_at)
            connection.execute(insert(rota).values(**row))

    def end(self, now: datetime) -> bool:
        """From now on none stands; False if none did."""
        with self.engine.execution_options(writes=True).begin() as connection:
            return bool(_end(connection, now))


def _end(connection: Connection, now: datetime) -> int:
    standing = update(rota).where(rota.c.ended_at.is_(None)).values(ended_at=now)
    return connection.execute(standing).rowcount


def _rota(row: Row[Any]) -> Rota:
    people = tuple(Person(*one) for one in row.people)
    return Rota(people, row.weekday, row.zone, row.made_by, row.made_at)
