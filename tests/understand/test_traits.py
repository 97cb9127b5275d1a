from __future__ import annotations

import numpy as np
import pytest

from bot.understand.cluster import ground
from bot.understand.traits import TRAITS, traits
from tests.understand.test_cluster import knots, texts_of


def looked_at(groups: int, size: int, noise: int) -> dict[int, dict[str, float]]:
    """The traits by name of each node that holds exactly one knot, by the number of the knot."""
    rows, knot = knots(groups, size, noise)
    index, on = ground(rows, texts_of(knot))
    nodes, found = traits(on, 3)
    wanted = {frozenset(index[knot == k].tolist()): k for k in range(groups)}
    told = {}
    for node, row in zip(nodes, found, strict=True):
        start = on.forest.start[node]
        below = frozenset(on.forest.order[start : start + on.forest.rows[node]].tolist())
        if below in wanted:
            told[wanted[below]] = dict(zip(TRAITS, row.tolist(), strict=True))
    return told


def test_a_knot_has_the_traits_of_a_theme() -> None:
    told = looked_at(groups=5, size=6, noise=80)

    assert sorted(told) == [0, 1, 2, 3, 4]
    for knot in told.values():
        assert knot["size"] == pytest.approx(np.log(6))
        assert knot["kept"] == knot["kept nearest"] == 1
        assert knot["inside"] > knot["outside"]
        assert knot["apart"] == pytest.approx(knot["inside"] - knot["outside"])
        assert knot["stands out"] > 0.2
        assert knot["distinct"] == 1
        assert knot["first word"] == knot["second word"] == 1
        assert knot["third word"] == pytest.approx(1 / 6)
        assert knot["words but one"] < knot["words"]


def test_all_traits_are_numbers_whatever_the_posts() -> None:
    rows, _ = knots(groups=2, size=5, noise=20)
    rows = np.concatenate((rows, rows[:3], np.repeat(rows[:1], 4, axis=0)))
    for texts in ([""] * len(rows), ["a"] * len(rows), ["the same words"] * len(rows)):
        _, on = ground(rows, texts)
        nodes, found = traits(on, 3)
        assert len(nodes)
        assert np.isfinite(found).all()


def test_copies_are_one_row_that_counts_as_many_posts() -> None:
    rows, knot = knots(groups=0, size=0, noise=30)
    copied = np.concatenate((rows, np.repeat(rows[:1], 4, axis=0)))
    texts = texts_of(knot)
    _, on = ground(copied, texts + texts[:1] * 4)

    nodes, found = traits(on, 3)

    [place] = np.flatnonzero((nodes < on.forest.leaves) & (on.forest.mass[nodes] == 5))
    told = dict(zip(TRAITS, found[place].tolist(), strict=True))
    assert [told[t] for t in ("alike", "inside", "kept")] == pytest.approx([1, 1, 1], abs=1e-5)
    assert told["distinct"] == pytest.approx(1 / 5)
