"""What waits for somebody: what presses first, nobody's, and untracked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Criterion, Decision, Deed, Ground, Intent, Period, Reading, Status, ThemeView
from bot.speak.triage import Queue, may_wait, pressing, queue_data, queue_line, queue_text, queued
from bot.tracking import Issue, State, Tracking
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_theme, ago, some_coverage

WEEK = Period(ago(7), NOW)


def some_view(number: int = 1, *, met: tuple[Criterion, ...] = (), posts: int = 4) -> ThemeView:
    """A new theme of people who complain, as many posts of it as there are criteria meeting one."""
    members = [a_member() for _ in range(posts)]
    for place, one in enumerate(met):
        reading = Reading(Intent.BUG, 1, grounds=(Ground(one, "words"),))
        members[place] = replace(members[place], reading=reading)
    shown = view(a_theme(*members, id=f"T{number}"), WEEK)
    lost = tuple(member.key for member in members)
    return replace(shown, tracking=Tracking(State.UNTRACKED, untracked=lost))


@pytest.mark.parametrize(
    ("met", "posts", "presses"),
    [
        ((), 4, False),
        ((Criterion.CRASH,), 4, True),
        ((Criterion.CRASH,), 9, False),
        ((Criterion.CRASH,) * 2, 9, True),
        ((Criterion.DATA_LOSS,), 9, True),
        ((Criterion.CRASH,), 40, False),
        ((Criterion.DATA_LOSS,) * 4, 40, True),
        ((Criterion.REGRESSION,), 4, False),
        ((Criterion.REGRESSION,) * 2, 4, True),
        ((Criterion.REGRESSION, Criterion.CANNOT_INSTALL), 4, False),
    ],
)
def test_what_presses_is_named_by_enough_of_the_posts(met, posts, presses):
    assert pressing(some_view(met=met, posts=posts)) is presses


def test_what_somebody_saw_got_or_muted_waits_for_nobody():
    plain = some_view()
    taken = Decision(1, NOW, "ann", Deed.MUTE)
    assert may_wait(plain)
    for said in (
        replace(plain, seen=taken),
        replace(plain, assigned=taken),
        replace(plain, mute=taken),
    ):
        assert not may_wait(said)
    assert not may_wait(replace(plain, theme=a_theme()))
    assert not may_wait(replace(plain, status=Status.QUIET))


def test_what_presses_comes_before_what_moves_and_the_strongest_first():
    moving, strong = some_view(1), some_view(2, posts=9)
    high = some_view(3, met=(Criterion.CRASH,))
    assert queued([moving, strong, high]) == ((high,), (strong, moving))


def test_lost_data_comes_before_a_stronger_theme_that_crashes():
    crashes = some_view(1, posts=9, met=(Criterion.CRASH,) * 5)
    loses = some_view(2, met=(Criterion.DATA_LOSS,))
    assert queued([crashes, loses]) == ((loses, crashes), ())


@pytest.mark.parametrize("state", State)
def test_only_what_no_issue_stands_for_waits_or_what_came_back(state):
    issue = Issue("github:acme/tool#7", "It stalls", None)
    plain = some_view()
    assert plain.tracking is not None
    told = replace(plain.tracking, state=state, issue=issue)
    high, moving = queued([replace(plain, tracking=told)])
    assert bool(high) is (state is State.BACK)
    assert bool(moving) is (state in {State.UNTRACKED, State.PROPOSED})


def test_what_does_not_move_or_what_two_said_waits_for_nobody():
    steady = replace(some_view(), status=Status.STEADY)
    assert queued([steady, some_view(posts=2)]) == ((), ())


def test_the_queue_is_told_in_words_and_as_data():
    queue = Queue(
        (some_view(1),), (some_view(2), some_view(3)), ago(28), some_coverage(), "On duty: Ann"
    )
    assert queue_line(queue) == (
        "1 theme of high priority and 2 themes new or growing that no issue is named for, "
        "since 2 Feb 2026"
    )
    text = queue_text(queue)
    assert text.index("HIGH PRIORITY") < text.index("T1") < text.index("NEW AND GROWING")
    assert "On duty: Ann" in text
    data = queue_data(queue)
    assert [one["id"] for one in data["moving"]] == ["T2", "T3"]
    assert data["duty"] == "On duty: Ann"
    empty = replace(queue, high=(), moving=())
    assert queue_line(empty).startswith("Nothing waits: ")
