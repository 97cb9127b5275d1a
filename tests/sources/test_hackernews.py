from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.model import Post
from bot.sources.base import NotAPost
from bot.sources.hackernews.adapter import HITS_MOST, WATCHED_MOST, parse, parse_item
from tests.builders import NOW
from tests.shared import shared
from tests.sources.contract import (
    Trouble,
    WebContract,
    breaking,
    fetched,
    gaps,
    run,
    says,
    stored,
    tells,
)
from tests.sources.flaws import flaws
from tests.sources.mutations import mutated
from tests.world.base import Said
from tests.world.hackernews import HackerNewsWorld, hit, item
from tests.world.site import Answer, json_answer


@pytest.fixture
def world(http):
    with HackerNewsWorld(http) as world:
        yield world


class TestContract(WebContract):
    pass


def asked(world: HackerNewsWorld, part: str) -> list[Any]:
    return [one for one in world.site.asked if one.path.startswith(f"/{part}/")]


# Finding through Algolia


def test_a_window_with_too_many_hits_is_halved_until_all_are_listed(store, http):
    with HackerNewsWorld(http, page_most=HITS_MOST) as world:
        many = [world.say() for _ in range(HITS_MOST + 200)]
        report = run(store, world)
        assert report.new == len(many)
        assert gaps(store, world) == {}
        assert len(asked(world, "algolia")) < 12


def test_a_second_with_more_posts_than_fit_does_not_halve_for_ever(store, world):
    crowd = [world.say() for _ in range(20)]
    for said in crowd:
        world.living[said.number] = Said(said.number, said.words, crowd[0].at, said.author)
    report = run(store, world)
    assert (report.error, report.new) == (None, world.page_most)


def test_a_site_that_ignores_the_window_is_not_asked_for_ever(store, world):
    strange = [hit(world.say()) for _ in range(3)]
    world.now += timedelta(days=1)
    answer = json_answer({"hits": strange, "hitsPerPage": 3})
    with world.answering(lambda _: answer):
        report = run(store, world)
    assert len(asked(world, "algolia")) < 200
    assert report.reasons.keys() == {"from another time than was asked for"}


def test_what_algolia_takes_in_late_comes_with_a_later_run(store, world):
    said = world.say()
    world.hidden = {said.number}
    world.now += timedelta(hours=1)
    assert run(store, world).new == 0
    world.now += timedelta(hours=4)
    world.hidden = set()
    assert run(store, world).new == 1


def test_the_cursor_stays_where_it_was_while_a_window_is_read(store, http):
    with HackerNewsWorld(http, queries=("tool", "kit")) as world:
        world.say("tool")
        run(store, world)
        before = store.sources.state("hackernews").cursor
        world.say("a new tool")
        with breaking(world, Answer(404), healthy=1):
            assert run(store, world).error
        assert store.sources.state("hackernews").cursor == before
        run(store, world)
        assert gaps(store, world) == {}


def test_windows_are_read_from_the_oldest_on_and_each_moves_the_cursor(world):
    world.populate(12)
    batches = list(world.source().fetch(None, None))
    untils = [json.loads(batch.cursor)["until"] for batch in batches]
    assert untils == sorted(untils)
    assert len(set(untils)) == len(untils) > 2
    assert untils[-1] == int(world.now.timestamp())


def test_a_post_that_holds_two_phrases_comes_once(store, http):
    with HackerNewsWorld(http, queries=("tool", "kit")) as world:
        world.say("a tool and a kit")
        world.say("a kit")
        world.say("a kid")
        report = run(store, world)
        assert (report.read, report.new) == (2, 2)


def test_a_phrase_is_asked_for_as_one_whatever_is_in_it(http):
    with HackerNewsWorld(http, queries=('my "own" tool',)) as world:
        world.site.respond = lambda _: json_answer({"hits": [], "nbHits": 0})
        assert fetched(world, None) == {}
        assert asked(world, "algolia")[0].query["query"] == '"my  own  tool"'


def test_the_first_run_goes_back_ninety_days(world):
    world.now = NOW - timedelta(days=91)
    world.say()
    world.now = NOW - timedelta(days=89)
    recent = world.say()
    world.now = NOW
    assert fetched(world, None).keys() == {world.external_id(recent)}


# Looking again, at Firebase


def test_firebase_has_the_last_word_over_what_algolia_still_lists(store, world):
    stays, deleted, killed = world.populate(3)
    run(store, world)
    for gone in (deleted, killed):
        world.delete(gone)
        world.late.append(gone)
    world.items[killed.number] = item(killed) | {"dead": True}
    world.edit(stays, words="tool: edited")
    world.late.append(stays)
    report = run(store, world)
    assert (report.new, report.deleted) == (0, 2)
    assert stored(store)[world.external_id(stays)].text.startswith("tool: edited")
    again = run(store, world)
    assert (again.new, again.updated, again.deleted) == (0, 0, 0)
    assert gaps(store, world) == {}


def test_what_is_dead_may_live_again(store, world):
    said = world.say()
    run(store, world)
    world.items[said.number] = item(said) | {"dead": True}
    run(store, world)
    assert stored(store) == {}
    del world.items[said.number]
    run(store, world)
    assert gaps(store, world) == {}


def test_an_item_that_firebase_does_not_know_is_gone(store, world):
    said = world.say()
    run(store, world)
    world.items[said.number] = None
    world.hidden = {said.number}
    run(store, world)
    assert stored(store) == {}


def test_scores_of_recent_posts_follow(store, world):
    said = world.say()
    run(store, world)
    world.scores[said.number] = 99
    assert run(store, world).updated == 1
    assert stored(store)[world.external_id(said)].score == 99


@pytest.mark.parametrize(
    "odd",
    [{}, {"type": "user"}, {"type": "comment"}, {"type": "comment", "time": "soon", "text": "x"}],
)
def test_an_odd_item_is_rejected_and_its_post_stays(store, world, odd):
    said, other = world.populate(2)
    run(store, world)
    world.items[said.number] = odd
    world.edit(other)
    report = run(store, world)
    [rejection] = report.rejected
    assert (report.error, rejection.where) == (None, f"hackernews item {said.number} at Firebase")
    assert gaps(store, world) == {}


def test_an_answer_that_is_no_item_deletes_nothing(store, world):
    said, *_ = world.populate(2)
    run(store, world)
    odd: Any
    for odd in ([], "words", 5, True):
        world.items[said.number] = odd
        assert "not in the shape of an item" in (run(store, world).error or "")
    assert gaps(store, world) == {}


def test_new_posts_come_although_firebase_is_down(store, world):
    world.say()
    run(store, world)
    world.say()
    with breaking(world, Answer(503), healthy=1):
        report = run(store, world)
    assert (report.new, "503" in (report.error or "")) == (1, True)


def test_posts_are_watched_for_three_days_and_the_newest_only(store, http):
    with HackerNewsWorld(http, page_most=HITS_MOST) as world:
        many = [world.say() for _ in range(WATCHED_MOST + 50)]
        world.now = many[-1].at
        run(store, world)
        run(store, world)
        assert len(asked(world, "firebase")) == 73  # one an hour, both ends of three days counted
        world.now += timedelta(days=4)
        run(store, world)
        run(store, world)
        assert len(asked(world, "firebase")) == 2 * 73  # a last look, then no more


def test_no_more_posts_are_watched_than_a_run_can_ask_for(store, http):
    with HackerNewsWorld(http, page_most=HITS_MOST) as world:
        for _ in range(WATCHED_MOST + 50):
            said = world.say()
            world.now -= timedelta(minutes=59)
        world.now = said.at
        run(store, world)
        run(store, world)
        paths = [one.path for one in asked(world, "firebase")]
        assert len(paths) == WATCHED_MOST
        assert f"/firebase/item/{said.number}.json" in paths


# What an item becomes


def test_a_story_and_a_comment_come_alike_from_both_sides(world):
    story, comment = world.say(), world.say()
    for said in (story, comment):
        found, again = parse(hit(said)), parse_item(item(said), said.number)
        assert found == again
        assert flaws(found) == []
        assert says(found, said)
    one, two = parse(hit(story)), parse(hit(comment))
    assert (one.kind, one.title, one.parent_id) == ("story", "Show HN: Tool 1", None)
    assert (one.link, one.reply_count) == ("https://tool.example/", 0)
    assert (two.kind, two.title, two.parent_id) == ("comment", "", "1")
    assert (two.score, two.reply_count, two.link) == (None, None, None)
    assert two.url == "https://news.ycombinator.com/item?id=2"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"objectID": "1e3"}, "wrong type: objectID"),
        ({"objectID": 5}, "wrong type: objectID"),
        ({"created_at_i": None}, "missing field: created_at_i"),
        ({"created_at_i": 10**14}, "date unreadable"),
        ({"created_at_i": True}, "wrong type: created_at_i"),
        ({"title": None, "story_text": "<p>"}, "no words"),
        ({"story_text": 5}, "wrong type: story_text"),
        ({"points": 2**63}, "wrong type: points"),
    ],
)
def test_a_hit_that_is_no_post_says_why(world, fields, reason):
    with pytest.raises(NotAPost) as caught:
        parse(hit(world.say()) | fields)
    assert caught.value.reason == reason


def test_half_characters_and_odd_addresses_cost_no_post(world):
    odd = {"author": "a\ud800", "title": "Tool\ud800\u202e", "url": "http://[bad/"}
    post = parse(hit(world.say()) | odd)
    assert flaws(post) == []
    assert (post.title, post.link) == ("Tool\ufffd", None)


# Real answers


def real_answers() -> list[Any]:
    path = shared("payloads", "hackernews", "algolia", "algolia_fixtures_2019.json")
    return [one["reply"] for one in json.loads(path.read_text(encoding="utf-8"))]


def real_items() -> list[dict[str, Any]]:
    text = shared("payloads", "hackernews", "firebase", "HN_API_README_examples.md").read_text()
    blocks = re.findall(r"```javascript\n(\{.*?\n\})\n```", text, re.DOTALL)
    return [json.loads(block) for block in blocks]


def test_every_real_hit_becomes_a_sound_post():
    posts = [parse(one) for answer in real_answers() for one in answer.get("hits", ())]
    assert len(posts) > 15
    assert [flaw for post in posts for flaw in flaws(post)] == []
    assert {post.kind for post in posts} == {"story", "comment"}


def test_every_real_item_becomes_a_sound_post_or_says_why():
    found: dict[str, Post] = {}
    for one in real_items():
        if one.get("type") in {"story", "comment", "job", "poll"}:
            found[one["type"]] = parse_item(one, one["id"])
        else:
            with pytest.raises(NotAPost):
                parse_item(one, 1)
    assert found.keys() == {"story", "comment", "job", "poll"}
    assert [flaw for post in found.values() for flaw in flaws(post)] == []
    assert found["story"].title.startswith("Ask HN")
    assert "<" not in found["job"].text


def test_mutated_real_answers_end_in_sound_posts_or_in_a_source_error(store, world):
    world.say()
    run(store, world)
    bodies = [json.dumps(one).encode() for one in (*real_answers(), *real_items())]
    errors = 0
    for seed in range(200):
        random = Random(seed)
        body = mutated(random.choice(bodies), random)
        with world.answering(lambda _, body=body: Answer(body=body)):
            report = run(store, world)
        assert report.error is None or tells(report, Trouble(Answer()), world)
        errors += report.error is not None
    assert 0 < errors < 200
    assert [flaw for post in stored(store).values() for flaw in flaws(post)] == []


def test_mutated_real_hits_are_sound_posts_or_none():
    bodies = [
        json.dumps(one).encode() for answer in real_answers() for one in answer.get("hits", ())
    ]
    posts = []
    for seed in range(500):
        random = Random(seed)
        with suppress(NotAPost, ValueError):
            posts.append(parse(json.loads(mutated(random.choice(bodies), random))))
    assert len(posts) > 100
    assert [flaw for post in posts for flaw in flaws(post)] == []
