"""How far each source has been read, and what stood in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, insert, select, update

from bot.model import SourceCoverage
from bot.store.schema import post, source_state


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is kept of one configured source between runs."""

    name: str
    cursor: str | None = None
    read_at: datetime | None = None
    error: str | None = None
    error_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """The state of every source ever read. Every method is one transaction."""

    engine: Engine

    def state(self, name: str) -> SourceState:
        """What is kept of a source; a blank state for one never read."""
        with self.engine.connect() as connection:
            row = connection.execute(
                select(source_state).where(source_state.c.name == name)
            ).one_or_none()
        return SourceState(**row._mapping) if row else SourceState(name)  # noqa: SLF001 SQLAlchemy's public name for it

    def states(self) -> tuple[SourceState, ...]:
        """Every source ever read, by name."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(source_state).order_by(source_state.c.name))
            return tuple(SourceState(**row._mapping) for row in rows)  # noqa: SLF001 see above

    def read(self, name: str, at: datetime) -> None:
        """A source was read to its end without an error: the last error is over."""
        self._set(name, read_at=at, error=None, error_at=None)

    def failed(self, name: str, at: datetime, error: str) -> None:
        """A source could not be read; what it had given before stays."""
        self._set(name, error=error, error_at=at)

    def coverage(self, now: datetime) -> tuple[SourceCoverage, ...]:
        """Posts by where they come from, up to `now`, most first; without any run's state."""
        count = func.count(post.c.id)
        statement = (
            select(
                post.c.source,
                count.label("posts"),
                func.min(post.c.created_at).label("first_at"),
                func.max(post.c.created_at).label("last_at"),
            )
            .where(post.c.created_at <= now)
            .group_by(post.c.source)
            .order_by(count.desc(), post.c.source)
        )
        with self.engine.connect() as connection:
            return tuple(
                SourceCoverage(row.source, row.posts, row.first_at, row.last_at, read_at=None)
                for row in connection.execute(statement)
            )

    def _set(self, name: str, **values: object) -> None:
        with self.engine.execution_options(writes=True).begin() as connection:
            changed = connection.execute(
                update(source_state).where(source_state.c.name == name).values(**values)
            )
            if not changed.rowcount:
                connection.execute(insert(source_state).values(name=name, **values))
