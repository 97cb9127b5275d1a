"""What an output rests on, in one line: never a claim about what was not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby

from bot.model import Coverage, Gap, SourceCoverage
from bot.speak.words import counted, day, listed, source_name, span
from bot.text import excerpt, one_line

SHORT = 120
"""Characters of an error, or of why something was missed, on that line: `details` has it all."""


def line(coverage: Coverage) -> str:
    """`Read: GitHub and Reddit to 17 Dec 2025.`, then what was not read, is old, or is withheld.

    Nothing that is missing is left out; why is told in short.
    """
    if not coverage.sources:
        return "Nothing has been read yet: no source and no archive."
    return " ".join((_read(coverage), *_unread(coverage), *_kept(coverage)))


def details(coverage: Coverage) -> tuple[str, ...]:
    """What the line tells in short, in full: each error and each gap."""
    failed = [f"Not read: {_name(s)} ({s.error})" for s in coverage.sources if s.error]
    missed = [f"Never read: {_name(s)} {_gap(g)}" for s in coverage.sources for g in s.gaps]
    return (*failed, *missed)


def _read(coverage: Coverage) -> str:
    """What was read, those that reach as far together, the newest first."""
    ends = [(_end(source, coverage.at), _name(source)) for source in coverage.sources]
    read = sorted(((end.date(), name) for end, name in ends if end), key=_day, reverse=True)
    if not read:
        return "Nothing could be read."
    one_year = read[0][0].year == read[-1][0].year
    form = "{0.day} {0:%b}" if one_year else "{0.day} {0:%b %Y}"
    parts = [
        f"{listed([name for _, name in them])} to {form.format(when)}"
        for when, them in groupby(read, key=_day)
    ]
    return f"Read: {'; '.join(parts)}{f' {read[0][0].year}' if one_year else ''}."


def _day(read: tuple[date, str]) -> date:
    return read[0]


def _end(source: SourceCoverage, at: datetime | None) -> datetime | None:
    """Up to when a source was read: when that was done, or what its newest post says."""
    read = min(source.read_at, at) if source.read_at and at else None
    return max(filter(None, (read, source.last_at)), default=None)


def _unread(coverage: Coverage) -> Iterator[str]:
    sources = coverage.sources
    if failed := [f"{_name(s)} ({_short(s.error)})" for s in sources if s.error]:
        yield f"Not read: {'; '.join(failed)}."
    if stale := [f"{_name(s)} since {day(s.stale)}" for s in sources if s.stale]:
        yield f"Not read any more: {', '.join(stale)}."
    never = [s for s in sources if not (s.error or s.read_at or s.last_at)]
    if never:
        yield f"Not read yet: {', '.join(map(_name, never))}."
    missed = sorted(
        ((s, gap) for s in sources for gap in s.gaps), key=lambda pair: pair[1].period.until
    )
    if missed:
        source, gap = missed[-1]
        older = f", and {counted(len(missed) - 1, 'older gap')}" if missed[1:] else ""
        yield f"Never read: {_name(source)} {_gap(gap, SHORT)}{older}."


def _kept(coverage: Coverage) -> Iterator[str]:
    """What was read and is in no answer, or in no theme."""
    if coverage.waiting:
        yield f"{counted(coverage.waiting, 'post')} not understood yet."
    if coverage.sensitive:
        yield f"{counted(coverage.sensitive, 'post')} withheld for security."


def _name(source: SourceCoverage) -> str:
    return source_name(source.source)


def _gap(gap: Gap, most: int | None = None) -> str:
    return f"{span(gap.period)} ({_short(gap.why, most) if most else gap.why})"


def _short(text: str | None, most: int = SHORT) -> str:
    return excerpt(one_line(text or ""), most).rstrip(".")
