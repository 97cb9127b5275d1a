"""Store to speech: themes, digests, answers, search and status, all as of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from bot.errors import GroundswellError
from bot.model import (
    Answer,
    Coverage,
    Digest,
    Hit,
    Intent,
    Period,
    Post,
    Query,
    SourceCoverage,
    Status,
    Theme,
    ThemeView,
)
from bot.pipeline.backtesting import rhythms
from bot.pipeline.dissenting import Dissents
from bot.pipeline.standing import among_places, standpoint
from bot.pipeline.tracking import Trackers, complaints, tracked
from bot.speak import answer as answering
from bot.speak import digest as digesting
from bot.speak.echo import compared
from bot.speak.query import parse
from bot.speak.question import understand
from bot.speak.search import fuse, snippet
from bot.store import Store
from bot.understand.areas import says
from bot.understand.bursts import PAST
from bot.understand.criteria import sensitive
from bot.understand.embed import Embedder
from bot.understand.label import headline
from bot.understand.mutes import holds
from bot.understand.trends import view, voices

WEEK = timedelta(days=7)

DEPTH = 200
"""How far down each ranking goes before the two are fused."""

ABOUT = 0.45
"""Cosine from which a post is about the words asked for, whatever words it uses itself."""

MEANING = 60
"""At most this many posts are found by meaning alone: the tail is only loosely about it."""

NO_THEME = ("none",)
"""What a query asks for whose themes turned out to be none: no theme has that name."""

SHARE = 0.2
"""A theme bears on a question when at least this share of its posts, and two, were found for it."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Everything that can be said of a store as of `now`: posts after it do not exist."""

    store: Store
    embedder: Embedder
    now: datetime
    zone: str = "UTC"
    """The reader's, in which times are read and shown back."""

    def parse(self, query: str) -> Query:
        """A query as it reads as of now. Raises QueryError."""
        return parse(query, standpoint(self.store, self.now, self.zone))

    def narrowed(self, query: Query) -> Query:
        """The query with what it says of themes as a whole turned into the themes it holds for.

        `people:` and `untracked:` speak of a theme, not of a post: told here, before all else,
        they hold the same for themes, search, answers and digests.
        """
        if query.people is None and query.untracked is None:
            return query
        found = self.store.themes.crowded(query, self.now)
        if query.untracked is not None and found:
            views = self._trackers().told(self._themes(Query(themes=tuple(found))))
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

    def theme(self, name: str) -> ThemeView:
        """One theme with all its posts.

        Raises:
            GroundswellError: there is none of that name.
        """
        views = self.themes(Query(themes=(name,)))
        if not views:
            raise GroundswellError(f"there is no theme {name}; groundswell themes shows them")
        return views[0]

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
        shown = self._trackers().told([view for s in made.sections for view in s.shown])
        shown = self._dissents().told(shown, narrowed)
        told = {view.theme.id: view for view in shown}
        sections = (
            replace(s, shown=tuple(told[view.theme.id] for view in s.shown)) for s in made.sections
        )
        return replace(made, sections=tuple(sections))

    def ask(self, question: str) -> Answer:
        """An answer to a plain question or a query, from the posts that it asks about."""
        at = among_places(self.store, standpoint(self.store, self.now, self.zone))
        asked = understand(question, at)
        query = self.narrowed(asked.query)
        hits = self._about(query)
        views = self._bearing(query, hits) if hits else []
        views = self._dissents().told(views, _places(query)) if len(views) == 1 else views
        made = answering.answer(question, asked.query, views, hits, self.coverage())
        said = compared(asked.query, asked.against, at)
        return replace(made, echo=said, not_understood=asked.not_understood)

    def search(self, query: Query, limit: int) -> list[Hit]:
        """Posts by words and meaning, best first; newest first for a query without words.

        First the posts that an answer to the same words counts, then what is only near.
        """
        query = self.narrowed(query)
        about = self._about(query)[:limit]
        if not query.words or len(about) == limit:
            return about
        words, meaning, _ = self._rankings(query)
        known = {hit.post.key for hit in about}
        near = self._hits(fuse((words, meaning))[: limit + len(about)], query)
        return [*about, *(hit for hit in near if hit.post.key not in known)][:limit]

    def coverage(self) -> Coverage:
        """What all of this rests on: posts by source, and the state of each configured source."""
        states = self.store.sources.states()
        counted = {c.source: c for c in self.store.sources.coverage(self.now)}
        for state in states:
            source = state.name.partition("/")[0]
            known = counted.get(source) or SourceCoverage(source, 0, None, None, None)
            counted[source] = replace(
                known,
                read_at=max(filter(None, (known.read_at, state.read_at)), default=None),
                error=known.error or (state.error and f"{state.name}: {state.error}"),
                gaps=(*known.gaps, *self.store.sources.gaps(state.name)),
            )
        return Coverage(
            tuple(counted.values()),
            self.store.readings.waiting(self.now),
            len(self.store.readings.sensitive(self.now)),
        )

    def _themes(self, query: Query) -> list[ThemeView]:
        """The themes of the posts that fulfil the query, without what tracks them."""
        until = min(query.until or self.now, self.now)
        shown = Period(query.since or self._first(), until + _INSTANT)
        return self._views(query, Period(until - WEEK, until + _INSTANT), shown)

    def _dissents(self) -> Dissents:
        return Dissents(self.store, self.now)

    def _trackers(self) -> Trackers:
        return Trackers(self.store, self.embedder, self.now)

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
        if nameless:
            whole = {theme.id: theme for theme in self.store.themes.load(Query(), self.now)}
            themes = [
                replace(theme, **_name(whole[theme.id])) if theme.id in nameless else theme
                for theme in themes
            ]
        return [replace(t, label=given[t.id]) if t.id in given else t for t in themes]

    def _marked(self, views: Sequence[ThemeView]) -> list[ThemeView]:
        """The views, those of muted themes with the decision that mutes them."""
        mutes = self.store.decisions.mutes(self.now)
        muted = {view.theme.id for view in views} & mutes.keys()
        if not muted:
            return list(views)
        whole = self.store.themes.load(Query(themes=tuple(sorted(muted))), self.now)
        held = {t.id: mutes[t.id] for t in whole if holds(mutes[t.id], t.members, self.now)}
        return [replace(view, mute=held.get(view.theme.id)) for view in views]

    def _first(self) -> datetime:
        firsts = (c.first_at for c in self.store.sources.coverage(self.now))
        return min((first for first in firsts if first), default=self.now)

    def _rankings(self, query: Query) -> tuple[list[int], list[int], dict[int, float]]:
        """Row ids by words, row ids by meaning, and every post's cosine to the query's words."""
        words = [row_id for row_id, _ in self.store.index.best(query.words, query, self.now, DEPTH)]
        wordless = replace(query, words=())
        row_ids, rows = self.store.vectors.matrix(self.embedder.name, wordless, self.now)
        if not row_ids:
            return words, [], {}
        asked = self.embedder.encode([" ".join(query.words)])[0]
        cosines = rows @ asked
        order = np.argsort(-cosines, kind="stable")[:DEPTH]
        return words, [row_ids[i] for i in order], dict(zip(row_ids, cosines.tolist(), strict=True))

    def _about(self, query: Query) -> list[Hit]:
        """The posts that are about the query's words: they say all of them, or mean them."""
        if not query.words:
            found = self.store.posts.find(query, self.now)
            return [
                Hit(post, intent, snippet(post, query.phrases), 0.0)
                for _, post, intent in found
                if _showable(post, intent)
            ]
        words, meaning, cosines = self._rankings(query)
        saying = {row_id for row_id, _, _ in self.store.posts.find(query, self.now)}
        close = {row_id for row_id in meaning[:MEANING] if cosines[row_id] >= ABOUT}
        ranked = fuse((words, meaning, sorted(saying)))
        return self._hits([pair for pair in ranked if pair[0] in saying | close], query)

    def _bearing(self, query: Query, hits: Sequence[Hit]) -> list[ThemeView]:
        """The themes that the found posts make, with all their posts of the same time and places.

        Whole, because who suffers the same need not say so in words that a rule knows. Strongest
        first, as far as they bear on the question.
        """
        found = {hit.post.key for hit in hits}
        views = self._themes(_places(query))
        shares = {v.theme.id: _share(v, found) for v in views}
        bearing = [v for v in views if shares[v.theme.id] >= SHARE]
        return sorted(bearing, key=lambda v: (-v.strength * shares[v.theme.id], v.theme.id))

    def _hits(self, ranked: Sequence[tuple[int, float]], query: Query) -> list[Hit]:
        posts = self.store.posts.by_rows([row_id for row_id, _ in ranked])
        words = (*query.phrases, *query.words)
        return [
            Hit(posts[row_id][0], posts[row_id][1], snippet(posts[row_id][0], words), score)
            for row_id, score in ranked
            if row_id in posts and _showable(*posts[row_id])
        ]


def _showable(post: Post, intent: Intent | None) -> bool:
    """Whether a found post can be shown: the store keeps back what is known to be sensitive.

    What is not read yet is looked at here.
    """
    return intent is not None or sensitive(post) is None


def _share(view: ThemeView, found: AbstractSet[str]) -> float:
    """How much of a theme was found; nothing if it was a single post."""
    inside = sum(member.key in found for member in view.theme.members)
    return inside / len(view.theme.members) if inside > 1 else 0.0


def _places(query: Query) -> Query:
    """The query's time and places, whatever it is about."""
    return replace(query, words=(), phrases=(), kinds=())


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
