from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cadence import cadence
from bot.errors import CadenceError

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "America/St_Johns",
    "Pacific/Auckland",
)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("daily 09:00", "2026-11-28T09:00+01:00"),
        ("Daily  9:05", "2026-11-28T09:05+01:00"),
        ("weekdays 09:00", "2026-11-30T09:00+01:00"),
        ("weekly mon 09:00", "2026-11-30T09:00+01:00"),
        ("weekly Sunday 00:00", "2026-11-29T00:00+01:00"),
        ("monthly 1 09:00", "2026-12-01T09:00+01:00"),
        ("cron 0 9 * * 1-5", "2026-11-30T09:00+01:00"),
        ("cron 0 9 * * 0", "2026-11-29T09:00+01:00"),
        ("cron 0 9 * * 7", "2026-11-29T09:00+01:00"),
        ("cron 0 9 * * fri-mon", "2026-11-28T09:00+01:00"),
        ("cron */15 9-17 * * *", "2026-11-28T09:00+01:00"),
        ("cron 0 12 29 2 *", "2028-02-29T12:00+01:00"),
    ],
)
def test_what_people_write_is_due_when_they_mean(words: str, first: str):
    assert cadence(words, "Europe/Berlin").next(at("2026-11-28T07:00+01:00")) == at(first)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("sometimes", "no schedule"),
        ("daily 25:00", "no schedule"),
        ("weekly 09:00", "on which day"),
        ("weekly someday 09:00", "on which day"),
        ("monthly 31 09:00", "on which day"),
        ("cron 0 9 * *", "five fields"),
        ("cron 0 9 * * 9", "no weekday"),
        ("cron 99 9 * * *", "99"),
        ("cron 0 9 31 2 *", "never"),
    ],
)
def test_what_is_no_schedule_is_told_with_an_example(words: str, told: str):
    with pytest.raises(CadenceError, match=told) as error:
        cadence(words, "UTC")
    assert "daily 09:00" in str(error.value) or "mon-sun" in str(error.value)


def test_a_zone_that_is_none_is_told():
    for zone in ("Europe/Atlantis", "../etc/passwd", ""):
        with pytest.raises(CadenceError, match="Europe/Berlin"):
            cadence("daily 09:00", zone)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("time", ["00:30", "01:30", "01:45", "02:00", "02:30", "03:00", "09:00"])
def test_every_day_of_a_year_has_one_whatever_the_clock_does(zone: str, time: str):
    dues = list(cadence(f"daily {time}", zone).between(*YEAR))
    days = [due.astimezone(ZoneInfo(zone)).date() for due in dues]
    assert [later - day for day, later in pairwise(days)] == [DAY] * (len(days) - 1)
    assert len(days) in {365, 366}
    off = [d for d in dues if f"{d.astimezone(ZoneInfo(zone)):%H:%M}" != time]
    assert len(off) <= 1  # on the day whose clock leaves that time out


@settings(max_examples=25, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    words=st.sampled_from(["daily 02:30", "weekly sun 01:30", "cron 0 */3 * * *"]),
    cuts=st.lists(st.integers(0, 365 * 24 * 60), min_size=1, max_size=20),
)
def test_looked_at_in_any_spans_it_is_due_equally_often(zone: str, words: str, cuts: list[int]):
    its, (start, end) = cadence(words, zone), YEAR
    at_cuts = sorted({start, end, *(start + timedelta(minutes=cut) for cut in cuts)})
    parts = [due for a, b in pairwise(at_cuts) for due in its.between(a, b)]
    assert sorted(parts) == sorted(its.between(start, end))


def test_after_an_outage_only_the_latest_is_due():
    daily = cadence("daily 09:00", "UTC")
    assert daily.latest(at("2026-11-01T09:00Z"), at("2026-11-28T08:00Z")) == at("2026-11-27T09:00Z")
    assert daily.latest(at("2026-11-27T09:00Z"), at("2026-11-28T08:00Z")) is None
