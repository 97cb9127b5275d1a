from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from bot.alarms import Rule
from bot.model import Crowd, Period, Role
from bot.understand.bursts import (
    Channel,
    Place,
    Voice,
    burst,
    counted,
    look,
    replayed,
    shuffled,
    tail,
    told,
    voices_of,
)
from tests.builders import NOW, a_member, ago

RULE = Rule()
HOUR = timedelta(hours=1)


def voice(days: float, author: str | None, source: str = "github") -> Voice:
    """One post."""
    return Voice(ago(days), source, author, f"k{days}-{author}-{source}")


def voices(*days: float, author: str | None = "one", source: str = "github") -> list[Voice]:
    names = (None if author is None else f"{author}{n}" for n in range(len(days)))
    made = [voice(d, name, source) for d, name in zip(days, names, strict=True)]
    return sorted(made, key=lambda v: v.at)


def evenly(a_day: int, days: int = 200) -> list[datetime]:
    return [ago(days) + n * timedelta(days=1) / a_day for n in range(days * a_day)]


def channel(*themes: Sequence[Voice], posts: Sequence[datetime] | None = None, **fields) -> Channel:
    """GitHub, with twenty posts a day for over half a year, most of them in no theme."""
    own = [v.at for theme in themes for v in theme if v.source == "github"]
    moments = sorted((*(evenly(20) if posts is None else posts), *own))
    return Channel({"github": moments}, [*themes, voices(90, 60, 30)], **fields)


def found(theme: Sequence[Voice], rule: Rule = RULE, **fields):
    return burst(theme, rule, NOW, channel(theme, **fields).as_of(NOW))


SELDOM = voices(*range(10, 180, 20))
WEEKLY = voices(*range(4, 180, 2))


def test_many_people_at_once_in_a_theme_that_seldom_has_any_are_a_burst():
    theme = [*SELDOM, *voices(0.2, 0.15, 0.1, 0.05, author="new")]
    one = found(theme)
    assert one
    assert (one.people, one.crowd, one.at) == (4, Crowd(4, 0, 4), NOW)
    assert one.usual < 0.1
    assert one.posts == tuple(v.key for v in theme[-4:])


def test_what_a_theme_gets_all_the_time_is_none():
    assert (
        found([*voices(*(n / 4 for n in range(12, 720)), author="old"), *voices(2, 1, 0)]) is None
    )


def test_two_people_are_no_burst_however_unusual():
    assert found([*SELDOM, *voices(0.01, 0.02, author="new")]) is None


def test_one_person_is_one_however_much_they_write():
    theme = sorted([*SELDOM, *(voice(n / 100, "ann") for n in range(9))], key=lambda v: v.at)
    assert found(theme) is None


def test_posts_by_unknown_authors_count_as_their_square_root():
    assert counted(Crowd(2, 9, 11)) == 5
    assert found([*SELDOM, *voices(*(n / 100 for n in range(8)), author=None)]) is None
    assert found(sorted([*SELDOM, *(voice(n / 100, None) for n in range(9))], key=lambda v: v.at))


def test_the_team_and_bots_make_no_burst():
    members = [a_member(role=role) for role in Role]
    assert [v.key for v in voices_of(members)] == [members[0].key]


def test_the_window_that_says_most_is_told():
    quick = found([*SELDOM, *voices(0.2, 0.15, 0.1, 0.05, author="new")])
    slow = found([*SELDOM, *voices(2.5, 2, 1.5, 1, 0.5, 0.01, author="new")])
    assert quick and slow  # noqa: PT018 both at once
    assert quick.window == 6 * HOUR
    assert (slow.window, slow.people) == (72 * HOUR, 6)


def test_a_day_on_which_all_themes_get_more_needs_more():
    theme = [*SELDOM, *voices(0.3, 0.2, 0.1, author="new")]
    launch = [*evenly(20), *(NOW - n * timedelta(minutes=2) for n in range(400))]
    calm, lively = found(theme, Rule(odds=10)), found(theme, Rule(odds=10), posts=sorted(launch))
    assert calm
    assert lively is None or lively.chance > 10 * calm.chance


def test_days_that_were_not_read_make_nothing_unusual():
    """Else a theme would burst at the end of each gap: read seldom, it seems to speak seldom."""
    gap = Period(ago(150), ago(10))
    theme = [v for v in voices(*(n / 2 for n in range(360))) if v.at not in gap]
    moments = [m for m in evenly(20) if m not in gap]
    assert found(theme, posts=moments, gaps={"github": [gap]}) is None
    blind = channel(theme, posts=moments).as_of(NOW)
    beat = replace(blind.rhythms["github"], gaps=())
    seen = look(theme, RULE, NOW, channel(theme, posts=moments).as_of(NOW))
    unseen = look(theme, RULE, NOW, replace(blind, rhythms={"github": beat}))
    assert seen and unseen  # noqa: PT018 both at once
    assert seen.usual > 2 * unseen.usual


def test_a_source_that_was_added_this_week_makes_no_burst():
    new = [v for n in range(9) for v in voices(n / 100, author=f"r{n}", source="reddit")]
    theme = sorted([*SELDOM, *new], key=lambda v: v.at)
    added = channel(theme)
    early = replace(added, posts={**added.posts, "reddit": [ago(d / 10) for d in range(50, 0, -1)]})
    long = replace(added, posts={**added.posts, "reddit": [ago(d) for d in range(150, 0, -1)]})
    assert burst(theme, RULE, NOW, early.as_of(NOW)) is None
    assert burst(theme, RULE, NOW, long.as_of(NOW))


def test_a_backfill_is_no_burst_and_yet_is_history():
    late = [*SELDOM, *voices(0.9, 0.8, 0.7, 0.6, author="new")]
    assert found(late)
    assert found(late, heard={"github": ago(0.5)}) is None
    assert found([*WEEKLY], Rule(odds=10), heard={"github": ago(0.5)}) is None


def test_at_each_moment_only_the_past_is_known():
    theme = [*SELDOM, *voices(0.3, 0.2, 0.1, 0.05, author="new")]
    place = channel(theme).as_of(ago(7))
    then = [v for v in theme if v.at <= ago(0.1)]
    assert look(theme, RULE, ago(0.1), place) == look(then, RULE, ago(0.1), place)


# What is told of it


def alarms(theme: Sequence[Voice], rule: Rule = RULE):
    return told(replayed(theme, rule, channel(theme).by_week()), rule)


def test_a_burst_is_told_once():
    theme = [*SELDOM, *voices(0.5, 0.45, 0.4, 0.35, 0.3, author="new")]
    assert [one.people for one in alarms(theme)] == [3]


def test_it_is_told_again_when_it_has_doubled():
    theme = [*SELDOM, *voices(*(1 - n / 100 for n in range(12)), author="new")]
    assert [one.people for one in alarms(theme)] == [3, 6, 12]


def test_the_next_burst_is_told_after_a_quiet_week():
    first, second = voices(9, 8.9, 8.8, author="a"), voices(0.3, 0.2, 0.1, author="b")
    assert len(alarms(sorted([*SELDOM, *first, *second], key=lambda v: v.at))) == 2
    soon = voices(5, 4.9, 4.8, author="b")
    assert len(alarms(sorted([*SELDOM, *first, *soon], key=lambda v: v.at))) == 1


def test_a_stricter_rule_tells_no_more():
    theme = [*SELDOM, *voices(*(n / 3 for n in range(12)), author="new")]
    told_by = [len(alarms(theme, Rule(odds=10**n))) for n in range(1, 8)]
    assert told_by == sorted(told_by, reverse=True)
    assert told_by[0] > told_by[-1]


# What would come without a cause


def test_shuffling_keeps_every_time_every_author_and_the_size_of_each_theme():
    theme = [*SELDOM, *voices(0.3, 0.2, 0.1, author="new")]
    place = channel(theme)
    mixed = shuffled(place.themes, place.posts, seed=1)
    assert [len(one) for one in mixed] == [len(one) for one in place.themes]
    for before, after in zip(place.themes, mixed, strict=True):
        assert {v.author for v in before} == {v.author for v in after}
        assert all(v.at in place.posts["github"] for v in after)
        assert after == sorted(after, key=lambda v: (v.at, v.key))
    assert mixed == shuffled(place.themes, place.posts, seed=1)
    assert mixed != shuffled(place.themes, place.posts, seed=2)


def test_in_a_shuffled_history_a_burst_is_gone():
    theme = [*SELDOM, *voices(*(20 + n / 50 for n in range(8)), author="new")]
    theme.sort(key=lambda v: v.at)
    place = channel(theme)
    assert alarms(theme)
    for seed in range(5):
        mixed = shuffled(place.themes, place.posts, seed)[0]
        assert told(replayed(mixed, RULE, place.by_week()), RULE) == []


@given(st.integers(1, 60), st.floats(1e-3, 40), st.floats(0.2, 50))
def test_the_chance_is_that_of_a_negative_binomial(count, mean, size):
    expected = nbinom.sf(count - 1, size, size / (size + mean))
    assert tail(count, mean, size) == pytest.approx(expected, rel=1e-6, abs=1e-14)


def test_a_well_known_rate_gives_the_chance_of_a_poisson_count():
    assert tail(6, 0.8, 1e7) == pytest.approx(poisson.sf(5, 0.8), rel=1e-3)
    assert (tail(0, 3, 4), tail(3, 0, 4)) == (1.0, 0.0)


def test_nothing_known_of_a_place_makes_no_burst():
    assert burst(voices(0.1, 0.2, 0.3), RULE, NOW, Place({}, {}, {})) is None
