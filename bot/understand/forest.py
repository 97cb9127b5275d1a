"""Average linkage: a forest of merges over rows, the most alike first."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

LEAST = 0.15
"""Groups less alike than this on average are not merged any more."""

_EXACT = 8_192
"""Up to so many rows all are compared with all."""
_CELL = 256
"""Rows of a cell, about: beyond that, rows are compared with those of the cells around theirs."""
_PROBES = 32
"""Cells around: of 100,000 rows 98 % of the nearest are found, 94 % of the ten nearest."""
_ROUNDS = 3
"""Rounds of k-means that make the cells."""
_STRIP = 1_024
"""Rows compared with others at once."""
_FEW = 8
"""Values of which the greatest is taken before it is asked which are the greatest."""
_BESIDE = 2
"""Such strips that are worked on side by side: with each more, 100 MB are held at most."""
_PAIRS = 1_024
"""Pairs of groups compared at once."""
_EDGES = 32
"""Neighbours of a row that it may merge with: more give the same forest, measured up to 50."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rows most similar to each row, nearest first."""

    row: Whole
    """(n, k) row numbers."""
    similarity: Rows
    """(n, k) cosines."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Merges over n rows. Node i < n is row i; node n + i joins `children[i]`."""

    children: Whole
    """(merges, 2) node numbers."""
    height: Reals
    """(nodes,) the mean similarity between a node's two halves; 1 for rows."""
    parent: Whole
    """(nodes,) -1 for roots."""
    mass: Whole
    """(nodes,) how many posts stand in it, copies counted."""
    total: Rows
    """(nodes, dims) the sum of its posts' vectors."""
    order: Whole
    """(n,) the rows in an order in which each node's rows stand side by side."""
    start: Whole
    """(nodes,) where in `order` a node's rows begin."""
    rows: Whole
    """(nodes,) how many rows it has."""

    @property
    def leaves(self) -> int:
        """How many of the nodes are rows."""
        return len(self.order)

    def alikeness(self) -> Reals:
        """(nodes,) the mean cosine over all pairs of a node's posts; 1 for a single post.

        From the length of the sum: its square holds every pair twice and every post once.
        """
        squared = np.einsum("ij,ij->i", self.total, self.total, dtype=np.float64)
        pairs = self.mass * (self.mass - 1)
        return np.where(pairs > 0, (squared - self.mass) / np.maximum(pairs, 1), 1.0)

    def topmost(self, chosen: NDArray[np.bool_]) -> Whole:
        """(n,) for each row the topmost of the chosen nodes that it stands in, -1 for none."""
        found = np.full(self.leaves, -1, dtype=np.int64)
        for node in np.flatnonzero(chosen):  # from the bottom up: what is above has the last word
            start = self.start[node]
            found[self.order[start : start + self.rows[node]]] = node
        return found


def nearest(rows: Rows, most: int) -> Neighbours:
    """The up to `most` nearest rows of each row of unit length.

    Among many rows a few of the nearest may be missed. The same rows give the same neighbours.
    """
    return _compared(rows, most) if len(rows) <= _EXACT else _in_cells(rows, most)


def _compared(rows: Rows, most: int) -> Neighbours:
    """See `nearest`: by comparing all with all."""
    every = np.arange(len(rows))
    found = _room(len(rows), min(most, len(rows) - 1))
    strips = (every[start : start + _STRIP] for start in range(0, len(rows), _STRIP))
    with ThreadPoolExecutor(_BESIDE) as threads:
        deque(threads.map(lambda own: _look(rows, own, every, found), strips), maxlen=0)
    return found


def _in_cells(rows: Rows, most: int) -> Neighbours:
    """See `nearest`: by comparing with the cells around (an inverted file, as in FAISS)."""
    cell, centre = _cells(rows)
    members = np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell))[:-1])
    around = np.argsort(-(centre @ centre.T), axis=1, kind="stable")
    found = _room(len(rows), most)
    for number, own in enumerate(members):
        others = [members[other] for other in around[number]]
        enough = np.searchsorted(np.cumsum([len(rows) for rows in others]), most + 1) + 1
        among = np.sort(np.concatenate(others[: max(_PROBES, int(enough))]))
        for start in range(0, len(own), _STRIP):
            _look(rows, own[start : start + _STRIP], among, found)
    return found


def _cells(rows: Rows) -> tuple[Whole, Rows]:
    """The cell of each row, (n,), and the unit centres of the cells: spherical k-means."""
    count = len(rows) // _CELL
    centre = rows[np.linspace(0, len(rows) - 1, count, dtype=np.int64)]
    for _ in range(_ROUNDS):
        cell = _closest(rows, centre)
        order = np.argsort(cell, kind="stable")
        _, first = np.unique(cell[order], return_index=True)
        centre = np.add.reduceat(rows[order], first, axis=0)
        centre /= np.maximum(np.linalg.norm(centre, axis=1, keepdims=True), 1e-12)
    used, cell = np.unique(_closest(rows, centre), return_inverse=True)
    return cell.astype(np.int64), centre[used]


def _closest(rows: Rows, centre: Rows) -> Whole:
    strips = (rows[start : start + _STRIP] for start in range(0, len(rows), _STRIP))
    return np.concatenate([(strip @ centre.T).argmax(axis=1) for strip in strips]).astype(np.int64)


def _room(count: int, most: int) -> Neighbours:
    width = max(most, 0)
    return Neighbours(np.empty((count, width), np.int64), np.empty((count, width), np.float32))


def _look(rows: Rows, own: Whole, among: Whole, found: Neighbours) -> None:
    """Fill in the nearest of some rows among others, which they stand in themselves."""
    count = found.row.shape[1]
    if not count:
        return
    strip = rows[own] @ rows[among].T
    strip[np.arange(len(own)), np.searchsorted(among, own)] = -2
    place = np.flatnonzero(strip >= _floor(strip, count)[:, None])
    near, column = np.divmod(place, len(among))
    close = strip[near, column]
    order = np.lexsort((-close, near))
    begin = np.searchsorted(near, np.arange(len(own)))  # in each row the first `count`
    best = order[begin[:, None] + np.arange(count)]
    found.row[own] = among[column[best]]
    found.similarity[own] = close[best]


def _floor(strip: Rows, count: int) -> Rows:
    """(rows,) what at least `count` values of each row reach, and hardly more.

    The greatest of every few values are found far quicker than the greatest of all: so many of
    them reach the one that is `count`-th among them.
    """
    few = min(_FEW, strip.shape[1] // count)
    width = strip.shape[1] // few
    greatest = strip[:, :width]
    for start in range(width, width * few, width):
        greatest = np.maximum(greatest, strip[:, start : start + width])
    return np.partition(greatest, width - count, axis=1)[:, width - count]


def average_link(rows: Rows, weight: Whole, near: Neighbours) -> Forest:
    """The forest of unit rows, each standing for `weight` posts.

    Only what is linked by some row's neighbours can merge, but the similarity of two groups is
    that of all their posts: the product of their mean vectors. In each round all pairs that are
    nearest to each other merge, which gives the same tree as one merge at a time (Sumengen et al.
    2021, "Scaling hierarchical agglomerative clustering to billion-sized datasets").
    """
    count, room = len(rows), 2 * len(rows)
    total = np.zeros((room, rows.shape[1]), dtype=np.float32)
    total[:count] = rows * weight[:, None]
    mass = np.zeros(room, dtype=np.int64)
    mass[:count] = weight
    code, similarity = _edges(near, room)
    children, height, top = [np.empty((0, 2), dtype=np.int64)], [np.ones(count)], count
    while len(code):
        low, high = np.divmod(code, room)
        merging = _mutual(low, high, similarity, room)
        pairs = np.stack((low[merging], high[merging]), axis=1)
        new = np.arange(top, top + len(pairs))
        children.append(pairs)
        height.append(similarity[merging])
        total[new], mass[new] = total[pairs].sum(axis=1), mass[pairs].sum(axis=1)
        into = np.arange(room)
        into[pairs] = new[:, None]
        code, similarity = _contracted(into[low], into[high], similarity, room)
        _compare(code, similarity, total, mass, top)
        kept = similarity > LEAST
        code, similarity, top = code[kept], similarity[kept], top + len(pairs)
    merges = np.concatenate(children)
    return Forest(
        merges, np.concatenate(height), *_laid_out(merges, count, mass[:top], total[:top])
    )


def _edges(near: Neighbours, room: int) -> tuple[Whole, Reals]:
    """Each pair of neighbours once, as one number, low row first, and its similarity."""
    row = near.row[:, :_EDGES]
    own = np.repeat(np.arange(len(row)), row.shape[1])
    similarity = near.similarity[:, :_EDGES].ravel().astype(np.float64)
    kept = similarity > LEAST
    return _contracted(own[kept], row.ravel()[kept], similarity[kept], room)


def _contracted(one: Whole, other: Whole, similarity: Reals, room: int) -> tuple[Whole, Reals]:
    """Pairs of different groups, each once, in ascending order."""
    different = np.flatnonzero(one != other)
    one, other = one[different], other[different]
    code, first = np.unique(
        np.minimum(one, other) * room + np.maximum(one, other), return_index=True
    )
    return code, similarity[different[first]]


def _mutual(low: Whole, high: Whole, similarity: Reals, room: int) -> Whole:
    """The pairs that are the best of both their ends, the most alike first; ties by place."""
    best, first = np.full(room, -np.inf), np.full(room, len(low))
    for end in (low, high):
        np.maximum.at(best, end, similarity)
    for end in (low, high):
        tops = np.flatnonzero(similarity == best[end])
        np.minimum.at(first, end[tops], tops)
    place = np.arange(len(low))
    mutual = np.flatnonzero((first[low] == place) & (first[high] == place))
    return np.asarray(mutual[np.argsort(-similarity[mutual], kind="stable")], dtype=np.int64)


def _compare(code: Whole, similarity: Reals, total: Rows, mass: Whole, top: int) -> None:
    """Reckon anew, in place, how alike those pairs are that hold a group merged just now."""
    low, high = np.divmod(code, len(mass))
    changed = np.flatnonzero(high >= top)
    for begin in range(0, len(changed), _PAIRS):
        some = changed[begin : begin + _PAIRS]
        product = np.einsum("ij,ij->i", total[low[some]], total[high[some]])
        similarity[some] = product / (mass[low[some]] * mass[high[some]])


def _laid_out(
    children: Whole, count: int, mass: Whole, total: Rows
) -> tuple[Whole, Whole, Rows, Whole, Whole, Whole]:
    """Of a forest: parents, masses, sums, order of the rows, and each node's place in it."""
    nodes = count + len(children)
    parent = np.full(nodes, -1, dtype=np.int64)
    parent[children] = np.arange(count, nodes)[:, None]
    size = [1] * nodes
    for node, (left, right) in enumerate(children.tolist(), start=count):
        size[node] = size[left] + size[right]
    start, place = [0] * nodes, 0
    for node in range(nodes - 1, -1, -1):
        if parent[node] < 0:
            start[node], place = place, place + size[node]
        if node >= count:
            left, right = children[node - count]
            start[left], start[right] = start[node], start[node] + size[left]
    starts = np.array(start, dtype=np.int64)
    order = np.empty(count, dtype=np.int64)
    order[starts[:count]] = np.arange(count)
    return parent, mass, total, order, starts, np.array(size, dtype=np.int64)
