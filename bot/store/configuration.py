"""What is set from within Slack, beside the configuration file: an append-only log of changes.

The last change of a name is what stands. Nothing is ever written over, so that each change tells
who made it and when, and can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, insert, select

from bot.store.schema import configuration

SETTING = "setting "
"""Before the name under which a setting is kept."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that somebody set. Without a value it was taken away."""

    id: int
    at: datetime
    by: str
    name: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """The log of changes. Every method is one transaction."""

    engine: Engine

    def version(self) -> int:
        """Grows with every change."""
        with self.engine.connect() as connection:
            found = connection.execute(select(func.max(configuration.c.id))).scalar()
        return int(found or 0)

    def standing(self) -> list[Change]:
        """What is set, the last change of each name, in the order in which they were made."""
        last = select(func.max(configuration.c.id)).group_by(configuration.c.name)
        statement = select(configuration).where(configuration.c.id.in_(last))
        with self.engine.connect() as connection:
            rows = connection.execute(statement.order_by(configuration.c.id))
            return [one for one in map(_change, rows) if one.value is not None]

    def value(self, name: str) -> Any:  # noqa: ANN401 whatever JSON holds
        """What is set under a name; None for nothing."""
        with self.engine.connect() as connection:
            found = _last(connection, name)
        return found.value if found else None

    def set(self, name: str, value: Any, by: str, at: datetime) -> Change:  # noqa: ANN401 see above
        """Set something from now on, or take it away with None."""
        with self.engine.execution_options(writes=True).begin() as connection:
            return _append(connection, Change(0, at, by, name, value))

    def undo(self, number: int, by: str, at: datetime) -> Change | None:
        """Put back what stood before a change, as a change of its own.

        None, with nothing done, if there is none of that number, or a later one of the same name.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            gone = _one(connection, configuration.c.id == number)
            last = _last(connection, gone.name) if gone else None
            if gone is None or last is None or last.id != gone.id:
                return None
            before = _one(connection, configuration.c.name == gone.name, before=gone.id)
            value = before.value if before else None
            return _append(connection, Change(0, at, by, gone.name, value))

    def log(self) -> list[Change]:
        """Every change that was ever made, in order."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(configuration).order_by(configuration.c.id))
            return list(map(_change, rows))


@dataclass(frozen=True, slots=True)
class Preferences:
    """Small settings by name: what the file names stands, the rest is set in Slack."""

    kept: Configuration | None = None
    filed: Mapping[str, str] = field(default_factory=dict)
    """What the file names."""

    def value(self, name: str) -> str | None:
        """What is set; None where nothing is."""
        if name in self.filed or self.kept is None:
            return self.filed.get(name)
        value = self.kept.value(f"{SETTING}{name}")
        return value if isinstance(value, str) else None


def _append(connection: Connection, made: Change) -> Change:
    row = {"at": made.at, "by": made.by, "name": made.name, "value": made.value}
    kept = connection.execute(insert(configuration).values(row).returning(configuration))
    return _change(kept.one())


def _last(connection: Connection, name: str) -> Change | None:
    return _one(connection, configuration.c.name == name)


def _one(
    connection: Connection, which: ColumnElement[bool], before: int | None = None
) -> Change | None:
    """The newest change of some."""
    statement = select(configuration).where(which).order_by(configuration.c.id.desc()).limit(1)
    if before is not None:
        statement = statement.where(configuration.c.id < before)
    row = connection.execute(statement).one_or_none()
    return _change(row) if row else None


def _change(row: Row[Any]) -> Change:
    return Change(row.id, row.at, row.by, row.name, row.value)
