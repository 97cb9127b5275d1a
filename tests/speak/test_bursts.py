from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms import Alarm, Backtest, Burst, Rule
from bot.errors import QueryError
from bot.model import Crowd, Period, Query
from bot.speak.bursts import backtest_data, backtest_text, burst_text, parse_rule, rule_text
from tests.builders import NOW, ago, some_coverage

DAY = timedelta(days=1)
BURST = Burst(ago(2), DAY, Crowd(6, 0, 7), 6, 0.83, 0.0004, ("github:1", "github:2"))
TEST = Backtest(
    rule=Rule(),
    period=Period(ago(60), NOW),
    query=Query(since=ago(60)),
    themes=12,
    alarms=(Alarm("T4", "Push fails", BURST),),
    shuffles=20,
    seed=7,
    false_alarms=10,
    coverage=some_coverage(),
)


def test_a_rule_is_printed_in_words():
    assert rule_text(Rule(6, (DAY,), 1_000)) == (
        "6 or more people within 24 hours, where so many or more come by chance "
        "less than once in 1,000"
    )
    assert "within 6 hours, 24 hours or 3 days" in rule_text(Rule())


def test_a_rule_is_read_and_what_is_left_out_is_as_it_comes():
    assert parse_rule("") == Rule()
    assert parse_rule("people:5") == replace(Rule(), people=5)
    assert parse_rule("Within:3d,6H odds:10,000") == Rule(
        windows=(timedelta(hours=6), 3 * DAY), odds=10_000
    )


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "people",
            "people:",
            "people:1",
            "people:-3",
            "people:x",
            "people:1001",
            "odds:5",
            "odds:1e4",
        ),
        *("odds:²²", "within:0h", "within:15d", "within:6h,", "within:6", "window:6h", "5 people"),
    ],
)
def test_what_is_no_rule_is_said_to_be_none(wrong):
    with pytest.raises(QueryError, match=r"people:5 within|whole number|list of spans"):
        parse_rule(wrong)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_rule_or_none(text):
    try:
        found = parse_rule(text)
    except QueryError:
        return
    assert found.people >= 2
    assert found.windows == tuple(sorted(set(found.windows)))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "6 people in 24 hours where 0.8 is usual: chance below 1 in 1,000"),
        ({"usual": 3.04}, "where 3.0 are usual"),
        ({"usual": 0.04}, "where 0.04 is usual"),
        ({"usual": 0.001}, "where less than 0.01 is usual"),
        ({"window": 3 * DAY}, "in 3 days"),
        ({"chance": 1e-3}, "chance below 1 in 1,000"),
        ({"chance": 1.1e-3}, "chance below 1 in 100"),
        ({"chance": 0.0}, "chance below 1 in 1,000,000"),
        ({"crowd": Crowd(4, 4, 8)}, "4 people + 4 posts by unknown authors in 24 hours"),
    ],
)
def test_a_burst_is_told_with_the_figures_it_rests_on(fields, says):
    assert says in burst_text(replace(BURST, **fields))


def test_a_backtest_tells_how_often_it_would_have_told_and_how_often_in_error():
    text = backtest_text(TEST)
    assert "12 themes as they stand now: 1 alarm, 0.5 a month." in text
    assert "False alarms: 0.25 a month (10 alarms in 20 histories with the times shuffled" in text
    assert "seed 7" in text
    assert "2026-02-28 12:00  Push fails  (T4)" in text
    assert text.endswith("Read: GitHub to 1 Mar 2026.")


def test_no_false_alarm_is_told_as_a_bound_and_not_as_never():
    assert "(seed 7), so under 0.08 a month" in backtest_text(replace(TEST, false_alarms=0))


def test_in_json_each_alarm_opens_the_posts_it_counts():
    data = backtest_data(TEST)
    [alarm] = data["alarms"]
    assert alarm["post_keys"] == ["github:1", "github:2"]
    assert (alarm["theme"], alarm["counted"], alarm["hours"]) == ("T4", 6, 24)
    assert (data["false_alarms_a_month"], data["alarms_a_month"], data["seed"]) == (0.25, 0.5, 7)
    assert data["rule"]["text"] == rule_text(Rule())
