"""Posts found for a query: by their words and by their meaning, as of one moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.model import Hit, Intent, Post, Query
from bot.speak.search import closest, passages, shown, snippet, told_by_words
from bot.store import Store
from bot.store.words import is_code
from bot.understand.criteria import sensitive
from bot.understand.embed import Embedder
from bot.understand.keywords import STOP_WORDS

DEPTH = 100
"""How far down each ranking goes before the two become one."""

ABOUT = 0.45
"""Cosine from which a post is about the words asked for, whatever words it uses itself."""

MEANING = 60
"""At most this many posts are found by meaning alone: the tail is only loosely about it."""

BY_WORDS = 0.4
"""What the best match by words weighs, beside a cosine of 1 (`benchmarks/search.py`)."""

FEEDBACK, FED_BACK = 1.0, 5
"""How much the mean of the best few posts adds to what is meant (Rocchio 1971)."""

TO_THE_LETTER = 0.1
"""What it weighs that a post holds a piece of code as it was asked for."""

PASSAGES, EXPLAINED_BY_MEANING, PASSAGE = 3, 2, 100
"""Of so many posts found by meaning alone so many passages are compared with the words, to show the
nearest, and so many characters of each. They take longer than all else in a search.
"""

EXPLAINED = 50
"""Of the posts that an answer counts so many show the passage they were found by."""

LONG = 16
"""Words from which a text is looked through for the error that it tells of."""

_FAULT = re.compile(
    r"(?:\b[\w.]*(?:Error|Exception|Panic|Warning|Fault)\b|\b(?:error|panic|fatal|exception)\b"
    r"(?:\[\w+\])?(?=:)|\bpanicked at\b).{0,200}",
    re.DOTALL,
)
"""The message of an error with the name of it: what reports of one fault share."""


Row = NDArray[np.float32]
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Searching:
    """Search in a store as of `now`.

    Queries must not speak of their themes' people or trackers: see `Telling.narrowed`.
    """

    store: Store
    embedder: Embedder
    now: datetime
    _read: dict[int, tuple[Post, Intent | None]] = field(default_factory=dict)
    """The posts found so far, by row id: the searches for one answer find many twice."""
    _rows: dict[str, int] = field(default_factory=dict)
    """The row ids of the posts that answers were given, by key."""
    _asked: dict[str, Row] = field(default_factory=dict)
    """The vectors of what was asked for so far."""

    def search(self, query: Query, limit: int) -> list[Hit]:
        """Posts by words and meaning, best first; newest first for a query without words.

        First the posts that an answer to the same words counts, then what is only near.
        """
        if not query.words:
            return self._newest(query)[:limit]
        ranked, about = self._ranked(query)
        first = [pair for pair in ranked if pair[0] in about]
        if len(first) < limit:
            known = {row_id for row_id, _ in first}
            rest = self._saying(query) - known if len(about) > len(first) else set[int]()
            first += [(row_id, 0.0) for row_id in sorted(rest)]
            first += [pair for pair in ranked if pair[0] not in about]
        hits = self._hits(first[: 2 * limit], query, limit)[:limit]
        return self._shown_why(hits, query)

    def about(self, query: Query) -> list[Hit]:
        """The posts that are about the query's words: they say all of them, or mean them.

        Thousands may be: only the first EXPLAINED of them, and those without a title, show why
        they were found.
        """
        if not query.words:
            newest = self.store.posts.find(query, self.now)
            self._rows.update((post.key, row_id) for row_id, post, _ in newest)
            fit = ((post, intent) for _, post, intent in newest if _showable(post, intent))
            return [Hit(post, intent, _title(post), 0.0) for post, intent in fit]
        ranked, about = self._ranked(query)
        found = [pair for pair in ranked if pair[0] in about]
        rest = self._saying(query) - {row_id for row_id, _ in found}
        found += [(row_id, 0.0) for row_id in sorted(rest)]
        return self._hits(found, query, EXPLAINED)

    def holding(self, hits: Iterable[Hit]) -> dict[str, int]:
        """How many of some posts that were found here stand in each theme that has any."""
        return self.store.themes.holding(self._rows[hit.post.key] for hit in hits)

    def number(self, query: Query) -> int:
        """How many posts `about` finds, without reading more of them than must be."""
        if not query.words:
            return self.store.posts.count(self.now, query)
        asked = self._vector(query)
        found = self._saying(query) | _meant(self._near(asked, query))
        new = self.store.posts.by_rows(sorted(found & self.store.readings.unread()))
        return len(found) - sum(not _showable(*read) for read in new.values())

    def _newest(self, query: Query) -> list[Hit]:
        found = self.store.posts.find(query, self.now)
        return [
            Hit(post, intent, snippet(post, query.phrases), 0.0)
            for _, post, intent in found
            if _showable(post, intent)
        ]

    def _saying(self, query: Query) -> set[int]:
        """Row ids of the posts that fulfil the query and say all of its words."""
        return self.store.posts.row_ids(query, self.now)

    def _ranked(self, query: Query) -> tuple[list[tuple[int, float]], set[int]]:
        """Row ids with their scores, best first, and the ids of posts that are about the words.

        A score is the cosine to what is meant, and the BM25 score as a share of the best one.
        What is meant is first the words, then the words and the best of the posts found by them.
        """
        words, name = telling(query.words), self.embedder.name
        with ThreadPoolExecutor(1) as beside:
            saying = beside.submit(self.store.index.best, words, query, self.now, DEPTH)
            asked = self._vector(query)
            near = self._near(asked, query)
            said = dict(saying.result())
        row_ids = sorted({*said, *(row_id for row_id, _ in near)})
        held = self.store.vectors.of(name, row_ids)
        rows = np.zeros((len(row_ids), self.embedder.dims), dtype=np.float32)
        for place, row_id in enumerate(row_ids):
            if row_id in held:
                rows[place] = held[row_id]
        exact = self.store.index.literally(row_ids, [w for w in words if is_code(w)])
        best = max(said.values(), default=0.0) or 1.0
        shares = [
            BY_WORDS * said.get(i, 0.0) / best + TO_THE_LETTER * (i in exact) for i in row_ids
        ]
        by_words = np.array(shares, dtype=np.float32)
        scores = rows @ meant(asked, rows, rows @ asked + by_words) + by_words
        order = np.argsort(-scores, kind="stable")
        ranked = [(row_ids[i], float(scores[i])) for i in order]
        return ranked, self.store.index.saying(query.words) | _meant(near)

    def _vector(self, query: Query) -> Row:
        """What the query's words mean."""
        text = gist(query.words)
        if text not in self._asked:
            self._asked[text] = self.embedder.encode([text])[0]
        return self._asked[text]

    def _near(self, asked: Row, query: Query) -> list[tuple[int, float]]:
        """The posts nearest to a vector, with their cosines."""
        return self.store.vectors.nearest(self.embedder.name, asked, query, self.now, DEPTH)

    def _hits(self, ranked: Sequence[tuple[int, float]], query: Query, explained: int) -> list[Hit]:
        new = [row_id for row_id, _ in ranked if row_id not in self._read]
        read = self.store.posts.by_rows(new)
        self._read.update(read)
        self._rows.update((post.key, row_id) for row_id, (post, _) in read.items())
        words = (*query.phrases, *telling(query.words))
        found = [
            (*self._read[row_id], score)
            for row_id, score in ranked
            if row_id in self._read and _showable(*self._read[row_id])
        ]
        return [
            Hit(post, intent, snippet(post, words) if place < explained else _title(post), score)
            for place, (post, intent, score) in enumerate(found)
        ]

    def _shown_why(self, hits: Sequence[Hit], query: Query) -> list[Hit]:
        """The hits; those that say none of the words with the passage that means them most."""
        words = (*query.phrases, *telling(query.words))
        silent = [hit for hit in hits if told_by_words(hit.post, words) is None]
        own = [passages(hit.post.text)[:PASSAGES] for hit in silent[:EXPLAINED_BY_MEANING]]
        texts = [text[:PASSAGE] for some in own for text in some]
        if not texts:
            return list(hits)
        rows = self.embedder.encode(texts)
        found = zip(silent, closest(own, (rows @ self._vector(query)).tolist()), strict=False)
        why = {hit.post.key: shown(hit.post, passage) for hit, passage in found if passage}
        return [replace(hit, snippet=why.get(hit.post.key, hit.snippet)) for hit in hits]


def telling(words: Sequence[str]) -> tuple[str, ...]:
    """The words that carry a subject, each once; all of them if none does."""
    found = dict.fromkeys(w for w in words if w.strip(".,;:!?").casefold() not in STOP_WORDS)
    return tuple(found) or tuple(words)


def meant(asked: Row, rows: Matrix, scores: Row) -> Row:
    """The vector that was asked for, moved towards the posts that score best, at unit length."""
    if not len(rows):
        return asked
    best = np.argsort(-scores, kind="stable")[:FED_BACK]
    moved = asked + FEEDBACK * rows[best].mean(axis=0)
    return np.asarray(moved / max(float(np.linalg.norm(moved)), 1e-12), dtype=np.float32)


def _meant(near: Sequence[tuple[int, float]]) -> set[int]:
    """Of the posts nearest to some words those that are about them."""
    return {row_id for row_id, cosine in near[:MEANING] if cosine >= ABOUT}


def gist(words: Sequence[str]) -> str:
    """What is embedded of the words: of a long text the error that it tells of, if any."""
    text = " ".join(words)
    faults = _FAULT.findall(text) if len(words) >= LONG else []
    return faults[-1] if faults else text


def _title(post: Post) -> str:
    """What names a post where nobody asks why it was found."""
    return post.title or snippet(post, ())


def _showable(post: Post, intent: Intent | None) -> bool:
    """Whether a found post can be shown: the store keeps back what is known to be sensitive.

    What is not read yet is looked at here.
    """
    return intent is not None or sensitive(post) is None
