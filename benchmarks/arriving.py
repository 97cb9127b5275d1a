"""Posts that arrive in lots, grouped anew with each: the themes, and what they keep of their posts.

The steps are those of `bot/pipeline/theming.py` without the store: all posts so far are grouped,
told where they stood, and ids are carried over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.understand.cluster import Clusterer
from bot.understand.standing import NEW, NOISE
from bot.understand.themes import carry_over, number_of

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]
Standing = dict[int, str]
"""Row to theme id; rows in no theme are missing."""


def arriving(
    clusterer: Clusterer, vectors: Vectors, texts: Sequence[str], lots: Iterable[Labels]
) -> Iterator[Standing]:
    """Where the rows stand after each lot of new ones."""
    standing: Standing = {}
    so_far, number = np.empty(0, dtype=np.int64), 1
    for lot in lots:
        now = np.sort(np.concatenate((so_far, lot)))
        before = np.isin(now, so_far)
        stood = [number_of(standing[row]) if row in standing else NOISE for row in now.tolist()]
        labels = clusterer.clusters(
            vectors[now], [texts[row] for row in now], np.where(before, stood, NEW)
        )
        standing, number = carried(standing, now, labels, number)
        so_far = now
        yield standing


def carried(standing: Standing, rows: Labels, labels: Labels, number: int) -> tuple[Standing, int]:
    """The rows of each label under the id that it takes over, and the next free number."""
    clusters = [
        frozenset(str(row) for row in rows[labels == label])
        for label in np.unique(labels[labels >= 0])
    ]
    named = {str(row): theme for row, theme in standing.items()}
    plan = carry_over(named, clusters, number)
    return {int(row): theme for row, theme in plan.assignment.items()}, plan.next_number


def as_labels(standing: Standing, count: int) -> Labels:
    """A number for each row, -1 for those in no theme."""
    labels = np.full(count, NOISE, dtype=np.int64)
    for row, theme in standing.items():
        labels[row] = number_of(theme)
    return labels
