from __future__ import annotations

import csv
import gzip
import json
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.understand.cluster import AverageTree, Clusterer
from bot.understand.embed import MiniLM, words_of
from bot.understand.standing import NOISE
from tests.shared import shared
from tests.understand.corpus import real_posts

DOUBTFUL = {f"anthropics/claude-code#{n}" for n in (12994, 14173, 14199)}


def knots(
    groups: int, size: int, noise: int, spread: float = 0.4, seed: int = 5
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unit rows in `groups` tight knots among lone rows, and the knot of each (-1 for lone)."""
    rng = np.random.default_rng(seed)
    centres = _unit(rng.standard_normal((max(groups, 1), 384)))
    knot = np.concatenate((np.repeat(np.arange(groups), size), np.full(noise, -1)))
    rows = rng.standard_normal((len(knot), 384))
    rows = np.where(knot[:, None] >= 0, centres[knot] + spread * _unit(rows), rows)
    return _unit(rows).astype(np.float32), knot


def texts_of(knot: NDArray[np.int64], seed: int = 5) -> list[str]:
    """Three words each: in a knot two of them are the knot's own, elsewhere all are chance."""
    rng = np.random.default_rng(seed)
    chance = [f"word{number}" for number in range(4_000)]
    return [
        " ".join(
            (f"part{k}", f"fault{k}", *rng.choice(chance, 1)) if k >= 0 else rng.choice(chance, 3)
        )
        for k in knot.tolist()
    ]


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def groups_of(labels: NDArray[np.int64]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == x).tolist()) for x in set(labels.tolist()) - {-1}}


def test_knots_are_found_and_lone_rows_left_alone() -> None:
    rows, knot = knots(groups=12, size=7, noise=150)
    clusterer: Clusterer = AverageTree()

    labels = clusterer.clusters(rows, texts_of(knot))

    assert groups_of(labels) == groups_of(knot)
    assert (labels[knot == -1] == -1).mean() > 0.95


def test_the_order_of_rows_changes_nothing() -> None:
    rows, knot = knots(groups=15, size=6, noise=200, spread=0.9)
    rows = np.concatenate((rows, rows[:40], rows[:10]))
    texts = np.array(texts_of(np.concatenate((knot, knot[:40], knot[:10]))))
    labels = AverageTree().clusters(rows, texts.tolist())
    assert groups_of(labels)

    for seed in range(4):
        shuffled = np.random.default_rng(seed).permutation(len(rows))
        back = np.empty(len(rows), dtype=np.int64)
        back[shuffled] = AverageTree().clusters(rows[shuffled], texts[shuffled].tolist())
        assert groups_of(back) == groups_of(labels)


def test_two_rows_make_no_theme_and_three_do() -> None:
    rows, knot = knots(groups=1, size=2, noise=60)
    assert not groups_of(AverageTree().clusters(rows, texts_of(knot)))

    rows, knot = knots(groups=1, size=3, noise=60)
    assert groups_of(AverageTree().clusters(rows, texts_of(knot))) == groups_of(knot)


def test_copies_of_one_row_are_one_theme() -> None:
    rows, knot = knots(groups=0, size=0, noise=50)
    copied = np.concatenate((rows, np.repeat(rows[:1], 6, axis=0)))
    texts = texts_of(knot)
    texts += texts[:1] * 6

    assert groups_of(AverageTree().clusters(copied, texts)) == {frozenset((0, *range(50, 56)))}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_rows_make_no_theme(count: int) -> None:
    rows = knots(groups=0, size=0, noise=5)[0][:count]

    assert AverageTree().clusters(rows, ["one word"] * count).tolist() == [-1] * count


def test_thousands_of_near_copies_are_one_theme() -> None:
    rng = np.random.default_rng(0)
    rows = np.ones((6_000, 384)) + 0.01 * rng.standard_normal((6_000, 384))

    labels = AverageTree().clusters(
        _unit(rows).astype(np.float32), texts_of(np.zeros(6_000, np.int64))
    )

    assert set(labels.tolist()) == {0}


def test_a_theme_that_most_posts_are_about_is_not_taken_for_the_background() -> None:
    rows, knot = knots(groups=1, size=1_200, noise=800, spread=0.4)

    labels = AverageTree().clusters(rows, texts_of(knot))

    assert (labels[knot == 0] >= 0).mean() > 0.9
    assert (labels[knot == -1] == -1).mean() > 0.9


def test_six_thousand_rows_take_little_time() -> None:
    rows, knot = knots(groups=300, size=8, noise=3_680)
    texts = texts_of(knot)
    start = perf_counter()
    AverageTree().clusters(rows, texts)

    assert perf_counter() - start < 10  # about 2 s on a quiet machine


def test_labelled_streams_are_told_apart_from_their_noise(minilm: MiniLM) -> None:
    path = shared("corpus", "labelled", "stream_dev.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][::3]
    noise = np.array([row["label"].startswith("noise-") for row in rows])
    texts = [row["text"] for row in rows]
    labels = AverageTree().clusters(minilm.encode(texts), texts)

    assert (labels[noise] == -1).mean() > 0.7
    assert (labels[~noise] >= 0).mean() > 0.4


def test_the_burst_of_one_fault_is_one_theme_and_nothing_else(minilm: MiniLM) -> None:
    path = shared("corpus", "claude_code.jsonl.gz")
    with shared("corpus", "gold", "claude_code_cluster_compact.tsv").open(newline="") as lines:
        burst = {row["id"] for row in csv.DictReader(lines, delimiter="\t")}
    posts = [p for p in real_posts(path, "2025-12-10", "2025-12-17") if p.opens]
    texts = [words_of(post) for post in posts]
    labels = AverageTree().clusters(minilm.encode(texts), texts)

    ids = np.array([post.external_id for post in posts])
    sure = np.isin(ids, sorted(burst - DOUBTFUL))
    theme = np.bincount(labels[sure & (labels >= 0)]).argmax()
    members = set(ids[labels == theme].tolist())
    assert len(members & (burst - DOUBTFUL)) >= 11
    assert len(members - burst) <= 2


@pytest.mark.parametrize(("posts", "label"), [(1, NOISE), (2, NOISE), (3, 0), (50, 0)])
def test_posts_that_all_say_the_very_same_are_one_theme_from_three_on(posts: int, label: int):
    vectors = np.full((posts, 4), 0.5, dtype=np.float32)
    assert set(AverageTree().clusters(vectors, ["It crashes"] * posts).tolist()) == {label}
