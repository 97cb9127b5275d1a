"""What a source usually sends: its weekdays, on the days that were read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise

from bot.model import Period

DAY = timedelta(days=1)
FLAT = (1.0,) * 7

SHRINK = 12.0
"""A weekday is believed to differ from the mean as far as it outweighs so many posts of it."""

MISSED, SHORTEST = 14.0, timedelta(days=3)
"""A silence is a gap, noted or not, if so many posts were due in it (a chance of one in a million)
and it lasts longer than any weekend."""

_MONDAY = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a source's posts spread over the days that were read; before `since` nothing was."""

    since: datetime
    gaps: tuple[Period, ...] = ()
    """What was not read after that: in order, none touching another."""
    weekdays: tuple[float, ...] = FLAT
    """How much busier than the mean each weekday is, Monday first; together 7."""
    per_day: float = 0.0
    """Posts on a day of weight 1."""

    def weight(self, period: Period) -> float:
        """The days of the period that were read, each by its weekday's weight."""
        read = Period(max(period.since, self.since), period.until)
        if read.since >= read.until:
            return 0.0
        missed = (_both(gap, read) for gap in self.gaps)
        # Sums of parts of a day: what is left of a wholly missed period is not quite nothing.
        return max(self.whole(read) - sum(self.whole(gap) for gap in missed if gap), 0.0)

    def whole(self, period: Period) -> float:
        """The days of the period by their weekdays' weight, read or not."""
        return self._up_to(period.until) - self._up_to(period.since)

    def expected(self, period: Period) -> float:
        """How many posts are due in the period; what was not read is not due."""
        return self.per_day * self.weight(period)

    def _up_to(self, moment: datetime) -> float:
        """The weight of all days up to a moment."""
        weeks, days = divmod((moment - _MONDAY) / DAY, 7)
        day = min(int(days), 6)
        return weeks * 7 + sum(self.weekdays[:day]) + (days - day) * self.weekdays[day]


def rhythm(moments: Sequence[datetime], gaps: Iterable[Period], period: Period) -> Rhythm:
    """The rhythm of a source in a period, from when its posts were written, oldest first.

    Nothing is taken as read before its first post. With few posts all weekdays are alike.
    """
    first, last = bisect_left(moments, period.since), bisect_left(moments, period.until)
    inside = moments[first:last]
    if not inside:
        return Rhythm(period.until)
    read = Period(period.since if first else inside[0], period.until)
    missed = merged((*gaps, *silences(inside, read)))
    flat = Rhythm(read.since, missed)
    weekdays = _weekdays(inside, flat, read)
    weighed = Rhythm(read.since, missed, weekdays)
    return Rhythm(read.since, missed, weekdays, len(inside) / max(weighed.weight(read), 1.0))


def by_day(usual: Rhythm, period: Period) -> dict[date, float]:
    """How many posts are due on each day that the period touches."""
    return {day.since.date(): usual.expected(day) for day in days(period)}


def days(period: Period) -> Iterator[Period]:
    """The days (UTC) of a period, the first and the last cut off where it is."""
    since = period.since
    while since < period.until:
        midnight = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        until = min(midnight + DAY, period.until)
        yield Period(since, until)
        since = until


def silences(moments: Sequence[datetime], period: Period) -> list[Period]:
    """Spans without a post in which so many were due that the source cannot have been read."""
    mean = len(moments) / (period.length / DAY)
    ends = [*moments, period.until]
    return [
        Period(one, other)
        for one, other in pairwise(ends)
        if other - one > SHORTEST and mean * ((other - one) / DAY) > MISSED
    ]


def merged(gaps: Iterable[Period]) -> tuple[Period, ...]:
    """The same spans in order, those that touch as one."""
    found: list[Period] = []
    for gap in sorted(gaps, key=lambda gap: gap.since):
        if found and gap.since <= found[-1].until:
            found[-1] = Period(found[-1].since, max(found[-1].until, gap.until))
        else:
            found.append(gap)
    return tuple(found)


def _weekdays(moments: Sequence[datetime], flat: Rhythm, period: Period) -> tuple[float, ...]:
    posts, read = [0] * 7, [0.0] * 7
    for moment, together in groupby(moments):
        posts[moment.astimezone(UTC).weekday()] += sum(1 for _ in together)
    for day in days(period):
        read[day.since.astimezone(UTC).weekday()] += flat.weight(day)
    mean = len(moments) / max(sum(read), 1.0)
    raw = [(n + SHRINK) / (mean * d + SHRINK) for n, d in zip(posts, read, strict=True)]
    return tuple(7 * weight / sum(raw) for weight in raw)


def _both(one: Period, other: Period) -> Period | None:
    since, until = max(one.since, other.since), min(one.until, other.until)
    return Period(since, until) if since < until else None
