"""GitHub's answers as posts: real ones, and the traps in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Post, Role
from bot.sources.base import NotAPost
from bot.sources.github.names import FORMS, Name
from bot.sources.github.places import Places
from bot.sources.github.posts import Repo, parse_release, parse_reply, parse_thread
from tests.links import links
from tests.shared import shared
from tests.sources.flaws import flaws
from tests.sources.mutations import mutated

REPO = Repo("acme/tool", private=False)
WEB = "https://github.com/acme/tool"


def an_issue(**fields: Any) -> dict[str, Any]:
    return {
        "number": 12,
        "title": "It crashes",
        "body": "**Always**",
        "user": {"login": "ann", "type": "User"},
        "created_at": "2026-03-01T10:00:00Z",
        "html_url": f"{WEB}/issues/12",
        **fields,
    }


def a_reply(form: str = "issuecomment-", **fields: Any) -> dict[str, Any]:
    return an_issue(html_url=f"{WEB}/pull/12#{form}345", **fields)


# What the archive knows too


def test_an_issue_and_its_comments_have_the_ids_that_exports_have():
    assert parse_thread(an_issue(), REPO).external_id == "acme/tool#12"
    assert parse_reply(a_reply(), REPO).external_id == "acme/tool#12-345"


def test_a_mention_of_an_issues_number_leads_to_it():
    first = parse_thread(an_issue(number=7, title="The first"), REPO)
    second = parse_thread(an_issue(body="The same as #7"), REPO)
    reply = parse_reply(a_reply(body="Also acme/tool#7"), REPO)
    found = links([first, second, reply])
    pairs = {(link.source_key, link.target_key) for link in found if link.how == "mention"}
    assert pairs == {(second.key, first.key), (reply.key, first.key)}


@given(
    st.builds(
        Name,
        st.just("acme/tool"),
        st.integers(1, 10**9 - 1),
        st.sampled_from(["", *FORMS]),
        st.integers(1, 10**15 - 1),
    )
)
def test_every_id_tells_what_it_is_made_of(name):
    found = Name.of_id(name.external_id)
    assert found is not None
    assert (found.repo, found.number, found.form) == (name.repo, name.number, name.form)
    assert found.own == (name.own if name.form else 0)
    assert found.external_id == name.external_id


@pytest.mark.parametrize("tag", ["v1.0", "1.0+build-2", "release/2026#3", "a@b"])
def test_the_id_of_a_release_tells_its_tag(tag):
    assert Name.of_id(Name("acme/tool", tag=tag).external_id) == Name("acme/tool", tag=tag)


def test_replies_of_different_forms_with_one_number_have_different_ids():
    ids = {parse_reply(a_reply(form), REPO).external_id for form in FORMS}
    assert len(ids) == len(FORMS)


# Who speaks


@pytest.mark.parametrize(
    ("user", "association", "author", "role"),
    [
        ({"login": "ann", "type": "User"}, "NONE", "ann", Role.USER),
        ({"login": "ann", "type": "User"}, "CONTRIBUTOR", "ann", Role.USER),
        ({"login": "ann", "type": "User"}, "OWNER", "ann", Role.TEAM),
        ({"login": "ann", "type": "User"}, "MEMBER", "ann", Role.TEAM),
        ({"login": "ann", "type": "User"}, "COLLABORATOR", "ann", Role.TEAM),
        ({"login": "renovate[bot]", "type": "Bot"}, "MEMBER", "renovate[bot]", Role.BOT),
        ({"login": "renovate[bot]"}, "NONE", "renovate[bot]", Role.BOT),
        # GraphQL writes a bot's name without its mark.
        ({"login": "renovate", "type": "Bot"}, "NONE", "renovate[bot]", Role.BOT),
        ({"login": "ghost", "type": "User"}, "NONE", None, Role.USER),
        (None, "NONE", None, Role.USER),
    ],
)
def test_who_speaks_and_as_what(user, association, author, role):
    post = parse_thread(an_issue(user=user, author_association=association), REPO)
    assert (post.author, post.role) == (author, role)


def test_a_release_speaks_for_the_team_unless_a_bot_made_it():
    row = an_issue(tag_name="v1", name="One")
    assert parse_release(row, REPO).role is Role.TEAM
    bot = {"login": "github-actions[bot]", "type": "Bot"}
    assert parse_release(row | {"user": bot}, REPO).role is Role.BOT


# State, and what is not told


@pytest.mark.parametrize(
    ("fields", "kind", "state"),
    [
        ({"state": "open"}, "issue", "open"),
        ({"state": "closed"}, "issue", "closed"),
        ({}, "issue", None),
        ({"state": "closed", "pull_request": {"url": "x", "merged_at": None}}, "pull", "closed"),
        ({"state": "open", "pull_request": {"url": None, "html_url": None}}, "issue", "open"),
        ({"state": "closed", "pull_request": {"merged_at": "2026-03-02T10:00:00Z"}},
         "pull", "merged"),
        ({"form": "PullRequest", "closed": True, "merged_at": "2026-03-02T10:00:00Z"},
         "pull", "merged"),
        ({"form": "Discussion", "closed": False, "isAnswered": None}, "discussion", "open"),
        ({"form": "Discussion", "closed": True, "isAnswered": True}, "discussion", "answered"),
        ({"form": "Discussion", "closed": True, "isAnswered": False}, "discussion", "closed"),
    ],
)  # fmt: skip
def test_what_became_of_a_thread(fields, kind, state):
    post = parse_thread(an_issue(**fields), REPO)
    assert (post.kind, post.state) == (kind, state)


@pytest.mark.parametrize(
    ("fields", "hour"),
    [
        ({"state": "closed", "closed_at": "2026-03-02T11:00:00Z"}, 11),
        ({"state": "closed", "closed_at": "2026-03-02T11:00:00Z",
          "pull_request": {"url": "x", "merged_at": "2026-03-02T10:00:00Z"}}, 10),
        ({"form": "PullRequest", "closed": True, "closed_at": "2026-03-02T11:00:00Z",
          "merged_at": "2026-03-02T10:00:00Z"}, 10),
        ({"form": "Discussion", "closed": True, "closed_at": "2026-03-02T11:00:00Z"}, 11),
        ({"state": "open", "closed_at": None}, None),
        ({"state": "closed"}, None),
    ],
)  # fmt: skip
def test_when_a_thread_was_closed_or_merged(fields, hour):
    closed = parse_thread(an_issue(**fields), REPO).closed_at
    assert (closed and closed.hour) == hour


def test_what_is_not_told_is_unknown_and_what_is_zero_is_zero():
    bare = parse_thread(an_issue(), REPO)
    assert (bare.score, bare.reply_count, bare.milestone, bare.updated_at) == (None,) * 4
    none = parse_thread(an_issue(comments=0, reactions={"+1": 0}), REPO)
    assert (none.score, none.reply_count) == (0, 0)


def test_only_thumbs_up_count_for_an_issue():
    reactions = {"total_count": 9, "+1": 4, "-1": 3, "laugh": 2}
    assert parse_thread(an_issue(reactions=reactions), REPO).score == 4


def test_a_review_and_a_release_are_as_old_as_their_publication():
    dates = {"created_at": "2026-01-01T00:00:00Z", "submitted_at": "2026-03-01T10:00:00Z"}
    assert parse_reply(a_reply("pullrequestreview-", **dates), REPO).created_at.month == 3
    dates = {"created_at": "2026-01-01T00:00:00Z", "published_at": "2026-03-01T10:00:00Z"}
    assert parse_release(an_issue(tag_name="v1", **dates), REPO).created_at.month == 3


# References


@pytest.mark.parametrize(
    ("body", "closed"),
    [
        ("Fixes #12", ("acme/tool#12",)),
        ("closes: #1, resolved #2 and FIX #3", ("acme/tool#1", "acme/tool#2", "acme/tool#3")),
        ("Resolves acme/other#7", ("acme/other#7",)),
        ("fixed Acme/Tool#7", ("acme/tool#7",)),
        ("Fixes https://github.com/acme/other/issues/7", ("acme/other#7",)),
        ("prefixes #12, see #13, unfixed #14", ()),
        ("<!-- Fixes #99 --> Fixes #(issue)", ()),
        ("fix\n\n\n#12", ()),
        ("", ()),
    ],
)
def test_what_a_pull_request_says_it_closes(body, closed):
    pull = {"url": "https://api.github.com/repos/acme/tool/pulls/12"}
    assert parse_thread(an_issue(body=body, pull_request=pull), REPO).closes == closed
    assert parse_thread(an_issue(body=body), REPO).closes == ()


@pytest.mark.parametrize(
    ("fields", "of"),
    [
        ({"state_reason": "duplicate", "body": "Duplicate of #3"}, "acme/tool#3"),
        ({"labels": [{"name": "Duplicate"}], "body": "duplicate of acme/x#3"}, "acme/x#3"),
        ({"labels": ["type: duplicate"], "body": f"Duplicate of {WEB}/issues/3"}, "acme/tool#3"),
        ({"state_reason": "completed", "body": "Duplicate of #3"}, None),
        ({"body": "Duplicate of #3"}, None),
        ({"state_reason": "duplicate", "body": "Duplicate of that other one"}, None),
    ],
)
def test_words_tell_a_duplicates_original_only_where_somebody_marked_it(fields, of):
    assert parse_thread(an_issue(**fields), REPO).duplicate_of == of


# Places


@pytest.mark.parametrize("cursor", [
    '{"version": 2, "places": {}}', '{"version": 1}', '{"version": 1, "places": []}',
    '{"version": 1, "places": {"a": 5}}', "[1]", "\x00", None,
])  # fmt: skip
def test_a_cursor_of_another_make_is_none(cursor):
    assert Places.read(cursor).kept == {}


def test_a_cursor_comes_back_as_it_was_written():
    places = Places()
    assert places.put("acme/tool issues", since="2026-03-01T10:00:00Z", etag='W/"1"')
    assert not places.put("acme/tool issues", since="2026-03-01T10:00:00Z", etag='W/"1"')
    again = Places.read(places.written())
    assert again.kept == places.kept
    assert again.moment("acme/tool issues", "since") is not None
    assert again.moment("acme/tool issues", "etag") is None
    assert again.moment("elsewhere", "since") is None


# Real answers


def replayed(name: str) -> Iterator[Any]:
    """The bodies of one recording: an exchange is ten lines, the last one the answer."""
    text = shared("payloads", "github", "pygithub_replay", name).read_text(encoding="utf-8")
    for exchange in text.strip().split("\n\n"):
        lines = exchange.split("\n")
        if len(lines) > 9 and lines[9].startswith(("{", "[")):
            yield json.loads(lines[9])


def recorded(name: str) -> Any:
    path = shared("payloads", "github", "perceval", name)
    return json.loads(path.read_text(encoding="utf-8"))


def rows(*names: str, having: str) -> list[dict[str, Any]]:
    """Every object of these recordings, alone or in a list, that has a field."""
    found = []
    for name in names:
        for body in replayed(name):
            found += [row for row in (body if isinstance(body, list) else [body]) if having in row]
    return found


def sound(posts: list[Post]) -> bool:
    return [flaw for post in posts for flaw in flaws(post)] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("github_request", "pull"),
        ("github_request_from_2016_03_01", "pull"),
        ("github_issue_1", "pull"),
        ("github_issue_2", "issue"),
        ("github_issue_2_with_pr", "pull"),
    ],
)
def test_recorded_issues_become_posts(name, kind):
    posts = [parse_thread(row, REPO) for row in recorded(name)]
    assert posts
    assert sound(posts)
    assert {post.kind for post in posts} == {kind}
    assert all(post.author and post.created_at.year == 2016 for post in posts)


def test_recorded_comments_become_posts_of_their_threads():
    names = ("github_issue_comments_1", "github_issue_comments_2")
    posts = [parse_reply(row, REPO) for name in names for row in recorded(name)]
    assert sound(posts)
    assert {post.root_id for post in posts} == {"acme/tool#1", "acme/tool#2"}
    assert {post.score for post in posts} == {0, 1}
    assert {post.role for post in posts} == {Role.TEAM}


def test_recorded_reviews_and_remarks_become_posts_of_their_pull_request():
    numbers = (1, 2)
    remarks = [
        parse_reply(row, REPO)
        for number in numbers
        for row in recorded(f"github_request_pull_request_{number}_comments")
    ]
    reviews = [
        parse_reply(row, REPO)
        for number in numbers
        for row in recorded(f"github_request_pull_request_{number}_reviews")
    ]
    assert sound([*remarks, *reviews])
    assert {post.kind for post in remarks} == {"comment"}
    assert {post.kind for post in reviews} == {"review"}
    assert all(post.root_id and post.parent_id for post in [*remarks, *reviews])


def test_recorded_pull_requests_become_posts():
    posts = [parse_thread(recorded(f"github_request_pull_request_{n}"), REPO) for n in (1, 2)]
    assert sound(posts)


def test_replayed_issues_become_posts():
    names = (
        "Repository.testGetIssues.txt",
        "Repository.testGetIssuesWithArguments.txt",
        "Repository.testGetIssuesWithWildcards.txt",
        "Repository.testGetIssuesWithTypeArgument.txt",
        "PaginatedList.setUp.txt",
    )
    posts = [parse_thread(row, REPO) for row in rows(*names, having="comments_url")]
    posts += [parse_thread(row, REPO) for row in rows(*names[:3], having="closed_at")]
    assert len(posts) > 50
    assert sound(posts)
    assert any(post.milestone for post in posts)
    assert any(post.labels for post in posts)


def test_a_comment_without_an_address_is_none_since_nobody_knows_its_thread():
    found = rows("Repository.testGetIssuesComments.txt", having="issue_url")
    assert len(found) == 180
    for row in found:
        with pytest.raises(NotAPost, match="html_url"):
            parse_reply(row, REPO)


def test_replayed_releases_become_posts():
    names = ("ReleaseRead.testGetRelease.txt", "GitRelease.testGetReleaseByTag.txt",
             "GitRelease.setUp.txt", "ReleaseRead.testGetLatestRelease.txt")  # fmt: skip
    posts = [parse_release(row, REPO) for row in rows(*names, having="tag_name")]
    assert len(posts) >= 3
    assert sound(posts)
    assert {post.kind for post in posts} == {"release"}


def test_a_replayed_discussion_becomes_posts_under_rests_names():
    node = list(replayed("RepositoryDiscussion.setUp.txt"))[-1]["data"]["node"]
    row = _renamed(node) | {"form": "Discussion", "comments": node["comments"]}
    post = parse_thread(row, REPO)
    assert flaws(post) == []
    assert (post.kind, post.external_id, post.reply_count) == ("discussion", "acme/tool#2993", 2)
    answer = parse_reply(_renamed(node["answer"]), REPO)
    assert answer.external_id == "acme/tool#2993-discussioncomment-10426644"
    assert answer.root_id == post.external_id


def _renamed(node: dict[str, Any]) -> dict[str, Any]:
    """As our queries ask for it."""
    names = {"createdAt": "created_at", "updatedAt": "updated_at", "url": "html_url"}
    return {names.get(name, name): value for name, value in node.items()}


def test_mutated_real_answers_become_sound_posts_or_none():
    bodies = [
        json.dumps(recorded(name)).encode()
        for name in ("github_request", "github_issue_comments_1", "github_issue_2_with_pr")
    ]
    random = Random(1)
    for turn in range(600):
        body = mutated(bodies[turn % 3], random)
        try:
            found = json.loads(body)
        except ValueError:
            continue
        for row in found if isinstance(found, list) else [found]:
            for parse in (parse_thread, parse_reply, parse_release):
                with suppress(NotAPost):
                    assert flaws(parse(row, REPO)) == [], row
