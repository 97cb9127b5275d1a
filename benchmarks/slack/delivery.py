"""Digests of a process that is killed again and again: each stands there once."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from benchmarks.slack.mortal import begetter, clock, deliver
from benchmarks.slack.running import CHANNEL, Slack, load, poster, slack
from bot.deliveries import Asks, Style, Subscription, delivery_id
from bot.pipeline import Pipeline
from bot.pipeline.delivering import Delivering
from bot.schedule import Courier
from bot.slack.blocks import Blocks
from bot.store import Store, open_store
from bot.understand.cluster import AverageTree
from tests.builders import NOW
from tests.fakes import WordHashing
from tests.world.site import Answer
from tests.world.workspace import lost

SEED, KILLS, CHANNELS = 20, 500, 12
LIFE_S = 0.8
"""The longest life: its end is drawn evenly from none to this."""
DROPPED = 0.1
"""Of the posts that Slack takes, those after which the connection breaks."""
AWAY, SPEED = 60.0, 30.0
"""Seconds between two lives, and how fast the clock goes in one: leases and waits must end."""


@dataclass
class Deaths:
    """A day after the other, and in each as many lives as it takes."""

    database: str
    its: Slack
    store: Store
    seed: int = SEED
    kills: int = 0
    days: int = 0
    due: set[str] = field(default_factory=set)
    """The marks of the first message of all that was due."""
    points: Counter[str] = field(default_factory=Counter)
    """How far the work had come when the process was killed."""
    at: float = NOW.timestamp()
    clock: Callable[[], datetime] = lambda: NOW
    """Slack's, in step with that of the life."""

    def __post_init__(self) -> None:
        self.lots = random.Random(self.seed)  # noqa: S311 no secret
        self.its.workspace.now = lambda: self.clock()  # noqa: PLW0108 it is exchanged
        self.begetter = begetter()

    def day(self) -> None:
        """Kill until all that is due today stands there."""
        self.days += 1
        day = NOW.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=self.days)
        today = {f"{delivery_id(s.id, day)}/0" for s in self.store.subscriptions.all()}
        self.due |= today
        self.at = day.timestamp()
        while not today <= set(self.its.marks()):
            self.life()

    def life(self) -> None:
        """Begin, and be killed."""
        self.at += AWAY
        start, self.clock = time.monotonic(), clock(self.at, SPEED)
        arguments = (self.database, self.its.api_url, self.at, SPEED)
        process = self.begetter.Process(target=deliver, args=arguments)
        process.start()
        time.sleep(self.lots.uniform(0, LIFE_S))
        process.kill()
        process.join()
        self.at += SPEED * (time.monotonic() - start)
        self.kills += 1
        settle()
        self.points[self.point()] += 1

    def point(self) -> str:
        """Where the work stands that is the furthest from its end."""
        open_ = self.store.outbox.open(NOW + timedelta(days=9_999))
        parts = [one for its in open_ for one in self.store.outbox.written(its.id)]
        if any(one.begun_at and not one.ts for one in parts):
            return "sent, its fate unknown"
        if any(one.ts for one in parts):
            return "between two messages"
        if parts:
            return "written"
        return "planned" if open_ else "before planning, or all done"

    def end(self) -> None:
        """Let one live until nothing is left to do."""
        pipeline = Pipeline(self.store, WordHashing(), AverageTree(), {}, lambda: NOW)
        telling = pipeline.telling()
        delivering = Delivering(self.store, lambda _: telling, Blocks())
        now = later(self.at + AWAY)
        courier = Courier(self.store, delivering, poster(self.its.api_url), now)
        while self.store.outbox.open(NOW + timedelta(days=9_999)):
            courier.tick()


def later(at: float) -> Callable[[], datetime]:
    """A clock that is a second later at each look, so that every wait ends."""
    seconds = count(at)
    return lambda: datetime.fromtimestamp(next(seconds), UTC)


def settle() -> None:
    """Wait until Slack has taken in what was on the wire."""
    time.sleep(0.02)
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        time.sleep(0.002)


def subscribe(store: Store, channels: int) -> None:
    for _ in range(channels):
        its = Subscription(
            0, CHANNEL, Asks.DIGEST, "", "daily 09:00", "UTC", Style.FULL, "U0ANN", NOW
        )
        store.subscriptions.add(its)


def main(kills: int = KILLS, seed: int = SEED) -> None:
    """Print how many stand there once, twice, and not at all."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name, slack() as its:
        database = f"sqlite:///{Path(name)}/delivery.db"
        store = open_store(database)
        subscribe(store, CHANNELS)
        chance, dropped = random.Random(seed + 1), Counter[str]()  # noqa: S311 no secret

        def faults(method: str, _call: int) -> Answer | None:
            if method != "chat.postMessage" or chance.random() >= DROPPED:
                return None
            dropped[method] += 1
            return lost()

        its.workspace.faults, its.workspace.page = faults, 1_000
        deaths = Deaths(database, its, store, seed)
        while deaths.kills < kills:
            deaths.day()
        deaths.end()
        found = Counter(its.marks())
        store.close()
    doubled = sum(times > 1 for times in found.values())
    print(f"{deaths.kills} kills -9 of lives up to {LIFE_S} s, seed {seed}; {load()}")
    print(f"  Slack took {sum(found.values()):,} messages, after {dropped.total()} it hung up")
    for point, times in deaths.points.most_common():
        print(f"  killed when {point:32}{times:5}")
    print(f"  due {len(deaths.due):5}  lost {len(deaths.due - found.keys())}  doubled {doubled}")
    print(f"  of nobody {len({m for m in found if m.endswith('/0')} - deaths.due)}")
    print(f"  {time.monotonic() - start:.0f} s")
