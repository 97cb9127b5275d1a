"""How a theme moves: who stands behind it, by week, and in a period against the time before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import sqrt
from types import MappingProxyType

from bot.model import Crowd, Member, Period, Role, Status, Theme, ThemeView, Week
from bot.understand.rank import strength
from bot.understand.rhythm import Rhythm

BIRTH = 3
"""A theme is born with its third post: two may be chance."""

SPANS_BEFORE = 4
"""What is usual is the mean of this many spans, each as long as the period, just before it."""

READ_LEAST = 1.0
"""Spans that must have been read of those before, in all, to say what is usual in a source."""

SILENT = timedelta(weeks=4)
"""A theme that nobody spoke of for four spans, and at least so long, was quiet."""

HEARD = 0.75
"""A silence counts only if at least this share of it was read."""

RATIO, SIGMAS = 1.5, 1.5
"""A change counts from half as many again *and* this many deviations of a Poisson count."""

LATELY = 16
"""Spans of seven days that are counted up to the end of what is shown."""

LOUD = 0.5
"""One author with at least this share of the posts is said to be loud."""


def view(
    theme: Theme,
    period: Period,
    shown: Period | None = None,
    rhythms: Mapping[str, Rhythm] = MappingProxyType({}),
) -> ThemeView:
    """The theme with its status in `period`, holding its posts of `shown` (`period` if not given).

    `theme` has all its posts up to now, at least one: those outside both spans tell what is usual,
    with the rhythms of their sources. A source without one is taken as read evenly all the time.
    """
    span = shown or period
    inside = span.of(theme.members)
    expected = usual(theme.members, period, rhythms)
    in_span = expected if span == period else usual(theme.members, span, rhythms)
    return ThemeView(
        theme=replace(theme, members=tuple(inside)),
        status=_status(theme.members, period, rhythms, expected),
        period=period,
        recent=crowd(period.of(theme.members)),
        before=crowd(period.before(1).of(theme.members)),
        usual=expected,
        crowd=crowd(inside),
        total=crowd(theme.members),
        first_at=theme.members[0].created_at,
        sources=_counts(m.source for m in inside),
        venues=_counts(m.venue for m in inside),
        weekly=weekly(theme.members, span.until),
        strength=strength(crowd(inside), inside, in_span, theme.members),
        notes=_notes(inside),
        lately=lately(theme.members, span.until),
    )


def crowd(members: Iterable[Member]) -> Crowd:
    """The different people behind some posts; team and bots are none of them."""
    posts = list(members)
    users = [m for m in posts if m.role is Role.USER]
    known = {(m.source, m.author) for m in users if m.author}
    return Crowd(len(known), sum(m.author is None for m in users), len(posts))


def voices(some: Crowd) -> int:
    """People at most: every post of an unknown author counted as one more person.

    Only for comparing a theme with itself: what is missing is missing on both sides.
    """
    return some.people + some.unknown


def usual(
    members: Sequence[Member],
    period: Period,
    rhythms: Mapping[str, Rhythm] = MappingProxyType({}),
) -> float:
    """Voices to be expected in the period, from the spans before it.

    By source: so many a day that was read, busy weekdays for more than one. Where too little was
    read before to tell, what came is taken for usual: neither growth nor a drop.
    """
    spans = [period.before(n + 1) for n in range(SPANS_BEFORE)]
    return sum(
        _usual([m for m in members if m.source == source], period, spans, rhythms.get(source))
        for source in {m.source for m in members}
    )


def _usual(
    members: Sequence[Member], period: Period, spans: Sequence[Period], beat: Rhythm | None
) -> float:
    """Voices to be expected in one source."""
    before = sum(voices(crowd(span.of(members))) for span in spans)
    if beat is None:
        return before / len(spans)
    due = beat.weight(period)
    read = sum(beat.weight(span) for span in spans)
    if read < READ_LEAST * due or not read:
        return voices(crowd(period.of(members)))
    return before * due / read


def status(
    members: Sequence[Member],
    period: Period,
    rhythms: Mapping[str, Rhythm] = MappingProxyType({}),
) -> Status:
    """New, growing, come back, steady, fading or quiet, by the rules at the head of this module."""
    return _status(members, period, rhythms, usual(members, period, rhythms))


def _status(
    members: Sequence[Member], period: Period, rhythms: Mapping[str, Rhythm], expected: float
) -> Status:
    now = voices(crowd(period.of(members)))
    margin = SIGMAS * sqrt(max(expected, 1.0))
    earlier = len(Period(_FIRST, period.since).of(members))
    if now and earlier < BIRTH:
        return Status.NEW
    if now >= BIRTH and _was_quiet(members, period, rhythms):
        return Status.CAME_BACK
    if now >= max(RATIO * expected, BIRTH) and now - expected >= margin:
        return Status.GROWING
    if expected >= RATIO * now and expected - now >= margin:
        return Status.FADING
    return Status.STEADY if now else Status.QUIET


def _was_quiet(members: Sequence[Member], period: Period, rhythms: Mapping[str, Rhythm]) -> bool:
    """Whether nobody spoke for long before the period, in sources that were read all the while."""
    least = Period(period.since, period.since + SILENT).before(1)
    silent = Period(min(period.before(SPANS_BEFORE).since, least.since), period.since)
    if voices(crowd(silent.of(members))):
        return False
    sources = {m.source for m in members if m.created_at < silent.since}
    beats = [rhythms[source] for source in sources if source in rhythms]
    return all(beat.weight(silent) >= HEARD * beat.whole(silent) for beat in beats)


_INSTANT, _WEEK = timedelta(microseconds=1), timedelta(weeks=1)
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
"""A Monday before all posts."""


def weekly(members: Sequence[Member], until: datetime) -> tuple[Week, ...]:
    """Every ISO week from the theme's first post to `until`, empty ones too."""
    if not members:
        return ()
    by_week: dict[datetime, list[Member]] = {}
    for member in members:
        by_week.setdefault(monday(member.created_at), []).append(member)
    since = min(by_week)
    weeks = list(_quiet_weeks(monday(until - _INSTANT))[(since - _FIRST).days // 7 :])
    for start, inside in by_week.items():
        if start < until:
            weeks[(start - since).days // 7] = _week(start, inside)
    return tuple(weeks)


def lately(members: Sequence[Member], until: datetime) -> tuple[Week, ...]:
    """The last LATELY spans of seven days to `until`, oldest first, empty ones too."""
    weeks = list(_quiet_spans(until))
    since = weeks[0].start
    spans: dict[int, list[Member]] = {}
    for member in Period(since, until).of(members):
        spans.setdefault((member.created_at - since) // _WEEK, []).append(member)
    for place, inside in spans.items():
        weeks[place] = _week(weeks[place].start, inside)
    return tuple(weeks)


def _week(start: datetime, inside: Sequence[Member]) -> Week:
    some = crowd(inside)
    return Week(start, some.people, some.unknown, some.posts)


@lru_cache(maxsize=8)
def _quiet_spans(until: datetime) -> Sequence[Week]:
    return [Week(until - n * _WEEK, 0, 0, 0) for n in range(LATELY, 0, -1)]


@lru_cache(maxsize=8)
def _quiet_weeks(last: datetime) -> Sequence[Week]:
    """Every week up to one, in each of which nobody says anything: most of a theme's are so."""
    count = (last - _FIRST).days // 7 + 1
    return [Week(_FIRST + timedelta(weeks=n), 0, 0, 0) for n in range(count)]


def monday(moment: datetime) -> datetime:
    """00:00 UTC of the Monday of that moment's week."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _counts(names: Iterable[str]) -> dict[str, int]:
    """Names by how often they occur, most first, then by name."""
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _notes(members: Sequence[Member]) -> tuple[str, ...]:
    """What a reader must know to weigh the counts."""
    notes = []
    authors = Counter(m.author for m in members if m.author and m.role is Role.USER)
    if authors and len(members) > BIRTH:
        most = authors.most_common(1)[0][1]
        if most >= LOUD * len(members):
            notes.append(f"one person wrote {most} of the {len(members)} posts")
    some = crowd(members)
    if some.unknown and not some.people:
        notes.append("the source does not tell who wrote these")
    return tuple(notes)
