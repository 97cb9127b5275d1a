"""Themes that stand: a tree is cut where they stand, unless it is clearly better elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.understand.forest import Forest, Reals, Rows, Whole

NOISE, NEW = -1, -2
"""What stands for no theme, and for a post that was never placed."""

STAYS = 0.3
"""Mean cosine to the posts of its theme from which on a post stays with them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where each row of a forest stood so far: (n,) numbers of themes, NOISE or NEW."""

    theme: Whole

    @classmethod
    def of(cls, stood: Whole, index: Whole, count: int) -> Standing:
        """Of posts, each with the row that it is in; of copies the greatest number speaks."""
        theme = np.full(count, NEW, dtype=np.int64)
        np.maximum.at(theme, index, stood)
        return cls(theme)

    def mostly_placed(self) -> bool:
        """Whether half of the rows placed so far stand in a theme; so too if none was placed."""
        placed = self.theme[self.theme != NEW]
        return 2 * int((placed > NOISE).sum()) >= len(placed)

    def likeness(self, forest: Forest) -> Reals:
        """(nodes,) the greatest Jaccard index of each node and a theme, new rows left out."""
        placed = np.flatnonzero(self.theme > NOISE)
        themes = int(self.theme.max(initial=NOISE)) + 1
        found = np.zeros(len(forest.mass))
        if not themes:
            return found
        size = np.bincount(self.theme[placed], minlength=themes)
        before = np.concatenate(([0], np.cumsum(self.theme[forest.order] != NEW)))
        seen = before[forest.start + forest.rows] - before[forest.start]
        code, shared = np.unique(
            _ancestors(forest, placed, self.theme[placed], themes), return_counts=True
        )
        node, theme = np.divmod(code, themes)
        np.maximum.at(found, node, shared / (size[theme] + seen[node] - shared))
        return found

    def kept(self, labels: Whole, rows: Rows) -> Whole:
        """The labels, with rows that left their theme for none put back if they are close to it.

        Their theme is the label that most of its rows have now.
        """
        held = labels.copy()
        heirs = self._heirs(labels)
        astray = (labels == NOISE) & (self.theme > NOISE)
        for theme in np.unique(self.theme[astray]):
            if (heir := heirs.get(int(theme))) is None:
                continue
            own = np.flatnonzero(astray & (self.theme == theme))
            close = rows[own] @ rows[labels == heir].mean(axis=0)
            held[own[close >= STAYS]] = heir
        return held

    def _heirs(self, labels: Whole) -> dict[int, int]:
        """For each theme the label that most of its rows have; themes without any are left out."""
        both = np.flatnonzero((self.theme > NOISE) & (labels > NOISE))
        pairs, shared = np.unique(
            np.stack((self.theme[both], labels[both]), axis=1), axis=0, return_counts=True
        )
        order = np.argsort(shared, kind="stable")
        return dict(pairs[order].tolist())


def _ancestors(forest: Forest, rows: Whole, theme: Whole, themes: int) -> Whole:
    """Every node above each row, the row itself too, as one number with the row's theme."""
    node, found = rows, []
    while len(node):
        found.append(node * themes + theme)
        node = forest.parent[node]
        node, theme = node[node >= 0], theme[node >= 0]
    return np.concatenate(found)
