"""Backtests over a real store: what is replayed, and what it may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.errors import QueryError
from bot.model import Gap, Period, Post, Query
from bot.pipeline import Pipeline
from bot.pipeline.backtesting import gaps, moments, rhythms
from bot.store import Name, Placement, Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post, ago, some_coverage
from tests.fakes import WordHashing

TROUBLE = (9.3, 9.2, 9.1, 9.0, 8.9)
"""Days ago on which somebody new spoke of the theme that bursts."""


def saved(store: Store, posts: Sequence[Post], theme: str | None) -> None:
    """Posts in a theme, or in none."""
    store.posts.save(posts)
    rows = {post.key: row for row, post, _ in store.posts.find(Query(), NOW + timedelta(days=999))}
    names = [Name(theme, f"Theme {theme}", ("trouble",))] if theme else []
    places = [Placement(rows[post.key], theme, 0.9) for post in posts]
    store.themes.save(places, names, {}, NOW)


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    """Half a year of chatter, a theme that seldom speaks, one that bursts, and a pair."""
    saved(store, [a_post(created_at=ago(n / 2)) for n in range(1, 360)], None)
    saved(store, [a_post(created_at=ago(d)) for d in range(5, 180, 25)], "T1")
    saved(store, [a_post(created_at=ago(d)) for d in (120, 80, 40, *TROUBLE)], "T2")
    saved(store, [a_post(created_at=ago(d)) for d in (9.05, 9.02)], "T3")
    return Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)


def at(pipeline: Pipeline, now: datetime) -> Pipeline:
    return replace(pipeline, clock=lambda: now)


def test_it_tells_when_the_rule_would_have_told_of_which_theme(pipeline):
    test = pipeline.backtest()
    [alarm] = test.alarms
    assert (alarm.theme, alarm.label, alarm.burst.at) == ("T2", "Theme T2", ago(9.1))
    assert alarm.burst.people == len(alarm.burst.posts) == 3
    assert test.themes == 2
    assert test.false_a_month < 0.5


def test_only_what_lies_in_the_period_is_told(pipeline):
    assert pipeline.backtest(query="since:8d").alarms == ()
    assert len(pipeline.backtest(query="since:2026-02-20").alarms) == 1
    assert pipeline.backtest(query="until:2026-02-21").alarms == ()


def test_a_stricter_rule_tells_less(pipeline):
    assert pipeline.backtest("people:6").alarms == ()
    [alarm] = pipeline.backtest("odds:100,000,000").alarms
    assert alarm.burst.at > ago(9.1)


def test_the_rate_is_of_the_time_that_was_read(pipeline):
    test = pipeline.backtest(query="since:2000-01-01")
    assert test.months == pytest.approx(6, rel=0.02)


def test_a_query_narrows_the_themes_but_not_the_rhythm_of_the_place(pipeline):
    query = Query(themes=("T2",))
    assert pipeline.backtest(query="theme:T2").themes == 1
    assert moments(pipeline.store, query, NOW) == moments(pipeline.store, Query(), NOW)
    assert moments(pipeline.store, Query(sources=("reddit",)), NOW) == {}


def test_posts_after_now_do_not_exist(pipeline):
    then = at(pipeline, ago(9.15)).backtest()
    assert then.alarms == ()
    at_once = at(pipeline, ago(9.1)).backtest()
    assert [alarm.burst for alarm in at_once.alarms] == [
        alarm.burst for alarm in pipeline.backtest().alarms
    ]


def test_replies_are_no_part_of_the_rhythm(store):
    saved(store, [a_post(created_at=ago(1)), a_post(created_at=ago(2), parent_id="x")], None)
    assert moments(store, Query(), NOW) == {"github": [ago(1)]}


def test_what_was_never_read_is_known_to_the_rhythm(pipeline):
    missed = Gap(Period(ago(50), ago(40)), "too old")
    source = replace(some_coverage().sources[0], gaps=(missed,))
    coverage = replace(some_coverage(), sources=(source,))
    assert gaps(coverage) == {"github": [missed.period]}
    beat = rhythms(pipeline.store, Query(), Period(ago(100), NOW), coverage)["github"]
    assert beat.weight(missed.period) == 0
    assert beat.weight(Period(ago(100), NOW)) == pytest.approx(90, abs=1)


def test_nothing_read_is_no_alarm_and_no_error(store):
    empty = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW).backtest()
    assert (empty.alarms, empty.false_alarms, empty.themes) == ((), 0, 0)


def test_a_period_that_has_not_begun_is_said_to_be_none(pipeline):
    with pytest.raises(QueryError, match="not in the past"):
        pipeline.backtest(query="since:2027-01-01")


def test_a_wrong_rule_is_said_to_be_wrong(pipeline):
    with pytest.raises(QueryError, match="no part of a rule"):
        pipeline.backtest("loud")
