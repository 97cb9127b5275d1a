"""What tells a theme from a chance group: the traits of the nodes of a forest, as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.understand.forest import LEAST, Forest, Neighbours, Reals, Rows, Whole
from bot.understand.words import Words

TRAITS = (
    "size",  # log of its posts; from a hundred on more of them say no more
    "alike",  # mean cosine over all pairs of its posts
    "halves",  # mean cosine between the two halves that it was merged of
    "outer",  # the same between it and what it merges with next
    "stands out",  # halves - outer
    "denser",  # alike - outer
    "looser half",  # how alike the two halves of the looser of its halves are
    "tighter half",
    "balance",  # share of the smaller half
    "sibling",  # log of the posts that it merges with next
    "outer alike",  # `alike` of what it becomes then
    "kept",  # of its rows' nearest, as many as it has other rows, the share that is in it
    "kept nearest",  # the same of the three nearest
    "inside",  # similarity of its rows to their nearest in it, mean
    "outside",  # to their nearest that is not
    "apart",  # inside - outside, mean
    "apart least",  # and its lowest fifth
    "distinct",  # share of different rows among its posts
    "farthest",  # cosine to its centre: the least
    "spread",  # and the standard deviation
    "alike here",  # `alike` and `outside`, less what is usual between nearest neighbours here
    "outside here",
    "words",  # mean cosine of word weights over all pairs of its posts
    "words but one",  # without its commonest word: a subject alone makes no theme
    "share but one",
    "first word",  # share of its posts that have its commonest, second and third word
    "second word",
    "third word",
    "first word elsewhere",  # posts that have the word anywhere, for each one here
    "second word elsewhere",
)
"""The columns of `traits`."""

_LARGE, _STEP = 600, 0.05
"""Of the groups with more rows than this only those are looked at that are complete: what they
merge with next is less alike by so much. Otherwise a giant costs as many looks as it has rows."""
_MANY = 100
_PLACES = 12_000
"""Rows of groups looked at at once: 25 MB a copy."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that groups are judged on. Rows are different from each other."""

    forest: Forest
    near: Neighbours
    rows: Rows
    """(n, dims) at unit length."""
    weight: Whole
    """(n,) how many posts each row stands for."""
    words: Words


@dataclass(frozen=True, slots=True)
class _Look:
    """Some nodes at once, their rows one after the other."""

    node: Whole
    """(m,)"""
    begin: Whole
    """(m,) where each node's rows begin in the two below."""
    row: Whole
    """(p,) row numbers."""
    of: Whole
    """(p,) for each the number of its node, 0 to m - 1."""
    weight: Whole
    """(p,) its posts."""

    def total(self, values: NDArray[np.floating]) -> Reals:
        """(m,) the sum over each node's posts of what its rows have."""
        return np.asarray(np.add.reduceat(values * self.weight, self.begin), dtype=np.float64)


def traits(ground: Ground, smallest: int) -> tuple[Whole, Reals]:
    """The nodes of at least `smallest` posts, (m,), and their TRAITS, (m, traits)."""
    forest = ground.forest
    step = forest.height - _outer(forest, np.arange(len(forest.mass)))
    fit = (forest.mass >= smallest) & ((forest.rows <= _LARGE) | (step >= _STEP))
    nodes = np.flatnonzero(fit).astype(np.int64)
    found = np.empty((len(nodes), len(TRAITS)))
    alike = forest.alikeness()
    shape = _shape(forest, nodes, alike)
    found[:, : shape.shape[1]] = shape
    for first, last in _spans(forest.rows[nodes]):
        look = _look(ground, nodes[first:last])
        near = _closeness(ground, look, alike[look.node])
        rest = np.concatenate((near, _said(ground, look)), axis=1)
        found[first:last, shape.shape[1] :] = rest
    return nodes, found


def _spans(sizes: Whole) -> Iterator[tuple[int, int]]:
    """Runs of nodes that together have about _PLACES rows."""
    number = np.cumsum(sizes) // _PLACES
    borders = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(sizes)]
    yield from ((a, b) for a, b in pairwise(borders) if b > a)


def _look(ground: Ground, nodes: Whole) -> _Look:
    sizes = ground.forest.rows[nodes]
    begin = np.cumsum(sizes) - sizes
    of = np.repeat(np.arange(len(nodes)), sizes)
    place = np.arange(int(sizes.sum())) - begin[of] + ground.forest.start[nodes][of]
    row = ground.forest.order[place]
    return _Look(nodes, begin, row, of, ground.weight[row])


def _outer(forest: Forest, nodes: Whole) -> Reals:
    """How alike nodes are to what they merge with next; LEAST for roots."""
    parent = forest.parent[nodes]
    return np.where(parent < 0, LEAST, forest.height[parent])


def _shape(forest: Forest, nodes: Whole, alike: Reals) -> Reals:
    """How a node stands in its tree; `alike` is what all of its nodes are."""
    mass, height = forest.mass, forest.height
    parent = forest.parent[nodes]
    rooted = parent < 0
    outer = _outer(forest, nodes)
    halves = np.stack((nodes, nodes), axis=1)  # a row of several posts has no other
    merged = nodes >= forest.leaves
    halves[merged] = forest.children[nodes[merged] - forest.leaves]
    inner = height[halves]
    smaller = np.where(merged, mass[halves].min(axis=1), 1)
    sibling = np.where(rooted, 0, mass[parent] - mass[nodes])
    columns = (
        np.log(np.minimum(mass[nodes], _MANY)),
        alike[nodes],
        height[nodes],
        outer,
        height[nodes] - outer,
        alike[nodes] - outer,
        inner.min(axis=1),
        inner.max(axis=1),
        smaller / mass[nodes],
        np.log1p(sibling),
        np.where(rooted, LEAST, alike[parent]),
    )
    return np.stack(columns, axis=1)


def _closeness(ground: Ground, look: _Look, alike: Reals) -> Reals:
    """How near its rows are to each other and to others; `alike` is what its nodes are."""
    forest, mass = ground.forest, ground.forest.mass[look.node]
    start, size = forest.start[look.node], forest.rows[look.node]
    place = np.empty(forest.leaves, dtype=np.int64)
    place[forest.order] = np.arange(forest.leaves)
    neighbour = place[ground.near.row[look.row]] - start[look.of][:, None]
    within = (neighbour >= 0) & (neighbour < size[look.of][:, None])
    similarity = ground.near.similarity[look.row]
    rank = np.arange(similarity.shape[1])
    asked = np.clip(size - 1, 1, similarity.shape[1])
    kept = (within & (rank < asked[look.of][:, None])).sum(axis=1) / asked[look.of]
    asked = np.minimum(asked, 3)
    nearest = (within & (rank < asked[look.of][:, None])).sum(axis=1) / asked[look.of]
    alone = size[look.of] == 1
    last = similarity[:, -1]
    inside = np.where(within.any(axis=1), np.where(within, similarity, -1).max(axis=1), last)
    inside = np.where(alone, 1.0, inside)
    beyond = np.minimum(last, _outer(forest, look.node)[look.of])  # all neighbours are inside
    outside = np.where(within.all(axis=1), beyond, np.where(within, -1, similarity).max(axis=1))
    centre = forest.total[look.node]
    centre = centre / np.maximum(np.linalg.norm(centre, axis=1, keepdims=True), 1e-12)
    central = np.einsum("ij,ij->i", ground.rows[look.row], centre[look.of])
    mean = look.total(central) / mass
    spread = np.sqrt(np.maximum(look.total(central**2) / mass - mean**2, 0))
    usual = float(np.median(ground.near.similarity[:, 0]))
    outer = look.total(outside) / mass
    columns = (
        look.total(np.where(alone, 1.0, kept)) / mass,
        look.total(np.where(alone, 1.0, nearest)) / mass,
        look.total(inside) / mass,
        outer,
        look.total(inside - outside) / mass,
        _fifth(inside - outside, look, size),
        size / mass,
        np.minimum.reduceat(central, look.begin),
        spread,
        alike - usual,
        outer - usual,
    )
    return np.stack(columns, axis=1)


def _fifth(values: Reals, look: _Look, size: Whole) -> Reals:
    """(m,) the value below which a fifth of each node's rows lie."""
    order = np.lexsort((values, look.of))
    return np.asarray(values[order][look.begin + (size - 1) // 5], dtype=np.float64)


def _said(ground: Ground, look: _Look) -> Reals:
    """What words its posts share."""
    words, mass = ground.words, ground.forest.mass[look.node]
    own, word, value = words.of(look.row)
    weight, of = look.weight[own], look.of[own]
    pair, back = np.unique(of * len(words.everywhere) + word, return_inverse=True)
    node, word = np.divmod(pair, len(words.everywhere))
    count: Reals = np.bincount(back, weight).astype(np.float64)
    total, square = np.bincount(back, weight * value), np.bincount(back, weight * value**2)
    shared = (total**2 - square) / np.maximum(mass * (mass - 1), 1)[node]
    common = np.bincount(node, shared, len(mass))
    top = _commonest(node, count, word, len(mass))  # -1, no word: the zero at the end of each
    but_one = common - np.append(shared, 0)[top[:, 0]]
    share = np.append(count, 0)[top] / mass[:, None]
    elsewhere = np.append(words.everywhere[word] / count, 0)[top]
    columns = (common, but_one, but_one / (common + 1e-3), *share.T, *elsewhere.T[:2])
    return np.stack(columns, axis=1)


def _commonest(node: Whole, count: Reals, word: Whole, nodes: int) -> Whole:
    """(nodes, 3) the places of each node's three commonest words among pairs; -1 for none."""
    order = np.lexsort((word, -count, node))
    begin = np.searchsorted(node[order], np.arange(nodes + 1))
    place = begin[:-1, None] + np.arange(3)
    found = np.append(order, -1)[np.where(place < begin[1:, None], place, len(order))]
    return np.asarray(found, dtype=np.int64)
