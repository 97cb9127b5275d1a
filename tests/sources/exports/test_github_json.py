from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.model import Role, Visibility
from bot.sources.github.posts import Repo, parse_reply, parse_thread
from tests.shared import shared
from tests.sources.exports.made import a_file, a_folder, an_issue, as_bytes, posts, refused
from tests.sources.flaws import flaws

REPO = Repo("acme/tool", private=False)
COMMENT = {
    "id": 77,
    "issue_url": "https://api.github.com/repos/acme/tool/issues/1",
    "html_url": "https://github.com/acme/tool/issues/1#issuecomment-77",
    "body": "Same **here**.",
    "user": {"login": "bob", "type": "User"},
    "author_association": "MEMBER",
    "created_at": "2026-02-02T10:00:00Z",
}
ISSUE = an_issue(
    1,
    body="It `stops`.",
    user={"login": "ann", "type": "User"},
    state="closed",
    closed_at="2026-02-02T09:00:00Z",
    labels=[{"name": "bug"}],
    comments=1,
    reactions={"+1": 4, "total_count": 5},
    repository_url="https://api.github.com/repos/acme/tool",
)


def a_backup(folder: Path, *values: Any) -> Path:
    return a_file(folder / "issues.json", as_bytes(list(values)))


def test_objects_of_the_api_are_the_posts_that_the_adapter_makes_of_them(tmp_path):
    issue, comment = posts(a_backup(tmp_path, ISSUE, COMMENT))
    assert issue == parse_thread(ISSUE, REPO)
    assert comment == parse_reply(COMMENT, REPO)
    assert flaws(issue) + flaws(comment) == []
    assert (issue.external_id, issue.author, issue.score) == ("acme/tool#1", "ann", 4)
    assert (comment.external_id, comment.parent_id) == ("acme/tool#1-77", "acme/tool#1")
    assert (comment.role, issue.visibility) == (Role.TEAM, Visibility.PUBLIC)


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"pull_request": {"url": "x", "merged_at": "2026-02-03T10:00:00Z"}}, "merged"),
        ({"pull_request": {"url": "x", "merged_at": None}, "state": "open"}, "open"),
        ({"merged_at": "2026-02-03T10:00:00Z", "state": "closed", "head": {}}, "merged"),
        ({"merged_at": None, "state": "open", "head": {}}, "open"),
        ({"mergedAt": "2026-02-03T10:00:00Z", "state": "MERGED"}, "merged"),
    ],
)
def test_pull_requests_are_told_from_issues_whichever_list_they_come_from(tmp_path, more, state):
    (post,) = posts(a_backup(tmp_path, an_issue(2, body="Fixes #1", **more)))
    assert (post.kind, post.state, post.closes) == ("pull", state, ("acme/tool#1",))


def test_releases_are_read(tmp_path):
    release = {
        "tag_name": "v1.2",
        "name": "Harbour",
        "body": "Faster.",
        "html_url": "https://github.com/acme/tool/releases/tag/v1.2",
        "published_at": "2026-02-03T10:00:00Z",
        "author": {"login": "ann", "type": "User"},
    }
    (post,) = posts(a_backup(tmp_path, release))
    assert (post.kind, post.external_id, post.title) == ("release", "acme/tool@v1.2", "Harbour")


def test_what_gh_lists_is_the_same_as_what_the_api_gives(tmp_path):
    listed = {
        "number": 1,
        "title": "Issue 1",
        "body": "It `stops`.",
        "url": "https://github.com/acme/tool/issues/1",
        "author": {"login": "ann", "is_bot": False, "name": "Ann"},
        "state": "CLOSED",
        "labels": [{"id": "x", "name": "bug", "color": "red"}],
        "createdAt": "2026-02-01T10:00:00Z",
        "updatedAt": "2026-02-02T10:00:00Z",
        "closedAt": "2026-02-02T09:00:00Z",
        "comments": [
            {
                "id": "IC_x",
                "url": "https://github.com/acme/tool/issues/1#issuecomment-77",
                "author": {"login": "bob"},
                "authorAssociation": "MEMBER",
                "body": "Same **here**.",
                "createdAt": "2026-02-02T10:00:00Z",
            }
        ],
    }
    issue, comment = posts(a_backup(tmp_path, listed))
    told = parse_thread({**ISSUE, "reactions": None, "updated_at": "2026-02-02T10:00:00Z"}, REPO)
    assert issue == told
    assert comment == parse_reply(COMMENT, REPO)


def test_gh_tells_bots_in_its_own_way(tmp_path):
    by_bot = an_issue(1, author={"login": "app/stale", "is_bot": True})
    (post,) = posts(a_backup(tmp_path, by_bot))
    assert post.role is Role.BOT


def test_a_backup_of_one_file_an_issue_has_the_comments_in_it(tmp_path):
    files = {f"issues/{n}.json": an_issue(n) for n in (1, 2)}
    files["issues/1.json"]["comment_data"] = [COMMENT]
    files["issues/1.json"]["comments"] = 1
    found = posts(a_folder(tmp_path / "backup", files))
    assert [post.external_id for post in found] == ["acme/tool#1", "acme/tool#1-77", "acme/tool#2"]
    assert found[0].reply_count == 1


@pytest.mark.parametrize(
    "addresses",
    [
        {"html_url": "https://github.example.com/acme/tool/issues/1"},
        {
            "html_url": "https://ghe.example.com/acme/tool/issues/1",
            "repository_url": "https://ghe.example.com/api/v3/repos/acme/tool",
        },
    ],
)
def test_the_repository_is_the_one_that_the_addresses_name(tmp_path, addresses):
    (post,) = posts(a_backup(tmp_path, an_issue(1, **addresses)), "github")
    assert (post.external_id, post.venue) == ("acme/tool#1", "acme/tool")


def test_a_repository_that_says_so_is_private(tmp_path):
    (post,) = posts(a_backup(tmp_path, an_issue(1, repository={"private": True})))
    assert post.visibility is Visibility.PRIVATE


def test_what_is_no_issue_is_named_with_its_place(tmp_path):
    path = a_backup(
        tmp_path,
        ISSUE,
        "words",
        {"name": "bug", "color": "red"},
        an_issue(0),
        an_issue(2, html_url=None),
        an_issue(3, created_at="soon"),
        an_issue(4, comment_data=["words", COMMENT]),
    )
    assert refused(path) == [
        ("2", "not an object"),
        ("3", "not an issue"),
        ("4", "wrong type: number"),
        ("5", "missing field: html_url"),
        ("6", "date unreadable"),
        ("7, comment 1", "not an object"),
    ]


@pytest.mark.parametrize("name", ["github_issue_1", "github_issue_2_with_pr"])
def test_real_answers_are_read(tmp_path, name):
    path = shared("payloads", "github", "perceval", name)
    found = posts(a_file(tmp_path / "issues.json", path.read_bytes()))
    assert len(found) == len(json.loads(path.read_bytes()))
    assert [flaw for post in found for flaw in flaws(post)] == []
    assert all(post.created_at > datetime(2012, 1, 1, tzinfo=UTC) for post in found)
