from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Post
from bot.sources.github.harvest import CUT
from tests.sources.contract import (
    WebContract,
    breaking,
    fetched,
    gaps,
    run,
    stored,
)
from tests.world.github import GithubWorld, well_treated
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
    own_number,
)
from tests.world.site import Asked, json_answer


@pytest.fixture
def world(http):
    with well_treated(http) as world:
        yield world


class TestContract(WebContract):
    pass


def post(world: GithubWorld, said: Any) -> Post:
    return fetched(world, None)[world.external_id(said)]


# Paging


def test_an_issue_that_changes_between_two_pages_pulls_no_other_over_the_border(store, world):
    said = [world.put(ISSUE) for _ in range(9)]
    first = True

    def respond(asked: Asked):
        nonlocal first
        answer = world.answer(asked)
        if asked.path.endswith("/issues") and first:
            first = False
            world.edit(said[0])
        return answer

    with world.answering(respond):
        run(store, world)
    assert len(stored(store)) == 9


def test_many_changes_in_one_second_are_all_read(store, world):
    many = [world.put(ISSUE) for _ in range(11)]
    later = world.put(ISSUE)
    for said in many:
        world.changed[said.number] = many[0].at
    run(store, world)
    assert gaps(store, world) == {}
    assert world.external_id(later) in stored(store)


def test_a_full_page_without_a_next_one_hides_nothing_that_comes_after_it(store, world):
    for _ in range(world.page_most):
        world.put(ISSUE)
    run(store, world)
    world.put(ISSUE)
    run(store, world)
    assert gaps(store, world) == {}


def test_a_page_full_of_changes_of_one_second_hides_nothing_that_comes_after_it(store, world):
    for said in [world.put(ISSUE) for _ in range(world.page_most)]:
        world.changed[said.number] = world.now
    world.now += timedelta(hours=1)
    run(store, world)
    world.put(ISSUE)
    run(store, world)
    assert gaps(store, world) == {}


@pytest.mark.parametrize("kind", [ISSUE, DISCUSSION])
def test_a_change_that_github_shows_late_is_read_all_the_same(store, world, kind):
    for minutes, said in enumerate([world.put(kind) for _ in range(6)]):
        world.changed[said.number] = world.now - timedelta(minutes=minutes / 4)
    run(store, world)
    now, late = world.now, world.put(kind)
    world.changed[late.number] = now - timedelta(minutes=5)
    run(store, world)
    assert world.external_id(late) in stored(store)


def test_a_page_that_follows_itself_ends_the_list(world):
    world.put(ISSUE)

    def respond(asked: Asked):
        answer = world.answer(asked)
        link = {"link": f'<{world.site.url}/any?page=4>; rel="next"'}
        return replace(answer, headers={**answer.headers, **link})

    with world.answering(respond):
        assert len(fetched(world, None)) == 1


def test_the_next_page_is_asked_of_github_whatever_address_the_answer_names(world):
    for said in [world.put(ISSUE) for _ in range(9)]:
        world.changed[said.number] = world.now

    def respond(asked: Asked):
        answer = world.answer(asked)
        if "link" in answer.headers:
            link = answer.headers["link"].replace(world.site.url, "https://elsewhere.example")
            return replace(answer, headers={**answer.headers, "link": link})
        return answer

    with world.answering(respond):
        assert len(fetched(world, None)) == 9


def test_releases_over_several_pages_are_read_back_to_the_start(store, world):
    said = [world.put(RELEASE) for _ in range(9)]
    world.delete(said.pop(4))
    run(store, world)
    assert gaps(store, world) == {}
    assert len(stored(store)) == 8


def test_a_release_that_is_deleted_between_two_pages_hides_no_other_for_long(store, world):
    said = [world.put(RELEASE) for _ in range(11)]

    def respond(asked: Asked):
        answer = world.answer(asked)
        if asked.query.get("page") == "2" and said[5].number in world.living:
            world.delete(said[5])
        return answer

    with world.answering(respond):
        run(store, world)
    run(store, world)
    assert gaps(store, world) == {}


def test_a_review_without_words_is_a_mark_and_no_post(store, world):
    pull = world.put(PULL)
    world.put(REVIEW, pull, body="")
    report = run(store, world)
    assert (report.rejected, len(stored(store))) == ([], 1)


def test_a_draft_of_a_release_is_nobodys_to_read(world):
    world.put(RELEASE, draft=True)
    assert fetched(world, None) == {}


# Threads


def test_a_thread_with_all_that_is_said_in_it(world):
    pull = world.put(PULL)
    remark = world.put(REMARK, pull)
    said = {
        "comment": world.put(COMMENT, pull),
        "review": world.put(REVIEW, pull),
        "answer to a remark": world.put(REMARK, pull, in_reply_to_id=own_number(remark.number)),
    }
    found = fetched(world, None)
    opener = world.external_id(pull)
    parents = {what: found[world.external_id(one)].parent_id for what, one in said.items()}
    assert parents == {
        "comment": opener,
        "review": opener,
        "answer to a remark": world.external_id(remark),
    }
    assert {found[world.external_id(one)].root_id for one in said.values()} == {opener}
    assert [found[world.external_id(one)].kind for one in said.values()] == [
        "comment", "review", "comment",
    ]  # fmt: skip


def test_a_discussion_with_more_comments_than_come_at_once_is_read_whole(store, world):
    discussion = world.put(DISCUSSION)
    answered = [world.put(ANSWER, discussion) for _ in range(8)]
    for answer in answered[::3]:
        world.put(REPLY, discussion, answer)
    run(store, world)
    assert gaps(store, world) == {}
    parents = {found.parent_id for found in stored(store).values()}
    assert {world.external_id(answer) for answer in answered[::3]} < parents


def test_many_discussions_are_walked_back_to_the_start_and_then_only_what_changed(store, world):
    said = [world.put(DISCUSSION) for _ in range(10)]
    old = world.put(DISCUSSION)
    world.changed[old.number] = world.now - timedelta(days=100)
    run(store, world)
    assert gaps(store, world) == {"missing": {world.external_id(old)}}
    world.edit(said[3])
    start = len(world.site.asked)
    report = run(store, world)
    assert (report.updated, report.new) == (1, 0)
    questions = [asked for asked in world.site.asked[start:] if b"discussions(" in asked.body]
    assert len(questions) == 1


def test_a_walk_through_discussions_goes_on_where_it_was_left(store, world):
    for _ in range(10):
        world.put(DISCUSSION)
    run(store, world, dies_after=6)
    start = len(world.site.asked)
    run(store, world)
    afters = [
        json.loads(asked.body)["variables"]["after"]
        for asked in world.site.asked[start:]
        if b"discussions(" in asked.body
    ]
    assert afters[0] is not None
    run(store, world)
    assert gaps(store, world) == {}


def test_both_apis_tell_the_same_of_everything(store, world):
    rich = {
        "labels": ["b", "a"],
        "milestone": {"title": "4.0"},
        "state": "closed",
        "closed_at": "2026-03-02T13:00:00Z",
        "author_association": "MEMBER",
        "reactions": {"total_count": 5, "+1": 3, "-1": 2},
    }
    issue = world.put(ISSUE, **rich)
    world.put(COMMENT, issue, author_association="OWNER", reactions={"+1": 2})
    world.put(ISSUE, user={"login": "dependabot[bot]", "type": "Bot"})
    pull = world.put(PULL, **rich, pull_request={"merged_at": "2026-03-02T13:00:00Z"})
    world.put(REVIEW, pull)
    world.put(REMARK, pull, reactions={"+1": 1})
    world.put(ISSUE, state="closed", state_reason="duplicate")
    run(store, world)
    assert len(stored(store)) == 7
    closed = {post.closed_at for post in stored(store).values()}
    assert closed == {datetime(2026, 3, 2, 13, tzinfo=UTC), None}
    cursor = {"version": 1, "places": {}}
    store.posts.save([], place=("github", json.dumps(cursor)))
    report = run(store, world)
    assert (report.updated, report.deleted, report.rejected) == (0, 0, [])


def test_what_a_pull_request_closes_by_its_words_or_by_a_link(world):
    issue = world.put(ISSUE)
    pull = world.put(PULL, body=f"Fixes #{issue.number}, like the last one.")
    link = {"number": 900, "repository": {"nameWithOwner": "acme/other"}}
    world.linked[pull.number] = {"closing": {"nodes": [link]}}
    assert post(world, pull).closes == ("acme/other#900", f"{REPO}#{issue.number}")


def test_a_duplicate_points_at_what_a_person_with_the_right_to_it_said(world):
    first, second = world.put(ISSUE), world.put(ISSUE, state="closed", state_reason="duplicate")
    canonical = {"number": first.number, "repository": {"nameWithOwner": REPO}}
    world.linked[second.number] = {"marks": {"nodes": [{"canonical": canonical}]}}
    assert post(world, second).duplicate_of == world.external_id(first)


def test_a_duplicate_without_a_mark_points_where_the_last_comment_says(world):
    first, second = world.put(ISSUE), world.put(ISSUE, labels=[{"name": "duplicate"}])
    third = world.put(ISSUE)
    said = {"recent": {"nodes": [{"body": f"Duplicate of #{first.number}"}]}}
    world.linked |= {second.number: {**said, "labels": {"nodes": [{"name": "duplicate"}]}}}
    world.linked |= {third.number: said}
    assert post(world, second).duplicate_of == world.external_id(first)
    assert post(world, third).duplicate_of is None


# Edits, reactions and deletions


def test_a_thumb_up_is_seen_although_it_moves_no_date(store, world):
    issue, comment = world.put(ISSUE), world.put(COMMENT, world.put(PULL))
    run(store, world)
    for said in (issue, comment):
        world.extra[said.number]["reactions"] = {"+1": 4}
    run(store, world)
    scores = {stored(store)[world.external_id(said)].score for said in (issue, comment)}
    assert scores == {4}


def test_with_an_issue_its_comments_go(store, world):
    issue = world.put(ISSUE)
    for _ in range(3):
        world.put(COMMENT, issue)
    run(store, world)
    world.delete(issue)
    assert run(store, world).deleted == 4
    assert stored(store) == {}


@pytest.mark.parametrize(("opener", "reply"), [(ISSUE, COMMENT), (DISCUSSION, ANSWER)])
def test_with_a_thread_its_replies_go_that_are_too_old_to_be_asked_about(
    store, world, opener, reply
):
    thread, other = world.put(opener), world.put(opener)
    for said in (thread, thread, other):
        world.put(reply, said)
    world.now += timedelta(days=30)
    world.put(reply, thread)
    run(store, world)
    world.delete(thread)
    assert run(store, world).deleted == 4
    assert gaps(store, world) == {}


def test_with_a_reply_nothing_else_of_its_thread_goes(store, world):
    issue = world.put(ISSUE)
    comments = [world.put(COMMENT, issue) for _ in range(3)]
    run(store, world)
    world.delete(comments[0])
    assert run(store, world).deleted == 1
    assert gaps(store, world) == {}


def test_an_answer_that_was_deleted_but_is_answered_goes_and_its_answers_stay(store, world):
    discussion = world.put(DISCUSSION)
    answer = world.put(ANSWER, discussion)
    world.put(REPLY, discussion, answer)
    run(store, world)
    world.delete(answer)
    world.put(ANSWER, discussion)
    report = run(store, world)
    assert (report.deleted, report.rejected) == (1, [])
    assert gaps(store, world) == {}


def test_what_may_only_be_out_of_sight_is_not_called_gone(store, world):
    discussion = world.put(DISCUSSION)
    answered = [world.put(ANSWER, discussion) for _ in range(6)]
    run(store, world)
    batches = list(world.source().recheck([world.external_id(answered[0])]))
    assert [batch.deleted for batch in batches] == [()]


def test_what_cannot_be_read_does_not_make_its_neighbour_gone(world):
    issue = world.put(ISSUE)
    comments = [world.put(COMMENT, issue) for _ in range(2)]
    asked = [world.external_id(said) for said in comments]
    world.extra[comments[0].number] = {"html_url": "nonsense"}
    [batch] = world.source().recheck(asked)
    assert (len(batch.posts), batch.deleted, len(batch.rejected)) == (1, (), 1)


def test_a_comment_that_is_nothing_but_a_picture_is_no_fault_of_its_thread(world):
    issue = world.put(ISSUE)
    world.put(COMMENT, issue, body="![](https://pictures.example/1.png)")
    gone = world.put(COMMENT, issue)
    world.delete(gone)
    [batch] = world.source().recheck([world.external_id(gone)])
    assert (batch.deleted, batch.rejected) == ((world.external_id(gone),), ())


def test_a_pull_request_that_only_rest_shows_is_not_gone(store, world):
    pull = world.put(PULL)
    hidden = {"isPrivate": False, f"t{pull.number}": None}
    errors = [{"type": "NOT_FOUND", "path": ["repository", f"t{pull.number}"]}]

    def respond(asked: Asked):
        answer = json_answer({"data": {"repository": hidden}, "errors": errors})
        return answer if b"issueOrPullRequest" in asked.body else world.answer(asked)

    with world.answering(respond):
        posts = [one for batch in world.source().fetch(None, None) for one in batch.posts]
    assert [one.external_id for one in posts] == [world.external_id(pull)]


def test_answers_that_cannot_be_had_are_told(store, world):
    discussion = world.put(DISCUSSION)
    world.put(REPLY, discussion, world.put(ANSWER, discussion))
    world.more_answers = True
    report = run(store, world)
    assert [rejection.reason for rejection in report.rejected[:1]] == [CUT]
    assert len(stored(store)) == 3


def test_a_repository_that_graphql_does_not_show_loses_no_post(world):
    issue = world.put(ISSUE)
    hidden = {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND"}]}
    with breaking(world, json_answer(hidden)), pytest.raises(SourceError, match=REPO):
        list(world.source().recheck([world.external_id(issue)]))


def test_posts_of_several_repositories_are_asked_about_each_in_its_own(world):
    issue = world.put(ISSUE)
    asked = [f"{REPO}#{issue.number}", f"acme/other#{issue.number}"]
    found = [post.external_id for batch in world.source().recheck(asked) for post in batch.posts]
    assert found == asked


def test_ids_of_another_form_are_not_asked_about(world):
    assert list(world.source().recheck(["", "nonsense", "acme/tool", "acme/tool#x"])) == []
    assert world.site.asked == []
