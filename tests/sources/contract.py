"""The contract of `bot/sources/base.py`, as tests that every source passes.

A test module gives its world as the fixture `world` and takes the tests over by inheritance:

    @pytest.fixture
    def world(http):
        with GithubWorld(http) as world:
            yield world

    class TestContract(WebContract):
        pass

`SourceContract` holds for all sources; `WebContract` adds what can go wrong on the way to an API.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from random import Random

import pytest

from bot.errors import SourceError
from bot.model import Post, Query
from bot.pipeline.collecting import Collected, Collecting
from bot.sources.base import Batch, Source
from bot.store import Store
from bot.text import one_line
from tests.sources.flaws import flaws
from tests.sources.mutations import mutated
from tests.world.base import Said, WebWorld, World
from tests.world.site import Answer, Asked, Fault, json_answer

SEEDS = range(int(os.environ.get("DRIFT_SEEDS", "25")))
"""In how many ways the world changes while it is read: `DRIFT_SEEDS=200 pytest tests/sources`."""

MUTATIONS = int(os.environ.get("MUTATIONS", "60"))
"""How many readings of answers with faults in them: `MUTATIONS=1000 pytest tests/sources`."""
CPU_MOST_S, MEMORY_MOST = 2.0, 64_000_000
"""What one such reading may take. Memory is measured only in long runs: it slows everything."""

MARKUP = ("<p", "<b>", "<i>", "script", "&lt;", "&amp;", "&#", "**", "##", "`")
LAST_DAY = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Dying:
    """A source whose process dies as soon as the store has saved so many batches."""

    source: Source
    batches: int

    @property
    def name(self) -> str:
        return self.source.name

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        return islice(self.source.fetch(cursor, since), self.batches)


def run(store: Store, world: World, dies_after: int | None = None) -> Collected:
    """Read the world's source into the store, from where it was left."""
    source = world.source()
    read = source if dies_after is None else Dying(source, dies_after)
    return Collecting(store, world.now).one(read)


def stored(store: Store) -> dict[str, Post]:
    """What the store holds, by external id."""
    return {post.external_id: post for _, post, _ in store.posts.find(Query(), LAST_DAY)}


def fetched(world: World, cursor: str | None, since: datetime | None = None) -> dict[str, Post]:
    """What the source gives without a store, by external id."""
    batches = world.source().fetch(cursor, since)
    return {post.external_id: post for batch in batches for post in batch.posts}


def wipe(store: Store, world: World) -> None:
    """Forget every post, and the place reached."""
    gone = [(post.source, post.external_id) for post in stored(store).values()]
    store.posts.save([], deleted=gone, place=(world.source().name, None))


def gaps(store: Store, world: World) -> dict[str, set[str]]:
    """Where the store differs from what the world has shown; empty if nowhere."""
    found, living = stored(store), world.expected()
    both = found.keys() & living.keys()
    differences = {
        "missing": living.keys() - found.keys(),
        "stale": {key for key in both if not says(found[key], living[key])},
        "stray": found.keys() - living.keys(),
    }
    if not world.shows_edits:
        del differences["stale"]
    if not world.shows_deletions:
        del differences["stray"]
    return {what: keys for what, keys in differences.items() if keys}


def says(post: Post, said: Said) -> bool:
    """Whether those are the post's words, all of them and without mark-up."""
    words = one_line(f"{post.title} {post.text}")
    return said.words in words and not any(mark in words for mark in MARKUP)


class SourceContract:
    """What holds for every source."""

    def test_a_full_read_gives_every_post_as_it_was_said(self, store, world):
        world.populate(9)
        report = run(store, world)
        assert (report.error, report.rejected, report.new) == (None, [], 9)
        assert gaps(store, world) == {}
        found = stored(store)
        for key, said in world.expected().items():
            post = found[key]
            assert flaws(post) == []
            assert says(post, said), post
            assert (post.source, post.created_at, post.author) == (world.kind, said.at, said.author)

    def test_without_a_cursor_it_goes_back_to_since(self, world):
        said = world.populate(6)
        recent = {world.external_id(one) for one in said[3:]}
        assert fetched(world, None, since=said[3].at).keys() == recent

    def test_a_second_run_brings_nothing_when_nothing_happened(self, store, world):
        world.populate(9)
        run(store, world)
        report = run(store, world)
        assert (report.new, report.updated, report.deleted) == (0, 0, 0)
        assert (report.error, report.rejected) == (None, [])

    def test_what_is_said_after_the_first_run_comes_with_the_second(self, store, world):
        world.populate(5)
        run(store, world)
        world.populate(4)
        assert run(store, world).new == 4
        assert gaps(store, world) == {}

    def test_dying_after_any_batch_of_the_first_run_loses_nothing(self, store, world):
        world.populate(9)
        batches = len(list(world.source().fetch(None, None)))
        for number in range(1, batches + 1):
            wipe(store, world)
            run(store, world, dies_after=number)
            run(store, world)
            assert gaps(store, world) == {}, f"after batch {number} of {batches}"

    def test_dying_after_any_batch_of_a_later_run_loses_nothing(self, store, world):
        said = world.populate(9)
        run(store, world)
        for number in range(1, 6):
            world.edit(said[0])
            world.delete(said.pop())
            world.populate(2)
            run(store, world, dies_after=number)
            run(store, world)
            assert gaps(store, world) == {}, f"after batch {number}"

    def test_an_edit_comes_under_the_same_id_if_the_source_shows_it(self, store, world):
        said, *_ = world.populate(3)
        run(store, world)
        edited = world.edit(said)
        run(store, world)
        found = stored(store)
        assert len(found) == 3
        assert says(found[world.external_id(said)], edited) == world.shows_edits

    def test_a_deletion_removes_the_post_if_the_source_shows_it(self, store, world):
        said, *_ = world.populate(3)
        run(store, world)
        world.delete(said)
        run(store, world)
        assert (world.external_id(said) not in stored(store)) == world.shows_deletions
        assert world.expected().keys() <= stored(store).keys()

    def test_what_is_no_post_is_rejected_and_its_neighbours_are_kept(self, store, world):
        world.populate(6)
        broken = world.spoil()
        report = run(store, world)
        assert (report.error, gaps(store, world)) == (None, {})
        assert len(report.rejected) == broken
        for rejection in report.rejected:
            assert rejection.where
            assert 0 < len(rejection.reason) <= 60
            assert len(f"{rejection}".splitlines()) == 1

    def test_a_cursor_that_it_cannot_read_counts_as_none(self, world):
        world.populate(3)
        for cursor in ("", "nonsense", "{}", "[]", "null", "-1", '{"until": "x"}'):
            assert fetched(world, cursor).keys() == world.expected().keys(), cursor


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer instead of the right one, and a word that the reader must be told."""

    answer: Answer
    says: str = ""


HTML = {"content-type": "text/html; charset=utf-8"}
TROUBLES = {
    "401": Trouble(Answer(401), "401"),
    "403": Trouble(Answer(403), "403"),
    "403 that asks for a pause": Trouble(Answer(403, headers={"retry-after": "5"}), "403"),
    "404": Trouble(Answer(404), "404"),
    "410": Trouble(Answer(410), "410"),
    "429": Trouble(Answer(429, headers={"retry-after": "600"}), "429"),
    "500": Trouble(Answer(500, b"{}"), "500"),
    "a time-out": Trouble(Answer(fault=Fault.STALL), "in time"),
    "a reset": Trouble(Answer(fault=Fault.RESET)),
    "a cut": Trouble(Answer(body=b'{"a": 1}', fault=Fault.TRUNCATED)),
    "a web page": Trouble(Answer(body=b"<html><title>Log in</title></html>", headers=HTML)),
    "nothing": Trouble(Answer()),
    "random bytes": Trouble(Answer(body=Random(7).randbytes(2_000))),
    "half a JSON": Trouble(Answer(body=b'{"items": [{"id"')),
    "a JSON list": Trouble(json_answer([])),
    "a JSON text": Trouble(json_answer("down for maintenance")),
    "another JSON": Trouble(json_answer({"unexpected": [1]})),
    "no items, but numbers": Trouble(json_answer({"items": [1], "hits": [2], "nbHits": 1})),
}


def tells(report: Collected, trouble: Trouble, world: WebWorld) -> bool:
    """Whether the reader of a report learns what happened and where, and nothing secret."""
    told = "\n".join([report.error or "", *map(str, report.rejected)])
    names_it = world.kind in told or "127.0.0.1" in told
    return names_it and trouble.says in told and not any(secret in told for secret in world.secrets)


@contextmanager
def breaking(world: WebWorld, answer: Answer, healthy: int = 0) -> Iterator[None]:
    """After so many sound answers comes this one, again and again."""
    start = len(world.site.asked)

    def respond(asked: Asked) -> Answer:
        return world.answer(asked) if len(world.site.asked) - start <= healthy else answer

    with world.answering(respond):
        yield


def requests_of_a_run(store: Store, world: WebWorld) -> int:
    """How many requests a run takes as the world stands."""
    start = len(world.site.asked)
    run(store, world)
    return len(world.site.asked) - start


def changing(world: WebWorld, random: Random) -> Callable[[Asked], Answer]:
    """Sound answers, but after most of them something changes; in the end it settles down."""
    changes = iter(range(40))

    def respond(asked: Asked) -> Answer:
        answer = world.answer(asked)
        if random.random() < 0.7 and next(changes, None) is not None:
            change(world, random)
        return answer

    return respond


def change(world: World, random: Random) -> None:
    """Somebody says, edits or deletes something."""
    changes: tuple[Callable[[Said], object], ...] = (world.edit, world.delete)
    if len(world.living) < 5 or random.random() < 0.4:
        world.say()
    else:
        random.choice(changes)(random.choice(list(world.living.values())))


@contextmanager
def bounded() -> Iterator[None]:
    """What is done inside must take little time and, in a long run, little memory."""
    measured = MUTATIONS > 60
    if measured:
        tracemalloc.start()
    start = time.process_time()
    yield
    assert time.process_time() - start < CPU_MOST_S
    if measured:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MEMORY_MOST


def mutating(world: WebWorld, random: Random) -> Callable[[Asked], Answer]:
    """Answers with faults in them, every other one."""

    def respond(asked: Asked) -> Answer:
        answer = world.answer(asked)
        broken = random.random() < 0.5
        return replace(answer, body=mutated(answer.body, random)) if broken else answer

    return respond


@contextmanager
def answers(world: WebWorld) -> Iterator[list[Answer]]:
    """What the world answers meanwhile."""
    given: list[Answer] = []

    def respond(asked: Asked) -> Answer:
        given.append(world.answer(asked))
        return given[-1]

    with world.answering(respond):
        yield given


class WebContract(SourceContract):
    """What holds for every source that goes over HTTP: its world is a `WebWorld`."""

    def test_an_unchanged_world_is_told_by_a_304_if_the_source_can(self, store, world):
        world.populate(3)
        run(store, world)
        with answers(world) as given:
            run(store, world)
        assert any(answer.status == 304 for answer in given) == world.answers_304

    @pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
    def test_trouble_is_told_and_costs_no_post(self, store, world, trouble):
        world.populate(3)
        run(store, world)
        before = stored(store)
        last = requests_of_a_run(store, world) - 1
        for healthy in {0, last} if trouble.answer.status not in world.gone_is else {0}:
            with breaking(world, trouble.answer, healthy):
                report = run(store, world)
            assert tells(report, trouble, world), report
            assert stored(store) == before
        world.say()
        assert run(store, world).error is None
        assert gaps(store, world) == {}

    def test_whichever_request_fails_the_next_run_brings_everything(self, store, world):
        world.populate(6)
        for healthy in range(100):
            world.say()
            with breaking(world, Answer(500), healthy):
                report = run(store, world)
            if report.error is None:
                break  # it took no more requests than those that were answered
            assert run(store, world).error is None
            assert gaps(store, world) == {}, f"after {healthy} sound answers"
        assert 0 < healthy < 99
        assert gaps(store, world) == {}

    def test_an_error_tells_whether_to_try_again_and_when(self, world):
        with breaking(world, Answer(401)), pytest.raises(SourceError) as refused:
            fetched(world, None)
        with breaking(world, TROUBLES["429"].answer), pytest.raises(SourceError) as busy:
            fetched(world, None)
        assert refused.value.permanent
        assert (busy.value.permanent, busy.value.retry_after) == (False, 600)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_changes_while_it_reads_leave_no_gap_after_a_quiet_run(self, store, world, seed):
        random = Random(seed)
        world.populate(16)
        if random.random() < 0.5:
            run(store, world)
        with world.answering(changing(world, random)):
            assert run(store, world).error is None
        assert run(store, world).error is None
        assert gaps(store, world) == {}

    def test_mutated_answers_end_in_sound_posts_or_in_a_source_error(self, store, world):
        world.populate(6)
        for seed in range(MUTATIONS):
            world.pause()  # each reading is a process of its own, long after the last one
            with bounded(), world.answering(mutating(world, Random(seed))):
                report = run(store, world)
            assert report.error is None or tells(report, Trouble(Answer()), world), report
            assert [flaw for post in stored(store).values() for flaw in flaws(post)] == [], seed
