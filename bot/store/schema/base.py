"""What the tables share: their one MetaData, their times, and the way a row hangs on a post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.types import TypeEngine

Reader = Callable[[Any], datetime | None]
"""From what the driver gives to a time."""


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no zones, keeps it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """What reads a time, in one step: one answer reads tens of thousands."""
        naive: DateTime = _Naive()  # type: ignore[no-untyped-call]  # as SQLAlchemy has it
        reads = naive if dialect.name == "sqlite" else _Zoned(timezone=True)
        return dialect.type_descriptor(reads)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database: refuses a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the store")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value


class _Naive(DATETIME):
    """Text without a zone, read as UTC."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Reader:  # noqa: ARG002 as the base class has it
        return lambda told: None if told is None else datetime.fromisoformat(f"{told}+00:00")


class _Zoned(DateTime):
    """A time in the zone of the connection, read as UTC."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Reader:  # noqa: ARG002 as the base class has it
        return lambda told: None if told is None else told.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_some(name: str, column: Column[Any], condition: ColumnElement[bool]) -> Index:
    """An index of those rows alone that fulfil a condition."""
    index = Index(name, column, sqlite_where=condition)

    # Not `postgresql_where`: that loads all of its dialect at every start, also where it is SQLite.
    @event.listens_for(column.table, "before_create")
    def tell(_table: Table, connection: Connection, **_options: object) -> None:
        if connection.dialect.name == "postgresql":
            index.dialect_options["postgresql"]["where"] = condition

    return index


def of_post(*, primary_key: bool = False) -> Column[int]:
    """A post's id as a foreign key: whatever hangs on a post goes with it."""
    return Column(
        "post_id",
        Integer,
        ForeignKey("post.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )
