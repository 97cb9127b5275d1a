from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.model import Status
from bot.slack.kit import address
from bot.speak.issue_form import LONGEST, issue_form
from bot.tracking import Issue, State, Tracking
from tests.builders import a_member, a_theme
from tests.slack.anything import Anything


def a_view(**fields):
    theme = a_theme(*(a_member(url=f"https://example.org/{n}") for n in range(3)))
    view = replace(Anything(1).view(Status.NEW, 7), theme=theme, venues={"acme/tool": 3})
    view = replace(view, tracking=None)
    return replace(view, **fields)


def test_the_form_opens_in_the_repository_filled_with_what_is_known():
    parts = urlsplit(issue_form(a_view()) or "")
    assert (parts.netloc, parts.path) == ("github.com", "/acme/tool/issues/new")
    told = parse_qs(parts.query)
    assert told["title"] == ["Push fails on big files"]
    assert all(f"- https://example.org/{n}" in told["body"][0] for n in range(3))
    assert "Theme T1." in told["body"][0]


@pytest.mark.parametrize("state", [State.OPEN, State.FIXED, State.QUIET, State.BACK])
def test_what_an_issue_stands_for_needs_no_other(state: State):
    tracking = Tracking(state, issue=Issue("github:acme/tool#1", "It", None))
    assert issue_form(a_view(tracking=tracking)) is None


def test_what_a_person_linked_needs_no_other_either_when_that_issue_was_closed():
    tracking = Tracking(State.CLOSED, issue=Issue("github:acme/tool#1", "It", None))
    assert issue_form(a_view(tracking=tracking))
    assert issue_form(a_view(tracking=replace(tracking, by_hand=True))) is None


def test_where_no_post_is_in_a_repository_there_is_no_form():
    theme = a_theme(*(a_member(source="reddit", venue="r/tool") for _ in range(3)))
    assert issue_form(a_view(theme=theme, venues={"r/tool": 3})) is None
    odd = a_theme(*(a_member(venue="acme/<tool>|x") for _ in range(3)))
    assert issue_form(a_view(theme=odd, venues={"acme/<tool>|x": 3})) is None


def test_where_there_is_just_one_repository_it_is_made_there():
    theme = a_theme(*(a_member(source="reddit", venue="r/tool") for _ in range(3)))
    elsewhere = a_view(theme=theme, venues={"r/tool": 3}, repository="acme/tool")
    assert (issue_form(elsewhere) or "").startswith("https://github.com/acme/tool/issues/new?")
    assert issue_form(replace(elsewhere, repository="acme/<tool>|x")) is None
    own = a_view(venues={"acme/tool": 3}, repository="acme/site")
    assert (issue_form(own) or "").startswith("https://github.com/acme/tool/issues/new?")
    assert (issue_form(own, "acme/site") or "").startswith("https://github.com/acme/site/")


def test_whatever_strangers_wrote_the_address_is_one_that_slack_takes():

    for seed in range(60):
        view = replace(Anything(seed).view(Status.NEW, 7), tracking=None)
        members = (*view.theme.members, a_member(venue="acme/tool"))
        found = issue_form(
            replace(view, theme=replace(view.theme, members=members), venues={"acme/tool": 1})
        )
        assert found is not None
        assert address(found) == found
        assert len(found) <= LONGEST
