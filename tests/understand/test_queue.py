"""When what was seen waits again: grown beyond what it was, or back after a silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Decision, Deed, Member, Role
from bot.understand.queue import still_seen
from tests.builders import NOW, a_member


def seen(weekly: int | None = 9) -> Decision:
    return Decision(1, NOW, "ann", Deed.ACKNOWLEDGE, "T1", weekly=weekly)


def after(*days: float, **fields: object) -> list[Member]:
    return [a_member(created_at=NOW + timedelta(days=day), **fields) for day in days]


@pytest.mark.parametrize(
    ("days", "held"),
    [
        ((), True),
        ((-1, 1, 2), True),  # it goes on as before
        ((-1, -2, 3, 3, 3), True),  # the week before is no silence
        ((-60, 1, 1, 1), False),  # back after a silence
        ((-60, 1, 1), True),  # two are too few
        ((-60, -50, 20, 21, 22), False),
        ((-1, 40, 41, 42), False),
        ((-1, 20, 21, 22), True),  # under four weeks are no silence
        ((-1, 40, 41, 42, 60), False),  # and so it stays
        (tuple(1 + n / 10 for n in range(9)), False),  # grown
    ],
)
def test_it_waits_again_once_it_has_grown_or_come_back(days, held):
    members = after(*sorted(days))
    assert still_seen(seen(), members, NOW + timedelta(days=90)) is held


def test_what_the_team_says_brings_nothing_back():
    members = [*after(-60), *after(1, 1, 1, role=Role.TEAM)]
    assert still_seen(seen(), members, NOW + timedelta(days=2))


def test_what_is_not_written_yet_counts_for_nothing():
    members = [*after(-60), *after(5, 5, 5)]
    assert still_seen(seen(), members, NOW + timedelta(days=4))
    assert not still_seen(seen(), members, NOW + timedelta(days=6))
