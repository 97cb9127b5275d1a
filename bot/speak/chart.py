"""What the chart of a digest shows, and the same in words: people a week, theme by theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Coverage, Digest, Period, Status, ThemeView
from bot.speak.words import source_name, span

LEAST = 4
"""With fewer weeks there is nothing to see."""
ROWS = 6
"""Themes that are drawn: more are no picture but a table."""
ALT, NAME = 1_000, 60
"""Characters of the words for a picture that Slack takes, and of a theme's name in them."""

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A theme's weeks."""

    theme: str
    label: str
    status: Status
    voices: tuple[int | None, ...]
    """People a week, and posts of unknown authors one each; None where a source of it was not
    read, which is not zero."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows over the same weeks."""

    rows: tuple[Row, ...]
    weeks: tuple[datetime, ...]
    """When each begins, oldest first: spans of seven days, of which the last one ends with the
    digest's period, so that it counts whom the digest counts."""
    unread: Mapping[int, tuple[str, ...]]
    """By the place of a week the sources that were not read in it for a day or more."""
    unknown: bool
    """Whether some authors are not known."""

    @property
    def most(self) -> int:
        """The greatest of all values, at least 1."""
        return max((n for row in self.rows for n in row.voices if n), default=1)


def chart_of(digest: Digest) -> Chart | None:
    """The chart of the first themes of a digest; None where there is too little to see."""
    views = [view for section in digest.sections for view in section.shown][:ROWS]
    weeks = _weeks(digest, views)
    if not views or len(weeks) < LEAST:
        return None
    missed = _missed(digest.coverage, weeks)
    return Chart(
        rows=tuple(_row(view, weeks, missed) for view in views),
        weeks=weeks,
        unread={
            place: names
            for place in range(len(weeks))
            if (names := tuple(name for name, places in missed.items() if place in places))
        },
        unknown=any(week.unknown for view in views for week in view.lately if week.start in weeks),
    )


def chart_text(chart: Chart) -> str:
    """The picture in words, for whoever does not see it; at most ALT characters."""
    first, last = chart.weeks[0], chart.weeks[-1]
    whole = span(Period(first, last + WEEK))
    parts = [f"People in every seven days, {whole}."]
    parts += [_row_text(row) for row in chart.rows]
    parts += [f"Not read: {missed}." for missed in unread_texts(chart)]
    text = " ".join(parts)
    return text if len(text) <= ALT else text[: ALT - 1] + "…"


def unread_texts(chart: Chart) -> Iterator[str]:
    """What was not read: `GitHub, 3 Feb to 9 Feb 2026`, for each stretch of weeks."""
    places = sorted(chart.unread)
    for number, place in enumerate(places):
        names = chart.unread[place]
        if number and places[number - 1] == place - 1 and chart.unread[place - 1] == names:
            continue
        end = place
        while chart.unread.get(end + 1) == names:
            end += 1
        yield f"{', '.join(names)}, {span(Period(chart.weeks[place], chart.weeks[end] + WEEK))}"


def _row_text(row: Row) -> str:
    name = row.label if len(row.label) <= NAME else row.label[: NAME - 1] + "…"
    values = " ".join("?" if n is None else str(n) for n in row.voices)
    return f"“{name}” ({row.theme}, {row.status.value}): {values}."


def _weeks(digest: Digest, views: Sequence[ThemeView]) -> tuple[datetime, ...]:
    """When each week begins that is drawn: none before anything was written."""
    firsts = [source.first_at for source in digest.coverage.sources if source.first_at]
    first = min(firsts, default=digest.period.until)
    starts = (week.start for week in views[0].lately) if views else ()
    return tuple(start for start in starts if start + WEEK > first)


def _row(view: ThemeView, weeks: Sequence[datetime], missed: Mapping[str, set[int]]) -> Row:
    said = {week.start: week.people + week.unknown for week in view.lately}
    hidden: set[int] = set()
    for source in view.sources:
        hidden |= missed.get(source_name(source), set())
    voices = tuple(
        None if place in hidden else said.get(week, 0) for place, week in enumerate(weeks)
    )
    return Row(view.theme.id, view.theme.label, view.status, voices)


def _missed(coverage: Coverage, weeks: Sequence[datetime]) -> dict[str, set[int]]:
    """By the name of a source the places of the weeks in which a day or more was not read."""
    found: dict[str, set[int]] = {}
    for source in coverage.sources:
        gaps = [gap.period for gap in source.gaps]
        places = {n for n, week in enumerate(weeks) if _overlap(week, gaps) >= DAY}
        if places:
            found[source_name(source.source)] = places
    return found


def _overlap(week: datetime, gaps: Sequence[Period]) -> timedelta:
    spans = (min(gap.until, week + WEEK) - max(gap.since, week) for gap in gaps)
    return sum((span for span in spans if span > timedelta()), timedelta())
