"""Times to pipeline calls: reading the sources, and telling what is due.

Every process runs the same jobs; of several on one database the one that holds the lease does the
work, and another takes it up when that one is gone for `LEASE`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.deliveries import Delivery, Stage
from bot.errors import GroundswellError, SlackError
from bot.pipeline import Pipeline
from bot.pipeline.delivering import Delivering
from bot.slack.outbox import Sender
from bot.slack.poster import Poster
from bot.store import Store

LEASE, TICK = timedelta(seconds=20), timedelta(seconds=5)
NAME = "schedule"
KEPT = timedelta(days=30)
"""How long is remembered that there was nothing to say."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Courier:
    """One look at what is due: planned, written, sent, and what is gone taken out."""

    store: Store
    delivering: Delivering
    poster: Poster
    clock: Callable[[], datetime]
    holder: str = field(default_factory=lambda: uuid4().hex)

    def leads(self) -> bool:
        """Whether this process is the one that does the work, from now on or still."""
        return self.store.leases.take(NAME, self.holder, self.clock(), LEASE)

    def tick(self) -> int:
        """Do what is due; returns how many deliveries were dealt with to their end.

        What cannot be written or sent now stays in the outbox and is told in its error.
        """
        if not self.leads():
            return 0
        self.delivering.plan(self.clock())
        done = sum(map(self._deal_with, self.store.outbox.open(self.clock())))
        self._mend()
        return done

    def clear(self) -> None:
        """Forget what nobody will ask for any more."""
        self.store.inbox.clear(self.clock())
        self.store.outbox.clear(self.clock() - KEPT)

    def _deal_with(self, its: Delivery) -> bool:
        """Write it if need be, and send it; whether that was the end of it."""
        if not self.leads():
            return False
        if its.stage is Stage.DUE:
            try:
                if not self.delivering.write(its):
                    return True
            except GroundswellError as error:
                self.store.outbox.finish(its.id, Stage.FAILED, error=str(error))
                return True
        sender = Sender(self.store, self.poster, self.clock, self.leads)
        return sender.send(its) in {Stage.SENT, Stage.FAILED}

    def _mend(self) -> None:
        sender = Sender(self.store, self.poster, self.clock, self.leads)
        for one, blocks in self.store.outbox.orphaned():
            try:
                sender.mend(one, blocks)
            except SlackError as error:
                if not error.permanent:
                    return
                _log.warning("a message could not be changed", error=str(error))


def scheduler(
    pipeline: Pipeline, courier: Courier, every: timedelta, report: Callable[[str], None]
) -> BackgroundScheduler:
    """The jobs of a running bot, not started yet. A job that is late runs late; none runs twice.

    The sources are read `every` so often, by the process that leads; `report` hears what went
    wrong.
    """
    jobs = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def read() -> None:
        if courier.leads():
            for one in pipeline.collect():
                if one.error:
                    report(f"{one.source}: {one.error}")
            pipeline.understand()

    jobs.add_job(read, "interval", seconds=every.total_seconds(), next_run_time=datetime.now(UTC))
    jobs.add_job(courier.tick, "interval", seconds=TICK.total_seconds())
    jobs.add_job(courier.clear, "interval", hours=1)
    return jobs
