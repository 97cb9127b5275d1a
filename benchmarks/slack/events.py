"""Events that come several times, to a bot that is killed again and again: each answered once."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from benchmarks.slack.mortal import answer, begetter
from benchmarks.slack.running import ANN, CHANNEL, Slack, load, slack, wait
from bot.store import open_store
from tests.builders import NOW

SEED, EVENTS, LATE, A_SECOND = 21, 1_000, 100, 40
"""`LATE` of them arrive by their second delivery, or a later one, alone."""
LIFE_S = (0.5, 5.0)
AWAY, SPEED = 60.0, 10.0
"""Seconds between two lives, and how fast the clock goes in one: patience must end."""


@dataclass
class Lives:
    """One bot after the other on a database; each is killed, but for the last."""

    database: str
    its: Slack
    lots: random.Random
    kills: int = 0
    at: float = NOW.timestamp()
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self, end: threading.Event) -> None:
        """Kill until there is enough of that; then let one live until the end."""
        beget = begetter()
        while not end.is_set():
            start = time.monotonic()
            arguments = (self.database, self.its.api_url, self.at, SPEED)
            process = beget.Process(target=answer, args=arguments)
            process.start()
            if self.enough.wait(self.lots.uniform(*LIFE_S)):
                end.wait()
            else:
                self.kills += 1
            process.kill()
            process.join()
            self.at += AWAY + SPEED * (time.monotonic() - start)


def deliveries(lots: random.Random, events: int, late: int) -> Iterator[tuple[int, int]]:
    """Events and their attempts, 1 to 4 of each, mixed as they come; of the late ones no first."""
    told = []
    for event in range(events):
        first = 1 if event < late else 0
        for attempt in range(first, max(first + 1, lots.randint(1, 4))):
            at = event + attempt * lots.uniform(1, events / 4)
            told.append((at, event, attempt))
    for _, event, attempt in sorted(told):
        yield event, attempt


def tell(its: Slack, event: int, attempt: int) -> str:
    """Deliver an event over whichever connection there is; its envelope, or nothing."""
    mention = {
        "type": "app_mention",
        "text": "<@U0GROUND> help",
        "ts": f"{NOW.timestamp() - 10_000 + event:.6f}",
        "channel": CHANNEL,
        "user": ANN,
    }
    told = {"type": "event_callback", "team_id": "T0ACME", "event_id": f"Ev{event}"}
    more = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
    with suppress(ConnectionClosed, OSError, IndexError, AssertionError):
        return its.socket.tell("events_api", {**told, "event": mention}, **more)
    return ""


def deliver(its: Slack, order: Iterator[tuple[int, int]]) -> Counter[int]:
    """Tell all of them, and what was not acknowledged until it is; how often each was told."""
    sent: dict[int, list[str]] = {}
    for event, attempt in order:
        sent.setdefault(event, []).append(tell(its, event, attempt))
        time.sleep(1 / A_SECOND)
    while missing := [e for e, all_ in sent.items() if not its.socket.acks.keys() & set(all_)]:
        for event in missing:
            sent[event].append(tell(its, event, len(sent[event])))
        time.sleep(1)
    return Counter({event: len(all_) for event, all_ in sent.items()})


def waiting(path: Path) -> int:
    """The events that nobody has finished."""
    with closing(sqlite3.connect(path, timeout=60)) as base:
        found = base.execute("SELECT count(*) FROM inbox WHERE told IS NOT NULL AND told != 'null'")
        return int(found.fetchone()[0])


def main(events: int = EVENTS, late: int = LATE, seed: int = SEED) -> None:
    """Print how many were answered once, twice, and not at all."""
    start, lots = time.monotonic(), random.Random(seed)  # noqa: S311 no secret
    with tempfile.TemporaryDirectory() as name, slack() as its:
        path, end = Path(name) / "events.db", threading.Event()
        open_store(f"sqlite:///{path}").close()
        lives = Lives(f"sqlite:///{path}", its, lots)
        killing = threading.Thread(target=lives.run, args=(end,))
        killing.start()
        try:
            told = deliver(its, deliveries(random.Random(seed + 1), events, late))  # noqa: S311 no secret hangs on it
            lives.enough.set()
            wait(lambda: not waiting(path), 120, 0.5)
            time.sleep(1)
        finally:
            lives.enough.set()
            end.set()
            killing.join()
        found = Counter(its.marks())
    answered = {event: found[f"Ev{event}/0"] for event in range(events)}
    lost = [event for event, count in answered.items() if not count]
    print(f"{events:,} events told {told.total():,} times, {late} of them only as retries")
    print(
        f"  {lives.kills} kills -9 of lives of {LIFE_S[0]} to {LIFE_S[1]} s, seed {seed}; {load()}"
    )
    print(f"  answered once {sum(count == 1 for count in answered.values()):,}, lost {len(lost)}")
    print(f"  doubled {sum(count > 1 for count in found.values())}")
    print(f"  of the retries lost {sum(event < late for event in lost)}")
    print(f"  {time.monotonic() - start:.0f} s")
