"""The feed of notifications as another way in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Visibility
from tests.sources.contract import answers, breaking, fetched, run, stored
from tests.world.github import GithubWorld, well_treated
from tests.world.github_things import (
    ANSWER,
    COMMENT,
    DISCUSSION,
    ISSUE,
    PULL,
    RELEASE,
    REMARK,
    REVIEW,
)
from tests.world.site import Answer, Asked, json_answer


@pytest.fixture
def world(http):
    with well_treated(http) as world:
        world.settings = {"notifications": True}
        yield world


def pages(world: GithubWorld) -> list[Asked]:
    return [asked for asked in world.site.asked if asked.path == "/notifications"]


def test_a_thread_that_its_owner_is_told_of_comes_with_all_that_is_said_in_it(store, world):
    issue, pull, discussion = world.put(ISSUE), world.put(PULL), world.put(DISCUSSION)
    inside = [
        world.put(COMMENT, issue),
        world.put(COMMENT, pull),
        world.put(REVIEW, pull),
        world.put(REMARK, pull),
        world.put(ANSWER, discussion),
    ]
    release, unread = world.put(RELEASE), world.put(ISSUE)
    for said in (issue, pull, discussion, release):
        world.notify(said)
    report = run(store, world)
    assert (report.error, report.rejected) == (None, [])
    told = {world.external_id(said) for said in (issue, pull, discussion, release, *inside)}
    assert stored(store).keys() == told
    assert world.external_id(unread) not in told


def test_what_is_private_there_is_private_here(world):
    world.private = True
    issue, release = world.put(ISSUE), world.put(RELEASE)
    world.notify(issue)
    world.notify(release)
    assert {post.visibility for post in fetched(world, None).values()} == {Visibility.PRIVATE}


def test_nothing_new_is_one_question_and_no_batch(store, world):
    world.notify(world.put(ISSUE))
    run(store, world)
    cursor = store.sources.state("github").cursor
    with answers(world) as given:
        assert list(world.source().fetch(cursor, None)) == []
    assert [answer.status for answer in given] == [304]


def test_a_second_run_reads_only_what_was_notified_since(store, world):
    world.notify(world.put(ISSUE))
    run(store, world)
    later = world.put(ISSUE)
    world.notify(later)
    report = run(store, world)
    assert (report.new, report.updated) == (1, 0)
    assert world.external_id(later) in stored(store)


def test_many_notifications_are_read_page_by_page_and_the_oldest_first(store, world):
    said = [world.put(ISSUE) for _ in range(120)]
    for one in said:
        world.notify(one)
    run(store, world, dies_after=2)
    assert len(stored(store)) == 50
    assert world.external_id(said[0]) in stored(store)
    run(store, world)
    assert len(stored(store)) == 120


def test_a_notification_that_comes_while_the_pages_are_read_hides_no_other(store, world):
    for one in [world.put(ISSUE) for _ in range(60)]:
        world.notify(one)
    extra = iter([world.put(ISSUE) for _ in range(5)])

    def respond(asked: Asked):
        answer = world.answer(asked)
        if asked.path == "/notifications" and (one := next(extra, None)):
            world.notify(one)
            world.notified.pop(0)  # and one was marked as done
        return answer

    with world.answering(respond):
        run(store, world)
    run(store, world)
    assert {f"acme/tool#{row['id']}" for row in world.notified} <= stored(store).keys()


def test_many_notifications_in_one_second_are_all_read(store, world):
    for one in [world.put(ISSUE) for _ in range(130)]:
        world.notify(one)
    for row in world.notified[:120]:
        row["updated_at"] = world.notified[0]["updated_at"]
    run(store, world)
    assert len(stored(store)) == 130


def test_a_repository_that_is_read_as_a_whole_is_not_read_twice(store, world):
    world.settings = {"repos": ("acme/tool",), "notifications": True}
    issue = world.put(ISSUE)
    world.notify(issue)
    run(store, world)
    start = len(world.site.asked)
    world.notify(issue)
    run(store, world)
    asked = [one.body for one in world.site.asked[start:] if b"ofIssue" in one.body]
    assert asked == []


def test_threads_that_the_token_may_not_read_are_a_gap_and_keep_no_others_back(store, world):
    hidden, shown = world.put(ISSUE), world.put(ISSUE)
    world.notify(hidden, full_name="acme/hidden")
    world.notify(shown)
    refused = json_answer({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND"}]})

    def respond(asked: Asked):
        return refused if b'"hidden"' in asked.body else world.answer(asked)

    with world.answering(respond):
        report = run(store, world)
    assert report.error is None
    assert stored(store).keys() == {world.external_id(shown)}
    [gap] = store.sources.gaps("github")
    assert "acme/hidden" in gap.why


def test_a_passing_failure_leaves_the_place_where_it_was(store, world):
    world.notify(world.put(ISSUE))
    with breaking(world, Answer(502), healthy=1):
        assert run(store, world).error
    assert run(store, world).new == 1


def test_what_is_notified_but_is_no_thread_is_passed_over(world):
    issue = world.put(ISSUE)
    for subject in (
        {"type": "CheckSuite", "title": "CI failed", "url": None},
        {"type": "Commit", "title": "x", "url": f"{world.site.url}/repos/acme/tool/commits/1"},
        {"type": "Issue", "title": "x", "url": None},
        {"type": "Issue", "title": 5, "url": 5},
        {},
        None,
    ):
        world.notify(issue)
        world.notified[-1]["subject"] = subject
    world.notified.append({"updated_at": world.notified[0]["updated_at"], "repository": None})
    assert fetched(world, None) == {}


def test_a_discussion_is_looked_for_among_those_that_changed_as_late_as_it(world):
    said = [world.put(DISCUSSION) for _ in range(9)]
    world.notify(said[0])
    for days, one in enumerate(reversed(said[:5]), 30):
        world.changed[one.number] -= timedelta(days=days)
    assert fetched(world, None) == {}
    assert len([one for one in world.site.asked if b"discussions(" in one.body]) == 2


def test_the_feed_is_asked_for_what_was_read_too(world):
    world.notify(world.put(ISSUE))
    fetched(world, None, since=world.now - timedelta(days=3))
    [asked] = pages(world)
    assert asked.query["all"] == "true"
    assert asked.query["since"].startswith(f"{world.now - timedelta(days=3):%Y-%m-%d}")


def test_without_a_token_it_is_said_that_the_feed_needs_one(store, world):
    world.token = None
    report = run(store, world)
    assert report.error
    assert "GITHUB_TOKEN" in report.error
    assert world.site.asked == []


def test_an_answer_in_no_lists_shape_is_told(store, world):
    with breaking(world, json_answer({"message": "no"})):
        report = run(store, world)
    assert report.error
    assert "notifications" in report.error
