from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.understand.clean import ENOUGH, is_clean, parted
from bot.understand.cluster import AverageTree, ground
from bot.understand.standing import NOISE
from bot.understand.traits import Ground

Rows = NDArray[np.float32]
Whole = NDArray[np.int64]


def a_corpus(*sizes: int, lone: int = 0, spread: float = 1.0, seed: int = 5) -> tuple[Rows, Whole]:
    """Rows in loose groups of these sizes and `lone` ones of their own, with their group or -1."""
    rng = np.random.default_rng(seed)
    group = np.concatenate((np.repeat(np.arange(len(sizes)), sizes), np.full(lone, -1)))
    centre = unit(rng.standard_normal((len(sizes), 384)))
    apart = unit(rng.standard_normal((len(group), 384)))
    rows = np.where(group[:, None] >= 0, centre[group] + spread * apart, apart)
    return unit(rows).astype(np.float32), group.astype(np.int64)


def unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def on(rows: Rows) -> tuple[Whole, Ground]:
    return ground(rows, [f"word{n}" for n in range(len(rows))])


def clean(rows: Rows) -> bool:
    return is_clean(on(rows)[1].forest)


def same_groups(labels: Whole, group: Whole) -> bool:
    pairs = set(zip(labels.tolist(), group.tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_posts_that_all_stand_in_large_groups_have_no_noise():
    assert clean(a_corpus(*[60] * 20)[0])


def test_posts_most_of_which_stand_alone_are_noise():
    assert not clean(a_corpus(*[60] * 8, lone=720)[0])


def test_many_small_themes_are_no_sign_of_a_lack_of_noise():
    assert not clean(a_corpus(*[6] * 200, spread=0.4)[0])


def test_one_outage_that_all_speak_of_does_not_hide_the_noise_around_it():
    assert not clean(a_corpus(900, lone=600)[0])
    assert not clean(a_corpus(900, 60, lone=600)[0])


def test_few_posts_do_not_tell_how_much_of_them_is_noise():
    sizes = [ENOUGH // 20] * 20
    assert clean(a_corpus(*sizes)[0])
    assert not clean(a_corpus(*sizes[:-1], sizes[-1] - 1)[0])


def test_copies_count_as_the_posts_that_they_are():
    rows, _ = a_corpus(*[60] * 10, lone=30)
    assert not clean(rows)
    assert clean(np.concatenate((rows, rows)))


def test_nothing_is_parted_where_there_is_noise():
    assert parted(on(a_corpus(*[60] * 8, lone=720)[0])[1], 3) is None


@pytest.mark.parametrize(("groups", "size"), [(12, 120), (30, 60)])
def test_the_posts_themselves_say_into_how_many_groups_they_part(groups, size):
    rows, group = a_corpus(*[size] * groups)
    index, found = on(rows)
    labels = parted(found, 3)
    assert labels is not None
    assert same_groups(labels[index], group)


def test_groups_of_several_sizes_are_told_apart_and_strays_join_the_closest():
    rows, group = a_corpus(400, 200, 200, 100, 100, 50, 50, 50, spread=1.3)
    labels = AverageTree().clusters(rows, ["word"] * len(rows))
    assert (labels >= 0).mean() > 0.99
    assert same_groups(labels[labels >= 0], group[labels >= 0])


def test_what_is_close_to_no_group_stays_alone():
    rows, group = a_corpus(*[100] * 12, lone=40)
    labels = AverageTree().clusters(rows, ["word"] * len(rows))
    assert (labels[group < 0] == -1).all()
    assert (labels[group >= 0] >= 0).all()


def test_no_group_is_smaller_than_asked_for():
    rows, _ = a_corpus(*[200] * 6, 40, spread=1.0)
    labels = AverageTree(smallest=60).clusters(rows, ["word"] * len(rows))
    assert np.bincount(labels[labels >= 0]).min() >= 60


def test_the_order_of_posts_changes_nothing():
    rows, _ = a_corpus(*[50] * 30, spread=1.2)
    texts = [f"word{n}" for n in range(len(rows))]
    labels = AverageTree().clusters(rows, texts)
    order = np.random.default_rng(1).permutation(len(rows))
    shuffled = AverageTree().clusters(rows[order], [texts[n] for n in order])
    assert same_groups(shuffled, labels[order])


def test_posts_that_go_on_in_the_same_groups_keep_them():
    rows, group = a_corpus(*[60] * 20)
    labels = AverageTree().clusters(rows, ["word"] * len(rows), stood=group)
    assert same_groups(labels, group)


def test_posts_that_were_grouped_among_noise_are_not_parted_when_they_look_clean_for_once():
    rows, group = a_corpus(*[60] * 20)
    texts = [f"word{n}" for n in range(len(rows))]
    among_noise = np.where(np.arange(len(rows)) < 60, 1, NOISE)

    held = AverageTree().clusters(rows, texts, among_noise)

    assert clean(rows)
    assert same_groups(AverageTree().clusters(rows, texts), group)
    assert not same_groups(held, group)
