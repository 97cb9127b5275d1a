"""What is new, understood: embed, classify, link and theme. Safe to stop at any point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bot.model import Post
from bot.pipeline.collecting import Progress
from bot.pipeline.linking import Linking
from bot.pipeline.theming import Theming
from bot.store import Store
from bot.understand.cluster import Clusterer
from bot.understand.embed import Embedder, MiniLM, words_of
from bot.understand.heads import DIMS, Head
from bot.understand.kinds import LEAST, MOST, Heads, general, judge_all, own_head

CHUNK = 500
"""Posts embedded between two commits: what a crash can cost."""

Vectors = NDArray[np.float32]


@dataclass(slots=True)
class Understood:
    """What one run did. `posts` are those that were new to the embedder."""

    posts: int = 0
    themes: int = 0
    themes_new: int = 0
    themes_changed: int = 0
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("embed", "classify", "link", "theme"), 0.0)
    )

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time spent inside to a step."""
        start = perf_counter()
        yield
        self.seconds[step] += perf_counter() - start


@dataclass(frozen=True, slots=True)
class Understanding:
    """One run over everything up to `now`; each step takes up what it lacks."""

    store: Store
    embedder: Embedder
    clusterer: Clusterer
    now: datetime
    progress: Progress

    def run(self) -> Understood:
        """Embed, classify, link and theme; nothing new costs next to nothing."""
        done = Understood()
        if self._read(done):
            self.store.decisions.hold_kinds()
        with done.timed("link"):
            Linking(self.store, self.now, self.progress).run()
        with done.timed("theme"):
            moves = Theming(self.store, self.embedder.name, self.clusterer, self.now).run()
        done.themes_new, done.themes_changed = len(moves.new), len(moves.changed)
        done.themes = self.store.themes.count(self.now)
        return done

    def _read(self, done: Understood) -> bool:
        """Embed and classify each post that was not, a chunk at a time; whether there were any."""
        unembedded = dict.fromkeys(self.store.vectors.missing(self.embedder.name, self.now))
        unread = dict.fromkeys(self.store.readings.missing(self.now))
        row_ids = list(unembedded | unread)
        heads = self._heads(done, unembedded) if unread else general()
        for start in range(0, len(row_ids), CHUNK):
            posts = self.store.posts.by_rows(row_ids[start : start + CHUNK])
            with done.timed("embed"):
                done.posts += self._embed({r: p for r, (p, _) in posts.items() if r in unembedded})
            with done.timed("classify"):
                self._classify({r: p for r, (p, _) in posts.items() if r in unread}, heads)
            self.progress("embedding", start + len(posts), len(row_ids))
        return bool(row_ids)

    def _embed(self, posts: Mapping[int, Post]) -> int:
        rows = self.embedder.encode([words_of(post) for post in posts.values()])
        self.store.vectors.save(self.embedder.name, list(posts), rows)
        return len(posts)

    def _classify(self, posts: Mapping[int, Post], heads: Heads) -> None:
        rows = self._rows(list(posts))
        self.store.readings.save(
            zip(posts, judge_all(list(posts.values()), rows, heads), strict=True)
        )

    def _heads(self, done: Understood, unembedded: dict[int, None]) -> Heads:
        """The general heads, and one of its own for each tracker with labels enough.

        What an own head learns from is embedded first, and so is no longer `unembedded`.
        """
        own: dict[str, Head] = {}
        for venue, labelled in self.store.posts.labelled(self.now).items():
            if len(labelled) < LEAST:
                continue
            row_ids = labelled[:MOST]
            posts = {r: post for r, (post, _) in self.store.posts.by_rows(row_ids).items()}
            with done.timed("embed"):
                done.posts += self._embed({r: p for r, p in posts.items() if r in unembedded})
            for row_id in posts:
                unembedded.pop(row_id, None)
            with done.timed("classify"):
                head = own_head(list(posts.values()), self._rows(list(posts)))
            if head is not None:
                own[venue] = head
        return replace(general(), own=own)

    def _rows(self, row_ids: Sequence[int]) -> Vectors:
        """The vectors of posts in order, as heads see them: nothing, if others made them."""
        if self.embedder.name != MiniLM.name:
            return np.zeros((len(row_ids), DIMS), dtype=np.float32)
        found = self.store.vectors.of(self.embedder.name, row_ids)
        return np.array([found[row_id] for row_id in row_ids], dtype=np.float32).reshape(-1, DIMS)
