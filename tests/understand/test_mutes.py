from __future__ import annotations

from datetime import timedelta

from bot.model import Decision, Deed
from bot.understand.mutes import holds, outgrown_from
from tests.builders import NOW, a_member, ago

MUTE = Decision(1, ago(10), "ann", Deed.MUTE, "T1")


def spoken(*days: float):
    return [a_member(created_at=ago(day)) for day in sorted(days, reverse=True)]


def test_a_mute_without_an_end_holds_whatever_happens():
    assert holds(MUTE, spoken(*(n / 10 for n in range(90))), NOW)


def test_a_mute_with_an_end_holds_up_to_it():
    until = Decision(1, ago(10), "ann", Deed.MUTE, "T1", until=NOW)
    assert holds(until, [], NOW - timedelta(seconds=1))
    assert not holds(until, [], NOW)


def test_it_is_outgrown_by_people_within_a_week_and_not_by_one_loud_one():
    mute = Decision(1, ago(10), "ann", Deed.MUTE, "T1", weekly=3)
    loud = [a_member(created_at=ago(day), author="loud") for day in (3, 2, 1)]
    assert holds(mute, loud, NOW)
    assert holds(mute, spoken(9.5, 5, 1), NOW), "three in nine days"
    assert not holds(mute, spoken(3, 2, 1), NOW)
    assert not holds(mute, spoken(9, 8, 7), NOW), "once outgrown, for good"
    assert holds(mute, spoken(13, 12, 11), NOW), "what was before the mute does not count"


def test_it_grows_by_the_margin_of_a_growing_theme():
    assert outgrown_from([], NOW) == 3
    assert outgrown_from(spoken(1, 2), NOW) == 5
    assert outgrown_from(spoken(*(n / 10 for n in range(40))), NOW) == 60
