"""Where a decision puts posts, how central they stand there, and where they go back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.model import Decision, Deed, Part, Touched
from bot.pipeline.theming import names
from bot.store import Name, Placement, Store
from bot.understand.embed import Embedder


@dataclass(frozen=True, slots=True)
class Placing:
    """Reads only: what it returns is saved with the decision, or with its undoing."""

    store: Store
    embedder: Embedder

    def after(self, made: Decision) -> list[Placement]:
        """Where the posts that a decision moves stand from then on."""
        moved = [post for post in made.moved if post.part is Part.IN]
        close = self._closeness(moved)
        return [Placement(p.row_id, p.theme, close.get(p.row_id, 0.0)) for p in made.moved]

    def _closeness(self, moved: Sequence[Touched]) -> dict[int, float]:
        """How central each post will stand in the theme that all of them go to."""
        there = self.store.standings.in_themes({post.theme for post in moved if post.theme})
        row_ids = list(dict.fromkeys([*(s.row_id for s in there), *(p.row_id for p in moved)]))
        vectors = self.store.vectors.of(self.embedder.name, row_ids)
        if not vectors:
            return {}
        centre = np.mean([vectors[row_id] for row_id in row_ids if row_id in vectors], axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-12)
        own = (post.row_id for post in moved if post.row_id in vectors)
        return {row_id: float(vectors[row_id] @ centre) for row_id in own}

    def name(self, made: Decision, places: Sequence[Placement]) -> Name | None:
        """What the theme that a split makes is called, until the next run compares it."""
        if made.deed is not Deed.SPLIT or made.into is None:
            return None
        found = self.store.posts.by_rows([place.row_id for place in places])
        posts = {found[p.row_id][0].key: found[p.row_id][0] for p in places if p.row_id in found}
        near = {found[p.row_id][0].key: p.centrality for p in places if p.row_id in found}
        [name] = names({made.into: frozenset(posts)}, posts, near)
        return name

    def before(self, gone: Decision) -> list[Placement]:
        """Where the posts of a decision stood before it, those that are still there."""
        here = self.store.standings.of([post.key for post in gone.moved])
        own = gone.theme if gone.deed is Deed.MERGE else None
        places = {
            post.row_id: Placement(post.row_id, self._still(post.stood, own), post.centrality)
            for post in gone.moved
            if post.key in here
        }
        if gone.deed is Deed.SPLIT and gone.into:
            for joined in self.store.standings.in_themes((gone.into,)):
                back = Placement(joined.row_id, self._still(gone.theme, None), joined.centrality)
                places.setdefault(joined.row_id, back)
        return list(places.values())

    def _still(self, theme: str | None, own: str | None) -> str | None:
        """A theme, or the one that it went into in a run since; `own` is the decision's to undo."""
        sizes = self.store.themes.sizes()
        while theme is not None and theme != own and theme not in sizes:
            lineage = self.store.standings.lineage(theme)
            if lineage is None or lineage.merged_into is None:
                return theme
            theme = lineage.merged_into
        return theme
