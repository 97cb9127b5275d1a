"""Posts without noise among them, parted into groups: each belongs somewhere, so all are placed.

What a community sends is mostly noise, and themes are what stands out of it (`odds`). But a queue
of tickets, an export of one forum's category, a survey's answers have next to none: there the same
odds leave large loose groups alone. Nobody has to say which of the two it is. It shows in how much
of all posts stands in large groups that are tight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understand.forest import LEAST, Forest, Reals, Rows, Whole
from bot.understand.traits import Ground

LARGE, TIGHT = 1 / 50, 0.2
"""Share of all posts that a large group has, and how alike the halves of a tight one are.

On the labels that they were chosen on, streams of 1,000 posts and more had at most 45 % of their
posts in such groups if 40 to 75 % were noise (66 streams), and 67 % at the median if none was (27:
6 had less than half, and are judged like the others). Three real communities have 20 to 26 %.
"""
ENOUGH = 1_000
"""Fewer posts do not tell how much of them is noise: a large group would be a handful."""

HEIGHTS = tuple(round(LEAST + 0.05 * step, 2) for step in range(11))
"""Where the forest may be cut: all that it holds, up to close to copies."""
SHARES = (1 / 500, 1 / 200, 1 / 100)
"""Share of all posts that a group must have to count as one."""

_STRIP = 4_096
"""Rows compared with all groups at once."""


@dataclass(frozen=True, slots=True)
class _Parted:
    """One way of parting the rows."""

    group: Whole
    """(n,) the group of each row, -1 where it is close to none."""
    silhouette: float
    """Mean over the posts of how much closer they are to their own group than to the next."""


def parted(on: Ground, smallest: int) -> Whole | None:
    """(n,) the group of each row, -1 for none; None if there is noise among the posts.

    The forest is cut where the groups stand apart the most: by the mean silhouette, in which a
    post that stands alone counts nothing (Rousseeuw 1987, "Silhouettes"). What is left over then
    joins the group that it is closest to, unless it is close to none.
    """
    if not is_clean(on.forest):
        return None
    found = max(_ways(on, smallest), key=lambda way: way.silhouette, default=None)
    return found.group if found else None


def is_clean(forest: Forest) -> bool:
    """Whether half of the posts stand in groups that are both large and tight.

    The largest group is left out, and so are its posts: an outage that all speak of is no sign
    that they speak of nothing that is noise.
    """
    posts = int(forest.mass[forest.parent < 0].sum())
    if posts < ENOUGH:
        return False
    chosen = (forest.mass >= LARGE * posts) & (forest.height >= TIGHT)
    groups = np.unique(forest.topmost(chosen))
    sizes = forest.mass[groups[groups >= 0]]
    largest = int(sizes.max(initial=0))
    return 2 * (int(sizes.sum()) - largest) >= posts - largest


def _ways(on: Ground, smallest: int) -> Iterator[_Parted]:
    """Every way of parting that gives two groups at least."""
    forest, posts = on.forest, int(on.weight.sum())
    for height in HEIGHTS:
        cut = forest.topmost(forest.height >= height)
        for share in SHARES:
            large = forest.mass[cut] >= max(smallest, share * posts)
            names, own = np.unique(np.where(large & (cut >= 0), cut, -1), return_inverse=True)
            nodes = names[names >= 0]
            if len(nodes) > 1:
                yield _way(on, nodes, own.astype(np.int64) - int(names[0] < 0))


def _way(on: Ground, nodes: Whole, own: Whole) -> _Parted:
    """What comes of these nodes as groups; `own` is each row's place among them, or -1."""
    mass = on.forest.mass[nodes].astype(np.float64)
    centre = (on.forest.total[nodes] / mass[:, None]).astype(np.float32)
    group, apart = own.copy(), 0.0
    for start in range(0, len(own), _STRIP):
        strip = slice(start, start + _STRIP)
        alike = (on.rows[strip] @ centre.T).astype(np.float64)
        mine = own[strip]
        apart += float(on.weight[strip] @ _silhouette(alike, mine, mass))
        closest = alike.argmax(axis=1)
        joins = (mine < 0) & (alike.max(axis=1) > LEAST)
        group[strip] = np.where(joins, closest, mine)
    return _Parted(group, apart / float(on.weight.sum()))


def _silhouette(alike: Rows | Reals, mine: Whole, mass: Reals) -> NDArray[np.float64]:
    """(rows,) of each row, from its mean similarity to each group; 0 for one that is in none."""
    row = np.arange(len(mine))
    own = (alike[row, mine] * mass[mine] - 1) / np.maximum(mass[mine] - 1, 1)  # without itself
    others = alike.copy()
    others[row, mine] = -1
    inner, outer = 1 - own, 1 - others.max(axis=1)
    return np.where(mine >= 0, (outer - inner) / np.maximum(np.maximum(inner, outer), 1e-12), 0.0)
