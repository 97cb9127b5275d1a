"""What a source that fails costs the sources read beside it.

    python -m benchmarks.isolation

Three feeds are read and stored side by side with a fourth, which in turn answers well or fails in
every way that the wire allows. Told is how long the three take to be read, beside the failing one
and beside the well one, in the same round: medians and ratios over ROUNDS rounds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

import stamina

from bot.http import Http
from bot.pipeline.collecting import Collecting
from bot.sources.base import Batch, Source
from bot.sources.rss import Rss
from bot.store import open_store
from tests.world.site import Answer, Fault, Site

ROUNDS = 7
ENTRIES = 400
WORDS = "The tool stops in the middle of its work and says that it cannot go on. " * 8


@dataclass(slots=True)
class Timed:
    """A source whose readings are timed, from the first request to the last batch saved."""

    source: Source
    seconds: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The source's own."""
        return self.source.name

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """See `Source.fetch`."""
        start = perf_counter()
        try:
            yield from self.source.fetch(cursor, since)
        finally:
            self.seconds.append(perf_counter() - start)


def feed() -> bytes:
    items = "".join(
        f"<item><title>Trouble {n}</title><guid>{n}</guid><description>{WORDS}</description></item>"
        for n in range(ENTRIES)
    )
    return f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode()


WELL = Answer(200, feed(), {"content-type": "application/rss+xml"})
FAILURES = {
    **{fault.value: Answer(200, b"<rss", fault=fault) for fault in Fault},
    "500": Answer(500),
    "404": Answer(404),
    "garbage": Answer(200, bytes(range(256)) * 4_000),
}


def saying(answer: Answer) -> Site:
    return Site(lambda _: answer)


def read(http: Http, sites: list[Site]) -> float:
    """Read all sites side by side; the mean seconds of the first three."""
    now = datetime.now(UTC)
    sources = [
        Timed(Rss(http=http, now=lambda: now, url=f"{site.url}/feed", feed=f"f{n}"))
        for n, site in enumerate(sites)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/bench.db")
        found = Collecting(store, now).all(sources)
        store.close()
    assert [one.error for one in found[:3]] == [None] * 3
    return sum(source.seconds[0] for source in sources[:3]) / 3


def main() -> None:
    stamina.instrumentation.set_on_retry_hooks([])
    http = Http(allowed_hosts=frozenset({"127.0.0.1"}), read_s=1, total_s=2, every_site=1_000_000)
    with ExitStack() as stack, stamina.set_testing(True, attempts=2):
        sites = [stack.enter_context(saying(WELL)) for _ in range(3)]
        print(f"three feeds of {ENTRIES} entries beside a fourth, {ROUNDS} rounds")
        for name, answer in FAILURES.items():
            failing, well = stack.enter_context(saying(answer)), stack.enter_context(saying(WELL))
            read(http, [*sites, well])
            pairs = [
                (read(http, [*sites, failing]), read(http, [*sites, well])) for _ in range(ROUNDS)
            ]
            ratio = median(beside / alone for beside, alone in pairs)
            print(
                f"  {name:10} beside it {median(p[0] for p in pairs):6.3f} s, beside a well one "
                f"{median(p[1] for p in pairs):6.3f} s, ratio {ratio:.2f}   target at most 1.10",
                flush=True,
            )
    http.close()


if __name__ == "__main__":
    main()
