"""Whose week it is: by the date alone, in the zone that was named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cadence import DAYS, zone_of
from bot.rota import Person, Rota
from bot.speak.triage import duty_line, rota_text
from tests.builders import NOW

ANN, BOB, CY = (Person(f"U0{name.upper()}", name) for name in ("Ann", "Bob", "Cy"))
BERLIN = "Europe/Berlin"


def a_rota(*people: Person, weekday: str = "mon", zone: str = BERLIN) -> Rota:
    return Rota(people, weekday, zone, "U0ANN", NOW)


@pytest.mark.parametrize(
    ("days", "who"), [(0, ANN), (6, ANN), (7, BOB), (13, BOB), (14, CY), (21, ANN), (-1, CY)]
)
def test_each_has_a_week_in_turn_from_the_week_in_which_it_was_made(days, who):
    assert a_rota(ANN, BOB, CY).on_duty(NOW + timedelta(days=days)) == who


def test_they_change_at_midnight_of_the_wall_where_they_are():
    # Clocks in Berlin go forward on 29 March 2026: that Monday begins at 22:00 UTC.
    change = datetime(2026, 3, 29, 22, tzinfo=UTC)
    rota = a_rota(ANN, BOB)
    before, after = change - timedelta(seconds=1), change
    assert rota.on_duty(before) != rota.on_duty(after)
    assert a_rota(ANN, BOB, zone="UTC").on_duty(before) == a_rota(ANN, BOB, zone="UTC").on_duty(
        after
    )


@given(
    number=st.integers(1, 6),
    weekday=st.sampled_from(DAYS),
    hours=st.integers(-20_000, 60_000),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Pacific/Apia", "Asia/Kolkata"]),
)
def test_whoever_it_is_the_next_one_follows_a_week_later(number, weekday, hours, zone):
    people = tuple(Person(f"U{n}", f"P{n}") for n in range(number))
    rota = a_rota(*people, weekday=weekday, zone=zone)
    # By the wall: an hour that a clock change adds moves nobody's week.
    now = (NOW + timedelta(hours=hours)).astimezone(zone_of(zone))
    assert rota.on_duty(now + timedelta(days=7)) == rota.next(now)
    until = rota.until(now)
    assert DAYS[until.weekday()] == weekday
    assert timedelta() < until - now.date() <= timedelta(days=7)


def test_it_is_told_in_words():
    assert a_rota(ANN, BOB).until(NOW) == date(2026, 3, 9)
    assert duty_line(a_rota(ANN, BOB), NOW) == "On duty: Ann, until Mon 9 Mar; then Bob"
    assert duty_line(a_rota(ANN), NOW) == "On duty: Ann, until Mon 9 Mar"
    assert duty_line(None, NOW) == ""
    assert rota_text(a_rota(ANN, BOB), NOW).startswith(
        "Ann and Bob, a week each from Monday on (Europe/Berlin). On duty: Ann"
    )
