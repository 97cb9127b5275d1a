"""What the tables share: their one MetaData, their times, and the way a row hangs on a post."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Integer, MetaData, TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no zones, keeps it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database: refuses a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the store")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 the base class asks for it
    ) -> datetime | None:
        """Out of the database: always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_post(*, primary_key: bool = False) -> Column[int]:
    """A post's id as a foreign key: whatever hangs on a post goes with it."""
    return Column(
        "post_id",
        Integer,
        ForeignKey("post.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )
