"""What we make of labelled posts, by the very steps that make it of a community's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model import Basis, Intent, Post, Query
from bot.pipeline.collecting import Progress
from bot.pipeline.labels import MADE, Kind, Labelled, arranged
from bot.pipeline.telling import Telling
from bot.pipeline.understanding import CHUNK, Understanding
from bot.speak.query import parse
from bot.store import Store, open_store
from bot.understand.cluster import Clusterer
from bot.understand.duplicates import Rarity, Seen, same_story
from bot.understand.embed import Embedder, MiniLM, words_of
from bot.understand.heads import DIMS
from bot.understand.kinds import LEAST, general, judge_all, kind_of, own_head
from bot.understand.measures import KindTally, Mean, PairTally, SearchTally, Tally, ThemeTally
from bot.understand.standing import NOISE
from bot.understand.themes import number_of

FOLDS = 5
FETCHED = 100
"""Results of a search that its first relevant post is looked for among."""

Rows = NDArray[np.float32]
Whole = NDArray[np.int64]

_TRACKER_LABEL = {Intent.REQUEST: "feature"}
"""What trackers call a kind, where it is not our own word."""


@dataclass(frozen=True, slots=True)
class Setup:
    """One way of understanding, and the settings that made it."""

    name: str
    settings: Mapping[str, Any]
    embedder: Embedder
    clusterer: Clusterer


@dataclass(frozen=True, slots=True)
class Evaluating:
    """One run over labelled posts, under any number of set-ups, all given the same lots."""

    labelled: Labelled
    now: datetime
    orders: int
    seed: int
    progress: Progress
    _memory: dict[str, _Once] = field(default_factory=dict)

    def run(self, setups: Sequence[Setup]) -> Iterator[tuple[str, tuple[Tally, ...]]]:
        """(part, a tally for each set-up) of every part that there are labels for.

        What does not depend on the settings that differ is measured once and told for all.
        """
        parts: tuple[tuple[str, object, Callable[[Setup], Tally], Callable[[Setup], object]], ...]
        parts = (
            ("themes", self.labelled.themes, self._themes, _name),
            ("kinds", self.labelled.kinds, self._kinds, _embedder),
            ("kinds_own", self._taught(), self._own_kinds, _embedder),
            ("duplicates", self.labelled.links, self._duplicates, _embedder),
            ("search", self.labelled.questions, self._search, _embedder),
        )
        for name, labels, measure, rests_on in parts:
            if labels:
                made = {rests_on(setup): setup for setup in reversed(setups)}
                told = {key: measure(setup) for key, setup in made.items()}
                yield name, tuple(told[rests_on(setup)] for setup in setups)

    def _embedder(self, setup: Setup) -> Embedder:
        """The embedder with a memory: no text is embedded twice in a run."""
        return self._memory.setdefault(setup.embedder.name, _Once(setup.embedder))

    # Themes

    def _themes(self, setup: Setup) -> Tally:
        """Themes as `understand` finds them in a store that holds these posts and no other.

        Posts that are named bring all of posts.jsonl with them, as the stream that they came in;
        only those with a label count.
        """
        told = []
        for number in range(self.orders):
            order = np.random.default_rng((self.seed, number)).permutation(
                len(self.labelled.themes)
            )
            posts = arranged([post for post, _ in self.labelled.themes], order.tolist(), self.now)
            report = partial(self._report, f"themes {number + 1}/{self.orders}")
            with self._understood(setup, self._with_stream(posts), report) as store:
                placed = store.themes.standing(self.now)
                stored = store.posts.find(Query(), self.now)
                theme = {post.key: placed.get(row_id) for row_id, post, _ in stored}
            labels = [theme.get(post.key) for post in posts]
            numbers = [number_of(label) if label else NOISE for label in labels]
            truth = [label for _, label in self.labelled.themes]
            told.append(ThemeTally.of(np.array(numbers, dtype=np.int64), truth))
        return Mean(tuple(told))

    def _with_stream(self, posts: Sequence[Post]) -> list[Post]:
        named = any(post.kind != MADE for post in posts)
        stream = self.labelled.posts if named else ()
        return list({post.key: post for post in (*stream, *posts)}.values())

    @contextmanager
    def _understood(self, setup: Setup, posts: Sequence[Post], report: Progress) -> Iterator[Store]:
        """A store of its own with these posts, understood; gone afterwards."""
        with (
            TemporaryDirectory(prefix="groundswell-eval-", ignore_cleanup_errors=True) as folder,
            closing(open_store(f"sqlite:///{Path(folder) / 'eval.db'}")) as store,
        ):
            store.posts.save(posts)
            embedder = self._embedder(setup)
            Understanding(store, embedder, setup.clusterer, self.now, report).run()
            yield store

    def _report(self, part: str, step: str, done: int, total: int | None) -> None:
        self.progress(f"{part}: {step}", done, total)

    # Kinds

    def _kinds(self, setup: Setup) -> Tally:
        """Kinds as a post is read: by its tracker's label, its title, or the general head."""
        labelled = self.labelled.kinds
        posts = [one.post for one in labelled]
        read = judge_all(posts, self._rows(setup, "kinds", posts), general())
        return KindTally(
            tuple(one.kind.value for one in labelled),
            tuple(one.intent.value for one in read),
            tuple(one.complaint for one in labelled),
            tuple(one.complaint for one in read),
            tuple(one.basis is Basis.GENERAL for one in read),
        )

    def _taught(self) -> dict[str, list[Kind]]:
        """The posts that can teach an own head, of each project that has enough of them."""
        found: dict[str, list[Kind]] = {}
        for venue in sorted({one.post.venue for one in self.labelled.kinds}):
            own = [one for one in self.labelled.kinds if one.post.venue == venue]
            own = [one for one in own if one.post.opens and one.kind in _NAMEABLE]
            counts = Counter(one.kind for one in own)
            # Each fold learns from four fifths, and these must still be enough.
            enough = {kind for kind, n in counts.items() if n * (FOLDS - 1) // FOLDS >= LEAST}
            if venue != MADE and len(enough) > 1:
                found[venue] = [one for one in own if one.kind in enough]
        return found

    def _own_kinds(self, setup: Setup) -> Tally:
        """Kinds as a project's own head reads them that learnt from the other four fifths."""
        truth, found = list[str](), list[str]()
        for venue, known in self._taught().items():
            posts = [replace(one.post, labels=()) for one in known]
            rows = self._rows(setup, "kinds", posts)
            fold = self._folds([one.kind for one in known])
            for number in range(FOLDS):
                train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
                taught = [replace(posts[i], labels=(_label(known[i].kind),)) for i in train]
                head = own_head(taught, rows[train])
                heads = replace(general(), own={venue: head} if head else {})
                read = judge_all([posts[i] for i in test], rows[test], heads)
                truth += [known[i].kind.value for i in test]
                found += [one.intent.value for one in read]
        return KindTally(tuple(truth), tuple(found))

    def _folds(self, kinds: Sequence[Intent]) -> Whole:
        """A fold for each post, every kind spread evenly over them."""
        fold, chance = np.empty(len(kinds), dtype=np.int64), np.random.default_rng(self.seed)
        for kind in sorted(set(kinds)):
            rows = chance.permutation([i for i, one in enumerate(kinds) if one == kind])
            fold[rows] = np.arange(len(rows)) % FOLDS
        return fold

    def _rows(self, setup: Setup, part: str, posts: Sequence[Post]) -> Rows:
        """The vectors as heads see them: nothing, if another embedder made them."""
        if setup.embedder.name != MiniLM.name:
            return np.zeros((len(posts), DIMS), dtype=np.float32)
        return self._vectors(setup, part, posts)

    def _vectors(self, setup: Setup, part: str, posts: Sequence[Post]) -> Rows:
        embedder, found = self._embedder(setup), []
        for start in range(0, len(posts), CHUNK):
            found.append(embedder.encode([words_of(post) for post in posts[start : start + CHUNK]]))
            self.progress(f"{part}: embedding", min(start + CHUNK, len(posts)), len(posts))
        return np.concatenate(found)

    # Duplicates

    def _duplicates(self, setup: Setup) -> Tally:
        """How likely each later post of a link tells the story of each thread before it."""
        named = {key for link in self.labelled.links for key in link}
        posts = [p for p in self.labelled.keys.values() if p.opens or p.key in named]
        posts.sort(key=lambda post: (post.created_at, post.key))
        place = {post.key: i for i, post in enumerate(posts)}
        links = sorted({_late_first(place[a], place[b]) for a, b in self.labelled.links})
        story = _stories(len(posts), links)
        vectors, rarity = self._vectors(setup, "duplicates", posts), Rarity.of(posts)
        seen = [Seen.of(post, row, rarity) for post, row in zip(posts, vectors, strict=True)]
        later = sorted({late for late, _ in links})
        scores = []
        for number, late in enumerate(later, 1):
            scores.append(same_story(seen[late], seen[:late]))
            self.progress("duplicates: comparing", number, len(later))
        return PairTally(
            tuple(scores),
            tuple(story[:late] == story[late] for late in later),
            tuple(np.array([e for at, e in links if at == late], dtype=np.int64) for late in later),
        )

    # Search

    def _search(self, setup: Setup) -> Tally:
        """What `search` finds among the posts, asked each of the questions."""
        hits, questions = [], self.labelled.questions
        report = partial(self._report, "search")
        with self._understood(setup, self.labelled.posts, report) as store:
            telling = Telling(store, self._embedder(setup), self.now)
            for number, asked in enumerate(questions, 1):
                found = telling.search(parse(asked.query, self.now), FETCHED)
                hits.append(np.array([hit.post.key in asked.relevant for hit in found], dtype=bool))
                self.progress("search: asking", number, len(questions))
        return SearchTally(tuple(hits), tuple(len(asked.relevant) for asked in questions))


class _Once:
    """An embedder that asks another for each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows: dict[str, Rows] = {}

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dims(self) -> int:
        return self._embedder.dims

    def encode(self, texts: Sequence[str]) -> Rows:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._rows]
        self._rows |= dict(zip(fresh, self._embedder.encode(fresh), strict=True))
        rows = np.empty((len(texts), self.dims), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._rows[text]
        return rows


def _name(setup: Setup) -> tuple[str, str]:
    return setup.embedder.name, setup.clusterer.name


def _embedder(setup: Setup) -> str:
    return setup.embedder.name


def _label(kind: Intent) -> str:
    return _TRACKER_LABEL.get(kind, kind.value)


_NAMEABLE = {kind for kind in Intent if kind_of([_label(kind)]) == kind}
"""The kinds that a tracker's label can name, and so an own head can know."""


def _late_first(one: int, other: int) -> tuple[int, int]:
    return max(one, other), min(one, other)


def _stories(count: int, links: Sequence[tuple[int, int]]) -> Whole:
    """The story of each of `count` posts: the smallest number that links lead to."""
    story = np.arange(count)
    for pair in links:
        low, high = sorted(story[list(pair)].tolist())
        story[story == high] = low
    return story
