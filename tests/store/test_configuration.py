"""What is set from within Slack, and when members looked: both kept with who and when."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bot.store import Preferences, Store
from tests.builders import NOW, ago

ANN, BOB = "slack:U0ANN", "slack:U0BOB"


def standing(store: Store) -> dict[str, object]:
    return {one.name: one.value for one in store.configuration.standing()}


def test_the_last_change_of_a_name_stands_and_all_of_them_stay_in_the_log(store: Store):
    store.configuration.set("a", 1, ANN, ago(2))
    store.configuration.set("b", {"x": [1, None]}, ANN, ago(1))
    store.configuration.set("a", 2, BOB, NOW)
    assert standing(store) == {"a": 2, "b": {"x": [1, None]}}
    assert [(one.name, one.by, one.at) for one in store.configuration.log()] == [
        ("a", ANN, ago(2)),
        ("b", ANN, ago(1)),
        ("a", BOB, NOW),
    ]


def test_what_is_taken_away_does_not_stand_any_more(store: Store):
    store.configuration.set("a", 1, ANN, NOW)
    store.configuration.set("a", None, ANN, NOW)
    assert standing(store) == {}
    assert store.configuration.value("a") is None


def test_a_change_is_taken_back_once_and_only_while_it_is_the_last(store: Store):
    first = store.configuration.set("a", 1, ANN, NOW)
    second = store.configuration.set("a", 2, ANN, NOW)
    assert store.configuration.undo(first.id, BOB, NOW) is None
    undone = store.configuration.undo(second.id, BOB, NOW)
    assert undone is not None
    assert (undone.value, undone.by) == (1, BOB)
    assert store.configuration.undo(second.id, BOB, NOW) is None
    assert store.configuration.undo(999, BOB, NOW) is None
    assert standing(store) == {"a": 1}


@pytest.mark.parametrize("seed", range(10))
def test_to_take_every_change_back_leads_to_where_it_began(store: Store, seed: int):
    lots = random.Random(seed)
    made = [store.configuration.set("a", lots.choice((None, 1, 2)), ANN, NOW) for _ in range(6)]
    last = store.configuration.undo(made[-1].id, ANN, NOW)
    assert last is not None
    assert store.configuration.value("a") == made[-2].value


def test_the_version_grows_with_every_change(store: Store):
    versions = [store.configuration.version()]
    for value in (1, None, 1):
        store.configuration.set("a", value, ANN, NOW)
        versions.append(store.configuration.version())
    assert versions == sorted(set(versions))


def test_what_the_file_names_goes_before_what_was_set(store: Store):
    store.configuration.set("setting zone", "Europe/Berlin", ANN, NOW)
    store.configuration.set("setting odd", {"not": "words"}, ANN, NOW)
    kept = Preferences(store.configuration)
    assert kept.value("zone") == "Europe/Berlin"
    assert kept.value("odd") is None
    assert Preferences(store.configuration, {"zone": ""}).value("zone") == ""
    assert Preferences().value("zone") is None


def test_whoever_looks_is_told_when_they_looked_before_for_as_long_as_they_sit(store: Store):
    looks = store.looks
    assert looks.at("U1", ago(3)) is None
    assert looks.at("U1", ago(3, minutes=-29)) is None
    assert looks.at("U1", ago(2)) == ago(3, minutes=-29)
    assert looks.at("U1", ago(2, minutes=-20)) == ago(3, minutes=-29)
    assert looks.at("U1", ago(2, minutes=-40)) == ago(3, minutes=-29)
    assert looks.at("U1", ago(2) + timedelta(hours=2)) == ago(2, minutes=-40)
    assert looks.at("U2", NOW) is None
