from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.compared import DRAWS, FEWEST, Verdict, compared
from bot.understand.measures import (
    Figures,
    KindTally,
    Labels,
    Mean,
    PairTally,
    Reals,
    SearchTally,
    ThemeTally,
    macro_f1,
    score,
    whole,
)


def of_themes(found: list[int], truth: list[str]) -> Figures:
    return whole(ThemeTally.of(np.array(found), truth))


def all_of(truth: list[str]) -> frozenset[str]:
    return frozenset(truth)


# Themes


def test_a_perfect_partition_has_every_figure_at_one():
    told = of_themes([0, 0, 0, 1, 1, 1, -1, -1], [*"aaabbb", "noise-1", "noise-2"])
    assert told == {
        "theme_f": 1,
        "good": 1,
        "found": 1,
        "b_cubed": 1,
        "noise_out": 1,
        "themes": 2,
    }


def test_a_found_theme_is_good_from_sixty_percent_of_one_true_theme_on():
    assert of_themes([0] * 5, list("aaabb"))["good"] == 1
    assert of_themes([0] * 7, list("aaaabbb"))["good"] == 0


def test_a_true_theme_is_found_when_half_of_it_is_half_of_a_found_one():
    assert of_themes([0, 0, -1, -1], list("aaaa"))["found"] == 1
    assert of_themes([0, -1, -1, -1, -1], list("aaaaa"))["found"] == 0
    assert of_themes([0] * 5, list("aabbb"))["found"] == 1, "a has two posts: it need not be found"


def test_b_cubed_is_told_of_the_posts_with_a_theme_and_takes_the_rest_for_single_ones():
    told = of_themes([0, 0, -1, 0], ["a", "a", "a", "noise-1"])
    # Precision 1. Recall: two posts see two of three, one sees itself.
    recall = (2 / 3 + 2 / 3 + 1 / 3) / 3
    assert told["b_cubed"] == pytest.approx(2 * recall / (1 + recall))
    assert told["noise_out"] == 0


def test_without_noise_there_is_nothing_to_keep_out():
    assert math.isnan(of_themes([0, 0, 0], list("aaa"))["noise_out"])


def test_where_no_theme_is_found_none_is_good_and_none_found():
    told = of_themes([-1, -1, -1], list("aaa"))
    assert (told["good"], told["found"], told["theme_f"], told["themes"]) == (0, 0, 0, 0)


def test_a_score_tells_of_the_labels_in_half_alone():
    found, truth = np.array([0, 0, 0, 1, 1, 1]), list("aaabbc")
    assert score(found, truth, frozenset("a")).themes == 1
    assert score(found, truth, frozenset("a")).b_cubed == 1
    assert score(found, truth, frozenset("b")).b_cubed < 1


@given(st.lists(st.tuples(st.integers(-1, 4), st.sampled_from("abcdef")), min_size=1))
def test_every_figure_lies_between_nothing_and_all_and_names_of_groups_mean_nothing(pairs):
    found, truth = np.array([n for n, _ in pairs]), [name for _, name in pairs]
    told = score(found, truth, all_of(truth))
    for figure in (told.theme_f, told.good, told.found, told.b_cubed):
        assert math.isnan(figure) or 0 <= figure <= 1
    other = score(np.where(found < 0, -1, 9 - found), truth, all_of(truth))
    assert other.b_cubed == pytest.approx(told.b_cubed)
    assert (other.themes, other.good) == (told.themes, told.good)


def test_counting_every_label_twice_changes_no_share():
    tally = ThemeTally.of(np.array([0, 0, 1, 1, -1]), ["a", "a", "b", "a", "noise-1"])
    once, twice = whole(tally), tally.figures(np.full(len(tally.names), 2.0))
    assert {k: v for k, v in twice.items() if k != "themes"} == pytest.approx(
        {k: v for k, v in once.items() if k != "themes"}, nan_ok=True
    )


def test_the_mean_of_orders_is_the_mean_of_their_figures():
    truth = list("aaabbb")
    good, bad = np.array([0, 0, 0, 1, 1, 1]), np.full(6, -1)
    both = Mean((ThemeTally.of(good, truth), ThemeTally.of(bad, truth)))
    assert whole(both)["found"] == 0.5
    assert both.units == 2


# Kinds


def test_macro_f1_is_the_mean_over_the_kinds_that_somebody_named():
    assert macro_f1(["bug", "bug", "request"], ["bug", "bug", "request"]) == 1
    # bug: precision 2/3, recall 1; request: never found.
    assert macro_f1(["bug", "bug", "request"], ["bug", "bug", "bug"]) == pytest.approx(0.4)
    assert macro_f1(["bug", "bug"], ["bug", "spam"]) == pytest.approx(2 / 3)


def test_each_kind_has_its_precision_and_recall():
    told = whole(KindTally(("bug", "bug", "request"), ("bug", "request", "request")))
    assert (told["bug_precision"], told["bug_recall"]) == (1, 0.5)
    assert (told["request_precision"], told["request_recall"]) == (0.5, 1)
    assert told["right"] == pytest.approx(2 / 3)


def test_complaints_count_only_where_somebody_said():
    tally = KindTally(
        ("bug",) * 4, ("bug",) * 4, (True, True, False, None), (True, False, True, True)
    )
    told = whole(tally)
    assert (told["complaint_precision"], told["complaint_recall"]) == (0.5, 0.5)
    silent = KindTally(("bug",), ("bug",), (None,), (True,))
    assert "complaint_recall" not in whole(silent)


def test_what_a_label_or_a_title_decided_is_told_apart():
    tally = KindTally(("bug", "bug"), ("bug", "request"), by_words=(False, True))
    assert whole(tally)["macro_f1"] == pytest.approx(2 / 3)
    assert whole(tally)["macro_f1_by_words"] == 0
    assert "macro_f1_by_words" not in whole(KindTally(("bug",), ("bug",), by_words=(True,)))


# Duplicates and search


def a_pair(scores: list[float], same: list[int], linked: list[int]) -> PairTally:
    told = np.isin(np.arange(len(scores)), same)
    return PairTally((np.array(scores),), (told,), (np.array(linked),))


def test_a_duplicate_is_recalled_when_four_at_most_are_liked_better():
    four, five = [0.9] * 4 + [0.5], [0.9] * 5 + [0.5]
    assert whole(a_pair(four, [4], [4]))["recall_at_5"] == 1
    assert whole(a_pair(five, [5], [5]))["recall_at_5"] == 0
    assert whole(a_pair(five, [5], [5]))["mrr"] == pytest.approx(1 / 6)


def test_precision_is_told_at_the_score_where_half_of_the_links_are_found():
    # Two links, at 0.8 and 0.1: from 0.8 on there are three pairs, one of them right.
    told = whole(a_pair([0.9, 0.85, 0.8, 0.1], [2, 3], [2, 3]))
    assert told["precision_at_half_recall"] == pytest.approx(1 / 3)


def test_a_search_is_measured_by_what_it_brings_and_where():
    hits = (np.array([False, True]), np.array([], dtype=bool))
    told = whole(SearchTally(hits, (1, 2)))
    assert told["recall_at_10"] == 0.5
    assert told["mrr"] == 0.25
    assert told["ndcg_at_10"] == pytest.approx(1 / math.log2(3) / 2)


def test_ten_relevant_posts_on_top_are_a_perfect_ranking_even_if_there_are_more():
    told = whole(SearchTally((np.ones(10, dtype=bool),), (20,)))
    assert told["ndcg_at_10"] == pytest.approx(1)
    assert told["recall_at_10"] == 0.5


# Comparing


@dataclass(frozen=True)
class Right:
    """Units that were either right or not."""

    right: Reals
    unit = "post"

    @property
    def units(self) -> int:
        return len(self.right)

    @property
    def strata(self) -> Labels:
        return np.zeros(len(self.right), dtype=np.int64)

    def figures(self, weight: Reals) -> Figures:
        return {"right": float(weight @ self.right / weight.sum())}


def test_a_difference_that_every_draw_shows_is_told():
    worse, better = Right(np.zeros(FEWEST)), Right(np.ones(FEWEST))
    assert compared(worse, better, 7)["right"].verdict is Verdict.HIGHER
    assert compared(better, worse, 7)["right"].verdict is Verdict.LOWER


def test_from_too_few_no_difference_is_told_however_large():
    few = compared(Right(np.zeros(FEWEST - 1)), Right(np.ones(FEWEST - 1)), 7)["right"]
    assert (few.verdict, few.units) == (Verdict.UNTOLD, FEWEST - 1)


def test_what_is_alike_in_every_draw_is_called_the_same():
    one = Right(np.array([1.0, 0.0] * FEWEST))
    assert compared(one, one, 7)["right"].verdict is Verdict.SAME


def test_a_difference_within_chance_is_not_told():
    chance = np.random.default_rng(1)
    one, other = (Right(chance.integers(0, 2, 60).astype(float)) for _ in range(2))
    found = compared(one, other, 7)["right"]
    assert found.low < 0 < found.high
    assert found.verdict is Verdict.UNTOLD


def test_two_that_differ_by_chance_alone_are_seldom_told_apart():
    """The draws keep their word: about one in twenty."""
    chance, told = np.random.default_rng(3), 0
    for _ in range(60):
        one, other = (Right(chance.integers(0, 2, 40).astype(float)) for _ in range(2))
        told += compared(one, other, 7)["right"].verdict is not Verdict.UNTOLD
    assert told <= 9


def test_the_seed_decides_the_draws():
    one, other = Right(np.array([1.0, 0.0, 1.0] * 9)), Right(np.array([1.0, 1.0, 0.0] * 9))
    assert compared(one, other, 7) == compared(one, other, 7)
    assert compared(one, other, 7) != compared(one, other, 8)


def test_draws_keep_as_much_noise_as_there_is():
    truth = ["a", "b", "c", *(f"noise-{i}" for i in range(50))]
    seen: list[float] = []

    class Spy(ThemeTally):
        def figures(self, weight: Reals) -> Figures:
            seen.append(float(weight @ self.noise))
            return {"noise": 0.0}

    spy = Spy.of(np.full(53, -1), truth)
    compared(spy, spy, 7)
    assert len(seen) >= DRAWS
    assert set(seen) == {50.0}


def test_a_figure_without_anything_to_tell_stays_untold():
    truth = ["a"] * 4
    tally = ThemeTally.of(np.array([0, 0, 0, -1]), truth)
    found = compared(tally, tally, 7)["noise_out"]
    assert math.isnan(found.first)
    assert math.isnan(found.low)
    assert found.verdict is Verdict.SAME
