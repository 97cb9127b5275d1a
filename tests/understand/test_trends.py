from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Crowd, Intent, Period, Reading, Role, Status
from bot.understand.rank import sharpness, strength
from bot.understand.rhythm import Rhythm
from bot.understand.trends import crowd, monday, status, usual, view, voices, weekly
from tests.builders import NOW, a_member, a_theme, ago

YEAR_2000, YEAR_2100 = (datetime(year, 1, 1) for year in (2000, 2100))  # noqa: DTZ001 hypothesis adds the zone
WEEK = Period(ago(7), NOW)


def members(*days: float, **fields):
    return [a_member(created_at=ago(d), **fields) for d in sorted(days, reverse=True)]


def test_people_are_counted_once_however_much_they_write():
    posts = [a_member(author="ann") for _ in range(5)] + [a_member(author="bob")]
    assert crowd(posts) == Crowd(people=2, unknown=0, posts=6)


def test_unknown_authors_are_neither_nobody_nor_one_person():
    posts = [a_member(author=None), a_member(author=None), a_member(author="ann")]
    assert crowd(posts) == Crowd(people=1, unknown=2, posts=3)


def test_the_team_and_bots_are_nobody_s_pain():
    posts = [a_member(role=Role.TEAM), a_member(role=Role.BOT, author=None), a_member()]
    assert crowd(posts) == Crowd(people=1, unknown=0, posts=3)


def test_one_name_in_two_sources_is_two_people():
    posts = [a_member(author="sam"), a_member(author="sam", source="reddit")]
    assert crowd(posts).people == 2


def test_a_theme_is_new_in_the_period_of_its_third_post():
    assert status(members(1, 2, 3, 100, 200), WEEK) is Status.NEW
    assert status(members(1, 2, 3, 10, 200, 300), WEEK) is Status.GROWING


@given(st.lists(st.floats(0, 20)), st.floats(0, 20), st.floats(0, 20))
def test_a_period_holds_of_what_is_in_time_order_what_was_written_in_it(days, since, until):
    period, said = Period(ago(since), ago(until)), members(*days)
    assert list(period.of(said)) == [one for one in said if one.created_at in period]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (4, 1, Status.STEADY),
        (4, 4, Status.GROWING),
        (40, 10, Status.STEADY),
        (40, 17, Status.GROWING),
        (40, 5, Status.FADING),
        (40, 0, Status.FADING),
        (4, 0, Status.QUIET),
    ],
)
def test_a_change_counts_only_if_it_is_large_and_no_accident(before, now, expected):
    earlier = members(*(8 + 27 * n / before for n in range(before)))
    assert status([*earlier, *members(*(1 + n / 10 for n in range(now)))], WEEK) is expected


def test_a_theme_comes_back_when_three_speak_of_it_after_four_weeks_of_silence():
    assert status(members(1, 2, 3, 40, 41, 42), WEEK) is Status.CAME_BACK
    assert status(members(1, 2, 40, 41, 42), WEEK) is Status.STEADY
    assert status(members(1, 2, 3, 30, 41, 42), WEEK) is Status.GROWING
    assert status(members(1, 2, 3, 40, 41), WEEK) is Status.NEW


def test_a_few_quiet_days_are_no_silence_to_come_back_from():
    day = Period(ago(1), NOW)
    assert status(members(0.1, 0.2, 0.3, 9, 10, 11), day) is Status.GROWING
    assert status(members(0.1, 0.2, 0.3, 30, 40, 50), day) is Status.CAME_BACK


def test_what_the_team_said_meanwhile_does_not_break_a_silence():
    team = members(12, 15, role=Role.TEAM)
    assert status([*members(40, 41, 42), *team, *members(1, 2, 3)], WEEK) is Status.CAME_BACK


WEEKDAYS = (1.4, 1.4, 1.2, 1.2, 1.2, 0.3, 0.3)
ALWAYS = Rhythm(ago(400), weekdays=WEEKDAYS)


def read_but(*gaps: tuple[float, float]) -> dict[str, Rhythm]:
    """GitHub, read all the time but between so many days ago and so many."""
    return {"github": replace(ALWAYS, gaps=tuple(Period(ago(a), ago(b)) for a, b in gaps))}


def test_a_monday_is_compared_with_mondays_and_not_with_the_weekend():
    monday = Period(ago(0.5), ago(-0.5))
    weekend = [*members(1, 1.2, 1.4, 2.1, 2.3, 2.5)]
    assert usual(weekend, monday) == pytest.approx(6 / 4)
    assert usual(weekend, monday, read_but()) == pytest.approx(6 * 1.4 / (0.3 + 0.3 + 1.2 + 1.2))


def test_a_gap_in_the_period_is_no_drop():
    steady = members(*(7.5 + n for n in range(28)))
    assert status(steady, WEEK, read_but()) is Status.FADING
    assert status(steady, WEEK, read_but((7, 0))) is Status.QUIET
    assert status([*steady, *members(6.5)], WEEK, read_but((6, 0))) is Status.STEADY


def test_a_gap_before_the_period_makes_no_growth():
    seldom_read = members(*(n / 2 for n in range(14)), *(30 + n / 2 for n in range(8)))
    assert status(seldom_read, WEEK) is Status.GROWING
    assert status(seldom_read, WEEK, read_but((30, 7))) is Status.STEADY


def test_a_source_added_in_the_period_makes_no_growth():
    new = members(1, 2, 3, 4, 5, 6, source="reddit")
    theme = [*members(2, 9, 16, 23, 30, 37), *new]
    rhythms = {**read_but(), "reddit": Rhythm(ago(7))}
    assert status(theme, WEEK) is Status.GROWING
    assert status(theme, WEEK, rhythms) is Status.STEADY


def test_who_was_not_listened_to_has_not_been_silent():
    theme = members(1, 2, 3, 40, 41, 42)
    assert status(theme, WEEK, read_but()) is Status.CAME_BACK
    assert status(theme, WEEK, read_but((35, 7))) is not Status.CAME_BACK


@given(st.lists(st.floats(0, 60), min_size=1, max_size=30))
def test_a_source_read_evenly_all_the_time_needs_no_rhythm(days):
    even = {"github": Rhythm(ago(4000), per_day=3)}
    theme = members(*sorted(days, reverse=True))
    assert usual(theme, WEEK, even) == pytest.approx(usual(theme, WEEK))
    assert status(theme, WEEK, even) is status(theme, WEEK)


def test_what_is_usual_is_the_mean_of_four_spans_before():
    assert usual(members(1, 2, 8, 15, 22, 29, 36, 90), WEEK) == 1.0


def test_weeks_begin_on_monday_and_empty_ones_are_kept():
    weeks = weekly(members(0.1, 22), NOW)
    assert [week.start.weekday() for week in weeks] == [0, 0, 0, 0, 0]
    assert [week.posts for week in weeks] == [1, 0, 0, 0, 1]


@given(st.datetimes(YEAR_2000, YEAR_2100, timezones=st.just(UTC)))
def test_every_moment_lies_in_the_week_of_its_monday(moment):
    start = monday(moment)
    assert start.weekday() == 0
    assert timedelta(0) <= moment - start < timedelta(days=7)


def test_a_view_counts_only_the_posts_it_holds():
    seen = view(a_theme(*members(1, 2, 9, 40, author="ann"), *members(3)), WEEK)
    assert seen.crowd == Crowd(people=2, unknown=0, posts=3)
    assert seen.crowd == crowd(seen.theme.members)
    assert seen.before.posts == 1
    assert seen.total.posts == 5
    assert sum(seen.sources.values()) == sum(seen.venues.values()) == 3


def test_a_post_at_the_end_of_a_period_belongs_to_the_next():
    seen = view(a_theme(*members(0, 7)), WEEK)
    assert [m.created_at for m in seen.theme.members] == [ago(7)]


def test_a_loud_author_is_named_as_one_person():
    seen = view(a_theme(*members(1, 2, 3, author="ann"), *members(4)), WEEK)
    assert seen.notes == ("one person wrote 3 of the 4 posts",)


def test_unknown_authors_are_said_to_be_unknown():
    seen = view(a_theme(*members(1, 2, author=None)), WEEK)
    assert seen.notes == ("the source does not tell who wrote these",)


def ranked(**fields):
    posts = [a_member(**fields) for _ in range(6)]
    return strength(crowd(posts), posts, usual=6)


def test_six_people_outrank_one_who_posts_six_times():
    assert ranked() > 3 * ranked(author="ann")


def test_unknown_authors_weigh_less_than_known_people_and_more_than_one():
    assert ranked(author="ann") < ranked(author=None) < ranked()


def test_upvotes_do_not_make_a_crowd():
    assert ranked(score=5000, reply_count=900) == ranked()


def test_complaints_and_more_venues_rank_higher():
    praise = Reading(Intent.PRAISE)
    assert ranked() > ranked(reading=praise)
    posts = [a_member(venue=f"r/{n}") for n in range(6)]
    assert strength(crowd(posts), posts, usual=6) > ranked()


def one_of(centrality, *, complaints, talk):
    """A theme whose posts lie so close to its centre, some of which complain."""
    told = [Reading(Intent.BUG, strength=1)] * complaints + [Reading(Intent.DISCUSSION)] * talk
    return [a_member(centrality=centrality, reading=reading) for reading in told]


def test_one_trouble_that_all_tell_outranks_a_broad_talk_of_somewhat_more_people():
    sharp, broad = one_of(0.9, complaints=6, talk=0), one_of(0.6, complaints=6, talk=4)

    assert strength(crowd(sharp), sharp, 6) > strength(crowd(broad), broad, 10)


def test_a_crowd_outranks_a_sharp_trouble_of_few():
    sharp, crowded = one_of(0.9, complaints=3, talk=0), one_of(0.6, complaints=20, talk=20)

    assert strength(crowd(crowded), crowded, 40) > strength(crowd(sharp), sharp, 3)


def test_what_is_all_alike_and_hurts_nobody_is_no_trouble():
    assert sharpness(one_of(1.0, complaints=0, talk=5)) == 0
    assert sharpness(one_of(1.0, complaints=5, talk=0)) == 1
    assert sharpness(one_of(-0.1, complaints=5, talk=0)) == 0


def test_how_sharp_a_theme_is_all_its_posts_tell_and_not_this_week_s_alone():
    talk = [replace(m, created_at=ago(30)) for m in one_of(0.6, complaints=0, talk=20)]
    week = one_of(0.6, complaints=6, talk=0)

    seen = view(a_theme(*talk, *week), WEEK)

    assert seen.strength < strength(seen.crowd, week, seen.usual)


def test_growth_at_most_doubles_and_nothing_is_nothing():
    posts = [a_member() for _ in range(6)]
    assert strength(crowd(posts), posts, 0) == 2 * strength(
        crowd(posts), posts, voices(crowd(posts))
    )
    assert strength(Crowd(0, 0, 0), [], 1) == 0
