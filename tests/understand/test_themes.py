from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.themes import carry_over, staying


def clusters(*groups: str) -> list[frozenset[str]]:
    """One cluster a word, one post a letter."""
    return [frozenset(group) for group in groups]


def standing(**themes: str) -> dict[str, str]:
    return {key: theme for theme, keys in themes.items() for key in keys}


def test_first_themes_are_numbered_by_their_smallest_key() -> None:
    plan = carry_over({}, clusters("xyz", "abc"), next_number=1)

    assert plan.ids == ("T2", "T1")
    assert plan.new == {"T1", "T2"}
    assert plan.next_number == 3


def test_a_theme_keeps_its_id_when_it_grows() -> None:
    plan = carry_over(standing(T4="abc"), clusters("abcdef"), next_number=9)

    assert plan.ids == ("T4",)
    assert plan.assignment == dict.fromkeys("abcdef", "T4")
    assert not plan.new
    assert plan.next_number == 9


def test_the_greater_overlap_keeps_the_id_of_a_split_theme() -> None:
    plan = carry_over(standing(T1="abcdefg"), clusters("abc", "defg"), next_number=2)

    assert plan.ids == ("T2", "T1")
    assert plan.new == {"T2"}


def test_a_merged_theme_leaves_its_posts_to_the_larger_one() -> None:
    plan = carry_over(standing(T1="abc", T2="defg"), clusters("abcdefg"), next_number=3)

    assert plan.ids == ("T2",)
    assert plan.merged == {"T1": "T2"}
    assert not plan.dissolved


def test_between_equals_the_older_theme_keeps_its_name() -> None:
    plan = carry_over(standing(T10="abc", T9="def"), clusters("abcdef"), next_number=11)

    assert plan.ids == ("T9",)
    assert plan.merged == {"T10": "T9"}


def test_a_theme_whose_posts_all_became_noise_dissolves() -> None:
    plan = carry_over(standing(T1="abc"), clusters("xyz"), next_number=2)

    assert plan.dissolved == {"T1"}
    assert plan.ids == ("T2",)


def test_numbers_are_never_given_twice() -> None:
    with pytest.raises(ValueError, match="already given"):
        carry_over(standing(T5="abc"), clusters("xyz"), next_number=5)


def test_a_cluster_without_members_is_an_error() -> None:
    with pytest.raises(ValueError, match="must have members"):
        carry_over({}, [frozenset()], next_number=1)


keys = st.integers(0, 30).map(lambda n: f"k{n:02}")
labels = st.dictionaries(keys, st.integers(0, 5), max_size=30)


def grouped(labelled: dict[str, int]) -> list[frozenset[str]]:
    return [
        frozenset(k for k, v in labelled.items() if v == n) for n in sorted(set(labelled.values()))
    ]


@given(labels, labels, st.randoms())
def test_every_run_is_a_lawful_renaming_whatever_the_order(
    before: dict[str, int], after: dict[str, int], random: Random
) -> None:
    first = carry_over({}, grouped(before), 1)
    now = grouped(after)
    plan = carry_over(first.assignment, now, first.next_number)

    assert len(set(plan.ids)) == len(now)
    assert set(plan.assignment) == set(after)
    gone = set(first.assignment.values()) - set(plan.ids)
    assert gone == set(plan.merged) | plan.dissolved
    assert set(plan.merged.values()) <= set(plan.ids)
    random.shuffle(now)
    assert carry_over(first.assignment, now, first.next_number).assignment == plan.assignment


@given(labels)
def test_the_same_clusters_again_change_nothing(labelled: dict[str, int]) -> None:
    first = carry_over({}, grouped(labelled), 1)
    again = carry_over(first.assignment, grouped(labelled), first.next_number)

    assert again.assignment == first.assignment
    assert not again.new
    assert not again.merged
    assert not again.dissolved


def test_posts_that_are_fixed_stay_wherever_they_would_go() -> None:
    stood = standing(T1="abc", T2="def")
    plan = carry_over(stood, clusters("abxy", "cdef"), next_number=3)

    kept = staying(plan, standing(T1="abc"), {})

    assert kept.assignment == standing(T1="abcxy", T2="def")
    assert kept.new == frozenset()


def test_what_would_be_new_joins_the_theme_most_of_its_fixed_posts_stand_in() -> None:
    stood = standing(T1="abcd", T2="efgh")
    plan = carry_over(stood, clusters("abc", "fgh", "dexy"), next_number=3)
    assert plan.new == {"T3"}

    kept = staying(plan, stood, {})

    assert kept.assignment == standing(T1="abcdxy", T2="efgh")
    assert kept.new == frozenset()
    assert set(kept.ids) == {"T1", "T2"}


def test_what_is_barred_from_the_theme_it_would_join_joins_none() -> None:
    stood = standing(T1="abcd")
    plan = carry_over(stood, clusters("abc", "dxy"), next_number=2)

    kept = staying(plan, stood, {"x": {"T1"}})

    assert kept.assignment == standing(T1="abcdy")


def test_a_theme_with_fixed_posts_neither_dissolves_nor_merges() -> None:
    stood = standing(T1="abc", T2="def", T3="ghi")
    plan = carry_over(stood, clusters("abcdefx"), next_number=4)
    assert plan.merged == {"T2": "T1"}
    assert plan.dissolved == {"T3"}

    kept = staying(plan, standing(T2="def", T3="g"), {})

    assert kept.merged == {}
    assert kept.dissolved == frozenset()
    assert kept.assignment == standing(T1="abcx", T2="def", T3="g")
