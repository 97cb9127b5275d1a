"""Messages of Slack that somebody filed by a reaction, so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, insert, select, update

from bot.store.schema import capture, post

PATIENCE = timedelta(minutes=15)
"""How long what was begun may take: an event is tried five times, a minute apart."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One of them. A message is named by its channel and Slack's timestamp."""

    channel: str
    ts: str
    made_by: str
    post: str | None = None
    """The key of the post that it brought; None if that stood here already, or is gone."""
    answer: str | None = None
    """Slack's name for what was answered."""


@dataclass(frozen=True, slots=True)
class Captures:
    """Every method is one transaction."""

    engine: Engine

    def begin(self, channel: str, ts: str, by: str, now: datetime) -> bool:
        """Note that somebody files a message; False if it is filed, or another is filing it.

        Whoever began that may begin again, and after a while others: nobody finished it. What was
        brought by then is theirs to take back.
        """
        its = (capture.c.channel == channel, capture.c.ts == ts)
        with self.engine.execution_options(writes=True).begin() as connection:
            row = connection.execute(select(capture).where(*its)).first()
            if row and row.ended_at is None:
                given_up = row.answer is None and row.made_at < now - PATIENCE
                if row.made_by == by or not given_up:
                    return bool(row.made_by == by and row.answer is None)
            connection.execute(delete(capture).where(*its))
            made = {"channel": channel, "ts": ts, "made_by": by, "made_at": now}
            brought = row.post_id if row and row.ended_at is None else None
            connection.execute(insert(capture).values(**made, post_id=brought))
            return True

    def brought(self, channel: str, ts: str, key: str) -> None:
        """Keep which post it brought."""
        source, _, external_id = key.partition(":")
        own = select(post.c.id).where(post.c.source == source, post.c.external_id == external_id)
        self._set(channel, ts, {"post_id": own.scalar_subquery()})

    def answered(self, channel: str, ts: str, answer: str) -> bool:
        """Keep where it was answered; False if it was taken back before that."""
        return self._set(channel, ts, {"answer": answer}, capture.c.ended_at.is_(None))

    def of(self, channel: str, ts: str) -> Capture | None:
        """What was filed of a message and not taken back."""
        statement = (
            select(capture, post.c.source, post.c.external_id)
            .select_from(capture.outerjoin(post))
            .where(capture.c.channel == channel, capture.c.ts == ts, capture.c.ended_at.is_(None))
        )
        with self.engine.connect() as connection:
            row = connection.execute(statement).first()
        if row is None:
            return None
        key = f"{row.source}:{row.external_id}" if row.source else None
        return Capture(channel, ts, row.made_by, key, row.answer)

    def end(self, its: Capture, now: datetime) -> bool:
        """It was taken back; False, with nothing done, if it was answered since `its` was read."""
        same = capture.c.answer.is_not_distinct_from(its.answer)
        return self._set(its.channel, its.ts, {"ended_at": now}, same)

    def _set(
        self, channel: str, ts: str, values: dict[str, object], *which: ColumnElement[bool]
    ) -> bool:
        its = update(capture).where(capture.c.channel == channel, capture.c.ts == ts, *which)
        with self.engine.execution_options(writes=True).begin() as connection:
            return bool(connection.execute(its.values(**values)).rowcount)
