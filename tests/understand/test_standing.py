from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.understand.cluster import AverageTree
from bot.understand.forest import average_link, nearest
from bot.understand.odds import Odds
from bot.understand.standing import NEW, NOISE, STAYS, Standing
from tests.understand.test_cluster import groups_of, knots, texts_of

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]


def test_a_group_is_as_like_a_theme_as_the_rows_they_share_and_new_rows_do_not_count() -> None:
    rows, knot = knots(groups=2, size=6, noise=0)
    forest = average_link(rows, np.ones(12, np.int64), nearest(rows, 11))
    stood = np.array([7, 7, 7, 7, NEW, NEW, 2, 2, NOISE, NEW, NEW, NEW])

    found = Standing(stood).likeness(forest)

    below = [
        set(forest.order[s : s + n].tolist())
        for s, n in zip(forest.start, forest.rows, strict=True)
    ]
    first, second = below.index(set(range(6))), below.index(set(range(6, 12)))
    assert set(knot[:6]) == {0}
    assert found[first] == 1
    assert found[second] == 2 / 3
    assert found[0] == 1 / 4
    assert found.max() <= 1


def test_nobody_is_like_a_theme_where_there_is_none() -> None:
    rows, _ = knots(groups=1, size=4, noise=2)
    forest = average_link(rows, np.ones(6, np.int64), nearest(rows, 5))

    assert not Standing(np.full(6, NEW)).likeness(forest).any()
    assert not Standing(np.full(6, NOISE)).likeness(forest).any()


def leaning(cosine: float) -> Rows:
    """Three equal rows and one at a cosine to them."""
    same = np.tile(np.array([1, 0, 0], np.float32), (3, 1))
    return np.concatenate((same, [[cosine, (1 - cosine**2) ** 0.5, 0]])).astype(np.float32)


def test_who_left_for_no_theme_comes_back_if_the_theme_is_close() -> None:
    labels = np.array([4, 4, 4, NOISE])
    standing = Standing(np.array([1, 1, NEW, 1]))

    assert standing.kept(labels, leaning(STAYS + 0.01)).tolist() == [4, 4, 4, 4]
    assert standing.kept(labels, leaning(STAYS - 0.01)).tolist() == [4, 4, 4, NOISE]
    assert labels.tolist() == [4, 4, 4, NOISE]


def test_who_never_stood_there_or_went_elsewhere_is_left_alone() -> None:
    rows = leaning(0.9)

    strangers = Standing(np.array([1, 1, 1, NEW])).kept(np.array([4, 4, 4, NOISE]), rows)
    gone = Standing(np.array([1, 1, 1, 1])).kept(np.array([4, 4, 4, 5]), rows)
    fallen = Standing(np.array([1, 1, 1, 1])).kept(np.array([NOISE] * 4), rows)

    assert strangers.tolist() == [4, 4, 4, NOISE]
    assert gone.tolist() == [4, 4, 4, 5]
    assert fallen.tolist() == [NOISE] * 4


def test_of_copies_the_theme_speaks_and_not_those_that_are_new() -> None:
    found = Standing.of(np.array([NEW, 3, NOISE, NEW]), np.array([0, 0, 1, 2]), 3)

    assert found.theme.tolist() == [3, NOISE, NEW]


def test_what_stands_needs_less_to_stay_than_what_is_new_needs_to_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, knot = knots(groups=2, size=6, noise=20)
    monkeypatch.setattr(Odds, "of", lambda _, found: np.full(len(found), 0.1))
    stood = np.where(knot == 0, 0, NOISE)
    stood[0] = NEW

    held = AverageTree().clusters(rows, texts_of(knot), stood)

    assert not groups_of(AverageTree().clusters(rows, texts_of(knot)))
    assert groups_of(held) == {frozenset(range(6))}


def test_the_order_of_posts_changes_nothing_for_what_stands() -> None:
    rows, knot = knots(groups=20, size=6, noise=200, spread=1.2)
    texts = texts_of(knot)
    stood = np.where(np.arange(len(rows)) % 3 == 0, NEW, AverageTree().clusters(rows, texts))
    held = AverageTree().clusters(rows, texts, stood)
    assert len(groups_of(held)) > 3

    shuffled = np.random.default_rng(3).permutation(len(rows))
    back = np.empty(len(rows), dtype=np.int64)
    back[shuffled] = AverageTree().clusters(
        rows[shuffled], [texts[i] for i in shuffled], stood[shuffled]
    )

    assert groups_of(back) == groups_of(held)


def test_it_is_known_whether_most_of_what_was_placed_stands_in_a_theme() -> None:
    assert Standing(np.array([1, NOISE, NEW, NEW, NEW])).mostly_placed()
    assert not Standing(np.array([1, NOISE, NOISE, NEW])).mostly_placed()
    assert Standing(np.array([NEW, NEW])).mostly_placed()
