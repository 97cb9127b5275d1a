"""Outages, clock changes, and two processes where one would do: each due time is told once."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks.slack.mortal import begetter, replica
from benchmarks.slack.running import CHANNEL, Slack, load, running, slack, wait
from bot.deliveries import Asks, Style, Subscription, delivery_id
from bot.pipeline.delivering import Delivering
from bot.pipeline.telling import Telling
from bot.schedule import Courier
from bot.slack.blocks import Blocks
from bot.store import Store, open_store
from tests.builders import NOW
from tests.fakes import Postbox, WordHashing

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Cairo",
)
TIMES = ("00:00", "01:30", "02:30", "09:00")
YEAR, UP, DOWN = 2026, timedelta(hours=23, minutes=30), timedelta(days=3)
SUBSCRIPTIONS, DAYS = 100, 10
SEED, DEATHS, BAR_S = 22, 5, 30


@dataclass
class Clock:
    """One that stands still until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        """See the class."""
        return self.now


def subscription(**fields: str) -> Subscription:
    plain = {"channel": CHANNEL, "words": "", "cadence": "daily 09:00", "zone": "UTC"}
    rest = {"asks": Asks.DIGEST, "style": Style.FULL, "made_by": "U0ANN", "made_at": NOW}
    return Subscription(id=0, **{**plain, **rest, **fields})  # type: ignore[arg-type]  # of both kinds


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The midnights before the clock changes; one in spring where it never does."""
    days = [datetime(year, 1, 1, tzinfo=zone) + timedelta(days=n) for n in range(365)]
    found = [d for d in days if d.utcoffset() != (d + timedelta(days=1)).utcoffset()]
    return [d.astimezone(UTC) for d in found] or [days[90].astimezone(UTC)]


def looks(zone: ZoneInfo) -> Iterator[tuple[datetime, bool]]:
    """When a bot looks what is due: each half-hour of the days around the changes of two years.

    In the first it is up through them, in the second it is down for three days over them. True is
    the first look after it was down.
    """
    half = timedelta(minutes=30)
    for change in changes(zone, YEAR):
        start = change - timedelta(days=2)
        yield start, True
        yield from ((start + n * half, False) for n in range(1, 48 * 5))
    for change in changes(zone, YEAR + 1):
        start = change - timedelta(days=2)
        yield start, True
        yield from ((start + n * half, False) for n in range(1, 48))
        yield start + UP + DOWN, True
        yield from ((start + UP + DOWN + n * half, False) for n in range(1, 48))


def around(zone: str, folder: Path) -> tuple[int, int, int]:
    """How often a zone's channels were due, by the days on the wall; doubled and skipped."""
    store, box, clock = open_store(f"sqlite:///{folder}/{zone[-5:]}.db"), Postbox(), Clock(NOW)
    at = list(looks(ZoneInfo(zone)))
    made_at = at[0][0] - timedelta(hours=1)
    for time_of_day in TIMES:
        made = subscription(zone=zone, cadence=f"daily {time_of_day}")
        store.subscriptions.add(replace(made, made_at=made_at))
    its = _courier(store, box, clock)
    due = 0
    for before, (now, first) in zip([made_at, *(now for now, _ in at)], at, strict=False):
        clock.now = now
        its.tick()
        due += _due(before, now, ZoneInfo(zone), once=first)
    told = Counter(mark for _, mark, _ in box.posted)
    store.close()
    doubled = sum(count - 1 for count in told.values())
    return due, doubled + max(0, len(told) - due), max(0, due - len(told))


def _due(since: datetime, until: datetime, zone: ZoneInfo, *, once: bool) -> int:
    """By the calendar: one a day and time of day, but one in all for each after an outage."""
    found = 0
    for at in TIMES:
        hour, minute = map(int, at.split(":"))
        first: date = since.astimezone(zone).date()
        days = (first + timedelta(days=n) for n in range((until - since).days + 3))
        walls = (datetime(d.year, d.month, d.day, hour, minute, tzinfo=zone) for d in days)
        count = sum(since < wall.astimezone(UTC) <= until for wall in walls)
        found += min(count, 1) if once else count
    return found


def _courier(store: Store, box: Postbox, clock: Clock) -> Courier:
    telling = Telling(store, WordHashing(), NOW)
    return Courier(store, Delivering(store, lambda _: telling, Blocks()), box, clock)


def replicas(folder: Path) -> tuple[int, int, int]:
    """Two processes on one database: how much was due, doubled, and lost."""
    database = f"sqlite:///{folder}/two.db"
    store = open_store(database)
    made = [store.subscriptions.add(subscription()) for _ in range(SUBSCRIPTIONS)]
    store.close()
    due: set[str] = set()
    context = begetter()
    moment = context.Value("d", NOW.timestamp(), lock=False)
    with slack() as its:
        both = [
            context.Process(target=replica, args=(database, its.api_url, moment)) for _ in range(2)
        ]
        for process in both:
            process.start()
        for day in range(1, DAYS + 1):
            at = NOW.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=day)
            due |= {f"{delivery_id(one.id, at)}/0" for one in made}
            moment.value = at.timestamp()
            wait(partial(_stand, its, due), 300, 0.05)
        time.sleep(1)
        for process in both:
            process.kill()
            process.join()
        found = Counter(its.marks())
    doubled = sum(count > 1 for count in found.values()) + len(found.keys() - due)
    return len(due), doubled, len(due - found.keys())


def _stand(its: Slack, due: set[str]) -> bool:
    return due <= set(its.marks())


def leader(database: Path) -> str:
    """Who holds the lease."""
    with closing(sqlite3.connect(database, timeout=60)) as base:
        row = base.execute("SELECT holder FROM lease").fetchone()
        return str(row[0]) if row else ""


def takeovers(folder: Path, deaths: int) -> list[float]:
    """Seconds from the death of the process that leads until another does."""
    database, took = folder / "groundswell.db", list[float]()
    lots = random.Random(SEED)  # noqa: S311 no secret
    with slack() as its, ExitStack() as stack:
        first = stack.enter_context(running(folder, its))
        wait(lambda: database.exists() and leader(database), 60, 0.1)
        for _ in range(deaths):
            second = stack.enter_context(running(folder, its))
            time.sleep(lots.uniform(2, 7))  # it has begun to wait for the lease
            before = leader(database)
            first.kill()
            first.wait()
            took.append(wait(lambda was=before: leader(database) != was, 120, 0.1))
            first = second
    return took


def main(deaths: int = DEATHS) -> None:
    """Print a line a zone, and what two processes did."""
    print(
        f"daily at {', '.join(TIMES)}, up through each change of the clock of {YEAR} and\n"
        f"{DOWN.days} days down over each of {YEAR + 1}"
    )
    with tempfile.TemporaryDirectory() as name:
        for zone in ZONES:
            due, doubled, skipped = around(zone, Path(name))
            print(f"  {zone:22} due {due:4}  doubled {doubled}  skipped {skipped}", flush=True)
        due, doubled, lost = replicas(Path(name))
        print(f"two processes, {due:,} due times: doubled {doubled}, lost {lost}; {load()}")
        took = takeovers(Path(name), deaths)
    spent = f"taken over in {median(took):.1f} s, worst {max(took):.1f} s"
    print(f"{deaths} leaders killed, seed {SEED}: {spent}")
    print(f"  bar: {BAR_S} s; {load()}")
