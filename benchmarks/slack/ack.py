"""How fast commands are acknowledged while the same bot fetches, understands and groups."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpora import corpus
from benchmarks.slack.running import Slack, load, percentile, running, slack
from bot.pipeline import Pipeline
from bot.sources.archive import Archive
from bot.store import open_store
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM
from tests.world.site import Answer, Site

A_SECOND, SECONDS = 50, 60
STORED, NEW, FED = 3_000, 800, 200
"""Posts that are understood before, that wait for the running bot, and that it fetches: so few
that it comes to grouping them within the minute."""
WORDS = (
    "help",
    "sources",
    "search crash on start",
    "themes kind:complaint",
    "what are people complaining about this week?",
)
EVENT_EACH = 10
"""Commands for each event, which is kept in the database before it is acknowledged."""
BAR_P99_S, BAR_WORST_S = 0.5, 2.5


def fill(database: Path) -> None:
    """Make a store of which a part is understood."""
    store, now = open_store(f"sqlite:///{database}"), datetime.now(UTC)
    archive = Archive(corpus("claude_code.jsonl.gz"), now)
    posts = [post for batch in archive.fetch(None, None) for post in batch.posts]
    store.posts.save(posts[:STORED])
    Pipeline(store, MiniLM(), AverageTree(), {}, lambda: now).understand()
    store.posts.save(posts[STORED : STORED + NEW])
    store.close()


def stands(database: Path) -> str:
    """How far reading and grouping came."""
    store = open_store(f"sqlite:///{database}")
    left = len(store.vectors.missing(MiniLM.name, datetime.now(UTC)))
    placed = STORED + NEW + FED - left
    waiting = len(store.openers.unplaced(MiniLM.name, datetime.now(UTC)))
    store.close()
    return f"{placed:,} posts read after it, {waiting:,} of them not grouped yet"


def feed() -> bytes:
    """A feed of so many entries."""
    title, link = "<title>The tool stops at {0}</title>", "<link>https://example.org/{0}</link>"
    entry = f"<item><guid>{{0}}</guid>{title}{link}</item>"
    entries = "".join(map(entry.format, range(FED)))
    return f'<rss version="2.0"><channel><title>Talk</title>{entries}</channel></rss>'.encode()


def tell(its: Slack, seconds: int) -> tuple[list[str], list[str]]:
    """So many commands a second, evenly, and an event with every few; their envelopes."""
    commands, events, start = list[str](), list[str](), time.monotonic()
    for number in range(seconds * A_SECOND):
        time.sleep(max(0.0, start + number / A_SECOND - time.monotonic()))
        commands.append(its.command(WORDS[number % len(WORDS)], number))
        if number % EVENT_EACH == 0:
            events.append(its.message(number))
    return commands, events


def main(seconds: int = SECONDS) -> None:
    """Print how long acknowledgements took."""
    content = Answer(body=feed(), headers={"content-type": "application/rss+xml"})
    with tempfile.TemporaryDirectory() as name, slack() as its, Site(lambda _: content) as site:
        fill(Path(name) / "groundswell.db")
        source = f'[[sources.rss]]\nname = "talk"\nurl = "{site.url}/feed"\n'
        settings = f'[http]\nallowed_hosts = ["127.0.0.1"]\n{source}'
        with running(Path(name), its, settings):
            commands, events = tell(its, seconds)
            busy, answered = load(), len(its.answered)
            time.sleep(10)  # for acknowledgements that are later than any bar
            opened = its.socket.opened
        came = stands(Path(name) / "groundswell.db")
    print(f"{A_SECOND} commands a second, of {len(WORDS)} kinds in turn, for {seconds} s; {busy}")
    print(f"{STORED:,} posts understood before, {NEW:,} and a feed of {FED} meanwhile; {came}")
    for name, envelopes in (("commands", commands), ("events", events)):
        took = [1_000 * its.socket.acks.get(envelope, float("inf")) for envelope in envelopes]
        p50, p90, p99 = (percentile(took, share) for share in (0.5, 0.9, 0.99))
        shown = f"p50 {p50:4.0f}  p90 {p90:4.0f}  p99 {p99:4.0f}  worst {max(took):4.0f} ms"
        print(f"  {len(envelopes):6,} {name:9} {shown}")
    print(f"  bars: p99 {BAR_P99_S * 1_000:.0f} ms, worst {BAR_WORST_S * 1_000:.0f} ms")
    print(f"  answered meanwhile {answered:,}; connections {opened}")
