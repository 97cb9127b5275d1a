"""What GitHub is asked where little or nothing happens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest

from bot.sources.github import graphql
from bot.store import Store
from bot.store.posts import CHECKED_EVERY
from tests.sources.contract import (
    answers,
    change,
    changing,
    fetched,
    gaps,
    requests_of_a_run,
    run,
    stored,
)
from tests.world.base import Said
from tests.world.github import GithubWorld, well_treated
from tests.world.github_things import DISCUSSION, ISSUE, PULL, RELEASE, REPO, REVIEW
from tests.world.site import Answer, Asked, json_answer

POLLS = 10
EVERY = timedelta(minutes=15)
QUIET_FOR = timedelta(days=8)
"""After a week posts are not asked about again, unless a theme cites them."""
LAST = b"orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { updated_at"
"""Stands in the question that asks when a discussion changed last in each repository."""


@pytest.fixture
def world(http):
    with well_treated(http) as world:
        world.page_most = 100
        yield world


@dataclass(frozen=True, slots=True)
class Polled:
    """What some runs asked: REST's answers by status, and how many questions GraphQL was asked."""

    rest: Counter[int]
    graphql: int

    @property
    def unchanged(self) -> float:
        """The share of 304 in all requests, those to GraphQL among them."""
        return self.rest[304] / (self.rest.total() + self.graphql)


def polled(store: Store, world: GithubWorld, runs: int = POLLS, every: timedelta = EVERY) -> Polled:
    """So many runs, one after the other at such intervals, while nothing happens."""
    start = len(world.site.asked)
    with answers(world) as given:
        for _ in range(runs):
            world.now += every
            report = run(store, world)
            assert (report.error, report.new, report.updated, report.deleted) == (None, 0, 0, 0)
    pairs = list(zip(world.site.asked[start:], given, strict=True))
    rest = Counter(answer.status for asked, answer in pairs if asked.method == "GET")
    return Polled(rest, sum(asked.path == "/graphql" for asked, _ in pairs))


def long_ago(world: GithubWorld, discussions: int = 1) -> Said:
    """So many discussions, the last of them old enough to be read for good."""
    said = [world.put(DISCUSSION) for _ in range(discussions)][-1]
    world.now += timedelta(hours=1)
    return said


def silent(store: Store, world: GithubWorld, every: timedelta = EVERY) -> None:
    """A world in which nothing has happened for long, up to the last reading that had to ask."""
    world.populate(12)
    run(store, world)
    world.now += QUIET_FOR
    assert polled(store, world, 2, every).graphql == 2
    world.site.asked.clear()


def polled_changes(store: Store, world: GithubWorld, readings: int) -> list[int]:
    """How many pages of discussions each of some readings asked for."""
    asked = []
    for _ in range(readings):
        world.site.asked.clear()
        world.now += EVERY
        run(store, world)
        asked.append(len(walked(world)))
    return asked


def of_each(store: Store, world: GithubWorld) -> list[dict[str, str]]:
    """What the store holds of each repository: the words by the id in the first of them."""
    found = stored(store)
    return [
        {
            f"{REPO}{key.removeprefix(name)}": post.text
            for key, post in found.items()
            if key.startswith((f"{name}#", f"{name}@"))
        }
        for name in (REPO, *world.namesakes)
    ]


def asked_for_all(world: GithubWorld) -> int:
    """How often it was asked when a discussion changed last in each repository."""
    return sum(LAST in asked.body for asked in world.site.asked)


def walked(world: GithubWorld) -> list[str]:
    """The repositories whose discussions were walked through, a name a page."""
    bodies = [asked.body for asked in world.site.asked if b"$after" in asked.body]
    return [json.loads(body)["variables"]["name"] for body in bodies]


def telling(world: GithubWorld, told: object) -> Callable[[Asked], Answer]:
    """Sound answers, but of the second repository's last discussion something else is told."""

    def respond(asked: Asked) -> Answer:
        answer = world.answer(asked)
        if LAST not in asked.body:
            return answer
        whole = json.loads(answer.body)
        whole["data"]["r1"] = told
        return json_answer(whole)

    return respond


# Nothing happens


def test_of_an_unchanged_repository_rest_answers_nothing_but_304(store, world):
    world.populate(24)
    run(store, world)
    left = world.rest.remaining
    found = polled(store, world)
    assert found.rest == {304: 5 * POLLS}
    assert world.rest.remaining == left


def test_a_repository_with_many_pages_of_releases_is_answered_by_304s_too(store, world):
    world.page_most = 4
    for _ in range(9):
        world.put(RELEASE)
    world.now += timedelta(hours=1)
    run(store, world)
    assert polled(store, world).rest == {304: 7 * POLLS}


def test_a_repository_that_was_renamed_is_asked_under_its_new_name(store, world):
    world.populate(12)
    run(store, world)
    world.full_name = "acme/renamed"
    run(store, world)
    world.now += CHECKED_EVERY
    run(store, world)
    # What it is called now is asked under its old name, and sent on.
    assert polled(store, world).rest == {301: POLLS, 304: 5 * POLLS}
    assert gaps(store, world) == {}


def test_posts_that_are_young_are_looked_at_again_once_an_hour(store, world):
    world.populate(24)
    run(store, world)
    found = polled(store, world, 24)
    assert found.graphql == 7 + 24 / 4
    assert found.unchanged >= 0.9


def test_without_discussions_an_unchanged_repository_costs_nothing_but_304(store, world):
    world.settings["discussions"] = False
    world.populate(24)
    run(store, world)
    world.now += QUIET_FOR
    assert polled(store, world).unchanged == 1


@pytest.mark.parametrize(
    ("others", "minutes", "readings", "questions"),
    [
        (0, 1, 24, 7),
        (0, 15, 24, 7),
        (0, 30, 24, 9),
        (0, 60, 24, 13),
        (1, 15, 24, 7),
        (11, 15, 6, 3),
    ],
)
def test_of_unchanged_repositories_nine_of_ten_requests_are_304s_and_more(
    store, world, others, minutes, readings, questions
):
    world.have_namesakes(others)
    world.populate(12)
    run(store, world)
    world.pause()
    world.now += QUIET_FOR
    found = polled(store, world, readings, timedelta(minutes=minutes))
    assert set(found.rest) == {304}
    assert found.graphql == questions
    assert found.unchanged >= 0.9


# When discussions are asked after


def test_whoever_reads_seldom_has_discussions_with_each_reading(store, world):
    world.populate(12)
    run(store, world)
    world.now += QUIET_FOR
    assert polled(store, world, every=timedelta(minutes=90)).graphql == POLLS


@pytest.mark.parametrize(("minutes", "readings"), [(1, 4), (15, 4), (60, 2), (1_440, 1)])
@pytest.mark.parametrize("others", [0, 2])
def test_a_new_discussion_in_a_long_silence_is_read_with_one_of_the_next_readings(
    store, world, others, minutes, readings
):
    world.have_namesakes(others)
    silent(store, world, timedelta(minutes=minutes))
    said = world.put(DISCUSSION)
    world.now -= timedelta(hours=1)  # which a world takes for each change
    world.changed[said.number] = world.now
    needed = 0
    while world.external_id(said) not in stored(store):
        world.now += timedelta(minutes=minutes)
        run(store, world)
        needed += 1
    assert needed == readings


def test_a_discussion_is_read_at_once_where_anything_else_happens(store, world):
    silent(store, world)
    world.put(DISCUSSION)
    world.put(ISSUE)
    run(store, world)
    assert gaps(store, world) == {}


def test_after_a_change_the_next_readings_ask_again(store, world):
    silent(store, world)
    world.put(ISSUE)
    assert polled_changes(store, world, readings=4) == [1, 1, 1, 0]


def test_one_repository_in_which_something_happens_has_all_asked_after(store, world):
    world.have_namesakes(1)
    silent(store, world)
    moves = f"/repos/{REPO}/releases"

    def respond(asked: Asked) -> Answer:
        return json_answer([]) if asked.path == moves else world.answer(asked)

    with world.answering(respond):
        assert run(store, world).error is None
    assert asked_for_all(world) == 1
    assert walked(world) == []


def test_what_a_reading_left_out_is_not_said_to_have_been_read(store, world):
    silent(store, world)
    asked = world.now
    for minutes in (15, 30, 45):
        world.now = asked + timedelta(minutes=minutes)
        report = run(store, world)
        assert (report.error, report.read_at) == (None, asked)
        assert store.sources.state("github").read_at == asked
    world.now = asked + timedelta(minutes=60)
    assert run(store, world).read_at == world.now
    assert store.sources.state("github").read_at == world.now


def test_a_cursor_from_before_readings_left_anything_out_is_read_on(store, world):
    discussion = long_ago(world)
    run(store, world)
    cursor = json.loads(store.sources.state("github").cursor)
    place = cursor["places"][f"{REPO} discussions"]
    cursor["places"][f"{REPO} discussions"] = {"since": place["since"]}
    cursor["places"][REPO]["repo"] = cursor["places"][REPO]["repo"][:3]
    store.posts.save([], place=("github", json.dumps(cursor)))
    late = world.put(DISCUSSION)
    report = run(store, world)
    assert (report.error, report.new, report.updated) == (None, 1, 0)
    assert {world.external_id(said) for said in (discussion, late)} == stored(store).keys()


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happens_between_readings_that_may_die_all_is_found_in_the_end(store, world, seed):
    random = Random(seed)
    world.page_most = 4
    world.have_namesakes(random.choice((0, 0, 2)))
    world.populate(12)
    for _ in range(30):
        world.now += timedelta(minutes=random.choice((1, 15, 60)))
        if random.random() < 0.2:
            change(world, random)
        run(store, world, dies_after=random.choice((None, None, None, 1, 3)))
    for _ in range(4):
        world.now += timedelta(minutes=1)
        assert run(store, world).error is None
    first, *others = of_each(store, world)
    assert first.keys() == world.expected().keys()
    assert others == [first] * len(others)
    if not others:
        assert gaps(store, world) == {}


# What one question tells of many repositories


def test_only_repositories_whose_discussions_changed_are_walked(store, world):
    world.have_namesakes(2)
    discussion = long_ago(world)
    run(store, world)
    world.site.asked.clear()
    world.edit(discussion)
    with world.answering(telling(world, {"discussions": {"nodes": []}})):
        assert run(store, world).error is None
    assert (asked_for_all(world), walked(world)) == (1, ["tool", "tool2"])


def test_a_first_run_and_a_single_repository_are_walked_at_once(store, world):
    long_ago(world)
    run(store, world)
    run(store, world)
    assert (asked_for_all(world), walked(world)) == (0, ["tool"] * 2)
    world.have_namesakes(1)
    run(store, world)
    assert (asked_for_all(world), walked(world)) == (0, [*["tool"] * 3, "tool1"])
    run(store, world)
    assert (asked_for_all(world), len(walked(world))) == (1, 4)


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"discussions": None},
        {"discussions": {"nodes": None}},
        {"discussions": {"nodes": [None]}},
        {"discussions": {"nodes": [{"updated_at": "soon"}]}},
    ],
)
def test_a_repository_of_which_nothing_sound_is_told_is_walked(store, world, told):
    world.have_namesakes(2)
    long_ago(world)
    run(store, world)
    world.site.asked.clear()
    with world.answering(telling(world, told)):
        assert run(store, world).error is None
    assert walked(world) == ["tool1"]


@pytest.mark.parametrize(
    "refusal", [Answer(500), json_answer({"data": None, "errors": [{"type": "FORBIDDEN"}]})]
)
def test_repositories_that_cannot_be_asked_after_together_are_walked_one_by_one(
    store, world, refusal: Answer
):
    world.have_namesakes(2)
    long_ago(world)
    run(store, world)
    late = world.put(DISCUSSION)

    def respond(asked: Asked) -> Answer:
        return refusal if LAST in asked.body else world.answer(asked)

    with world.answering(respond):
        report = run(store, world)
    assert (report.error, report.new) == (None, 3)
    assert world.external_id(late) in stored(store)


def test_a_used_up_limit_ends_the_run_before_anything_is_walked(store, world):
    world.have_namesakes(1)
    long_ago(world)
    run(store, world)
    world.site.asked.clear()
    world.graphql.remaining = 0
    report = run(store, world)
    assert "403" in str(report.error)
    assert walked(world) == []
    world.pause()


def test_a_walk_that_was_left_goes_on_although_nothing_has_changed_since(store, world):
    world.have_namesakes(2)
    long_ago(world, discussions=10)
    batches = len(list(world.source().fetch(None, None)))
    run(store, world, dies_after=batches - 2)
    world.site.asked.clear()
    run(store, world)
    assert asked_for_all(world) == 1
    assert set(walked(world)) == {"tool2"}
    assert [len(posts) for posts in of_each(store, world)] == [10] * 3


def test_a_discussion_that_github_shows_late_is_read_in_each_repository(store, world):
    world.have_namesakes(1)
    for minutes, said in enumerate([world.put(DISCUSSION) for _ in range(6)]):
        world.changed[said.number] = world.now - timedelta(minutes=minutes / 4)
    run(store, world)
    now, late = world.now, world.put(DISCUSSION)
    world.changed[late.number] = now - timedelta(minutes=5)
    run(store, world)
    assert [world.external_id(late) in posts for posts in of_each(store, world)] == [True] * 2


@pytest.mark.parametrize("seed", range(10))
def test_what_changes_while_several_repositories_are_read_leaves_no_gap(store, world, seed):
    world.page_most = 4
    world.have_namesakes(2)
    world.populate(8)
    run(store, world)
    with world.answering(changing(world, Random(seed))):
        assert run(store, world).error is None
    assert run(store, world).error is None
    first, *others = of_each(store, world)
    assert first.keys() == world.expected().keys()
    assert others == [first] * 2


def test_fifty_repositories_are_asked_after_at_once(world):
    world.have_namesakes(60)
    discussion = long_ago(world)
    since = dict.fromkeys(world.settings["repos"], discussion.at)
    assert graphql.quiet(world.source()._api, since) == set(since)
    assert world.site.paths == ["/graphql"] * 2


# Little happens


def test_every_page_is_as_large_as_github_allows(world):
    world.populate(3)
    fetched(world, None)
    sizes = {asked.query.get("per_page") for asked in world.site.asked if asked.query}
    assert sizes == {"100"}


def test_a_run_over_new_pull_requests_asks_for_their_reviews_many_at_a_time(store, world):
    for _ in range(30):
        world.put(REVIEW, world.put(PULL))
    assert requests_of_a_run(store, world) <= 10
    assert gaps(store, world) == {}


def test_threads_and_releases_are_asked_about_again_in_one_question(store, world):
    world.populate(12)
    run(store, world)
    world.site.asked.clear()
    list(world.source().recheck(list(stored(store))))
    assert world.site.paths == ["/graphql"]


def test_the_cursor_stays_small(store, world):
    world.page_most = 4
    world.populate(48)
    run(store, world)
    assert len(store.sources.state("github").cursor) < 1_000
