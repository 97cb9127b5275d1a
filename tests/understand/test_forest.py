from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.cluster.hierarchy import cophenet, linkage

from bot.understand import forest as woods
from bot.understand.forest import LEAST, Forest, average_link, nearest

Rows = NDArray[np.float32]


def alike_rows(count: int, seed: int) -> Rows:
    """Unit rows around one direction: all of them more alike than LEAST."""
    rng = np.random.default_rng(seed)
    rows = 1.0 + 0.8 * rng.standard_normal((count, 24))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def forest_of(rows: Rows, weight: NDArray[np.int64] | None = None) -> Forest:
    return average_link(
        rows, np.ones(len(rows), np.int64) if weight is None else weight, nearest(rows, len(rows))
    )


def rows_below(forest: Forest, node: int) -> set[int]:
    start = forest.start[node]
    return set(forest.order[start : start + forest.rows[node]].tolist())


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_tree_of_one_merge_at_a_time(seed: int) -> None:
    rows = alike_rows(30, seed)
    apart = 1 - rows @ rows.T
    theirs = cophenet(linkage(apart[np.triu_indices(30, 1)].astype(float), "average"))

    forest = forest_of(rows)

    ours = np.zeros((30, 30))
    for node in range(30, len(forest.mass)):
        below = sorted(rows_below(forest, node))
        inner = np.ix_(below, below)
        ours[inner] = np.where(ours[inner] == 0, 1 - forest.height[node], ours[inner])
    assert np.allclose(ours[np.triu_indices(30, 1)], theirs, atol=1e-5)


def test_of_pairs_that_are_equally_alike_the_first_merges_first() -> None:
    around = np.eye(4, dtype=np.float32) + np.roll(np.eye(4, dtype=np.float32), 1, axis=1)
    forest = forest_of(around / np.float32(np.sqrt(2)))
    assert forest.children.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_a_row_that_stands_for_several_posts_weighs_as_much() -> None:
    rows = alike_rows(12, 1)
    weight = np.array([1, 3, 1, 1, 5, 1, 1, 2, 1, 1, 1, 1])

    forest = forest_of(rows, weight)

    posts = np.repeat(rows, weight, axis=0)
    similarity = posts @ posts.T
    every = similarity[np.triu_indices(len(posts), 1)].mean()
    [root] = np.flatnonzero(forest.parent == -1)
    assert forest.mass[root] == weight.sum()
    assert forest.alikeness()[root] == pytest.approx(every, abs=1e-5)


def test_rows_of_a_node_stand_side_by_side() -> None:
    forest = forest_of(alike_rows(40, 2))

    assert sorted(forest.order.tolist()) == list(range(40))
    for node, (left, right) in enumerate(forest.children.tolist(), start=40):
        assert rows_below(forest, node) == rows_below(forest, left) | rows_below(forest, right)
        assert forest.parent[left] == forest.parent[right] == node


def test_strangers_are_not_merged() -> None:
    rows = np.eye(6, dtype=np.float32)

    forest = forest_of(rows)

    assert not len(forest.children)
    assert forest.parent.tolist() == [-1] * 6
    assert float((rows @ rows.T - np.eye(6)).max()) < LEAST


@pytest.mark.parametrize("count", [1, 2])
def test_few_rows_have_few_neighbours(count: int) -> None:
    rows = alike_rows(count, 3)
    near = nearest(rows, 50)

    assert near.row.shape == (count, count - 1)
    assert len(forest_of(rows).children) == count - 1


def test_neighbours_are_the_nearest_first() -> None:
    rows = alike_rows(50, 4)
    near = nearest(rows, 7)

    similarity = rows @ rows.T
    np.fill_diagonal(similarity, -2)
    assert np.allclose(near.similarity, np.sort(similarity, axis=1)[:, :-8:-1], atol=1e-6)
    assert np.allclose(np.take_along_axis(similarity, near.row, axis=1), near.similarity, atol=1e-6)


def test_among_many_rows_most_of_the_nearest_are_found_in_the_cells_around(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(6)
    rows = rng.standard_normal((400, 24))[np.arange(6_000) % 400] + 0.4 * rng.standard_normal(
        (6_000, 24)
    )
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    exact = nearest(rows, 12)
    monkeypatch.setattr(woods, "_EXACT", 1_000)
    monkeypatch.setattr(woods, "_CELL", 64)

    near, again = nearest(rows, 12), nearest(rows, 12)

    assert near.row.shape == exact.row.shape == (6_000, 12)
    assert np.array_equal(near.row, again.row)
    assert not (near.row == np.arange(6_000)[:, None]).any()
    own = np.repeat(np.arange(6_000), 12)
    cosines = np.einsum("ij,ij->i", rows[own], rows[near.row.ravel()])
    assert np.allclose(near.similarity.ravel(), cosines, atol=1e-5)
    assert (np.diff(near.similarity, axis=1) <= 0).all()
    found = [
        len(set(a) & set(b)) for a, b in zip(near.row.tolist(), exact.row.tolist(), strict=True)
    ]
    assert np.mean(found) > 0.95 * 12
    assert np.mean(near.row[:, 0] == exact.row[:, 0]) > 0.97


def test_where_all_rows_are_one_cell_the_neighbours_are_there_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = alike_rows(300, 7)
    monkeypatch.setattr(woods, "_EXACT", 100)
    monkeypatch.setattr(woods, "_CELL", 30)
    monkeypatch.setattr(woods, "_PROBES", 1)

    near = nearest(rows, 250)

    assert near.row.shape == (300, 250)
    assert all(len(set(row)) == 250 for row in near.row.tolist())
