"""What GitHub delivers by webhook, beside what the same things are when they are read."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from bot.http import Http
from bot.model import Post, Query, Role, Visibility
from bot.pipeline.collecting import Collecting
from bot.sources.base import Batch, Hears, Rejection
from bot.sources.github.adapter import Github
from bot.sources.github.webhooks import EVENTS, PULL_ACTIONS
from bot.store import Store
from tests.builders import NOW
from tests.sources.contract import run, stored
from tests.sources.flaws import flaws
from tests.sources.mutations import mutated
from tests.world.base import Said
from tests.world.github import GithubWorld
from tests.world.github_things import (
    ANSWER,
    COMMENT,
    DISCUSSION,
    ISSUE,
    PULL,
    RELEASE,
    REMARK,
    REPLY,
    REPO,
    REVIEW,
    TURNS,
    WEB,
    own_number,
)

PLACE = {"full_name": REPO, "private": False}
EMPTY = Batch((), None)
TOLD = {
    ISSUE: ("issues", "issue"),
    COMMENT: ("issue_comment", "comment"),
    PULL: ("pull_request", "pull_request"),
    REVIEW: ("pull_request_review", "review"),
    REMARK: ("pull_request_review_comment", "comment"),
    DISCUSSION: ("discussion", "discussion"),
    ANSWER: ("discussion_comment", "comment"),
    REPLY: ("discussion_comment", "comment"),
    RELEASE: ("release", "release"),
}
"""Which event tells of a thing, and where in its payload."""
UNTOLD = {
    PULL: ("pull_request", "reactions"),
    REVIEW: ("updated_at", "reactions", "created_at"),
}
"""Fields that a thing has in REST's lists and not in a delivery."""


@pytest.fixture
def world(http):
    with GithubWorld(http) as world:
        yield world


@pytest.fixture
def source(http) -> Github:
    return a_source(http)


def a_source(http: Http, **settings: Any) -> Github:
    return Github(http=http, now=lambda: NOW, **{"repos": (REPO,), **settings})


def delivery(world: GithubWorld, said: Said, action: str = "edited") -> tuple[str, dict[str, Any]]:
    """The event's name and the payload by which GitHub tells that something happened to a thing."""
    form = world.forms[said.number]
    event, part = TOLD[form.kind]
    row = world.row(said)
    thing = {key: value for key, value in row.items() if key not in UNTOLD.get(form.kind, ())}
    if form.kind in {DISCUSSION, PULL}:
        thing |= {"state": "open", "merged_at": None}
    if form.kind in {ANSWER, REPLY}:
        thing |= {"parent_id": own_number(form.answers) if form.answers else None}
    payload = {"action": action, part: thing, "repository": world.repository}
    if part in {"comment", "review"}:
        opener = world.living[form.thread]
        payload[TOLD[world.forms[form.thread].kind][1]] = world.row(opener)
    return event, payload


def an_issue(**fields: Any) -> dict[str, Any]:
    return {
        "number": 12,
        "title": "It crashes",
        "body": "**Always**",
        "state": "open",
        "user": {"login": "ann", "type": "User"},
        "author_association": "NONE",
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        "html_url": f"{WEB}/{REPO}/issues/12",
        "comments": 3,
        "reactions": {"+1": 4},
        **fields,
    }


def a_reply(anchor: str = "issuecomment-345", page: str = "issues", **fields: Any) -> Any:
    return an_issue(html_url=f"{WEB}/{REPO}/{page}/12#{anchor}", **fields)


def a_release(**fields: Any) -> dict[str, Any]:
    return {
        "tag_name": "v1",
        "name": "One",
        "body": "Faster",
        "draft": False,
        "author": {"login": "ann"},
        "published_at": "2026-03-01T10:00:00Z",
        "html_url": f"{WEB}/{REPO}/releases/tag/v1",
        **fields,
    }


def told(action: str = "edited", **parts: Any) -> dict[str, Any]:
    return {"action": action, "repository": PLACE, **parts}


def one(batch: Batch) -> Post:
    """The one post of a batch without rejections."""
    (post,) = batch.posts
    assert batch.rejected == ()
    return post


def kept(store: Store) -> dict[str, Post]:
    found = store.posts.find(Query(), NOW.replace(year=9000))
    return {post.external_id: post for _, post, _ in found}


# The same things, read and delivered


def test_it_is_a_source_that_hears(source):
    assert isinstance(source, Hears)


def test_every_kind_of_post_is_one_row_whether_it_was_read_or_delivered(world, store, source):
    said = [world.say() for _ in range(2 * len(TURNS))]
    assert {world.forms[one.number].kind for one in said} == set(TOLD)
    run(store, world)
    read = kept(store)
    assert len(read) == len(said)
    for thing in said:
        batch = source.heard(*delivery(world, thing))
        assert batch.rejected == ()
        assert Collecting(store, NOW).heard(source, batch).new == 0
    after = kept(store)
    assert {key: same(post) for key, post in after.items()} == {k: same(v) for k, v in read.items()}


def same(post: Post) -> Post:
    """Without what only GraphQL tells, and without what a delivery leaves out."""
    return replace(post, score=None, updated_at=None, reply_count=None)


def test_what_was_delivered_first_is_no_new_post_when_it_is_read(world, store, source):
    said = [world.say() for _ in range(len(TURNS))]
    for thing in said:
        Collecting(store, NOW).heard(source, source.heard(*delivery(world, thing)))
    assert stored(store).keys() == {world.external_id(thing) for thing in said}
    assert run(store, world).new == 0


def test_what_a_delivery_tells_whole_changes_nothing_of_what_was_read(world, store, source):
    issue = world.put(ISSUE)
    said = [issue, world.put(COMMENT, issue), world.put(RELEASE)]
    run(store, world)
    for thing in said:
        report = Collecting(store, NOW).heard(source, source.heard(*delivery(world, thing)))
        assert (report.read > 0, report.new, report.updated) == (True, 0, 0)


# What a delivery brings


def test_an_issue_comes_with_all_that_it_has(source):
    issue = an_issue(
        labels=[{"name": "bug"}], milestone={"title": "2.0"}, state="closed", state_reason="done"
    )
    post = one(source.heard("issues", told("closed", issue=issue)))
    assert (post.external_id, post.kind, post.title) == (f"{REPO}#12", "issue", "It crashes")
    assert (post.text, post.state, post.labels, post.milestone) == (
        *("Always", "closed"),
        *(("bug",), "2.0"),
    )
    assert (post.score, post.reply_count, post.role) == (4, 3, Role.USER)


@pytest.mark.parametrize(
    "action", ["opened", "reopened", "labeled", "unlabeled", "milestoned", "locked", "whatever"]
)
def test_whatever_happens_to_an_issue_brings_it_as_it_is(source, action):
    assert one(source.heard("issues", told(action, issue=an_issue()))).external_id == f"{REPO}#12"


@pytest.mark.parametrize("action", PULL_ACTIONS)
def test_a_pull_request_is_one_and_closes_what_it_says(source, action):
    pull = an_issue(body="Fixes #7", merged_at="2026-03-02T10:00:00Z", state="closed")
    post = one(source.heard("pull_request", told(action, pull_request=pull)))
    assert (post.kind, post.state, post.closes) == ("pull", "merged", (f"{REPO}#7",))


@pytest.mark.parametrize("action", ["synchronize", "assigned", "review_requested", None, ["x"]])
def test_a_push_to_a_pull_request_brings_nothing(source, action):
    assert source.heard("pull_request", told(action, pull_request=an_issue())) == EMPTY


def test_a_comment_brings_its_issue_as_it_is_now(source):
    comment = told("created", comment=a_reply(), issue=an_issue(comments=4))
    reply, issue = source.heard("issue_comment", comment).posts
    assert (reply.external_id, reply.parent_id) == (f"{REPO}#12-345", f"{REPO}#12")
    assert (issue.external_id, issue.reply_count) == (f"{REPO}#12", 4)


@pytest.mark.parametrize(
    "more",
    [{"pull_request": {"url": "x"}}, {"state_reason": "duplicate"}, {"labels": ["duplicate"]}],
)
def test_a_comment_leaves_alone_what_graphql_tells_more_of(source, more):
    comment = told("created", comment=a_reply(), issue=an_issue(**more))
    assert one(source.heard("issue_comment", comment)).external_id == f"{REPO}#12-345"


def test_a_remark_answers_the_remark_that_it_names(source):
    comment = a_reply("discussion_r345", "pull", in_reply_to_id=344)
    post = one(source.heard("pull_request_review_comment", told("created", comment=comment)))
    assert (post.external_id, post.parent_id) == (
        f"{REPO}#12-discussion_r345",
        f"{REPO}#12-discussion_r344",
    )


def test_a_review_with_words_is_a_post_and_one_without_is_nothing(source):
    review = a_reply("pullrequestreview-9", "pull", submitted_at="2026-03-01T12:00:00Z")
    post = one(source.heard("pull_request_review", told("submitted", review=review)))
    assert (post.kind, post.created_at.hour) == ("review", 12)
    for silent in ({"body": None}, {"body": ""}, {"state": "pending"}):
        payload = told("submitted", review=review | silent)
        assert source.heard("pull_request_review", payload) == EMPTY


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "open"),
        ({"state": "closed"}, "closed"),
        ({"state": "locked"}, None),
        ({"answer_chosen_at": "2026-03-01T12:00:00Z"}, "answered"),
    ],
)
def test_a_discussion_has_no_score_for_its_upvotes_are_not_told(source, fields, state):
    payload = told("created", discussion=an_issue(**fields))
    post = one(source.heard("discussion", payload))
    assert (post.kind, post.state, post.score) == ("discussion", state, None)


def test_an_answer_in_a_discussion_hangs_on_the_comment_that_it_answers(source):
    comment = a_reply("discussioncomment-9", "discussions", parent_id=8)
    payload = told("created", comment=comment, discussion=an_issue())
    post = one(source.heard("discussion_comment", payload))
    assert (post.parent_id, post.root_id, post.score) == (
        *(f"{REPO}#12-discussioncomment-8", f"{REPO}#12"),
        None,
    )


def test_discussions_are_not_taken_where_they_are_not_read(http):
    source = a_source(http, discussions=False)
    payload = told("created", discussion=an_issue())
    assert source.heard("discussion", payload) == EMPTY
    reply = told("created", comment=a_reply("discussioncomment-9"), discussion=an_issue())
    assert source.heard("discussion_comment", reply) == EMPTY


def test_a_release_speaks_for_the_team_and_its_draft_is_nothing(source):
    post = one(source.heard("release", told("published", release=a_release())))
    assert (post.external_id, post.role) == (f"{REPO}@v1", Role.TEAM)
    assert source.heard("release", told("created", release=a_release(draft=True))) == EMPTY


@pytest.mark.parametrize("event", ["ping", "push", "star", "", "Issues", "issues\n", "x" * 9_999])
def test_a_ping_and_all_other_events_bring_nothing(source, event):
    assert source.heard(event, told(issue=an_issue())) == EMPTY


# What is gone


@pytest.mark.parametrize(
    ("event", "part", "thing", "gone"),
    [
        ("issues", "issue", an_issue(), "#12"),
        ("issue_comment", "comment", a_reply(), "#12-345"),
        ("discussion", "discussion", an_issue(), "#12"),
        ("release", "release", a_release(), "@v1"),
        (
            *("discussion_comment", "comment"),
            *(a_reply("discussioncomment-9"), "#12-discussioncomment-9"),
        ),
        (
            *("pull_request_review_comment", "comment"),
            *(a_reply("discussion_r9", "pull"), "#12-discussion_r9"),
        ),
    ],
)
def test_a_deletion_brings_the_id(source, event, part, thing, gone):
    batch = source.heard(event, told("deleted", **{part: thing | {"body": None}}))
    assert (batch.posts, batch.deleted, batch.rejected) == ((), (REPO + gone,), ())


def test_with_a_deleted_issue_all_goes_that_is_stored_of_it_and_nothing_else(world, store, source):
    said = world.populate(24)
    run(store, world)
    thread = world.external_id(said[0])
    before = stored(store)
    told = delivery(world, said[0], "deleted")
    Collecting(store, NOW).heard(source, source.heard(*told))
    left = {key for key, post in before.items() if thread not in (key, post.root_id)}
    assert stored(store).keys() == left
    assert len(before) - len(left) == 3


def test_a_deleted_release_takes_nothing_along(world, source):
    release = next(one for one in world.populate(12) if world.forms[one.number].kind == RELEASE)
    batch = source.heard(*delivery(world, release, "deleted"))
    assert (batch.deleted, batch.deleted_threads) == ((world.external_id(release),), ())


@pytest.mark.parametrize(("event", "part"), [("issues", "issue"), ("discussion", "discussion")])
def test_what_was_transferred_is_gone_from_here(source, event, part):
    assert source.heard(event, told("transferred", **{part: an_issue()})).deleted == (f"{REPO}#12",)


def test_a_deleted_comment_leaves_its_issue(source):
    payload = told("deleted", comment=a_reply(), issue=an_issue(comments=2))
    batch = source.heard("issue_comment", payload)
    assert batch.deleted == (f"{REPO}#12-345",)
    assert one(batch).reply_count == 2


def test_a_release_that_is_a_draft_again_is_gone(source):
    payload = told("unpublished", release=a_release(draft=True))
    assert source.heard("release", payload).deleted == (f"{REPO}@v1",)


def test_a_release_under_another_tag_takes_the_place_of_the_old_one(source):
    release = a_release(tag_name="v2")
    payload = told("edited", release=release, changes={"tag_name": {"from": "v1"}})
    batch = source.heard("release", payload)
    assert (one(batch).external_id, batch.deleted) == (f"{REPO}@v2", (f"{REPO}@v1",))
    again = told("edited", release=release, changes={"tag_name": {"from": "v2"}})
    assert source.heard("release", again).deleted == ()


def test_a_comment_whose_words_were_all_taken_out_is_gone(source):
    payload = told("edited", comment=a_reply(body="<!-- nothing -->"))
    batch = source.heard("issue_comment", payload)
    assert (batch.deleted, batch.rejected) == ((f"{REPO}#12-345",), ())
    created = source.heard("issue_comment", payload | {"action": "created"})
    assert [x.reason for x in created.rejected] == ["no words"]


# Which repositories


@pytest.mark.parametrize(
    "settings",
    [
        {"repos": ("Acme/TOOL",)},
        {"repos": (), "orgs": ("ACME",)},
        {"repos": ("other/one",), "orgs": ("acme",)},
    ],
)
def test_named_repositories_and_organisations_are_taken_in_githubs_spelling(http, settings):
    batch = a_source(http, **settings).heard("issues", told(issue=an_issue()))
    assert one(batch).venue == REPO


@pytest.mark.parametrize(
    "settings",
    [
        {"repos": ("acme/tools", "other/tool")},
        {"repos": (), "orgs": ("acm", "tool")},
        {"repos": (), "orgs": (), "notifications": True},
    ],
)
@pytest.mark.parametrize("action", ["opened", "deleted"])
def test_no_other_repository_can_bring_or_remove_anything(http, settings, action):
    payload = told(action, issue=an_issue())
    assert a_source(http, **settings).heard("issues", payload) == EMPTY


def test_a_renamed_repository_is_taken_under_its_new_name_and_keeps_its_ids(world, store):
    world.populate(6)
    issue = world.put(ISSUE)
    run(store, world)
    world.full_name = "Acme/Renamed"
    run(store, world)
    world.edit(issue)
    source, cursor = world.source(), store.sources.state("github").cursor
    batch = source.heard(*delivery(world, issue), cursor)
    assert one(batch).external_id == world.external_id(issue)
    report = Collecting(store, world.now).heard(source, batch)
    assert (report.new, report.updated) == (0, 1)


@pytest.mark.parametrize("cursor", [None, "", "nonsense", "{}", '{"version": 1, "places": {}}'])
def test_a_new_name_that_no_reading_has_met_yet_is_that_of_another_repository(world, cursor):
    issue = world.put(ISSUE)
    world.full_name = "acme/renamed"
    assert world.source().heard(*delivery(world, issue), cursor) == EMPTY


def test_posts_of_a_private_repository_are_private(source):
    payload = told(issue=an_issue(), repository=PLACE | {"private": True})
    assert one(source.heard("issues", payload)).visibility is Visibility.PRIVATE


@pytest.mark.parametrize("private", [None, "false", 0])
def test_a_repository_that_does_not_say_whether_it_is_private_is_not_taken(source, private):
    payload = told(issue=an_issue(), repository=PLACE | {"private": private})
    batch = source.heard("issues", payload)
    assert batch.rejected == (Rejection("github webhook issues", "wrong type: repository"),)


# What is wrong with it


@pytest.mark.parametrize("payload", [None, [], "words", 5, {}, {"repository": "x"}])
@pytest.mark.parametrize("event", EVENTS)
def test_a_payload_that_is_none_is_a_rejection(source, event, payload):
    batch = source.heard(event, payload)
    assert [x.reason for x in batch.rejected] == ["wrong type: repository"]
    assert not batch.posts


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("thing", [None, [], "words", 5, {}])
@pytest.mark.parametrize("action", ["created", "deleted", None, {}, 5])
def test_a_thing_that_is_none_is_a_rejection_or_nothing(source, event, thing, action):
    batch = source.heard(event, told(action, **{EVENTS[event].part: thing}))
    assert (batch.posts, batch.deleted) == ((), ())
    assert len(batch.rejected) <= 1


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        ("issues", {"comment": a_reply(), "issue": an_issue()}),
        ("discussion", {"comment": a_reply("discussioncomment-9"), "discussion": an_issue()}),
        ("pull_request", {"review": a_reply(), "pull_request": an_issue()}),
        ("release", {"issue": an_issue(), "release": a_release()}),
        ("issue_comment", {"issue": an_issue()}),
    ],
)
def test_the_events_name_is_not_signed_so_it_cannot_turn_one_deletion_into_another(
    source, event, parts
):
    batch = source.heard(event, told("deleted", **parts))
    where = f"github {REPO} webhook {event}"
    assert batch == Batch((), None, rejected=(Rejection(where, "not what its event says"),))


@pytest.mark.parametrize(
    ("event", "part", "thing"),
    [
        ("issues", "issue", an_issue(html_url=f"{WEB}/{REPO}/issues/12#issuecomment-1")),
        ("issues", "issue", an_issue(html_url=f"{WEB}/{REPO}/releases/tag/v1")),
        ("issue_comment", "comment", an_issue()),
        ("release", "release", a_release(tag_name="two words")),
    ],
)
def test_a_deletion_of_something_else_than_it_says_removes_nothing(source, event, part, thing):
    batch = source.heard(event, told("deleted", **{part: thing}))
    assert batch.deleted == ()
    assert len(batch.rejected) == 1


def test_whatever_is_wrong_with_a_payload_its_posts_are_sound(world, source):
    random = Random(5)
    said = [world.say() for _ in range(len(TURNS))]
    for action in ("edited", "deleted", "opened"):
        for event, payload in (delivery(world, thing, action) for thing in said):
            body = json.dumps(payload).encode()
            for _ in range(25):
                try:
                    value = json.loads(mutated(body, random))
                except (ValueError, RecursionError):
                    continue
                batch = source.heard(event, value)
                assert batch.cursor is None
                assert [flaws(post) for post in batch.posts if flaws(post)] == []
                assert all(len(gone) <= 512 for gone in batch.deleted)
