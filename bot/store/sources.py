"""How far each source has been read, and what stood in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, literal, select, update

from bot.model import OPERATOR, Audience, Gap, Period, SourceCoverage
from bot.store.filters import readable
from bot.store.rows import not_after, sources_of
from bot.store.schema import gap, post, source_state


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is kept of one configured source between runs."""

    name: str
    cursor: str | None = None
    read_at: datetime | None = None
    error: str | None = None
    error_at: datetime | None = None
    failures: int = 0
    """In a row, without a success between them."""
    rests_until: datetime | None = None
    """Before that it is not asked again."""
    budget: dict[str, Any] | None = None
    """What the source last said of its limits; see `Budget.data`."""


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
        self._set(name, read_at=at, error=None, error_at=None, failures=0, rests_until=None)

    def failed(self, name: str, at: datetime, error: str, rests_until: datetime) -> None:
        """A source could not be read; what it had given before stays."""
        failures = self.state(name).failures + 1
        self._set(name, error=error, error_at=at, failures=failures, rests_until=rests_until)

    def spent(self, name: str, budget: dict[str, Any]) -> None:
        """Keep what a source said of its limits."""
        self._set(name, budget=budget)

    def miss(self, name: str, gaps: Iterable[Gap]) -> None:
        """Remember spans of a source that can no longer be read; a repeat is kept once."""
        rows = [
            {"source": name, "since": g.period.since, "until": g.period.until, "why": g.why}
            for g in gaps
            if g not in self.gaps(name)
        ]
        if rows:
            with self.engine.execution_options(writes=True).begin() as connection:
                connection.execute(insert(gap), rows)

    def gaps(self, name: str) -> tuple[Gap, ...]:
        """What was missed of a source, oldest first."""
        statement = select(gap).where(gap.c.source == name).order_by(gap.c.since, gap.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(statement)
            return tuple(Gap(Period(row.since, row.until), row.why) for row in rows)

    def coverage(self, now: datetime, audience: Audience = OPERATOR) -> tuple[SourceCoverage, ...]:
        """Posts by where they come from, up to `now`, most first; without any run's state.

        Of those that the audience may read: a source that has none for them is not named.
        """
        # Source by source: each is a span of one index, whose ends are its first and its last post.
        found = []
        with self.engine.connect() as connection:
            hidden = _hidden(connection, now, audience)
            for source in sources_of(connection):
                its = [post.c.source == source, post.c.created_at <= now]
                number = select(func.count()).select_from(post).where(*its)
                posts = connection.execute(number).scalar_one() - hidden[source]
                if not posts:
                    continue
                if hidden[source]:
                    its.append(readable(audience))
                ends = (func.min(post.c.created_at), func.max(post.c.created_at))
                first, last = (connection.scalar(select(end).where(*its)) for end in ends)
                found.append(SourceCoverage(source, posts, first, last, read_at=None))
        return tuple(sorted(found, key=lambda one: (-one.posts, one.source)))

    def names(self) -> frozenset[str]:
        """Every source that posts are from, whoever may read them."""
        with self.engine.connect() as connection:
            return frozenset(sources_of(connection))

    def _set(self, name: str, **values: object) -> None:
        with self.engine.execution_options(writes=True).begin() as connection:
            changed = connection.execute(
                update(source_state).where(source_state.c.name == name).values(**values)
            )
            if not changed.rowcount:
                connection.execute(insert(source_state).values(name=name, **values))


def _hidden(connection: Connection, now: datetime, audience: Audience) -> Counter[str]:
    """How many posts of each source an audience may not read."""
    if audience.everything:
        return Counter()
    # Written so that the database takes the index of the few that are not public.
    private = post.c.visibility != literal("public", literal_execute=True)
    source = post.c.source.concat("")
    statement = (
        select(source, func.count())
        .where(private, ~readable(audience), not_after(post.c.created_at, now))
        .group_by(source)
    )
    return Counter({row[0]: row[1] for row in connection.execute(statement)})
