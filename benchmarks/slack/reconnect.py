"""Connections to Slack that end in the three ways in which they end: how soon the bot is back."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.slack.running import load, percentile, running, slack, wait

TIMES, WAYS = 100, ("asked", "closed", "broken")
WORDS, AT_ONCE, SETTLE_S = "sources", 60, 5.0
BAR_S = 5.0


def held(pid: int) -> tuple[int, int]:
    """The threads and file handles of a process."""
    folder = Path(f"/proc/{pid}")
    return len(list((folder / "task").iterdir())), len(list((folder / "fd").iterdir()))


def main(times: int = TIMES) -> None:
    """Print how long it took, and what was left behind."""
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name, slack() as its, running(Path(name), its) as bot:
        envelopes = [its.command(WORDS, number) for number in range(AT_ONCE)]
        wait(lambda: its.socket.acks.keys() >= set(envelopes), 60)
        wait(lambda: len(its.answered) >= AT_ONCE, 60)  # every pool has grown to its size
        time.sleep(SETTLE_S)
        before = held(bot.pid)
        for number in range(times):
            way, opened = WAYS[number % len(WAYS)], its.socket.opened
            start = time.monotonic()
            its.socket.part(way)
            wait(lambda opened=opened: its.socket.opened > opened, 60)
            its.socket.acknowledged(its.command(WORDS, AT_ONCE + number))
            took[way].append(time.monotonic() - start)
        time.sleep(SETTLE_S)
        after = held(bot.pid)
    print(f"{times} disconnects, each until a command is acknowledged again; {load()}")
    for way, seconds in (*took.items(), ("all", [s for all_ in took.values() for s in all_])):
        middle, most = percentile(seconds, 0.5), percentile(seconds, 0.95)
        print(f"  {way:8} p50 {middle:5.2f} s  p95 {most:5.2f} s  worst {max(seconds):5.2f} s")
    print(f"  bar: p95 {BAR_S:.0f} s")
    print(f"  threads {before[0]} before, {after[0]} after; handles {before[1]}, {after[1]}")
