"""Bursts: more people at once than a theme's own past and its place's rhythm let expect."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, isqrt, lgamma, log, log1p, sqrt

import numpy as np

from bot.alarms import Burst, Rule
from bot.model import Crowd, Member, Period, Role
from bot.understand.rhythm import Rhythm, rhythm
from bot.understand.trends import monday

PAST = timedelta(weeks=26)
"""How far back a theme's own past and the rhythm of its place are looked at."""

LEARNING = timedelta(days=7)
"""A source that was read for less than that tells nothing yet: its posts are no burst."""

PRIOR = 0.5
"""The weight of what themes usually get beside a theme's own past, in posts."""

SPREAD = 4.0
"""The most posts that a theme's past is trusted like: counts spread wider than a Poisson's."""

CALM = 5.0
"""So many posts of other themes in a window are taken as usual before it counts as lively."""

QUIET = timedelta(days=7)
"""A burst is over when the rule did not hold for so long."""

DOUBLES = 2
"""A burst is told again when it has so many times the people it was last told with."""

BLOCK = timedelta(weeks=8)
"""Shuffled times stay within such a span, so that a place's slow growth is kept."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One post of a theme, as far as bursts are concerned. Team and bots have none."""

    at: datetime
    source: str
    author: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """What usually comes, as of a moment."""

    rhythms: Mapping[str, Rhythm]
    """By source."""
    typical: Mapping[str, float]
    """Posts of one theme on a day of weight 1, as themes go, by source."""
    posts: Mapping[str, Sequence[datetime]]
    """When every post was written, in a theme or not, oldest first. Later ones do not count."""
    heard: Mapping[str, datetime] = field(default_factory=dict)
    """When a source was first read: what was written before came as a backfill."""


@dataclass(frozen=True, slots=True)
class Channel:
    """The whole history of the places read: whatever `as_of` tells rests on the past alone."""

    posts: Mapping[str, Sequence[datetime]]
    """When every post was written, in a theme or not, by source, oldest first."""
    themes: Sequence[Sequence[Voice]]
    gaps: Mapping[str, Sequence[Period]] = field(default_factory=dict)
    heard: Mapping[str, datetime] = field(default_factory=dict)

    def as_of(self, moment: datetime) -> Place:
        """What usually came up to then."""
        past = Period(moment - PAST, moment)
        rhythms = {
            source: rhythm(posts, self.gaps.get(source, ()), past)
            for source, posts in self.posts.items()
        }
        alive, themed = 0, dict.fromkeys(self.posts, 0)
        for voices in self.themes:
            recent = [v for v in voices if v.at in past]
            alive += bool(recent)
            for voice in recent:
                themed[voice.source] = themed.get(voice.source, 0) + 1
        typical = {
            source: posts / max(rhythms[source].weight(past), 1.0) / max(alive, 1)
            for source, posts in themed.items()
            if source in rhythms
        }
        return Place(rhythms, typical, self.posts, self.heard)

    def by_week(self) -> Callable[[datetime], Place]:
        """`as_of` the Monday before a moment: each week's is made once."""
        made: dict[datetime, Place] = {}

        def place(moment: datetime) -> Place:
            start = monday(moment)
            if start not in made:
                made[start] = self.as_of(start)
            return made[start]

        return place


def voices_of(members: Iterable[Member]) -> list[Voice]:
    """The users' posts among a theme's."""
    return [Voice(m.created_at, m.source, m.author, m.key) for m in members if m.role is Role.USER]


def burst(voices: Sequence[Voice], rule: Rule, now: datetime, place: Place) -> Burst | None:
    """The burst of a theme as of `now`, if it has one. `voices` are oldest first."""
    found = look(voices, rule, now, place)
    return found if found and found.chance * rule.odds <= 1 else None


def look(voices: Sequence[Voice], rule: Rule, now: datetime, place: Place) -> Burst | None:
    """The window ending now with the smallest chance, however large; None for too few people.

    How many people come is taken as negative binomial: a Poisson count whose rate is known only
    from as many posts as the theme has had, and from what is typical of themes.
    """
    since = now - max(rule.windows)
    first, start, end = (bisect_right(voices, at, key=_at) for at in (since - PAST, since, now))
    recent = [v for v in voices[start:end] if _counts(v, now, place)]
    if counted(crowd(recent)) < rule.people:
        return None
    before = [v for v in voices[first:start] if _counts(v, now, place)]
    past = _Past.of(before, Period(since - PAST, since), place)
    found = [
        _measured(recent[bisect_right(recent, now - window, key=_at) :], window, now, past)
        for window in rule.windows
    ]
    enough = [one for one in found if one.people >= rule.people]
    return min(enough, key=lambda one: (one.chance, one.window))


def replayed(
    voices: Sequence[Voice], rule: Rule, place: Callable[[datetime], Place]
) -> list[Burst]:
    """What `look` found at each post, oldest first; `place` tells what was usual as of a moment."""
    looked = (look(voices, rule, voice.at, place(voice.at)) for voice in voices)
    return [found for found in looked if found]


def told(found: Iterable[Burst], rule: Rule) -> list[Burst]:
    """Those to be told, one a burst: again only once it doubles, or after a quiet week."""
    alarms: list[Burst] = []
    held: datetime | None = None
    for one in found:
        if one.chance * rule.odds > 1 or one.people < rule.people:
            continue
        over = held is None or one.at - held > QUIET
        if over or one.people >= DOUBLES * alarms[-1].people:
            alarms.append(one)
        held = one.at
    return alarms


def crowd(voices: Iterable[Voice]) -> Crowd:
    """The different people behind some posts."""
    posts = list(voices)
    known = {(v.source, v.author) for v in posts if v.author}
    return Crowd(len(known), sum(v.author is None for v in posts), len(posts))


def counted(some: Crowd) -> int:
    """People as a rule counts them: posts by unknown authors may be one person or many."""
    return some.people + isqrt(some.unknown)


def shuffled(
    themes: Iterable[Sequence[Voice]], posts: Mapping[str, Sequence[datetime]], seed: int
) -> list[list[Voice]]:
    """The same themes in a history where nothing happened: every post at another post's time.

    Times are exchanged between all posts of a source within eight weeks, in a theme or not, so
    that weekdays, releases, gaps and growth stay, and only what a theme has of its own goes.
    """
    rng = np.random.default_rng(seed)
    times = {
        (source, block): iter([moments[i] for i in rng.permutation(len(moments))])
        for source, all_moments in posts.items()
        for block, moments in _blocks(all_moments).items()
    }
    made = []
    for voices in themes:
        moved = [
            Voice(next(times[v.source, _block(v.at)]), v.source, v.author, v.key) for v in voices
        ]
        made.append(sorted(moved, key=lambda v: (v.at, v.key)))
    return made


def tail(count: int, mean: float, size: float) -> float:
    """The chance of `count` or more for a negative binomial: variance mean + mean² / size."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    share = mean / (mean + size)
    term = exp(
        lgamma(count + size) - lgamma(size) - lgamma(count + 1)
        + count * log(share) - size * log1p(mean / size)
    )  # fmt: skip
    total = 0.0
    while term > total * 1e-12:
        total += term
        term *= share * (count + size) / (count + 1)
        count += 1
    return min(total, 1.0)


@dataclass(frozen=True, slots=True)
class _Past:
    """What a theme had up to its last windows: what may be expected of it in them."""

    known: Mapping[str, float]
    """People a day of weight 1, by source."""
    unknown: Mapping[str, float]
    posts: int
    place: Place

    @classmethod
    def of(cls, voices: Sequence[Voice], past: Period, place: Place) -> _Past:
        """Whoever writes often counts once a day."""
        inside = [v for v in voices if v.at in past]
        known = {(v.source, v.author, v.at.date()) for v in inside if v.author}
        people = dict.fromkeys(place.rhythms, 0)
        unknown = dict.fromkeys(place.rhythms, 0)
        for source, *_ in known:
            people[source] += 1
        for voice in inside:
            unknown[voice.source] += voice.author is None
        usual = sum(place.typical.values()) or 1.0
        rates: tuple[dict[str, float], dict[str, float]] = {}, {}
        for source, beat in place.rhythms.items():
            typical = place.typical.get(source, 0.0)
            prior = PRIOR * typical / usual
            days = beat.weight(past) + PRIOR / usual
            rates[0][source] = (people[source] + prior) / days
            rates[1][source] = unknown[source] / days
        return cls(*rates, len(inside), place)

    def usual(self, window: Period, own: int) -> float:
        """People to be expected in a window in which the theme had `own` posts.

        As if all of it had been read: what was missed in it can only hide a burst.
        """
        rhythms, posts = self.place.rhythms, self.place.posts
        days = {source: beat.whole(window) for source, beat in rhythms.items()}
        known = sum(self.known[source] * day for source, day in days.items())
        unknown = sum(self.unknown[source] * day for source, day in days.items())
        due = sum(rhythms[source].per_day * day for source, day in days.items())
        came = sum(
            bisect_right(posts[source], window.until) - bisect_right(posts[source], window.since)
            for source in rhythms
        )
        lively = max((came - own + CALM) / (due + CALM), 1.0)
        return lively * (known + min(unknown, sqrt(unknown)))

    @property
    def size(self) -> float:
        """How far the rate is known; see `tail`."""
        return min(PRIOR + self.posts, SPREAD)


def _measured(recent: Sequence[Voice], window: timedelta, now: datetime, past: _Past) -> Burst:
    some = crowd(recent)
    people, usual = counted(some), past.usual(Period(now - window, now), len(recent))
    chance = tail(people, usual, past.size)
    return Burst(now, window, some, people, usual, chance, tuple(v.key for v in recent))


def _counts(voice: Voice, now: datetime, place: Place) -> bool:
    """Whether a source was read long enough, and heard the post rather than found it later."""
    usual = place.rhythms.get(voice.source)
    if usual is None or now - usual.since < LEARNING:
        return False
    heard = place.heard.get(voice.source)
    return heard is None or voice.at >= heard or now - voice.at > QUIET


def _at(voice: Voice) -> datetime:
    return voice.at


def _blocks(moments: Sequence[datetime]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    for moment in moments:
        found.setdefault(_block(moment), []).append(moment)
    return found


def _block(moment: datetime) -> int:
    return int(moment.timestamp() // BLOCK.total_seconds())
