"""Question to answer: what was meant, what there is of it, and the kind of answer it is after."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from bot.errors import QueryError
from bot.model import Aim, Answer, Coverage, Hit, Period, Query, Question, ThemeView
from bot.pipeline.bearing import Bearing
from bot.pipeline.dissenting import Dissents
from bot.pipeline.searching import Searching
from bot.pipeline.tracking import Trackers
from bot.speak.answers import FIRST, answer
from bot.speak.answers.evidence import FEW, Evidence, Found
from bot.speak.answers.moving import BIRTH
from bot.speak.correcting import corrections, meant, wider
from bot.speak.echo import compared, echo
from bot.speak.follow import follow
from bot.speak.judging import least_telling
from bot.speak.query import written
from bot.speak.question import understand
from bot.speak.standpoint import Standpoint
from bot.speak.words import SOURCE_NAMES, counted

SHARE = 0.3
"""A theme bears on a question when at least this share of its posts, and two, were found for it."""

TOGETHER = 2
"""So many of the found posts must stand in a theme: one alone says nothing of it."""

MONTH = timedelta(days=30)
"""What is new or changed is told of so long where no time is named."""

MOST_POSTS = 10_000
"""Of a question without words so many posts are weighed, the newest."""

VIEWED = 50
"""So many themes are looked at closely to find the few that are told."""

MOVERS = 100
"""So many that rose and so many that fell are, to find those that changed."""

TRACKED = {Aim.HURTS: 5, Aim.PROBLEM: 3, Aim.FIXED: 5}
"""Of how many themes an answer tells what tracks them."""

NEAREST = 2
"""So many ways to find something are told where nothing was found."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers from a store as of one moment."""

    at: Standpoint
    """With the places that a question may name."""
    searching: Searching
    trackers: Trackers
    dissents: Dissents
    coverage: Coverage
    narrowed: Callable[[Query], Query]
    """See `Telling.narrowed`."""
    views: Callable[[Query, Period, Period], list[ThemeView]]
    """The themes of the posts that fulfil a query, with their status in the first period and
    their posts of the second, strongest first."""
    sizes: Callable[[Query], dict[str, int]]
    """How many posts that fulfil a query stand in each theme."""
    first: Callable[[], datetime]
    """When the oldest post was written."""

    def answer(self, text: str, previous: Question | None) -> Answer:
        """An answer to a plain question or a query, which may go on from another.

        Raises:
            QueryError: it is in the query language, and wrong, or it is too long.
        """
        if previous is None:
            return self.about(understand(text, self.at))
        corrected = meant(previous, text, self.at)
        return self.about(corrected or follow(previous, text, self.at), previous)

    def about(self, asked: Question, before: Question | None = None) -> Answer:
        """An answer to a question that was understood already, and the one before it, if any."""
        meant = self._timed(asked)
        weighed, whole = self._bounded(meant)
        made = answer(self._evidence(weighed))
        said = compared(weighed.query, weighed.against, self.at)
        return replace(
            made,
            asked=meant,
            echo=said if whole else f"{said} · the newest {MOST_POSTS:,} alone, there are more",
            not_understood=asked.not_understood,
            instead="" if made.sentences else self._instead(meant.query),
            corrections=corrections(meant, self.at, before),
            again=self._again(meant),
        )

    def _again(self, asked: Question) -> str:
        """Its words or, where these say it only in their thread, its query: what asks the same."""
        for words in (asked.text, written(asked.query)):
            with suppress(QueryError):
                read = self._timed(understand(words, self.at))
                if (read.query, read.against, read.aim) == (asked.query, asked.against, asked.aim):
                    return words
        return ""

    def _timed(self, asked: Question) -> Question:
        """With the time that is meant by what is new or changed, where none is named."""
        query = asked.query
        if asked.aim not in {Aim.NEW, Aim.CHANGED} or query.since:
            return asked
        since = (query.until or self.at.now).replace(microsecond=0) - MONTH
        return replace(asked, query=replace(query, since=since))

    def _bounded(self, asked: Question) -> tuple[Question, bool]:
        """The question, of no more posts than an answer can weigh, and whether that is all of it.

        Where too many fulfil it the newest are asked about, and the time since then is shown back
        as part of the query. Not where they are to be counted, nor where words narrow them.
        """
        if asked.query.words or asked.against or asked.aim is Aim.COUNT:
            return asked, True
        query, changed = asked.query, asked.aim is Aim.CHANGED
        span = self._period(query)
        if changed:  # the span before is weighed as well
            query = replace(query, since=span.before(1).since)
        since = self.searching.store.times.newest_before(
            self.narrowed(query), self.at.now, MOST_POSTS
        )
        if since is None:
            return asked, True
        since += (span.until - since) / 2 if changed else timedelta()
        return replace(asked, query=replace(asked.query, since=since)), False

    def _evidence(self, asked: Question) -> Evidence:
        query, other = asked.query, asked.against
        if asked.aim is Aim.COMPARE and other is not None:
            one, two = _names(echo(query, self.at), echo(other, self.at))
            sides = self._side(query, one), self._side(other, two)
            return Evidence(asked, sides[0], self.coverage, against=sides[1])
        if asked.aim is Aim.NEW:
            return Evidence(asked, self._born(query), self.coverage)
        if asked.aim is Aim.CHANGED:
            return Evidence(asked, self._moved(query), self.coverage)
        found = self._found(query)
        found = replace(found, views=self._told(asked.aim, found))
        complaints = self._complaining(found) if asked.aim in {Aim.PROBLEM, Aim.WHO} else None
        wider = self._wider(found) if asked.aim is Aim.PROBLEM else None
        return Evidence(asked, found, self.coverage, complaints=complaints, wider=wider)

    def _complaining(self, found: Found) -> Found | None:
        """The complaints among what was found, unless those are all that was asked for."""
        wanted = _complaints(found.query)
        if wanted == found.query or not found.hits:
            return None
        return replace(found, query=wanted, hits=self._hits(wanted), views=())

    def _wider(self, found: Found) -> Found | None:
        """The complaints that are found without one of several words, where all find few."""
        words = found.query.words
        if len(words) <= 1 or not 0 < len(found.hits) < FEW:
            return None
        dropped = least_telling(found.query, self._spread)
        kept = tuple(word for word in words if word != dropped)
        wide = replace(_complaints(found.query), words=kept)
        hits = self._hits(wide) if kept else ()
        more = {hit.post.key for hit in hits} - found.keys
        return replace(found, query=wide, hits=hits, views=(), name=dropped) if more else None

    def _spread(self, word: str) -> int:
        """How many posts say a word."""
        return len(self.searching.store.index.saying((word,)))

    def _side(self, query: Query, name: str) -> Found:
        """One side of a comparison, with those that complain."""
        among = self.searching.number(self.narrowed(_anything(query)))
        found = replace(self._found(query), name=name, among=among)
        if query.kinds or not found.hits:
            return found
        complaining = {hit.post.key for hit in self._hits(replace(query, kinds=("complaint",)))}
        return replace(found, complaints=found.keys & complaining)

    def _found(self, query: Query) -> Found:
        """The posts and their themes, of which the status is that of the last week."""
        period, hits = self._period(query), self._hits(query)
        week = Period(period.until - timedelta(days=7), period.until)
        bearing = self._bearing(hits, _places(self.narrowed(query)), period)
        views = self._viewed(bearing, bearing.first(VIEWED), week, period)
        return Found(query, period, hits, views, themes=len(bearing.sizes), inside=bearing.inside)

    def _born(self, query: Query) -> Found:
        """With themes that hold all their posts, to tell when their third was written."""
        period, hits = self._period(query), self._hits(query)
        ever = Period(min(self.first(), period.since), period.until)
        wide = replace(_places(self.narrowed(query)), since=None)
        bearing = self._bearing(hits, wide, ever)
        old = replace(wide, themes=tuple(bearing.all), until=period.since)
        before = self.sizes(old) if bearing.sizes else {}
        born = [t for t, n in bearing.sizes.items() if before.get(t, 0) < BIRTH <= n]
        views = self._viewed(bearing, born, period, ever)
        return Found(query, period, hits, views, themes=len(bearing.sizes), inside=bearing.inside)

    def _moved(self, query: Query) -> Found:
        """With the posts and the themes of the time before as well, of the kinds asked for."""
        period = self._period(query)
        length = min(period.until, self.at.now) - period.since
        both = replace(query, since=Period(period.since, period.since + length).before(1).since)
        hits = self._hits(both)
        wide = replace(_places(self.narrowed(both)), kinds=query.kinds)
        shown = Period(both.since or period.since, period.until)
        bearing = self._bearing(hits, wide, shown)
        views = self._viewed(bearing, self._movers(bearing, hits, period), period, shown)
        return Found(both, period, hits, views)

    def _movers(self, bearing: Bearing, hits: Sequence[Hit], period: Period) -> list[str]:
        """The themes whose numbers of found posts rose and fell most from the span before."""
        now = self.searching.holding([hit for hit in hits if hit.post.created_at in period])
        rise = {t: 2 * now.get(t, 0) - bearing.held[t] for t in bearing.sizes}
        ranked = sorted(rise, key=lambda theme: (-rise[theme], theme))
        return list(dict.fromkeys((*ranked[:MOVERS], *ranked[-MOVERS:])))

    def _period(self, query: Query) -> Period:
        """The time asked about, `now` in it."""
        now = self.at.now
        until = query.until if query.until and query.until <= now else now + _INSTANT
        since = query.since or min(self.first(), until - _INSTANT)
        return Period(min(since, until - _INSTANT), until)

    def _hits(self, query: Query) -> tuple[Hit, ...]:
        return tuple(self.searching.about(self.narrowed(query)))

    def _bearing(self, hits: Sequence[Hit], query: Query, shown: Period) -> Bearing:
        """The themes that the found posts make, of all their posts that fulfil the query.

        Whole, because who suffers the same need not say so in words that a rule knows.
        """
        held = self.searching.holding(hits)
        named = [theme for theme in held if theme in query.themes or not query.themes]
        named = [theme for theme in named if held[theme] >= TOGETHER]
        within = replace(query, themes=tuple(named), since=shown.since, until=shown.until)
        sizes = self.sizes(within) if named else {}
        return Bearing(query, held, {t: n for t, n in sizes.items() if held[t] / n >= SHARE})

    def _viewed(
        self, bearing: Bearing, themes: Sequence[str], period: Period, shown: Period
    ) -> tuple[ThemeView, ...]:
        """Some of the themes that bear on the question, strongest first."""
        if not themes:
            return ()
        views = self.views(replace(bearing.query, themes=tuple(themes)), period, shown)
        views.sort(key=lambda v: (-v.strength * bearing.share(v.theme.id), v.theme.id))
        return tuple(views)

    def _told(self, aim: Aim, found: Found) -> tuple[ThemeView, ...]:
        """The themes with what the answer tells of them beside their posts."""
        views = list(found.views)
        if most := TRACKED.get(aim):
            first = self.trackers.told(FIRST[aim](found)[:most])
            tracked = {view.theme.id: view for view in first}
            views = [tracked.get(view.theme.id, view) for view in views]
        if aim is Aim.OVERVIEW and len(views) == 1:
            views = self.dissents.told(views, _places(self.narrowed(found.query)))
        return tuple(views)

    def _instead(self, query: Query) -> str:
        """The nearest things that exist where nothing was found."""
        widened = ((without, wide) for without, wide in wider(query) if wide != query)
        narrowed = ((without, self.narrowed(wide)) for without, wide in widened)
        numbers = ((without, self.searching.number(wide)) for without, wide in narrowed)
        found = (f"{counted(number, 'post')} {without}" for without, number in numbers if number)
        return "; ".join(islice(found, NEAREST))


def _names(one: str, other: str) -> tuple[str, str]:
    """What each of two queries says that the other does not."""
    parts = one.split(" · "), other.split(" · ")
    first, second = (
        " · ".join(_called(part) for part in mine if part not in their)
        for mine, their in (parts, parts[::-1])
    )
    return first or one, second or other


def _called(part: str) -> str:
    """A part of a query as a side is called by it."""
    if part.startswith('about "'):
        return re.sub(r'"([^"]*)"', r"“\1”", part.removeprefix("about "))
    return SOURCE_NAMES.get(part, part)


def _complaints(query: Query) -> Query:
    """What complains of what a query asks for, unless it names what sort of posts it wants."""
    return query if query.kinds or query.criteria else replace(query, kinds=("complaint",))


def _anything(query: Query) -> Query:
    """All posts of the query's time and places, of whatever kind and by whomever."""
    excluded = tuple(pair for pair in query.excluded if pair[0] in {"source", "venue"})
    return Query(
        since=query.since,
        until=query.until,
        sources=query.sources,
        venues=query.venues,
        excluded=excluded,
        audience=query.audience,
    )


def _places(query: Query) -> Query:
    """The query's time and places, whatever it is about."""
    return replace(query, words=(), phrases=(), kinds=())


_INSTANT = timedelta(microseconds=1)
"""A period's end does not belong to it, but `now` does."""
