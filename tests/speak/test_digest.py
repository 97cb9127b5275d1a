from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Coverage, Period, Query, Status, Week
from bot.slack.blocks import digest_messages
from bot.slack.changing import HEADLINE
from bot.speak.coverage import line
from bot.speak.data import digest_data
from bot.speak.digest import SECTIONS, compose
from bot.speak.page import digest_page
from bot.speak.plain import change, digest_text, sparkline
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_theme, ago, some_coverage

WEEK = Period(ago(7), NOW)


def a_view(*days: float, **fields):
    """A theme whose posts, each of another person, were written so many days ago."""
    return view(a_theme(*(a_member(created_at=ago(day)) for day in days), **fields), WEEK)


def digest(*views, posts: int = 50, coverage: Coverage | None = None):
    return compose(views, WEEK, posts, coverage or some_coverage(), Query())


NEW = a_view(1, 2, 3, id="T1", label="Push fails")
STEADY = a_view(1, 2, 8, 9, 15, 16, 22, 23, 29, 30, id="T2", label="Slow scan")
GROWING = a_view(1, 1.5, 2, 3, 4, 5, 9, 16, 23, id="T3", label="Key expiry")
BACK = a_view(1, 2, 3, 60, 61, 62, id="T7", label="Lost pins")
FADING = a_view(*(8 + n for n in range(25)), id="T4", label="Old format")


def test_themes_stand_in_the_section_of_their_status():
    sections = {
        s.title: [v.theme.id for v in s.shown]
        for s in digest(FADING, BACK, NEW, STEADY, GROWING).sections
    }
    assert list(sections.items()) == [
        ("New", ["T1"]),
        ("Growing", ["T3"]),
        ("Came back", ["T7"]),
        ("Steady", ["T2"]),
        ("Fading", ["T4"]),
    ]


def test_what_one_or_two_people_say_does_not_keep_coming_back():
    two = a_view(1, 2, id="T5")
    assert digest(two).sections == ()
    assert "nothing in them keeps coming back" in digest(two).headline


def test_a_theme_that_hardly_anybody_spoke_of_lately_is_left_out():
    assert digest(a_view(1, 8, 15, 22, id="T6")).sections == ()


def test_each_section_holds_what_a_person_reads_and_says_how_many_more_there_are():
    most = next(most for status, _, most in SECTIONS if status is Status.NEW)
    many = [a_view(1, 2, 3, id=f"T{n}") for n in range(1, most + 4)]
    [section] = digest(*many).sections
    assert (len(section.shown), section.left_out) == (most, 3)
    assert "… and 3 more themes" in digest_text(digest(*many))


def test_the_headline_names_what_moved_and_counts_what_was_read():
    headline = digest(STEADY, NEW).headline
    assert headline.startswith("23 Feb to 2 Mar 2026: look first at “Push fails” (3 people, new).")
    assert "50 posts read; themes: 1 new, 1 steady." in headline


def test_under_its_period_the_headline_does_not_say_it_again():
    made = digest(STEADY, NEW)
    (message, *_) = digest_messages(made)
    (shown,) = [one for one in message.blocks if one.get("block_id") == HEADLINE]
    assert shown["text"]["text"].startswith("Look first at “Push fails” (3 people, new).")
    assert message.text == made.headline
    assert "<h1>Look first at “Push fails” (3 people, new)." in digest_page(made)


def test_a_burst_leads_before_what_is_larger_but_always_talked_of():
    always = a_view(*(0.3 + 0.45 * n for n in range(14)), *range(8, 36), id="T8", label="Setup")
    burst = a_view(*(1 + n / 10 for n in range(9)), id="T9", label="Push fails")
    assert always.status is Status.GROWING
    assert always.strength > burst.strength

    assert "look first at “Push fails” (9 people, new)" in digest(always, burst).headline


def test_a_theme_that_nobody_wrote_of_says_so_and_no_more():
    text = digest_text(digest(FADING))
    assert "no posts in this time\n" in text
    assert "0 people" not in text
    assert "fading: nobody in 7 days, usually" in text


def test_what_came_back_is_something_to_look_at_first():
    headline = digest(STEADY, BACK).headline
    assert "look first at “Lost pins” (3 people, came back)" in headline
    assert "1 came back, 1 steady" in headline


def test_no_post_at_all_is_said_and_is_no_all_clear():
    text = digest_text(digest(posts=0, coverage=Coverage(())))
    assert "no posts at all" in text
    assert "Nothing has been read yet" in text


def test_no_post_of_a_time_names_the_newest_where_it_is_older():
    old, fresh = (replace(some_coverage().sources[0], last_at=ago(days)) for days in (70, 1))
    assert "the newest is of" in digest(posts=0, coverage=Coverage((old,))).headline
    assert "the newest" not in digest(posts=0, coverage=Coverage((old, fresh))).headline


def test_a_source_that_failed_is_named_in_the_coverage_line():
    failed = replace(some_coverage().sources[0], error="github: 401, the token is wrong")
    text = digest_text(digest(NEW, coverage=Coverage((failed,))))
    assert "Not read: GitHub (github: 401, the token is wrong)." in text


def test_what_waits_to_be_understood_is_told():
    assert "7 posts not understood yet" in line(some_coverage(waiting=7))


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (NEW, "new, first seen 27 Feb 2026"),
        (a_view(1, 2, 40), "new: 2 posts in 7 days, 1 before, the first on 21 Jan 2026"),
        (GROWING, "growing: 6 people in 7 days, usually 0.8"),
        (STEADY, "steady: 2 people in 7 days, usually 2"),
        (a_view(1, 2, 3, 4, 60, 61, 62), "came back: 4 people in 7 days, after 7 quiet weeks"),
    ],
)
def test_the_status_is_told_with_the_figures_it_rests_on(seen, says):
    assert change(seen) == says


def test_the_numbers_of_a_theme_open_exactly_the_posts_they_count():
    [section] = digest_data(digest(NEW))["sections"]
    [theme] = section["themes"]
    assert theme["posts"] == len(theme["post_keys"]) == len(set(theme["post_keys"])) == 3
    assert {quote["key"] for quote in theme["quotes"]} <= set(theme["post_keys"])


def test_a_sparkline_has_a_bar_a_week_and_none_for_silence():
    weeks = tuple(Week(ago(7 * n), people, 0, people) for n, people in ((3, 1), (2, 0), (1, 8)))
    assert sparkline(replace(NEW, weekly=weeks)) == "▁ █"
    assert sparkline(replace(NEW, weekly=())) == ""


def test_where_nothing_moves_the_headline_says_so():
    assert "nothing new, growing or back. 50 posts read" in digest(STEADY, FADING).headline
