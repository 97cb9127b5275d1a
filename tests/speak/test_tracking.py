from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model import Period, Query, ThemeView
from bot.speak.data import theme_data
from bot.speak.digest import compose
from bot.speak.page import digest_page
from bot.speak.plain import card
from bot.speak.tracking import tracking_data, tracking_text
from bot.speak.untracked import (
    MOST_POSTS,
    untold_data,
    untold_text,
    untracked_data,
    untracked_text,
)
from bot.tracking import Fix, Issue, Rate, Since, State, Tracking, Untold
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_theme, ago, some_coverage

ISSUE = Issue("github:acme/tool#7", "It stalls", "https://example.org/7")
PLANNED = replace(ISSUE, milestone="2.5")
FIX = Fix(ago(20), "2.4.1", "github:acme/tool@v2.4.1", "github:acme/tool#20")
NO_RELEASE = Fix(ago(20), None)
CLOSEST = "closest: acme/tool#7 (perhaps)"
NONE = "no issue tracks it"
NAMELESS = "no main one named"
SEVEN = tuple(f"reddit:{n}" for n in range(7))


def tracked(state: State, **fields: Any) -> Tracking:
    return replace(Tracking(state, ISSUE, linked_by=("a", "b"), posts=3), **fields)


@pytest.mark.parametrize(
    ("tracking", "said"),
    [
        (Tracking(State.UNTRACKED, untracked=SEVEN), f"{NONE} · 7 complaints of all time"),
        (Tracking(State.UNTRACKED, untracked=SEVEN[:1]), f"{NONE} · 1 complaint of all time"),
        (
            Tracking(State.UNTRACKED, untracked=SEVEN, posts=15, open_issues=15),
            "15 open issues, no main one named",
        ),
        (
            Tracking(State.UNTRACKED, untracked=SEVEN, posts=7, open_issues=2, closed_issues=2),
            "4 issues (2 open), no main one named",
        ),
        (
            Tracking(State.UNTRACKED, posts=2, closed_issues=1),
            "1 closed issue, no main one named",
        ),
        (
            Tracking(State.UNTRACKED, untracked=SEVEN, posts=75, open_issues=18),
            f"18 open issues of 75 posts, {NAMELESS} · 7 complaints of all time",
        ),
        (
            Tracking(State.PROPOSED, ISSUE, 0.42, untracked=SEVEN),
            f"{NONE} · 7 complaints of all time · {CLOSEST}",
        ),
        (
            Tracking(State.PROPOSED, ISSUE, 0.5, untracked=SEVEN, posts=7, open_issues=7),
            "7 open issues, no main one named · closest: acme/tool#7 (likely)",
        ),
        (tracked(State.OPEN), "tracked in acme/tool#7 (open)"),
        (tracked(State.OPEN, issue=PLANNED), "tracked in acme/tool#7 (open, milestone 2.5)"),
        (
            tracked(State.OPEN, issue=PLANNED, posts=30),
            "tracked in acme/tool#7 (open, milestone 2.5; 2 of 30 posts point at it)",
        ),
        (
            tracked(State.OPEN, by_hand=True, posts=30),
            "tracked in acme/tool#7 (open; linked by hand)",
        ),
        (
            tracked(State.CLOSED, by_hand=True),
            "acme/tool#7 (linked by hand) was closed; nothing tells of a fix",
        ),
        (tracked(State.LINKED), "tracked in acme/tool#7 (linked by hand)"),
        (
            tracked(State.LINKED, issue=None),
            "tracked in an issue that not everybody may read (linked by hand)",
        ),
        (tracked(State.CLOSED), "acme/tool#7 was closed; nothing tells of a fix"),
        (
            tracked(State.CLOSED, posts=30),
            "acme/tool#7 (2 of 30 posts point at it) was closed; nothing tells of a fix",
        ),
        (tracked(State.FIXED, fix=FIX), "fixed in 2.4.1 (acme/tool#7)"),
        (
            tracked(State.FIXED, fix=replace(FIX, sure=False), since=Since(1, 1)),
            "fixed in probably 2.4.1 (acme/tool#7) · 2 people since",
        ),
        (
            tracked(State.FIXED, fix=NO_RELEASE),
            "fixed on 10 Feb 2026, no release known that has it (acme/tool#7)",
        ),
        (
            tracked(State.QUIET, fix=FIX, before=Rate(12, 8), after=Rate(0, 3)),
            "fixed in 2.4.1 (acme/tool#7) · quiet since · 1.5 a week before, 0 after",
        ),
        (
            tracked(State.BACK, fix=FIX, since=Since(6, 1, (("2.4.1", 5), ("2.4.2", 1)))),
            "came back: 5 people on 2.4.1 (acme/tool#7)",
        ),
        (
            tracked(State.BACK, fix=FIX, since=Since(3, 1), before=Rate(8, 8), after=Rate(4, 0.5)),
            "came back: 4 people since 2.4.1 (acme/tool#7)",
        ),
        (
            tracked(State.BACK, fix=NO_RELEASE, since=Since(3, 0)),
            "came back: 3 people since the fix (acme/tool#7)",
        ),
    ],
)
def test_one_line_tells_where_a_theme_stands(tracking: Tracking, said: str) -> None:
    assert tracking_text(tracking) == said


def test_the_data_say_all_that_the_line_rests_on() -> None:
    found = tracking_data(
        tracked(
            State.BACK,
            issue=PLANNED,
            fix=FIX,
            before=Rate(12, 8),
            after=Rate(4, 0.5),
            since=Since(3, 1, (("2.4.1", 2),), ("x",), 2),
            untold=(Untold("reddit", "ann", ("reddit:1",)),),
        )
    )
    assert found == {
        "state": "came back",
        "text": "came back: 2 people on 2.4.1 (acme/tool#7)",
        "issue": "github:acme/tool#7",
        "title": "It stalls",
        "url": "https://example.org/7",
        "milestone": "2.5",
        "score": None,
        "linked_by": ["a", "b"],
        "by_hand": False,
        "posts": 3,
        "open_issues": 0,
        "closed_issues": 0,
        "fixed_in": "2.4.1",
        "fixed_at": "2026-02-10T12:00:00Z",
        "fixed_by": "github:acme/tool#20",
        "release": "github:acme/tool@v2.4.1",
        "sure": True,
        "before": {"complaints": 12, "weeks": 8, "per_week": 1.5},
        "after": {"complaints": 4, "weeks": 0.5, "per_week": 4.0},
        "since": {
            "people": 3,
            "unknown_authors": 1,
            "on_it": 2,
            "versions": [{"version": "2.4.1", "people": 2}],
            "post_keys": ["x"],
        },
        "untracked": [],
        "untold": 1,
    }


def test_every_state_has_the_same_keys_and_nothing_tracked_is_null() -> None:
    untracked = tracking_data(Tracking(State.UNTRACKED, untracked=SEVEN))
    assert untracked is not None
    assert untracked.keys() == (tracking_data(tracked(State.BACK, fix=FIX)) or {}).keys()
    assert (untracked["issue"], untracked["untracked"]) == (None, list(SEVEN))
    assert tracking_data(None) is None


# Where it stands


def a_view(tracking: Tracking | None, posts: int = 3) -> ThemeView:
    members = [
        a_member(key=f"reddit:{n}", title=f"Stalls {n}", created_at=ago(6 - n / 10))
        for n in range(posts)
    ]
    return replace(view(a_theme(*members), Period(ago(7), NOW)), tracking=tracking)


def test_a_theme_shows_it_in_text_in_json_and_on_the_page_with_a_link() -> None:
    seen = a_view(tracked(State.OPEN))

    assert "  tracked in acme/tool#7 (open)\n" in card(seen) + "\n"
    assert theme_data(seen)["tracker"]["state"] == "open"
    page = digest_page(compose([seen], seen.period, 3, some_coverage(), Query()))
    assert "tracked in acme/tool#7 (open) · <a href=" in page
    assert 'href="https://example.org/7"' in page


def test_a_theme_of_which_there_is_nothing_to_tell_shows_nothing() -> None:
    seen = a_view(None)

    assert theme_data(seen)["tracker"] is None
    assert "issue" not in card(seen)
    assert "the issue" not in digest_page(compose([seen], seen.period, 3, some_coverage(), Query()))


def test_an_issue_of_a_stranger_harms_no_page() -> None:
    bad = Issue("github:acme/<script>#7", "<b>", "javascript:alert(1)")
    seen = a_view(tracked(State.OPEN, issue=bad))

    page = digest_page(compose([seen], seen.period, 3, some_coverage(), Query()))
    assert "<script>" not in page
    assert "javascript:" not in page


# Lists


def test_untracked_complaints_are_shown_newest_first_and_all_of_them_in_json() -> None:
    seen = a_view(Tracking(State.PROPOSED, ISSUE, 0.6, untracked=SEVEN), posts=5)

    text = untracked_text([seen])
    assert "  closest: acme/tool#7 (likely)" in text
    shown = [line for line in text.splitlines() if line.startswith("  - ")]
    assert [line[4:12] for line in shown] == ["Stalls 4", "Stalls 3", "Stalls 2"]
    assert len(shown) == MOST_POSTS
    assert text.endswith("… and 2 more complaints")
    (data,) = untracked_data([seen])
    assert [post["key"] for post in data["complaints"]] == [f"reddit:{n}" for n in range(5)]
    assert (data["people"], data["posts"], data["tracker"]["score"]) == (5, 5, 0.6)


def test_no_untracked_complaint_is_said_in_words() -> None:
    assert untracked_text([]) == "No complaint in a theme is without an issue."
    assert untracked_data([]) == []


def test_whoever_was_never_told_is_named_with_links_to_their_posts() -> None:
    waiting = (Untold("reddit", "ann", ("reddit:0", "reddit:1", "reddit:gone")),)
    seen = a_view(tracked(State.QUIET, fix=FIX, untold=waiting))
    posts = seen.theme.members

    text = untold_text(seen)
    assert "\nann, Reddit\n" in text
    assert [line for line in text.splitlines() if line.startswith("  - ")] == [
        f"  - {post.title}  24 Feb 2026  {post.url}" for post in posts[:2]
    ]
    (who,) = untold_data(seen)["people"]
    assert (who["source"], who["author"]) == ("reddit", "ann")
    assert [post["url"] for post in who["posts"]] == [post.url for post in posts[:2]]


@pytest.mark.parametrize(
    ("tracking", "said"),
    [
        (None, "not known to be fixed"),
        (tracked(State.OPEN), "not known to be fixed"),
        (tracked(State.QUIET, fix=FIX), "Nobody is known who complained before"),
    ],
)
def test_where_nobody_can_be_told_it_is_said_why(tracking: Tracking | None, said: str) -> None:
    seen = a_view(tracking)

    assert said in untold_text(seen)
    assert untold_data(seen)["people"] == []
