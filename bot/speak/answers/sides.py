"""Two queries side by side: how much of each, what leads it, and what only one of them has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Coverage, Sentence, ThemeView
from bot.speak.answers.evidence import (
    LITTLE,
    Evidence,
    Found,
    Said,
    about,
    authors,
    first_read,
    telling,
    voices,
    whole,
)
from bot.speak.answers.overview import theme
from bot.speak.words import counted, day, percent, posts_of

ONLY = 2
"""Themes of which only one side speaks: so many are told of each."""
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side, and how long it was listened to."""

    found: Found
    begun: datetime
    """From when on its sources were read, in the time that it asks about."""

    @classmethod
    def of(cls, found: Found, coverage: Coverage) -> _Side:
        first = first_read(coverage, found.query)
        return cls(found, max(found.period.since, first) if first else found.period.since)

    @property
    def lasted(self) -> timedelta:
        return max(self.found.period.until - self.begun, DAY)

    @property
    def counted(self) -> int:
        """The complaints, or the posts of the kinds that are asked for."""
        return len(self.found.hits) if self.found.query.kinds else len(self.found.complaints)

    @property
    def share(self) -> float | None:
        """Their part of all posts of this side's time and places; None where those are unknown."""
        return self.counted / self.found.among if self.found.among else None

    def per(self, unit: timedelta) -> float:
        return self.counted / (self.lasted / unit)


def compare(evidence: Evidence) -> Said:
    """Both sides with their pace, their strongest themes, and what the other lacks."""
    if evidence.against is None:
        raise ValueError("a comparison has two sides")
    one = _Side.of(evidence.found, evidence.coverage)
    other = _Side.of(evidence.against, evidence.coverage)
    told = [
        _counted(side, against, first=not place)
        for place, (side, against) in enumerate(((one, other), (other, one)))
        if side.found.hits
    ]
    shown: dict[str, ThemeView] = {}
    for side, against in ((one.found, other.found), (other.found, one.found)):
        for view, only in _leading(side, against):
            shown[view.theme.id] = view
            told += _of_side(side, view, only=only)
    return Said(tuple(told), tuple(shown.values()))


def _counted(side: _Side, other: _Side, *, first: bool) -> Sentence:
    """`Since 23 Nov: 31 complaints of 1,240 posts, 2.5 %, by 20 people, 7.8 a week; more than ...`.

    The share is that of all posts of the side's time and places.
    """
    found = side.found
    alike = _alike(side, other)
    pace = "" if alike else _pace(side, other)
    unread = "" if alike or side.begun <= found.period.since else f", read since {day(side.begun)}"
    judged = _judged(side, other) if first else ""
    text = f"{found.name}: {_number(side)} by {authors(found.posts)}{pace}{unread}{judged}."
    return whole(found, text[0].upper() + text[1:])


def _number(side: _Side) -> str:
    """`256 posts about “x” of 5,035, 5.1 % (234 complaints)`, `31 complaints of 1,240 posts, ...`.

    Where a side is all posts of its time and places, the share is that of the complaints.
    """
    found, kinds, whole = side.found, side.found.query.kinds, side.found.among
    subject = "" if found.name.startswith("“") else about(found.query)
    number = f"{posts_of(kinds, len(found.posts))}{subject}"
    complaints = "" if kinds else counted(side.counted, "complaint")
    if not whole or (len(found.posts) >= whole and not kinds):
        share = f", {percent(side.counted, whole)}" if complaints and whole else ""
        return f"{number} ({complaints}{share})" if complaints else number
    told = f"{number} of {whole:,}{' posts' if kinds else ''}, {percent(len(found.posts), whole)}"
    return f"{told} ({complaints})" if complaints else f"{told},"


def _alike(one: _Side, other: _Side) -> bool:
    """Whether both were listened to as long, to a tenth."""
    return abs(one.lasted - other.lasted) <= max(one.lasted, other.lasted) / 10


def _pace(side: _Side, other: _Side) -> str:
    """How many a week, or a day where one side lasted less than a week."""
    unit, name = (DAY, "day") if min(side.lasted, other.lasted) < WEEK else (WEEK, "week")
    what = "" if side.found.query.kinds else "complaints "
    return f", {side.per(unit):.1f}".removesuffix(".0") + f" {what}a {name}"


def _judged(side: _Side, other: _Side) -> str:
    """Which side has more, for the time that it lasted."""
    if not other.found.hits:
        return f"; nothing for {other.found.name}"
    here, there = side.per(WEEK), other.per(WEEK)
    if _alike(side, other):
        here, there = float(side.counted), float(other.counted)
    if here == there:
        return f"; as many as {other.found.name}"
    more = "more" if here > there else "fewer"
    what = "" if side.found.query.kinds else " complaints"
    for_its_time = "" if _alike(side, other) else "for its time "
    return (
        f"; {for_its_time}{more}{what} than {other.found.name}{_though(side, other, here > there)}"
    )


def _though(side: _Side, other: _Side, more: bool) -> str:
    """Where more are a smaller share of all that was written there, or fewer a greater one."""
    here, there = side.share, other.share
    if here is None or there is None or here == there or (here > there) is more:
        return ""
    return f", though a {'smaller' if more else 'greater'} share of the posts there"


def _leading(side: Found, against: Found) -> list[tuple[ThemeView, bool]]:
    """The strongest theme of a side, and those of which the other side does not speak."""
    known = {view.theme.id for view in against.views}
    first = [(view, view.theme.id not in known) for view in side.views[:1]]
    more = [(v, True) for v in side.views[1:] if v.theme.id not in known and _many(v)]
    return [*first, *more[: ONLY - sum(only for _, only in first)]]


def _many(view: ThemeView) -> bool:
    return voices(view.crowd) >= LITTLE


def _of_side(side: Found, view: ThemeView, *, only: bool) -> list[Sentence]:
    told = theme(side.query, view, side.keys, moves=False)
    name = f"{side.name[0].upper()}{side.name[1:]}"
    lead = f"{name} only" if only else f"{name}, strongest"
    return [Sentence(f"{lead}: {told.text}", told.cites, told.opens), *telling(view, side.keys)]
