from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Period
from bot.understand.rhythm import FLAT, Rhythm, by_day, merged, rhythm, silences
from tests.builders import NOW, ago

MONTHS = Period(ago(140), NOW)
"""Twenty weeks."""
DAY = timedelta(days=1)


def posts(*, on: tuple[int, ...], a_day: int, without: Period | None = None) -> list[datetime]:
    """So many posts on each of these weekdays (Monday is 0) of MONTHS."""
    moments = (MONTHS.since + n * DAY / a_day for n in range(140 * a_day))
    return [m for m in moments if m.weekday() in on and not (without and m in without)]


WORKDAYS = posts(on=(0, 1, 2, 3, 4), a_day=6)
EVERY_DAY = posts(on=tuple(range(7)), a_day=6)


def midnight(days: float) -> datetime:
    return ago(days).replace(hour=0)


def test_a_quiet_weekday_is_expected_to_be_quiet():
    due = by_day(rhythm(WORKDAYS, (), MONTHS), Period(midnight(7), midnight(0)))
    assert [day.weekday() for day in due] == list(range(7))
    figures = list(due.values())
    assert figures[:5] == pytest.approx([6] * 5, rel=0.1)
    assert max(figures[5:]) < 1.0


def test_with_few_posts_every_weekday_is_nearly_like_the_others():
    seldom = posts(on=(1,), a_day=1)[::7]
    assert len(seldom) == 3
    assert rhythm(seldom, (), MONTHS).weekdays == pytest.approx(FLAT, abs=0.35)
    assert max(rhythm(posts(on=(1,), a_day=9), (), MONTHS).weekdays) > 5


def test_a_gap_is_not_counted_as_days_on_which_nothing_came():
    gap = Period(ago(60), ago(30))
    beat = rhythm([m for m in EVERY_DAY if m not in gap], [gap], MONTHS)
    assert beat.per_day == pytest.approx(6, rel=0.02)
    assert beat.expected(gap) == 0
    assert beat.weight(MONTHS) == pytest.approx(110, abs=0.5)


def test_a_silence_that_cannot_be_chance_is_a_gap_that_nobody_noted():
    gap = Period(ago(60), ago(30))
    beat = rhythm([m for m in EVERY_DAY if m not in gap], (), MONTHS)
    assert beat.weight(gap) < 0.5
    assert beat.per_day == pytest.approx(6, rel=0.02)


def test_a_weekend_or_the_silence_of_a_seldom_source_is_none():
    assert silences(WORKDAYS, MONTHS) == []
    assert silences([ago(100), ago(50)], MONTHS) == []


def test_before_the_first_post_nothing_was_read():
    beat = rhythm([m for m in EVERY_DAY if m >= ago(14)], (), MONTHS)
    assert beat.weight(MONTHS) == pytest.approx(14, rel=0.01)
    assert beat.per_day == pytest.approx(6, rel=0.05)
    assert rhythm([], (), MONTHS).weight(MONTHS) == 0


def test_a_day_is_due_as_far_as_it_lies_in_the_period():
    due = by_day(Rhythm(ago(99), per_day=8), Period(ago(1), NOW))
    assert list(due.values()) == pytest.approx([4, 4])


def test_spans_that_touch_become_one():
    spans = [Period(ago(9), ago(7)), Period(ago(3), ago(2)), Period(ago(8), ago(5))]
    assert merged(spans) == (Period(ago(9), ago(5)), Period(ago(3), ago(2)))


spans = st.tuples(st.floats(0, 400), st.floats(0.001, 90)).map(
    lambda pair: Period(ago(pair[0] + pair[1]), ago(pair[0]))
)
weights = st.lists(st.floats(0.1, 3), min_size=7, max_size=7).map(
    lambda raw: tuple(7 * weight / sum(raw) for weight in raw)
)


@given(spans, st.lists(spans, max_size=4), weights, st.floats(0, 1))
def test_the_weight_of_a_period_is_that_of_its_two_parts(period, gaps, weekdays, share):
    beat = Rhythm(ago(300), merged(gaps), weekdays)
    middle = period.since + share * period.length
    parts = beat.weight(Period(period.since, middle)) + beat.weight(Period(middle, period.until))
    assert beat.weight(period) == pytest.approx(parts, abs=1e-6)
    assert 0 <= beat.weight(period) <= beat.whole(period) + 1e-9


@given(spans)
def test_any_week_weighs_seven_days(period):
    week = Period(period.since, period.since + 7 * DAY)
    beat = Rhythm(datetime(1990, 1, 1, tzinfo=UTC), (), (2.0, 2.0, 1.0, 1.0, 0.5, 0.25, 0.25))
    assert beat.weight(week) == pytest.approx(7)
