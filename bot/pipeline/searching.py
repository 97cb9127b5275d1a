"""Posts found for a query: by their words and by their meaning, as of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bot.model import Hit, Intent, Post, Query
from bot.speak.search import fuse, snippet
from bot.store import Store
from bot.understand.criteria import sensitive
from bot.understand.embed import Embedder

DEPTH = 200
"""How far down each ranking goes before the two are fused."""

ABOUT = 0.45
"""Cosine from which a post is about the words asked for, whatever words it uses itself."""

MEANING = 60
"""At most this many posts are found by meaning alone: the tail is only loosely about it."""


@dataclass(frozen=True, slots=True)
class Searching:
    """Search in a store as of `now`.

    Queries must not speak of their themes' people or trackers: see `Telling.narrowed`.
    """

    store: Store
    embedder: Embedder
    now: datetime

    def search(self, query: Query, limit: int) -> list[Hit]:
        """Posts by words and meaning, best first; newest first for a query without words.

        First the posts that an answer to the same words counts, then what is only near.
        """
        about = self.about(query)[:limit]
        if not query.words or len(about) == limit:
            return about
        words, meaning, _ = self._rankings(query)
        known = {hit.post.key for hit in about}
        near = self._hits(fuse((words, meaning))[: limit + len(about)], query)
        return [*about, *(hit for hit in near if hit.post.key not in known)][:limit]

    def about(self, query: Query) -> list[Hit]:
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
