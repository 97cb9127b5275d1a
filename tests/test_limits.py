from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.limits import Budget, Pace
from tests.builders import NOW


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(
    requests=st.integers(1, 5),
    seconds=st.floats(0.1, 50),
    pauses=st.lists(st.floats(0, 20), max_size=40),
)
def test_no_window_ever_holds_more_requests_than_allowed(requests, seconds, pauses):
    time = Time()
    pace = Pace(requests, seconds, time, time.sleep)
    sent = []
    for pause in pauses:
        time.now += pause
        pace.wait()
        sent.append(time.now)
    for start in sent:
        assert sum(start <= moment < start + seconds * 0.999 for moment in sent) <= requests


def test_nothing_is_sent_while_the_site_asked_for_rest():
    time = Time()
    pace = Pace(10, 1, time, time.sleep)
    pace.rest(30)
    pace.rest(5)
    pace.wait()
    assert time.now == 1_030


def test_a_rest_that_is_too_long_is_told_instead_of_waited_for():
    time = Time()
    pace = Pace(10, 1, time, time.sleep)
    pace.rest(3_600)
    with pytest.raises(SourceError, match="3600 s of rest") as told:
        pace.wait()
    assert told.value.retry_after == 3_600
    assert time.now == 1_000


@pytest.mark.parametrize(
    ("headers", "budget"),
    [
        ({}, None),
        ({"x-ratelimit-remaining": "soon"}, None),
        ({"x-ratelimit-remaining": "59.0", "x-ratelimit-reset": "30"}, (59, None, 30)),
        (
            {
                "x-ratelimit-remaining": "4999",
                "x-ratelimit-limit": "5000",
                "x-ratelimit-reset": str(int(NOW.timestamp()) + 600),
            },
            (4999, 5000, 600),
        ),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "20"}, (0, 20, None)),
        ({"x-rate-limit-remaining": "7", "x-rate-limit-limit": "450"}, (7, 450, None)),
    ],
)
def test_a_budget_is_read_from_the_headers_that_sites_send(headers, budget):
    found = Budget.of(headers, NOW)
    if budget is None:
        assert found is None
    else:
        remaining, limit, seconds = budget
        resets_at = None if seconds is None else NOW + timedelta(seconds=seconds)
        assert found == Budget(remaining, limit, resets_at)


@given(st.text(max_size=30))
def test_no_header_breaks_the_reading_of_a_budget(value):
    found = Budget.of({"ratelimit-remaining": value, "ratelimit-reset": value}, NOW)
    assert found is None or found.remaining >= 0


@pytest.mark.parametrize(
    ("budget", "seconds"),
    [
        (Budget(0, resets_at=NOW + timedelta(seconds=90)), 90),
        (Budget(1, resets_at=NOW + timedelta(seconds=90)), 0),
        (Budget(0, resets_at=NOW - timedelta(seconds=90)), 0),
        (Budget(0), 0),
    ],
)
def test_a_budget_asks_for_rest_only_where_nothing_is_left(budget, seconds):
    assert budget.rest(NOW) == seconds
