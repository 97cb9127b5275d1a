"""What a rule for bursts would have told: the store's history, replayed post by post."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alarms import Alarm, Backtest, Burst, Rule
from bot.errors import QueryError
from bot.model import Coverage, Period, Query, Theme
from bot.store import Store
from bot.understand.bursts import (
    PAST,
    Channel,
    Place,
    Voice,
    replayed,
    shuffled,
    told,
    voices_of,
)
from bot.understand.rhythm import Rhythm, rhythm
from bot.understand.trends import BIRTH

SHUFFLES, SEED = 20, 7
"""Histories that the rate of false alarms is taken from, and the seed of the first."""


@dataclass(frozen=True, slots=True)
class Backtesting:
    """A backtest over everything up to `now`, with the themes that posts stand in now."""

    store: Store
    now: datetime

    def run(self, rule: Rule, query: Query, coverage: Coverage) -> Backtest:
        """When the rule would have told what in the query's period, of the posts that it finds.

        At each post only what was written before it counts; the themes alone are today's. Posts
        count at the time they were written, however late they came in.

        Raises:
            QueryError: the period has not begun.
        """
        themes = self._themes(query)
        channel = Channel(
            posts=moments(self.store, query, self.now),
            themes=[voices_of(theme.members) for theme in themes],
            gaps=gaps(coverage),
        )
        period, place = self._period(query, channel), channel.by_week()
        alarms = [
            Alarm(theme.id, theme.label, burst)
            for theme, voices in zip(themes, channel.themes, strict=True)
            for burst in _told(voices, rule, place, period)
        ]
        return Backtest(
            rule=rule,
            period=period,
            query=query,
            themes=len(themes),
            alarms=tuple(sorted(alarms, key=lambda alarm: (alarm.burst.at, alarm.theme))),
            shuffles=SHUFFLES,
            seed=SEED,
            false_alarms=_false_alarms(channel, rule, place, period),
            coverage=coverage,
        )

    def alarms(self, rule: Rule, query: Query, coverage: Coverage, since: datetime) -> list[Alarm]:
        """What the rule tells since a moment, in time order: as `run` does, but that alone."""
        themes = self._themes(query)
        channel = Channel(
            posts=moments(self.store, query, self.now),
            themes=[voices_of(theme.members) for theme in themes],
            gaps=gaps(coverage),
        )
        place, period = channel.by_week(), Period(since, self.now + _INSTANT)
        found = [
            Alarm(theme.id, theme.label, burst)
            for theme, voices in zip(themes, channel.themes, strict=True)
            if theme.members[-1].created_at >= since
            for burst in _told(voices, rule, place, period)
        ]
        return sorted(found, key=lambda alarm: (alarm.burst.at, alarm.theme))

    def _period(self, query: Query, channel: Channel) -> Period:
        """What is asked for, but not before the first post: a rate needs posts to rest on."""
        until = min(query.until or self.now, self.now)
        since = query.since or until - PAST
        if since >= until:
            raise QueryError(f"since ({since:%Y-%m-%d %H:%M}) lies not in the past")
        first = min((posts[0] for posts in channel.posts.values()), default=since)
        return Period(min(max(since, first), until), until + _INSTANT)

    def _themes(self, query: Query) -> list[Theme]:
        found = self.store.themes.load(replace(query, since=None), self.now)
        return [theme for theme in found if len(theme.members) >= BIRTH]


def rhythms(store: Store, query: Query, period: Period, coverage: Coverage) -> dict[str, Rhythm]:
    """The rhythm in a period of each source that the query reads."""
    missed = gaps(coverage)
    hours = store.times.hourly(_places(query), period.until, period.since)
    return {
        source: rhythm(posts, missed.get(source, ()), period) for source, posts in hours.items()
    }


def moments(store: Store, query: Query, now: datetime) -> dict[str, list[datetime]]:
    """When all posts that can be in a theme were written, oldest first, by source.

    Of the places that the query names, whatever else it asks for: a place's rhythm is not that of
    its complaints.
    """
    return store.times.by_source(_places(query), now)


def _places(query: Query) -> Query:
    return Query(until=query.until, sources=query.sources, venues=query.venues)


def gaps(coverage: Coverage) -> dict[str, list[Period]]:
    """What was never read, by source."""
    return {source.source: [gap.period for gap in source.gaps] for source in coverage.sources}


def _told(
    voices: Sequence[Voice], rule: Rule, place: Callable[[datetime], Place], period: Period
) -> list[Burst]:
    return [burst for burst in told(replayed(voices, rule, place), rule) if burst.at in period]


def _false_alarms(
    channel: Channel, rule: Rule, place: Callable[[datetime], Place], period: Period
) -> int:
    """What the rule tells of histories in which nothing happened."""
    return sum(
        len(_told(voices, rule, place, period))
        for number in range(SHUFFLES)
        for voices in shuffled(channel.themes, channel.posts, SEED + number)
    )


_INSTANT = timedelta(microseconds=1)
"""A period's end does not belong to it, but `now` does."""
