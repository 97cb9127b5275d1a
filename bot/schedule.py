"""Times to work: reading the sources, and telling what is due.

The sources are read and understood by the commands for that, in processes of their own: with that
reckoning in this one, Slack would wait for its acknowledgements. Every process of several on one
database runs the same jobs; the one that holds the lease does the work, and another takes it up
when that one is gone for `LEASE`.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.deliveries import Delivery, Stage
from bot.errors import GroundswellError, SlackError, StoreError
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
    """Looks at what is due, and plans, writes and sends it; takes out again what is gone."""

    store: Store
    delivering: Delivering
    poster: Poster
    clock: Callable[[], datetime]
    holder: str = field(default_factory=lambda: uuid4().hex)
    stopping: threading.Event = field(default_factory=threading.Event)
    """Once it is set, what is under way is done to its end, and nothing more is begun."""

    def leads(self) -> bool:
        """Whether this process is the one that does the work, from now on or still."""
        if self.stopping.is_set():
            return False
        return self.store.leases.take(NAME, self.holder, self.clock(), LEASE)

    def resign(self) -> None:
        """Let another lead at once; none of our jobs may be at work any more."""
        self.store.leases.give_back(NAME, self.holder)

    def tick(self) -> int:
        """Do what is due; returns how many deliveries were dealt with to their end.

        What cannot be written or sent now stays in the outbox and is told in its error.
        """
        if not self.leads():
            return 0
        self.delivering.plan(self.clock())
        return sum(map(self._deal_with, self.store.outbox.open(self.clock())))

    def mend(self) -> None:
        """Take out of what was posted what is gone at its source since."""
        if not self.leads():
            return
        sender = Sender(self.store, self.poster, self.clock, self.leads)
        for one, blocks in self.store.outbox.orphaned():
            try:
                sender.mend(one, blocks)
            except SlackError as error:
                if not error.permanent:
                    return
                _log.warning("a message could not be changed", error=str(error))

    def clear(self) -> None:
        """Forget what nobody will ask for any more."""
        self.store.inbox.clear(self.clock())
        self.store.outbox.clear(self.clock() - KEPT)

    def _deal_with(self, its: Delivery) -> bool:
        """Write it if need be, and send it; whether that was the end of it."""
        if not self.leads():
            return False
        try:
            if its.stage is Stage.DUE and not self._written(its):
                return True
        except StoreError as error:
            _log.warning("a delivery waits for the database", delivery=its.id, error=str(error))
            return False
        sender = Sender(self.store, self.poster, self.clock, self.leads)
        return sender.send(its) in {Stage.SENT, Stage.FAILED}

    def _written(self, its: Delivery) -> bool:
        """Write it; False if it is over with that. Raises StoreError: it is due still."""
        try:
            return self.delivering.write(its)
        except StoreError:
            raise
        except GroundswellError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001 else it would hold up all that is due after it
            _log.exception("a delivery could not be written", delivery=its.id)
            why = f"a fault of ours, told in the log: {type(error).__name__}"
        self.store.outbox.finish(its.id, Stage.FAILED, error=why)
        return False


class Reading:
    """Reads the sources and understands what is new, by commands that run beside this process."""

    STEPS = ("collect", "understand")
    NICENESS = 10
    """By how much it gives way to whoever waits for an answer."""
    TIME_S = 10
    """How long it has to end; what it has done by then is kept either way."""

    def __init__(
        self,
        every: timedelta,
        groundswell: Sequence[str],
        secrets: Mapping[str, str] | None = None,
        turns: threading.Semaphore | None = None,
    ) -> None:
        """`groundswell` is what runs a command, with all options that stand before one.

        One of them should be `--leash`: else a command outlives this process when it is killed,
        and goes on beside that of the process which takes over. `secrets` are told to the
        commands alone, by their environment. Where several read, `turns` says how many at once.
        """
        self.every = every
        self._groundswell = tuple(groundswell)
        self._secrets = dict(secrets or {})
        self._turns = turns or threading.Semaphore()
        self._lock = threading.Lock()
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def read(self) -> None:
        """Do it once; what goes wrong is told on stderr by the commands themselves."""
        while not self._turns.acquire(timeout=1):
            if self._stopped:
                return
        try:
            self._read()
        finally:
            self._turns.release()

    def _read(self) -> None:
        for step in self.STEPS:
            process = self._begun(step)
            if process is None:
                return
            code = process.wait()
            if process.stdin:
                process.stdin.close()
            if code < 0 and not self._stopped:
                _log.error("reading was killed", step=step, signal=-code)

    def stop(self) -> None:
        """End what runs, and begin nothing more."""
        with self._lock:
            self._stopped, process = True, self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(self.TIME_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _begun(self, step: str) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopped:
                return None
            self._process = subprocess.Popen(  # noqa: S603 our own commands
                [*self._groundswell, step],
                stdin=subprocess.PIPE,  # never written to: it ends when this process does
                stdout=subprocess.DEVNULL,
                env={**os.environ, **self._secrets},
            )
            if hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, self.NICENESS)
            return self._process


def scheduler(courier: Courier, reading: Reading) -> BackgroundScheduler:
    """The jobs of a running bot, not started yet. A job that is late runs late; none runs twice.

    The process that leads reads the sources.
    """
    jobs = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def read() -> None:
        if courier.leads():
            reading.read()

    jobs.add_job(
        read, "interval", seconds=reading.every.total_seconds(), next_run_time=datetime.now(UTC)
    )
    jobs.add_job(courier.tick, "interval", seconds=TICK.total_seconds())
    jobs.add_job(courier.mend, "interval", minutes=1)
    jobs.add_job(courier.clear, "interval", hours=1)
    return jobs
