"""The themes that lie close to one: what a person may want to merge it with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bot.model import Query, Theme
from bot.pipeline.telling import Telling
from bot.store import Store
from bot.understand.embed import Embedder

SPEAKING, AROUND = 200, 300
"""Posts that speak for the theme, and posts that are looked at around it beside its own."""

BEST = 3
"""Posts of another theme that tell how close it is."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """Compares themes by what their posts say, among those that the audience may read."""

    store: Store
    embedder: Embedder
    telling: Telling

    def of(self, theme: Theme, most: int) -> list[Theme]:
        """So many other themes at most, the closest first."""
        close = self._close(theme)
        chosen = sorted(close, key=lambda one: (-close[one], int(one[1:])))[:most]
        found = {one.id: one for one in self.telling.named(chosen)}
        return [found[one] for one in chosen if one in found]

    def _close(self, theme: Theme) -> dict[str, float]:
        """Other themes that have posts around its middle, each with the cosine of its best."""
        own = {one.key for one in theme.members}
        stood = self.store.decisions.stood([one.key for one in theme.members[-SPEAKING:]])
        vectors = self.store.vectors.of(self.embedder.name, [one.row_id for one in stood.values()])
        if not vectors:
            return {}
        middle = np.mean(list(vectors.values()), axis=0)
        asked = (middle / max(float(np.linalg.norm(middle)), 1e-12)).astype(np.float32)
        everything, now = Query(audience=self.telling.audience), self.telling.now
        limit = len(own) + AROUND
        near = self.store.vectors.nearest(self.embedder.name, asked, everything, now, limit)
        return self._themes([(row_id, cosine) for row_id, cosine in near], own)

    def _themes(self, near: list[tuple[int, float]], own: set[str]) -> dict[str, float]:
        posts = self.store.posts.by_rows([row_id for row_id, _ in near])
        keys = {row_id: post.key for row_id, (post, _) in posts.items() if post.key not in own}
        placed = self.store.decisions.stood(list(keys.values()))
        cosines = defaultdict[str, list[float]](list)
        for row_id, cosine in near:
            at = placed.get(keys.get(row_id, ""))
            if at is not None and at.theme:
                cosines[at.theme].append(cosine)
        return {theme: sum(best[:BEST]) / BEST for theme, best in cosines.items()}
