from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.speak.moments import moment
from bot.speak.spans import EARLIEST, LATEST, span
from bot.speak.standpoint import Standpoint
from tests.speak.quill import AT

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("today", berlin(11, 25), berlin(11, 26)),
        ("yesterday", berlin(11, 24), berlin(11, 25)),
        ("this week", berlin(11, 23), berlin(11, 30)),
        ("Last Week", berlin(11, 16), berlin(11, 23)),
        ("the last month", berlin(10, 1), berlin(11, 1)),
        ("this quarter", berlin(10, 1), berlin(1, 1, year=2027)),
        ("previous year", berlin(1, 1, year=2025), berlin(1, 1)),
        ("weekend", berlin(11, 21), berlin(11, 23)),
        ("wednesday", berlin(11, 25), berlin(11, 26)),
        ("last wednesday", berlin(11, 18), berlin(11, 19)),
        ("thursday", berlin(11, 19), berlin(11, 20)),
        ("October", berlin(10, 1), berlin(11, 1)),
        ("december", berlin(12, 1, year=2025), berlin(1, 1)),
        ("sept 2025", berlin(9, 1, year=2025), berlin(10, 1, year=2025)),
        ("Q3", berlin(7, 1), berlin(10, 1)),
        ("2025-Q4", berlin(10, 1, year=2025), berlin(1, 1)),
        ("third quarter", berlin(7, 1), berlin(10, 1)),
        ("first quarter of 2025", berlin(1, 1, year=2025), berlin(4, 1, year=2025)),
        ("q1 2025", berlin(1, 1, year=2025), berlin(4, 1, year=2025)),
        ("12 Nov", berlin(11, 12), berlin(11, 13)),
        ("November 30th", berlin(11, 30, year=2025), berlin(12, 1, year=2025)),
        ("3rd of march, 2026", berlin(3, 3), berlin(3, 4)),
        ("2026-02", berlin(2, 1), berlin(3, 1)),
        ("2025", berlin(1, 1, year=2025), berlin(1, 1)),
        ("2026-11-24", berlin(11, 24), berlin(11, 25)),
    ],
)
def test_a_name_stands_for_days_in_the_readers_zone(said, since, until):
    found = span(said, AT)
    assert found is not None
    assert (found.since, found.until) == (since, until)
    assert moment(said, AT) == since
    assert moment(f"end of {said.removeprefix('the ')}", AT) == until


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", AT.now),
        ("36h", AT.now - timedelta(hours=36)),
        ("2w", AT.now - timedelta(weeks=2)),
        ("1y", AT.now - timedelta(days=365)),
        ("3 days ago", AT.now - timedelta(days=3)),
        ("a couple of weeks ago", AT.now - timedelta(weeks=2)),
        ("v2.4.1", AT.releases[2].at),
        ("2.4", AT.releases[1].at),
        ("release 2.4.0", AT.releases[1].at),
        ("2.5.0-rc1", AT.releases[3].at),
        ("the last release", AT.releases[2].at),
        ("0.9", AT.releases[4].at),
        ("2026-11-24T09:30", berlin(11, 24, 9) + timedelta(minutes=30)),
        ("2026-11-24T09:30:00Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_counted_back_or_looked_up(said, meant):
    assert moment(said, AT) == meant


@pytest.mark.parametrize(
    "said", ["", "someday", "2.5", "v9", "31 november", "2026-13", "end of time", "Q5", "tomorrow"]
)
def test_what_is_not_in_the_table_is_no_time(said):
    assert moment(said, AT) is None


def test_a_day_is_as_long_as_the_clocks_make_it():
    found = span("25 october", AT)
    assert found is not None
    assert found.length == timedelta(hours=25)


def test_a_bare_moment_is_read_as_utc():
    assert moment("today", AT.now) == datetime(2026, 11, 25, tzinfo=UTC)
    assert Standpoint.of(AT.now).zone == "UTC"


@given(st.text(max_size=30))
def test_no_text_breaks_it(said):
    found = moment(said, AT)
    assert found is None or EARLIEST <= found <= LATEST
