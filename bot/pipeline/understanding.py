"""What is new, understood: embed, classify, link and theme. Safe to stop at any point."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bot.model import Post
from bot.pipeline.collecting import Progress
from bot.pipeline.linking import Linking
from bot.pipeline.theming import Theming
from bot.pipeline.unwanted import Unwanted
from bot.store import Store
from bot.understand.cluster import Clusterer
from bot.understand.embed import Embedder, MiniLM, Rests, words_of
from bot.understand.heads import DIMS, Head
from bot.understand.kinds import LEAST, MOST, Heads, general, judge_all, own_head

CHUNK = 1_000
"""Posts embedded between two commits: what a crash can cost, some five seconds. With fewer, texts
of like length are fewer too, and the cores rest more often at the end of a chunk."""

LAST = 100
"""Posts of the last chunk."""

AHEAD = 1
"""Lots that are linked while the embedder is loaded: the posts of the first chunk are read then
as well, and about as long takes that."""

Vectors = NDArray[np.float32]


@dataclass(slots=True)
class Understood:
    """What one run did. `posts` are those that were new to the embedder."""

    posts: int = 0
    themes: int = 0
    themes_new: int = 0
    themes_changed: int = 0
    left_out: int = 0
    """New posts that say the same as what people marked as not about us."""
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
        lots = Linking(self.store, self.now, self.progress).lots()
        if self._read(done, lots):
            self.store.decisions.hold_kinds()
            if isinstance(self.embedder, Rests):  # grouping needs the room
                self.embedder.rest()
        with done.timed("link"):
            deque(lots, maxlen=0)
        with done.timed("theme"):
            new = self.store.openers.unplaced(self.embedder.name, self.now)
            moves = Theming(self.store, self.embedder.name, self.clusterer, self.now).run()
            done.left_out = Unwanted(self.store, self.embedder, self.now).leave_out(new)
        if self.store.readings.waiting(self.now):
            self.store.readings.settle()
        done.themes_new, done.themes_changed = len(moves.new), len(moves.changed)
        done.themes = self.store.themes.count(self.now)
        return done

    def _read(self, done: Understood, lots: Iterator[int]) -> bool:
        """Embed and classify each post that was not, a chunk at a time; whether there were any.

        While a chunk is being embedded, the one before it is classified and a lot is linked.
        """
        missing = self.store.vectors.missing(self.embedder.name, self.now)
        unread = dict.fromkeys(self.store.readings.missing(self.now))
        row_ids, unembedded = list(dict.fromkeys(missing) | unread), set(missing)
        taught = self._taught(list(unread))
        learnt_of = [r for rows in taught.values() for r in rows if r in unembedded]
        lessons = list(portions(learnt_of, CHUNK))
        chunks = self._embedded([*lessons, *portions(row_ids)], unembedded, done)
        next(chunks)  # begun: while the embedder is loaded there is time for links
        with done.timed("link"):
            deque(islice(lots, AHEAD), maxlen=0)
        deque(islice(chunks, len(lessons)), maxlen=0)
        with done.timed("classify"):
            heads = self._heads(taught)
        read = 0
        for posts in chunks:
            with done.timed("classify"):
                self._classify({r: p for r, p in posts.items() if r in unread}, heads)
            with done.timed("link"):
                next(lots, None)
            read += len(posts)
            self.progress("embedding", read, len(row_ids))
        return bool(row_ids)

    def _embedded(
        self, chunks: Sequence[Sequence[int]], unembedded: set[int], done: Understood
    ) -> Iterator[dict[int, Post]]:
        """The posts of each chunk once all have vectors; the next chunk is embedded meanwhile.

        First none, as soon as the first chunk is on its way.
        """
        with ThreadPoolExecutor(1) as beside:

            def begun(chunk: Sequence[int]) -> tuple[dict[int, Post], list[int], Future[Vectors]]:
                posts = {r: post for r, (post, _) in self.store.posts.by_rows(chunk).items()}
                new = [row_id for row_id in posts if row_id in unembedded]
                unembedded.difference_update(new)
                texts = [words_of(posts[row_id]) for row_id in new]
                return posts, new, beside.submit(self.embedder.encode, texts)

            if unembedded and isinstance(self.embedder, Rests):
                beside.submit(self.embedder.wake)  # what fails in it fails in `encode` as well
            # Made ready before the chunk in front of it is waited for: the embedder never rests.
            waiting = deque(map(begun, chunks[:1]))
            yield {}
            for place in range(len(chunks)):
                with done.timed("embed"):
                    waiting.extend(map(begun, chunks[place + 1 : place + 2]))
                    posts, new, vectors = waiting.popleft()
                    self.store.vectors.save(self.embedder.name, new, vectors.result())
                    done.posts += len(new)
                yield posts

    def _classify(self, posts: Mapping[int, Post], heads: Heads) -> None:
        rows = self._rows(list(posts))
        self.store.readings.save(
            zip(posts, judge_all(list(posts.values()), rows, heads), strict=True)
        )

    def _taught(self, unread: Sequence[int]) -> dict[str, list[int]]:
        """By tracker of what is unread the posts whose labels can teach a head of its own."""
        posts = self.store.posts
        found = {v: posts.labelled(v, self.now, MOST) for v in sorted(posts.venues(unread))}
        return {venue: row_ids for venue, row_ids in found.items() if len(row_ids) >= LEAST}

    def _heads(self, taught: Mapping[str, Sequence[int]]) -> Heads:
        """The general heads, and one of its own for each tracker with labels enough."""
        own: dict[str, Head] = {}
        for venue, row_ids in taught.items():
            posts = {r: post for r, (post, _) in self.store.posts.by_rows(row_ids).items()}
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


def portions(row_ids: Sequence[int], last: int = LAST) -> Iterator[Sequence[int]]:
    """Posts that are embedded together: towards the end fewer and fewer, down to `last`.

    What is embedded last is classified with nothing beside it, while the other cores rest.
    """
    start = 0
    while left := len(row_ids) - start:
        size = min(left, CHUNK, max(left // 2, last))
        yield row_ids[start : start + size]
        start += size
