from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Decision, Deed, Part, Touched
from bot.understand.decided import NOTHING, Rules, builds_on, last, obeying, rules
from bot.understand.themes import Plan, carry_over
from tests.builders import NOW


def clusters(*groups: str) -> list[frozenset[str]]:
    """One cluster a word, one post a letter."""
    return [frozenset(group) for group in groups]


def standing(**themes: str) -> dict[str, str]:
    return {key: theme for theme, keys in themes.items() for key in keys}


def some_rules(**fields: object) -> Rules:
    return replace(NOTHING, **fields)  # type: ignore[arg-type] # a test names the fields it needs


def run(stood: dict[str, str], found: list[frozenset[str]], decided: Rules) -> Plan:
    keys = frozenset().union(*found, stood)
    return obeying(stood, found, decided, 50, lambda _, groups: 0, keys)


def a_decision(number: int, deed: Deed, *touched: Touched, **fields: object) -> Decision:
    plain = Decision(number, NOW, "ann", deed, touched=touched)
    return replace(plain, **fields)  # type: ignore[arg-type] # a test names the fields it needs


def placed(keys: str, theme: str | None, part: Part = Part.IN, **fields: object) -> list[Touched]:
    plain = [Touched(ord(key), key, part, theme) for key in keys]
    return [replace(one, **fields) for one in plain]  # type: ignore[arg-type] # as above


@given(
    st.lists(st.integers(-1, 6), min_size=1, max_size=20),
    st.lists(st.integers(0, 6), min_size=20, max_size=20),
)
def test_without_decisions_it_is_carry_over(labels, stood):
    found: dict[int, set[str]] = {}
    for row, label in enumerate(labels):
        found.setdefault(label, set()).add(f"p{row}")
    groups = [frozenset(members) for label, members in found.items() if label >= 0]
    before = {f"p{row}": f"T{theme}" for row, theme in enumerate(stood) if theme}
    keys = {f"p{row}" for row in range(20)}
    assert obeying(before, groups, NOTHING, 50, lambda *_: 0, keys) == carry_over(
        before, groups, 50
    )


@given(
    st.lists(st.integers(-1, 4), min_size=14, max_size=14),
    st.lists(st.sampled_from([None, None, "T1", "T2", "T3"]), min_size=14, max_size=14),
    st.lists(st.sampled_from(["free", "free", "T1", "T2", "T3", "none"]), min_size=14, max_size=14),
    st.lists(st.booleans(), min_size=14, max_size=14),
)
def test_every_run_obeys_and_the_same_clusters_again_and_again_settle(labels, stood, home, drawing):
    keys = "abcdefghijklmn"
    before = {key: theme for key, theme in zip(keys, stood, strict=True) if theme}
    told = {
        key: (None if theme == "none" else theme)
        for key, theme in zip(keys, home, strict=True)
        if theme != "free"
    }
    decided = some_rules(
        home=told,
        drawing={k for k, draws in zip(keys, drawing, strict=True) if draws and told.get(k)},
        apart={frozenset(("T1", "T2"))},
        kept={"T3"},
    )
    groups = [
        frozenset(k for k, own in zip(keys, labels, strict=True) if own == label)
        for label in range(5)
    ]
    groups = [group for group in groups if group]
    runs = [before]
    for number in range(50, 250, 50):
        plan = obeying(runs[-1], groups, decided, number, lambda *_: 0, frozenset(keys))
        assert all(plan.assignment.get(key) == theme for key, theme in told.items())
        runs.append(dict(plan.assignment))
    assert runs[-1] == runs[-2]


def test_a_post_of_no_theme_is_in_no_cluster_and_its_theme_lives_on():
    plan = run(standing(T1="abcd"), clusters("abcd"), some_rules(home={"a": None}))
    assert plan.assignment == dict.fromkeys("bcd", "T1")


def test_clusters_of_merged_themes_go_to_the_one_that_stays_with_what_is_new_in_them():
    merged = some_rules(home=dict.fromkeys("abcdef", "T1"), drawing=set("abcdef"))
    plan = run(standing(T1="abcdef"), clusters("abcx", "defy"), merged)
    assert plan.assignment == dict.fromkeys("abcdefxy", "T1")


def test_a_cluster_where_a_merged_theme_has_no_majority_is_not_drawn_to_it():
    merged = some_rules(home=dict.fromkeys("abc", "T1"), drawing=set("abc"))
    plan = run(standing(T1="abc", T2="defgh"), clusters("ab", "cdefgh"), merged)
    assert plan.assignment == {**dict.fromkeys("abc", "T1"), **dict.fromkeys("defgh", "T2")}


def test_themes_that_meet_in_a_cluster_though_they_were_split_are_parted():
    split = some_rules(apart={frozenset(("T1", "T2"))}, barred={"a": {"T2"}})
    plan = run(standing(T1="abc", T2="def", T3="gh"), clusters("abcdefgh"), split)
    assert {plan.assignment[key] for key in "abc"} == {"T1"}
    assert {plan.assignment[key] for key in "def"} == {"T2"}


def test_a_post_that_was_told_apart_from_a_theme_never_comes_in():
    split = some_rules(barred={"a": {"T2"}})
    plan = run(standing(T2="def"), clusters("adefx"), split)
    assert plan.assignment == dict.fromkeys("defx", "T2")


def test_a_theme_that_is_kept_gets_its_posts_back_when_it_would_be_lost():
    kept = some_rules(kept={"T2"})
    plan = run(standing(T1="abcd", T2="ef"), clusters("abcdefg"), kept)
    assert plan.assignment == {**dict.fromkeys("abcdg", "T1"), **dict.fromkeys("ef", "T2")}
    assert (plan.merged, plan.dissolved) == ({}, frozenset())


def test_a_theme_whose_posts_people_moved_away_is_merged_where_most_of_them_went():
    moved = some_rules(home={"a": "T2", "b": "T2", "c": "T3", "x": "T2", "y": "T3"})
    plan = run(standing(T1="abc", T2="x", T3="y"), clusters("abc"), moved)
    assert plan.merged == {"T1": "T2"}


def test_the_last_decision_on_a_post_has_the_last_word():
    decided = rules(
        [
            a_decision(1, Deed.MOVE, *placed("a", "T1"), theme="T1"),
            a_decision(2, Deed.NOT_US, *placed("ab", None, Part.OUT)),
            a_decision(3, Deed.MOVE, *placed("b", "T2"), theme="T2"),
        ]
    )
    assert decided.home == {"a": None, "b": "T2"}


def test_what_was_undone_says_nothing():
    undone = a_decision(1, Deed.MOVE, *placed("a", "T1"), theme="T1", undone_at=NOW)
    assert rules([undone]) == NOTHING


def test_homes_follow_their_theme_when_it_goes_into_another():
    decided = rules(
        [
            a_decision(1, Deed.MOVE, *placed("a", "T1"), theme="T1"),
            a_decision(2, Deed.RENAME, theme="T1", label="x"),
            a_decision(3, Deed.MERGE, *placed("b", "T2"), theme="T1", into="T2"),
            a_decision(4, Deed.MERGE, *placed("b", "T3"), theme="T2", into="T3"),
        ]
    )
    assert decided.home == {"a": "T3", "b": "T3"}
    assert decided.kept == {"T3"}


def test_the_last_word_on_a_theme_goes_along_with_a_merge_unless_the_other_has_its_own():
    merged = a_decision(3, Deed.MERGE, theme="T2", into="T1")
    twos = a_decision(1, Deed.ASSIGN, theme="T2", to="bob")
    again = a_decision(2, Deed.ASSIGN, theme="T2", to="cy")
    ones = a_decision(1, Deed.ASSIGN, theme="T1", to="ann")
    assert last(Deed.ASSIGN, [twos, again]) == {"T2": again}
    assert last(Deed.ASSIGN, [twos, again, merged]) == {"T1": again}
    assert last(Deed.ASSIGN, [ones, twos, again, merged]) == {"T1": ones}
    gone = replace(merged, undone_at=NOW)
    assert last(Deed.ASSIGN, [twos, gone]) == {"T2": twos}
    assert last(Deed.LINK, [twos]) == {}


def test_no_run_lets_go_of_what_was_assigned_or_linked():
    deeds = (Deed.ASSIGN, Deed.LINK, Deed.ACKNOWLEDGE)
    decided = rules(a_decision(n, deed, theme=f"T{n}") for n, deed in enumerate(deeds, 1))
    assert decided.kept == {"T1", "T2"}


MERGE = a_decision(1, Deed.MERGE, *placed("ab", "T1", stood="T2"), theme="T2", into="T1")
SPLIT = a_decision(
    1, Deed.SPLIT, *placed("a", "T9"), *placed("b", "T9", Part.APART), theme="T1", into="T9"
)
NAMED = a_decision(1, Deed.RENAME, theme="T1", label="x")
KIND = a_decision(1, Deed.KIND, *placed("a", None, Part.KIND))


@pytest.mark.parametrize(
    ("later", "earlier", "builds"),
    [
        (a_decision(2, Deed.MOVE, *placed("b", None, Part.OUT)), MERGE, True),
        (a_decision(2, Deed.MOVE, *placed("c", "T1"), theme="T1"), MERGE, False),
        (a_decision(2, Deed.MOVE, *placed("c", "T9"), theme="T9"), SPLIT, True),
        (a_decision(2, Deed.RENAME, theme="T9"), SPLIT, True),
        (a_decision(2, Deed.RENAME, theme="T1"), SPLIT, False),
        (a_decision(2, Deed.RENAME, theme="T1"), NAMED, True),
        (a_decision(2, Deed.MUTE, theme="T1"), NAMED, False),
        (a_decision(2, Deed.LINK, theme="T1"), a_decision(1, Deed.LINK, theme="T1"), True),
        (a_decision(2, Deed.ASSIGN, theme="T9"), SPLIT, True),
        (a_decision(2, Deed.KIND, *placed("a", None, Part.KIND)), KIND, True),
        (a_decision(2, Deed.MOVE, *placed("a", "T1"), theme="T1"), KIND, False),
        (a_decision(2, Deed.KIND, *placed("a", None, Part.KIND)), MERGE, False),
        (a_decision(2, Deed.MERGE, *placed("c", "T5"), theme="T2", into="T5"), MERGE, True),
    ],
)
def test_what_builds_on_what(later, earlier, builds):
    assert builds_on(later, earlier) is builds
