"""Store to speech: themes, digests, answers, search and status, all as of one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from bot.errors import GroundswellError
from bot.model import (
    OPERATOR,
    Answer,
    Audience,
    Coverage,
    Deed,
    Digest,
    Hit,
    Period,
    Query,
    Question,
    SourceCoverage,
    Status,
    Theme,
    ThemeView,
)
from bot.pipeline.asking import Asking
from bot.pipeline.backtesting import rhythms
from bot.pipeline.dissenting import Dissents
from bot.pipeline.judging import lately_right
from bot.pipeline.searching import Searching
from bot.pipeline.standing import among_places, standpoint
from bot.pipeline.tracking import Trackers, complaints, tracked
from bot.pipeline.unwanted import left_out
from bot.speak import digest as digesting
from bot.speak.query import parse
from bot.speak.quotes import quotes
from bot.speak.standpoint import Standpoint
from bot.speak.triage import duty_line
from bot.store import SourceState, Store
from bot.understand.areas import says
from bot.understand.bursts import PAST
from bot.understand.decided import last
from bot.understand.embed import Embedder
from bot.understand.label import headline
from bot.understand.mutes import holds
from bot.understand.queue import still_seen
from bot.understand.trends import view, voices

WEEK = timedelta(days=7)

STALE = timedelta(days=1)
"""A source that was not read for longer is told as one that is not read any more."""

LAST = 5
"""Posts of a theme that fell silent, the newest, that are looked through for something to quote."""

NO_THEME = ("none",)
"""What a query asks for whose themes turned out to be none: no theme has that name."""


@dataclass(frozen=True)
class Telling:
    """Everything that can be said of a store as of `now`: posts after it do not exist.

    For one operation: what has been read is looked up once.
    """

    store: Store
    embedder: Embedder
    now: datetime
    zone: str = "UTC"
    """The reader's, in which times are read and shown back."""
    audience: Audience = OPERATOR
    """Who is told. Without what they may not read all is as if that did not exist."""
    repositories: Callable[[], Sequence[str]] = tuple
    """Where an issue can be made, as `owner/name`."""

    def parse(self, query: str) -> Query:
        """A query as it reads as of now. Raises QueryError."""
        return parse(query, self.standpoint())

    def narrowed(self, query: Query) -> Query:
        """The query with what it says of themes as a whole turned into the themes it holds for.

        `people:` and `untracked:` speak of a theme, not of a post: told here, before all else,
        they hold the same for themes, search, answers and digests.
        """
        if query.people is None and query.untracked is None:
            return query
        found = self.store.themes.crowded(query, self.now)
        if query.untracked is not None and found:
            views = self._trackers().told(self._themes(self._all(themes=tuple(found))))
            found = [v.theme.id for v in views if tracked(v) is (not query.untracked)]
        return replace(query, people=None, untracked=None, themes=tuple(found) or NO_THEME)

    def themes(self, query: Query) -> list[ThemeView]:
        """The themes of the posts that fulfil the query, strongest first.

        Counts are of those posts; the status is that of the last week before the query's end.
        Themes that the query names are told with their dissent; to look for it in all costs much.
        """
        narrowed = self.narrowed(query)
        views = self._trackers().told(self._themes(narrowed))
        return self._dissents().told(views, narrowed) if query.themes else views

    def untracked(self, query: Query) -> list[ThemeView]:
        """Themes with complaints, among the posts that fulfil the query, that no issue stands for.

        Each holds those complaints alone, and counts them; the theme with the most voices first.
        """
        told = self._trackers().told(self._themes(self.narrowed(query)))
        found = map(complaints, told)
        lost = [view for view in found if view.theme.members]
        return sorted(lost, key=lambda v: (-voices(v.crowd), -v.strength, int(v.theme.id[1:])))

    def tracked(self, query: Query, wanted: Callable[[ThemeView], bool]) -> list[ThemeView]:
        """Some of the themes of the posts that fulfil a query, with what tracks them."""
        return self._trackers().told(list(filter(wanted, self._themes(self.narrowed(query)))))

    def theme(self, name: str) -> ThemeView:
        """One theme with all its posts.

        Raises:
            GroundswellError: there is none of that name.
        """
        views = self.themes(self._all(themes=(name,)))
        if not views:
            raise GroundswellError(f"there is no theme {name}; the command themes shows them")
        return views[0]

    def named(self, themes: Sequence[str]) -> list[Theme]:
        """Some themes with all their posts; those that are not there left out.

        Without what they mean to a reader, which takes long to reckon.
        """
        query = self._all(themes=tuple(themes) or NO_THEME)
        return self._named(self.store.themes.load(query, self.now))

    def digest(self, query: Query, period: Period) -> Digest:
        """What moved in the period, among the posts that fulfil the query."""
        within = replace(query, since=period.since, until=period.until)
        narrowed = self.narrowed(within)
        made = digesting.compose(
            views=self._views(narrowed, period, period),
            period=period,
            posts=self.store.posts.count(self.now, narrowed),
            coverage=self.coverage(),
            query=within,
        )
        shown = self._last_words([view for s in made.sections for view in s.shown], narrowed)
        shown = self._trackers().told(shown)
        shown = self._dissents().told(shown, narrowed)
        told = {view.theme.id: view for view in shown}
        sections = (
            replace(s, shown=tuple(told[view.theme.id] for view in s.shown)) for s in made.sections
        )
        duty = duty_line(self.store.rotas.standing(self.now), self.now)
        unwanted = left_out(self.store, query, period, self.now)
        return replace(
            made,
            sections=tuple(sections),
            duty=duty,
            unwanted=unwanted,
            precision=lately_right(self.store, query, period, self.now, self.standpoint().tz),
        )

    def _last_words(self, views: Sequence[ThemeView], narrowed: Query) -> list[ThemeView]:
        """The views, with what was said last before the query's time of what fell silent in it."""
        silent = tuple(view.theme.id for view in views if not view.theme.members)
        if not silent:
            return list(views)
        before = replace(narrowed, themes=silent, since=None, until=narrowed.since)
        last = {t.id: t.members[-LAST:] for t in self.store.themes.load(before, self.now)}
        return [
            replace(v, quotes=quotes(replace(v.theme, members=last[v.theme.id])))
            if v.theme.id in last
            else v
            for v in views
        ]

    def ask(self, question: str, previous: Question | None = None) -> Answer:
        """An answer to a plain question or a query, which may go on from the one before.

        Raises:
            QueryError: it is in the query language, and wrong, or it is too long.
        """
        return self._asking().answer(question, previous)

    def answer(self, asked: Question) -> Answer:
        """An answer to a question that was understood already, as one that was corrected."""
        return self._asking().about(asked)

    def _asking(self) -> Asking:
        return Asking(
            at=among_places(self.store, self.standpoint()),
            searching=self._searching(),
            trackers=self._trackers(),
            dissents=self._dissents(),
            coverage=self.coverage(),
            narrowed=self.narrowed,
            views=self._views,
            sizes=partial(self.store.themes.counted, now=self.now),
            first=self._first,
        )

    def search(self, query: Query, limit: int) -> list[Hit]:
        """Posts by words and meaning, best first; newest first for a query without words.

        First the posts that an answer to the same words counts, then what is only near.
        """
        return self._searching().search(self.narrowed(query), limit)

    def coverage(self) -> Coverage:
        """What all of this rests on: posts by source, and the state of each configured source."""
        return self._coverage

    @cached_property
    def _coverage(self) -> Coverage:
        kept = self.store.sources
        counted = {c.source: c for c in kept.coverage(self.now, self.audience)}
        hidden = frozenset() if self.audience.everything else kept.names() - counted.keys()
        for state in kept.states():
            # `rss/blog` tells of its kind, and so does a backfill of it, `rss/blog@2026-01-01`.
            source = state.name.partition("@")[0].partition("/")[0]
            if source in hidden:  # whoever is told may read nothing of it
                continue
            known = counted.get(source) or SourceCoverage(source, 0, None, None, None)
            counted[source] = replace(
                known,
                read_at=max(filter(None, (known.read_at, state.read_at)), default=None),
                error="; ".join(filter(None, (known.error, _error(state)))) or None,
                gaps=(*known.gaps, *kept.gaps(state.name)),
                stale=min(filter(None, (known.stale, self._stale(state))), default=None),
            )
        return Coverage(
            tuple(counted.values()),
            self.store.readings.waiting(self.now, self.audience),
            self.store.readings.sensitive_count(self.now, self.audience),
            self.now,
        )

    def _stale(self, state: SourceState) -> datetime | None:
        """When a source was read last that is not read any more, though nothing failed."""
        if state.error or state.read_at is None or "@" in state.name:
            return None
        return state.read_at if self.now - state.read_at > STALE else None

    def _themes(self, query: Query) -> list[ThemeView]:
        """The themes of the posts that fulfil the query, without what tracks them."""
        until = min(query.until or self.now, self.now)
        shown = Period(query.since or self._first(), until + _INSTANT)
        return self._views(query, Period(until - WEEK, until + _INSTANT), shown)

    def standpoint(self) -> Standpoint:
        """From where a reader's times and names are read."""
        return standpoint(self.store, self.now, self.zone, self.audience)

    def _all(self, themes: tuple[str, ...] = ()) -> Query:
        """All that the audience may read, or some themes of it."""
        return Query(themes=themes, audience=self.audience)

    def _searching(self) -> Searching:
        return Searching(self.store, self.embedder, self.now)

    def _dissents(self) -> Dissents:
        return Dissents(self.store, self.now)

    def _trackers(self) -> Trackers:
        return Trackers(self.store, self.embedder, self.now, repositories=self.repositories)

    def _views(self, query: Query, period: Period, shown: Period) -> list[ThemeView]:
        """Themes with posts in `shown`, or with a status worth telling, strongest first."""
        history = replace(query, since=None)
        themes = self._named(self.store.themes.load(history, self.now))
        past = Period(period.until - PAST, period.until)
        beats = rhythms(self.store, query, past, self.coverage())
        views = [view(theme, period, shown, beats) for theme in themes]
        views = self._marked(views)
        told = [v for v in views if v.theme.members or v.status is Status.FADING]
        return sorted(told, key=lambda v: (-v.strength, int(v.theme.id[1:])))

    def _named(self, themes: Sequence[Theme]) -> list[Theme]:
        """The themes under the names they have as of now.

        A theme that goes on after `now` was named with posts that do not exist yet, and one that
        a post was purged from has lost its name: these are named anew from the posts that there
        are, and keep the keywords that they say. A name that a person gave stands above all.
        """
        given = self.store.decisions.given(self.now)
        nameless = self.store.themes.reaching_past(self.now) | {t.id for t in themes if not t.label}
        if not self.audience.everything:
            nameless |= self.store.themes.hiding(self.audience)
        if nameless := nameless & {theme.id for theme in themes}:
            asked = self._all(themes=tuple(sorted(nameless)))
            whole = {theme.id: theme for theme in self.store.themes.load(asked, self.now)}
            themes = [
                replace(theme, **_name(whole[theme.id])) if theme.id in nameless else theme
                for theme in themes
            ]
        return [replace(t, label=given[t.id]) if t.id in given else t for t in themes]

    def _marked(self, views: Sequence[ThemeView]) -> list[ThemeView]:
        """The views with what people decided about them that still holds."""
        mutes, seen = self.store.decisions.mutes(self.now), self.store.decisions.seen(self.now)
        given = last(
            Deed.ASSIGN, self.store.decisions.standing({Deed.ASSIGN, Deed.MERGE}, self.now)
        )
        given = {theme: one for theme, one in given.items() if one.to is not None}
        said = {view.theme.id for view in views} & (mutes.keys() | seen.keys())
        if not said and not given:
            return list(views)
        query = self._all(themes=tuple(sorted(said)) or NO_THEME)
        whole = {theme.id: theme.members for theme in self.store.themes.load(query, self.now)}
        held = {t: mutes[t] for t in whole if t in mutes and holds(mutes[t], whole[t], self.now)}
        kept = {t: seen[t] for t in whole if t in seen and still_seen(seen[t], whole[t], self.now)}
        return [
            replace(v, mute=held.get(t), seen=kept.get(t), assigned=given.get(t))
            for v in views
            for t in [v.theme.id]
        ]

    def _first(self) -> datetime:
        firsts = (c.first_at for c in self.coverage().sources)
        return min((first for first in firsts if first), default=self.now)


def _error(state: SourceState) -> str:
    return f"{state.name}: {state.error}" if state.error else ""


def _name(theme: Theme) -> dict[str, Any]:
    """Label, keywords and area of a theme from its own posts alone."""
    texts = [f"{m.title}\n{m.text}" for m in theme.members]
    said = "\n".join(texts).casefold()
    keywords = tuple(word for word in theme.keywords if word in said)
    titles = [m.title for m in theme.members]
    return {
        "label": headline(titles, [m.centrality for m in theme.members], keywords),
        "keywords": keywords,
        "area": theme.area if theme.area and says(texts, theme.area) else None,
    }


_INSTANT = timedelta(microseconds=1)
"""A period's end does not belong to it, but `now` does."""
