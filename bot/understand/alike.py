"""Posts that look like one that is not about us: relevance learned from a single tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

SHARE = 0.2
"""Of the posts of themes so many, at most, are this close to a post of another theme. Chosen on
half of a labelled stream: on the other, 95 % of what is found is of the marked post's subject."""

_JUDGED = 1_000
"""Posts of themes that are compared with all the others to see what is close."""

_FEWEST = 30
"""With fewer posts in themes the corpus does not tell yet what is close."""

_UNTOLD = 0.8
"""What counts as close until then: two wordings of one thing, in the vectors that are shipped."""


def close_from(vectors: Rows, themes: Sequence[str | None]) -> float:
    """The cosine from which two posts are very close, in this corpus.

    Only one post of a theme in five comes so near to any post of any other theme. So it moves
    with the embedder, and with how much alike all the posts of a community are.
    """
    placed = np.array([row for row, theme in enumerate(themes) if theme], dtype=np.int64)
    names = np.array([themes[row] for row in placed])
    if len(placed) < _FEWEST or len(set(names.tolist())) < 2:  # noqa: PLR2004 one theme is apart from none
        return _UNTOLD
    chosen = np.unique(np.linspace(0, len(placed) - 1, _JUDGED).astype(np.int64))
    cosines = vectors[placed[chosen]] @ vectors[placed].T
    cosines[names[chosen, None] == names[None, :]] = -1
    return float(np.quantile(cosines.max(axis=1), 1 - SHARE))


def look_alike(
    keys: Sequence[str],
    vectors: Rows,
    themes: Mapping[str, str],
    marked: AbstractSet[str],
    kept: AbstractSet[str],
    doubtful: AbstractSet[str],
) -> list[str]:
    """The posts that look like one of the `marked`, the closest first.

    They are very close to it, and closer than to anything kept: a post of any theme that is not
    `doubtful` (those that the marked ones were taken out of), or one that a person put where it
    stands, `kept`. Neither marked nor kept posts are among them.
    """
    rows = {key: row for row, key in enumerate(keys)}
    bad = [rows[key] for key in sorted(marked) if key in rows]
    if not bad:
        return []
    good = [
        row
        for key, row in rows.items()
        if key in kept or (key in themes and themes[key] not in doubtful and key not in marked)
    ]
    least = close_from(vectors, [themes.get(key) for key in keys])
    near_bad = (vectors @ vectors[bad].T).max(axis=1)
    near = [
        row
        for row in np.flatnonzero(near_bad >= least).tolist()
        if keys[row] not in marked and keys[row] not in kept
    ]
    near_good = _nearest_other(vectors, near, good)
    found = [
        (float(near_bad[row]), keys[row])
        for row, other in zip(near, near_good.tolist(), strict=True)
        if near_bad[row] > other
    ]
    return [key for _, key in sorted(found, key=lambda pair: (-pair[0], pair[1]))]


def _nearest_other(vectors: Rows, rows: Sequence[int], good: Sequence[int]) -> Rows:
    """Of each of the rows the cosine to the nearest of the good ones that is not itself."""
    nearest = np.full(len(rows), -1, dtype=np.float32)
    for start in range(0, len(rows) if good else 0, _STRIP):
        strip = np.array(rows[start : start + _STRIP])
        cosines = vectors[strip] @ vectors[good].T
        cosines[strip[:, None] == np.array(good)[None, :]] = -1
        nearest[start : start + len(strip)] = cosines.max(axis=1)
    return nearest


_STRIP = 1_024
"""Rows compared with all the kept ones at once."""
