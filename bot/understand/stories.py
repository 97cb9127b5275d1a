"""Posts that tell one story: what their links make of them before and after they are grouped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.understand.standing import NOISE

SAME_STORY = {"url", "duplicate", "said duplicate", "same link", "same text", "same error"}
"""Evidence that two posts tell one story; a mere mention of an issue is none."""

SAME_ERROR = "same error"

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]
Pair = tuple[int, int, str]
"""Two row ids and the evidence that links them."""


def stories(row_ids: Sequence[int], found: Iterable[Pair]) -> list[list[int]]:
    """The places in `row_ids` that tell one story, for every story of more than one place."""
    places = {row_id: place for place, row_id in enumerate(row_ids)}
    story = {place: [place] for place in places.values()}
    for source, target, how in found:
        one, other = places.get(source), places.get(target)
        if one is None or other is None or how not in SAME_STORY:
            continue
        if story[one] is not story[other]:
            story[one] += story[other]
            story |= dict.fromkeys(story[other], story[one])
    return [told for place, told in story.items() if told[0] == place and len(told) > 1]


def drawn(vectors: Vectors, told: Sequence[Sequence[int]]) -> Vectors:
    """The vectors at unit length, those of one story moved halfway towards each other.

    What two posts point at says more of them than how they put it; not so the error they quote,
    since many faults end in one and the same error.
    """
    moved = vectors.copy()
    for rows in told:
        moved[rows] += vectors[rows].mean(axis=0)
        moved[rows] /= np.maximum(np.linalg.norm(moved[rows], axis=1, keepdims=True), 1e-12)
    return moved


def adopted(labels: Labels, told: Sequence[Sequence[int]]) -> Labels:
    """The labels, with posts that belong to no theme put where the story they tell stands.

    A cross-post often says too little to be close to anything: its link says it all. Where the
    posts of one story stand in several themes, the strays follow only a majority of them.
    """
    joined = labels.copy()
    for story in told:
        settled = Counter(labels[row] for row in story if labels[row] != NOISE)
        theme, most = settled.most_common(1)[0] if settled else (NOISE, 0)
        if 2 * most > settled.total():
            joined[[row for row in story if labels[row] == NOISE]] = theme
    return joined
