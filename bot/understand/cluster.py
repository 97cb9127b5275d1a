"""Vectors to themes: a density tree over each row's nearest neighbours, cut where themes last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]
Reals = NDArray[np.float64]

NOISE = -1
"""The label of a row that belongs to no theme."""

_STRIP = 1_024
"""Rows compared with all others at once: 200 MB of similarities at 50,000 rows."""
_NEIGHBOURS = 32
"""Edges kept of each row: the tree needs only the nearest."""
_LEAST = 0.3
"""Rows less similar than this are never neighbours."""
_COMMON_AT_MOST = 0.4
"""Length of the mean vector that may be taken out; 0.39 in posts about a single product."""
_SAME = 0.05
"""Distances below this count as none: two texts that say the same in the same words."""


class Clusterer(Protocol):
    """Finds the groups of rows that lie together, and leaves the rest alone."""

    @property
    def name(self) -> str:
        """Changes whenever the same rows would be grouped in another way."""
        ...

    def clusters(self, vectors: Rows) -> Labels:
        """One label a row of (n, dims) unit vectors, -1 for noise.

        The same rows in another order give the same groups; label numbers mean nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class DensityTree:
    """HDBSCAN's tree on a sparse neighbour graph, with a floor on how alike a theme's posts are.

    Mutual reachability, condensed tree and excess of mass are those of Campello, Moulavi & Sander
    2013, so density is judged against the surroundings and not by one threshold for all corpora.
    Two things differ, both measured on labelled streams: a theme's life is counted in the
    logarithm of distance, which keeps broad themes from being split into their tightest corners;
    and a group whose members are on average less alike than `cohesion` is no theme, however
    long it lasts, which keeps noise out. At the end, a row left over joins the theme whose
    members it is on average as close to as `joining`.
    """

    cohesion: float = 0.45
    joining: float = 0.6
    smallest: int = 3

    @property
    def name(self) -> str:
        """See `Clusterer.name`."""
        return f"density-tree/{self.cohesion}/{self.joining}/{self.smallest}/1"

    def clusters(self, vectors: Rows) -> Labels:
        """See `Clusterer.clusters`. Under 1 s for 6,000 rows, about 20 s for 50,000."""
        if not len(vectors):
            return np.empty(0, dtype=np.int64)
        distinct, index, weight = _distinct(vectors)
        rows = _uncommon(distinct, weight)
        tree = _tree(rows, weight)
        fit = _alikeness(rows, weight, tree) >= self.cohesion
        labels = _cut(tree, weight, fit, self.smallest)
        return self._joined(rows, weight, labels)[index]

    def _joined(self, rows: Rows, weight: Labels, labels: Labels) -> Labels:
        """A second look at the noise: a row joins the theme it is close to on average."""
        centres = _mean_vectors(rows, weight, labels)
        left = np.flatnonzero(labels < 0)
        joined = labels.copy()
        for start in range(0, len(left) if len(centres) else 0, _STRIP):
            strip = left[start : start + _STRIP]
            closeness = rows[strip] @ centres.T
            near = closeness.max(axis=1) >= self.joining
            joined[strip[near]] = closeness.argmax(axis=1)[near]
        return joined


@dataclass(frozen=True, slots=True)
class Tree:
    """A forest of merges over n leaves: node n + i joins `children[i]`, tightest merges first."""

    children: Labels
    """(merges, 2) node numbers."""
    distance: Reals
    """(nodes,) the distance that a node's members are joined at; 0 for leaves."""
    parent: Labels
    """(nodes,) -1 for roots."""

    @property
    def leaves(self) -> int:
        """How many of the nodes are rows."""
        return len(self.distance) - len(self.children)


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


def _neighbours(rows: Rows) -> tuple[Labels, Rows]:
    """Pairs of row numbers (2, m), and how similar (m,): of each row its nearest, nearest first.

    Grouped by the first of the pair; a pair may stand in both directions.
    """
    pairs, similarity = [np.empty((2, 0), dtype=np.int64)], [np.empty(0, dtype=np.float32)]
    for start in range(0, len(rows), _STRIP):
        strip = rows[start : start + _STRIP] @ rows.T
        strip[np.arange(len(strip)), start + np.arange(len(strip))] = -1
        near = [_nearest(row) for row in strip]
        own = np.repeat(np.arange(len(strip)), [len(found) for found in near])
        other = np.concatenate(near)
        pairs.append(np.stack((own + start, other)))
        similarity.append(strip[own, other])
    return np.concatenate(pairs, axis=1), np.concatenate(similarity)


def _nearest(similarity: Rows) -> Labels:
    near = np.flatnonzero(similarity > _LEAST)
    if len(near) > _NEIGHBOURS:
        near = near[np.argpartition(-similarity[near], _NEIGHBOURS)[:_NEIGHBOURS]]
    return near[np.argsort(-similarity[near], kind="stable")]


def _core(pairs: Labels, similarity: Rows, weight: Labels) -> Rows:
    """Of each row, how similar its second nearest is, copies counted: HDBSCAN with min_samples 3.

    -1 for a row with fewer than two neighbours.
    """
    core = np.full(len(weight), -1, dtype=np.float32)
    reached = np.cumsum(weight[pairs[1]])
    starts = np.searchsorted(pairs[0], np.arange(len(weight) + 1))
    before = np.concatenate(([0], reached))[starts[:-1]]
    enough = reached - before[pairs[0]] + weight[pairs[0]] - 1 >= 2  # noqa: PLR2004 min_samples 3
    places = np.flatnonzero(enough)[::-1]
    core[pairs[0, places]] = similarity[places]  # the first of a row is written last
    core[weight > 2] = 1  # noqa: PLR2004 as above
    return core


def _tree(rows: Rows, weight: Labels) -> Tree:
    """The single-link tree of mutual reachability, from the graph's minimum spanning forest."""
    from scipy.sparse import coo_array  # noqa: PLC0415 slow to import
    from scipy.sparse.csgraph import minimum_spanning_tree  # noqa: PLC0415 as above

    pairs, similarity = _neighbours(rows)
    core = _core(pairs, similarity, weight)
    reach = np.minimum(similarity, np.minimum(core[pairs[0]], core[pairs[1]]))
    kept = reach > _LEAST
    # Any falling function of similarity spans the same forest; 0 would mean no edge.
    cost = 2.0 - reach[kept].astype(np.float64)
    shape = (len(rows), len(rows))
    graph = coo_array((cost, (pairs[0, kept], pairs[1, kept])), shape=shape).tocsr()
    forest = minimum_spanning_tree(graph).tocoo()
    order = np.lexsort((forest.col, forest.row, forest.data))
    distance = np.sqrt(np.maximum(2 * (forest.data[order] - 1), 0))
    return _merged(np.stack((forest.row[order], forest.col[order]), axis=1), distance, len(rows))


def _merged(edges: Labels, distance: Reals, leaves: int) -> Tree:
    """Single linkage: edges by growing distance, each joining the two trees at its ends."""
    nodes = leaves + len(edges)
    parent, children = np.full(nodes, -1, dtype=np.int64), np.empty((len(edges), 2), np.int64)
    top = list(range(nodes))

    def root(node: int) -> int:
        while top[node] != node:
            top[node] = top[top[node]]
            node = top[node]
        return node

    for node, (left, right) in enumerate(edges.tolist(), start=leaves):
        ends = root(left), root(right)
        children[node - leaves] = ends
        for end in ends:
            top[end] = parent[end] = node
    return Tree(children, np.concatenate((np.zeros(leaves), distance)), parent)


def _mass(tree: Tree, weight: Labels) -> Labels:
    """(nodes,) how many posts stand below each node."""
    mass = np.concatenate((weight, np.zeros(len(tree.children), dtype=np.int64)))
    for node, (left, right) in enumerate(tree.children.tolist(), start=tree.leaves):
        mass[node] = mass[left] + mass[right]
    return mass


def _alikeness(rows: Rows, weight: Labels, tree: Tree) -> Reals:
    """(nodes,) the mean cosine over all pairs of posts below a node; 1 for a single post.

    From the length of the sum: |sum|^2 holds every pair twice and every post once.
    """
    total = np.concatenate(
        (rows * weight[:, None].astype(np.float32), np.zeros((len(tree.children), rows.shape[1])))
    ).astype(np.float32)
    for node, (left, right) in enumerate(tree.children.tolist(), start=tree.leaves):
        total[node] = total[left] + total[right]
    mass = _mass(tree, weight)
    squared = np.einsum("ij,ij->i", total, total, dtype=np.float64)
    return np.where(mass > 1, (squared - mass) / np.maximum(mass * (mass - 1), 1), 1.0)


def _cut(tree: Tree, weight: Labels, fit: NDArray[np.bool_], smallest: int) -> Labels:
    """For each leaf the number of its theme, or -1: the disjoint nodes with the most excess mass.

    A node lives from the distance at which it joins its parent down to the one at which it falls
    apart; its excess of mass is that life, in log distance, times its posts. Only nodes that are
    `fit` are chosen.
    """
    leaves, mass = tree.leaves, _mass(tree, weight)
    tightness = -np.log(np.maximum(tree.distance, _SAME))
    loosest = -np.log(np.sqrt(2 - 2 * _LEAST))
    born = np.where(tree.parent >= 0, tightness[tree.parent], loosest)
    excess = (tightness - born) * mass
    best, chosen = np.zeros(len(mass)), np.zeros(len(mass), dtype=bool)
    for node in np.flatnonzero(mass >= smallest):
        heirs = tree.children[node - leaves] if node >= leaves else np.empty(0, dtype=np.int64)
        heirs = heirs[mass[heirs] >= smallest]
        if len(heirs) == 1:  # it only lost stragglers: the same group lives on
            excess[node] += excess[heirs[0]]
        inner = best[heirs].sum()
        chosen[node] = fit[node] and excess[node] >= inner
        best[node] = excess[node] if chosen[node] else inner
    return _renumbered(_inherited(tree, chosen))


def _inherited(tree: Tree, chosen: NDArray[np.bool_]) -> Labels:
    """For each leaf its topmost chosen ancestor (or itself), -1 where there is none."""
    theme = np.full(len(tree.distance), NOISE, dtype=np.int64)
    for node in range(len(theme) - 1, -1, -1):
        if theme[node] == NOISE and chosen[node]:
            theme[node] = node
        if node >= tree.leaves:
            theme[tree.children[node - tree.leaves]] = theme[node]
    return theme[: tree.leaves]


def _renumbered(themes: Labels) -> Labels:
    """The same groups numbered from 0, noise kept."""
    names, numbers = np.unique(themes, return_inverse=True)
    return numbers.astype(np.int64) - int(names[0] == NOISE)


def _mean_vectors(rows: Rows, weight: Labels, labels: Labels) -> Rows:
    """(themes, dims): the plain mean, so that a dot product with it is a mean similarity."""
    members = np.flatnonzero(labels >= 0)
    if not len(members):
        return np.empty((0, rows.shape[1]), dtype=np.float32)
    share = weight[members].astype(np.float32)
    total = np.bincount(labels[members], weights=share)
    sums = np.zeros((len(total), rows.shape[1]), dtype=np.float32)
    np.add.at(sums, labels[members], rows[members] * share[:, None])
    return np.asarray(sums / total[:, None], dtype=np.float32)
