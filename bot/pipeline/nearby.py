"""The themes that lie close to one: what a person may want to merge it with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model import Query, Theme
from bot.pipeline.telling import Telling
from bot.store import Store
from bot.understand.embed import Embedder

SPEAKING, AROUND = 200, 300
"""Posts that speak for the theme, and posts that are looked at around it beside its own."""

BEST = 3
"""Posts of another theme that tell how close it is."""


Row = NDArray[np.float32]


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
        stood = self.store.standings.of([one.key for one in theme.members[-SPEAKING:]])
        vectors = self.store.vectors.of(self.embedder.name, [one.row_id for one in stood.values()])
        if not vectors:
            return {}
        middle = np.mean(list(vectors.values()), axis=0)
        asked = (middle / max(float(np.linalg.norm(middle)), 1e-12)).astype(np.float32)
        limit = len(own) + AROUND
        return around(self.store, self.embedder, self.telling, asked, limit, own)


def around(
    store: Store, embedder: Embedder, telling: Telling, asked: Row, limit: int, but: Collection[str]
) -> dict[str, float]:
    """The themes of the `limit` posts nearest to a vector, each with the mean of its best cosines.

    Of what the audience may read, but for some posts, given by key. Fewer than BEST posts count as
    if the missing ones were not near at all.
    """
    everything = Query(audience=telling.audience)
    near = store.vectors.nearest(embedder.name, asked, everything, telling.now, limit)
    posts = store.posts.by_rows([row_id for row_id, _ in near])
    keys = {row_id: post.key for row_id, (post, _) in posts.items() if post.key not in but}
    stood = store.standings.of(list(keys.values()))
    cosines = defaultdict[str, list[float]](list)
    for row_id, cosine in near:
        at = stood.get(keys.get(row_id, ""))
        if at is not None and at.theme:
            cosines[at.theme].append(cosine)
    return {theme: sum(best[:BEST]) / BEST for theme, best in cosines.items()}
