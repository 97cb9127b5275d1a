from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model import Link, Post
from bot.understand.releases import Releases, as_of, fix_of, repo_of, version_of
from tests.builders import NOW, a_post, ago


def a_release(tag: str, days: float, **fields: Any) -> Post:
    own = {"external_id": f"acme/tool@{tag}", "kind": "release", "title": tag}
    return a_post(**(own | {"created_at": ago(days)} | fields))


def releases(*posts: Post, links: tuple[Link, ...] = ()) -> Releases:
    return Releases.of(posts, "acme/tool", links)


ISSUE = a_post(external_id="acme/tool#7", state="closed", updated_at=ago(20))
PULL = a_post(
    external_id="acme/tool#20",
    kind="pull",
    state="merged",
    created_at=ago(32),
    updated_at=ago(30),
)
THREE = (a_release("v2.3.0", 60), a_release("v2.4.0", 25), a_release("v2.4.1", 10))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("2.4.1", (2, 4, 1)),
        ("v2.4.1", (2, 4, 1)),
        ("Release 2.4.1", (2, 4, 1)),
        ("tool@2.4.1", (2, 4, 1)),
        ("2.4", (2, 4)),
        ("v2.4.0", (2, 4)),
        ("2026.2.3-1", (2026, 2, 3, 1)),
        ("v3.0.0-rc.1", (3,)),
        ("Backlog", None),
        ("Q3", None),
        ("", None),
    ],
)
def test_a_name_may_hold_a_version(name: str, version: tuple[int, ...] | None) -> None:
    assert version_of(name) == version


def test_the_first_release_after_the_merge_fixed_it() -> None:
    fix = fix_of(ISSUE, [PULL], releases(*THREE))

    assert fix is not None
    assert (fix.version, fix.by, fix.sure) == ("2.4.0", PULL.key, True)
    assert fix.at == ago(25)


def test_the_release_whose_notes_name_it_is_believed_first() -> None:
    named = Link(THREE[2].key, PULL.key, "url")

    fix = fix_of(ISSUE, [PULL], releases(*THREE, links=(named,)))
    assert fix is not None
    assert (fix.version, fix.release, fix.sure) == ("2.4.1", THREE[2].key, True)


def test_notes_that_name_the_issue_need_no_pull_request() -> None:
    named = Link(THREE[1].key, ISSUE.key, "mention")

    fix = fix_of(ISSUE, [], releases(*THREE, links=(named,)))
    assert fix is not None
    assert (fix.version, fix.by) == ("2.4.0", None)


def test_a_release_within_the_doubt_about_the_merge_makes_it_unsure() -> None:
    talked_on = a_post(
        external_id="acme/tool#21",
        kind="pull",
        state="merged",
        created_at=ago(32),
        updated_at=ago(12),
    )

    doubtful = fix_of(ISSUE, [talked_on], releases(*THREE))
    known = fix_of(ISSUE, [replace(talked_on, closed_at=ago(31))], releases(*THREE))
    assert doubtful is not None
    assert known is not None
    assert (doubtful.version, doubtful.sure) == ("2.4.1", False)
    assert (known.version, known.sure) == ("2.4.0", True)


def test_a_candidate_is_told_only_where_there_is_no_final_release() -> None:
    early = a_release("v2.4.0-rc.1", 28)

    final = fix_of(ISSUE, [PULL], releases(early, *THREE))
    alone = fix_of(ISSUE, [PULL], releases(early))
    assert final is not None
    assert alone is not None
    assert (final.version, alone.version) == ("2.4.0", "2.4.0-rc.1")


def test_releases_of_another_repository_fix_nothing() -> None:
    other = a_release("v9.0.0", 25, external_id="acme/other@v9.0.0")

    fix = fix_of(ISSUE, [PULL], releases(other))
    assert fix is not None
    assert fix.version is None
    assert fix.at == ago(30)


@pytest.mark.parametrize("pulls", [[], [PULL]])
def test_a_milestone_tells_the_version_where_no_release_does(pulls: list[Post]) -> None:
    planned = a_post(external_id="acme/tool#8", state="closed", milestone="2.5", updated_at=ago(5))

    fix = fix_of(planned, pulls, releases())
    assert fix is not None
    assert (fix.version, fix.release, fix.sure) == ("2.5", None, False)


def test_a_milestone_that_was_not_released_yet_is_no_version_that_has_the_fix() -> None:
    planned = a_post(external_id="acme/tool#8", state="closed", milestone="2.5", closed_at=ago(5))

    fix = fix_of(planned, [], releases(*THREE))
    assert fix is not None
    assert (fix.version, fix.at, fix.sure) == (None, ago(5), False)


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_what_was_closed_later_was_still_open(state: str) -> None:
    post = a_post(state=state, closed_at=ago(5))

    assert (as_of(post, ago(6)).state, as_of(post, ago(6)).closed_at) == ("open", None)
    assert as_of(post, NOW) == post
    assert as_of(replace(post, closed_at=None), ago(6)).state == state


def test_a_milestones_release_tells_its_day() -> None:
    planned = a_post(external_id="acme/tool#8", state="closed", milestone="v2.4.1")

    fix = fix_of(planned, [], releases(*THREE))
    assert fix is not None
    assert (fix.version, fix.at) == ("2.4.1", ago(10))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "open"},
        {"state": None},
        {"state": "closed"},
        {"state": "closed", "milestone": "Backlog"},
        {"state": "closed", "milestone": "2.5", "duplicate_of": "acme/tool#1"},
    ],
)
def test_nothing_tells_of_a_fix(fields: dict[str, Any]) -> None:
    assert fix_of(a_post(**fields), [], releases(*THREE)) is None


def test_a_pull_request_that_was_not_merged_fixes_nothing() -> None:
    pull = a_post(kind="pull", state="closed")

    assert fix_of(ISSUE, [pull], releases(*THREE)) is None


@pytest.mark.parametrize(
    "text",
    [
        "broken in 2.4.1",
        "v2.4.1.",
        "(2.4.1)",
        "tool 2.4.1, Linux",
        "2.4.1!",
        "Version: 2.4.1\nNode 22",
    ],
)
def test_a_post_names_a_release(text: str) -> None:
    named = releases(*THREE).named_in(a_post(title="Crash", text=text))

    assert {release.name for release in named} == {"2.4.1"}


@pytest.mark.parametrize(
    "text",
    [
        "node 2.4.1",
        "Python: v2.4.1",
        "macOS 2.4.1",
        "2.4.11",
        "12.4.1",
        "2.4.1.9",
        "2.4.1-rc.1",
        "2.4.1rc1",
        "http://2.4.1.7/x",
        "dist/2.4.1/tool",
        "tool-2.4.1.tar",
        "24.1",
        "",
    ],
)
def test_other_numbers_name_none_of_ours(text: str) -> None:
    assert releases(*THREE).named_in(a_post(title="Crash", text=text)) == set()


def test_a_post_is_of_the_repository_its_id_begins_with() -> None:
    assert repo_of(THREE[0]) == repo_of(ISSUE) == "acme/tool"
