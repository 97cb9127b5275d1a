"""Posts to themes: the groups of an average-link forest that have the odds of a theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.understand.clean import parted
from bot.understand.forest import Forest, average_link, nearest
from bot.understand.odds import VERSION, Odds, shipped
from bot.understand.standing import NOISE, Standing
from bot.understand.traits import Ground, traits
from bot.understand.words import weigh

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]
Reals = NDArray[np.float64]

_NEIGHBOURS = 50
"""Neighbours of a row that its group is judged by."""
_COMMON_AT_MOST = 0.4
"""Length of the mean vector that may be taken out; 0.39 in posts about a single product."""
_HOLD = 0.15
"""What it adds to a group's odds to be a theme that stands: enough that 97 % of the posts of a real
stream stay in their theme from week to week; more of it keeps more chance groups."""


class Clusterer(Protocol):
    """Finds the posts that belong together, and leaves the rest alone."""

    @property
    def name(self) -> str:
        """Changes whenever the same posts would be grouped in another way."""
        ...

    def clusters(self, vectors: Rows, texts: Sequence[str], stood: Labels | None = None) -> Labels:
        """One label a post, -1 for noise, of (n, dims) unit vectors and the n texts.

        `stood` has the number of the theme that each post stood in so far, NOISE for none and NEW
        for posts never placed: themes that stand stay, unless others are clearly better. The same
        posts in another order give the same groups; label numbers mean nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class AverageTree:
    """Groups of all sizes from one average-link forest, each judged by what themes look like.

    Where to cut such a tree is the question: no one height fits a corpus, let alone two. Here the
    groups are chosen, none inside another, whose learned odds of being a theme exceed `least` by
    the most in sum. Posts with next to no noise among them are parted as a whole (`clean`).
    """

    odds: Odds | None = field(default=None, repr=False)
    """None: those that are shipped, loaded when they are needed."""
    least: float = 0.2
    smallest: int = 3

    @property
    def name(self) -> str:
        """See `Clusterer.name`."""
        return f"average-tree-2/{VERSION}/{self.least}/{self.smallest}/{_HOLD}"

    def clusters(self, vectors: Rows, texts: Sequence[str], stood: Labels | None = None) -> Labels:
        """See `Clusterer.clusters`. About 1.5 s for 5,000 posts."""
        if not len(vectors):
            return np.empty(0, dtype=np.int64)
        index, on = ground(vectors, texts)
        standing = None if stood is None else Standing.of(stood, index, len(on.rows))
        # What was grouped among noise goes on so, however the newest posts look for a while.
        may_part = standing is None or standing.mostly_placed()
        labels = parted(on, self.smallest) if may_part else None
        if labels is None:
            labels = self._judged(on, standing)
        if standing is not None:
            labels = standing.kept(labels, on.rows)
        return _renumbered(labels)[index]

    def _judged(self, on: Ground, standing: Standing | None) -> Labels:
        """The groups that have the odds of a theme, among posts most of which are of none."""
        if len(on.rows) == 1:  # all say the very same: there is nothing to weigh it against
            return np.where(on.weight >= self.smallest, 0, NOISE)
        nodes, found = traits(on, self.smallest)
        value = np.full(len(on.forest.mass), -1.0)
        value[nodes] = (self.odds or shipped()).of(found) - self.least
        if standing is not None:
            value[nodes] += _HOLD * standing.likeness(on.forest)[nodes]
        return on.forest.topmost(chosen(on.forest, value))


def ground(vectors: Rows, texts: Sequence[str]) -> tuple[Labels, Ground]:
    """The row that each post stands in, and the rows with their forest and their words.

    Rows are different from each other and in an order of their own. Of posts with one vector the
    text that comes first in the alphabet speaks.
    """
    distinct, index, weight = _distinct(vectors)
    said: dict[int, str] = {}
    for row, text in zip(index.tolist(), texts, strict=True):
        said[row] = min(text, said.get(row, text))
    rows = _uncommon(distinct, weight)
    near = nearest(rows, _NEIGHBOURS)
    words = weigh([said[row] for row in range(len(rows))])
    return index, Ground(average_link(rows, weight, near), near, rows, weight, words)


def _distinct(vectors: Rows) -> tuple[Rows, Labels, Labels]:
    """The different rows in an order of their own, each row's place among them, and their counts.

    Sorting by content is what makes everything after it independent of the order of arrival.
    """
    rounded = np.ascontiguousarray(np.round(vectors, 5) + np.float32(0), dtype=np.float32)
    bytewise = rounded.view(f"V{rounded.itemsize * rounded.shape[1]}").ravel()
    _, first, index, count = np.unique(
        bytewise, return_index=True, return_inverse=True, return_counts=True
    )
    return rounded[first], index.astype(np.int64), count.astype(np.int64)


def _uncommon(rows: Rows, weight: Labels) -> Rows:
    """The rows at unit length, without what they all have in common: their mean.

    Where every post names the same product, that name alone makes strangers look alike. With few
    rows, or when most say the same, the mean is a theme and not the background: so it counts as
    n / (n + 200), and never for more than products were seen to bring.
    """
    common = weight @ rows / (int(weight.sum()) + 200)
    common *= min(1.0, _COMMON_AT_MOST / max(float(np.linalg.norm(common)), 1e-12))
    rest = rows - common.astype(np.float32)
    length = np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-12).astype(np.float32)
    return np.asarray(rest / length, dtype=np.float32)


def chosen(forest: Forest, value: Reals) -> NDArray[np.bool_]:
    """(nodes,) the nodes with the greatest sum of values, none of them inside another."""
    best = np.maximum(value, 0).tolist()
    chosen = (value > 0).tolist()
    for node, (left, right) in enumerate(forest.children.tolist(), start=forest.leaves):
        inner = best[left] + best[right]
        if best[node] <= inner:
            chosen[node], best[node] = False, inner
    return np.array(chosen)


def _renumbered(themes: Labels) -> Labels:
    """The same groups numbered from 0, noise kept."""
    names, numbers = np.unique(themes, return_inverse=True)
    return numbers.astype(np.int64) - int(names[0] == NOISE)
