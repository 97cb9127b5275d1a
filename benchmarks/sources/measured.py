"""One source, read some times over: what is measured and how it is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from bot.limits import Pace
from bot.pipeline.collecting import Collecting
from bot.sources.base import Source
from bot.store import open_store
from tests.world.site import Answer, Asked

ROUNDS = 5
NOW, LONG_AGO = datetime.now(UTC), datetime(1971, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The same in all rounds, so that each asks what the others asked."""
    return NOW


@dataclass(frozen=True, slots=True)
class Case:
    """A source, and what reads the same in the other house if anything does."""

    name: str
    source: Callable[[], Source]
    made_of: str
    """Which recorded answers, or "invented"."""
    theirs: Callable[[], int] | None = None
    """Reads everything and says how many posts that were."""


Rates = list[float]
"""Posts a second, by round."""


def told(case: Case) -> str:
    """A line: medians, and the spans of what is stored and of the ratio."""
    # A first round, that nobody times: the site makes its answers then.
    posts, _ = _stored(case.source())
    rounds = [_round(case, posts) for _ in range(ROUNDS)]
    parsed, stored, theirs = ([one[place] for one in rounds] for place in range(3))
    line = (
        f"{case.name:26}{posts:6,} posts  read {median(parsed):7,.0f}/s  "
        f"stored {median(stored):6,.0f}/s ({min(stored):,.0f} to {max(stored):,.0f})"
    )
    if case.theirs:
        line += (
            f"  perceval {median(theirs):6,.0f}/s  ratio read {_ratio(parsed, theirs)}, "
            f"stored {_ratio(stored, theirs)}"
        )
    return f"{line}\n{'':26}{case.made_of}"


def _ratio(ours: Rates, theirs: Rates) -> str:
    """The median of the rounds' ratios, and their span."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _round(case: Case, posts: int) -> tuple[float, float, float]:
    """Posts a second: read, stored, and read by the other."""
    times = [_parsed(case.source()), _stored(case.source())]
    if case.theirs:
        times.append(_timed(case.theirs))
    assert {found for found, _ in times} == {posts}, (case.name, posts, times)
    rates = [posts / seconds for _, seconds in times]
    return rates[0], rates[1], rates[2] if case.theirs else 0.0


def _parsed(source: Source) -> tuple[int, float]:
    # Pages overlap where something may have changed meanwhile: such posts come twice.
    batches = source.fetch(None, LONG_AGO)
    return _timed(lambda: len({post.external_id for batch in batches for post in batch.posts}))


def _stored(source: Source) -> tuple[int, float]:
    """Into an empty database: parsed, saved, indexed."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/bench.db")
        report = Collecting(store, NOW)
        done = _timed(lambda: _new(report, source))
        store.close()
    return done


def _new(collecting: Collecting, source: Source) -> int:
    report = collecting.one(source, LONG_AGO)
    assert (report.error, report.rejected) == (None, []), report
    return report.new


def _timed(read: Callable[[], int]) -> tuple[int, float]:
    start = perf_counter()
    return read(), perf_counter() - start


def remembered(respond: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """The same answers, each made but once: the reader is measured, not the site."""
    known: dict[tuple[object, ...], Answer] = {}

    def again(asked: Asked) -> Answer:
        key = (asked.path, *sorted(asked.query.items()), asked.body)
        if key not in known:
            known[key] = respond(asked)
        return known[key]

    return again


def unhurried(*_: float) -> Pace:
    """A pace that waits for nothing: a site's limit is no measure of a reader."""
    return Pace(1_000_000, 1.0)
