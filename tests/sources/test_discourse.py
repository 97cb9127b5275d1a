from __future__ import annotations

import json
from itertools import islice
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from bot import app
from bot.errors import SourceError
from bot.model import Role, Visibility
from bot.settings import FileSettings, Secrets, Settings
from bot.source_settings import SourcesSettings
from bot.sources.base import Finds, NotAPost, Rechecks
from bot.sources.discourse.adapter import FIRST, Discourse
from bot.sources.discourse.forum import Categories, Forum
from bot.sources.discourse.posts import Topic, parse
from tests.shared import shared
from tests.sources.contract import WebContract, breaking, changing, fetched, gaps, run, stored
from tests.sources.flaws import flaws
from tests.world.discourse import DiscourseWorld
from tests.world.limits import Limit
from tests.world.site import Answer, json_answer

FORUM = Forum("https://talk.example")
CATEGORIES = Categories({7: "Help"})
ROW: dict[str, Any] = {
    "id": 900,
    "topic_id": 12,
    "post_number": 3,
    "username": "ann",
    "created_at": "2026-01-02T03:04:05.678Z",
    "raw": "words",
}


@pytest.fixture
def world(http):
    with DiscourseWorld(http) as world:
        yield world
        assert world.violations == 0


@pytest.fixture
def old_world(http):
    with DiscourseWorld(http, windows=True) as world:
        yield world
        assert world.violations == 0


class TestContract(WebContract):
    pass


def topic(**fields: Any) -> Topic:
    return Topic.of({"id": 12, "title": "A topic", "category_id": 7, **fields}, CATEGORIES)


def post(**fields: Any):
    return parse(ROW | fields, topic(), FORUM)


def requests_of(world: DiscourseWorld, cursor: str | None = None) -> list[str]:
    start = len(world.site.asked)
    fetched(world, cursor)
    return [asked.path for asked in world.site.asked[start:]]


def test_the_posts_of_real_topics_are_read(subtests):
    folder = shared("payloads", "discourse", "perceval")
    for name in ("topic_1148", "topic_1149", "topic_1150", "posts"):
        page = json.loads((folder / f"discourse_{name}.json").read_text())
        rows = page["post_stream"]["posts"]
        with subtests.test(name):
            posts = [parse(row, Topic.of(page, CATEGORIES), FORUM) for row in rows]
            assert [flaw for post in posts for flaw in flaws(post)] == []
            assert len({post.external_id for post in posts}) == len(rows) > 0
            assert all(post.text and "<" not in post.text[:1] for post in posts)


def test_a_real_post_tells_its_author_its_likes_and_its_edit():
    page = json.loads(
        shared("payloads", "discourse", "perceval", "discourse_topic_1148.json").read_text()
    )
    first = parse(page["post_stream"]["posts"][0], Topic.of(page, CATEGORIES), FORUM)
    assert (first.kind, first.score, first.reply_count, first.state) == ("topic", 6, 21, "open")
    assert first.external_id == "talk.example/1148"
    alone = json.loads(
        shared("payloads", "discourse", "perceval", "discourse_post.json").read_text()
    )
    edited = parse(alone, topic(), FORUM)
    assert edited.updated_at is not None
    assert edited.updated_at > edited.created_at
    assert edited.text.startswith("Hi, im new with ManageIQ")


@pytest.mark.parametrize("name", ["topics", "topics_pinned", "topics_last_posted_at_null"])
def test_real_lists_of_topics_are_read(name):
    page = json.loads(
        shared("payloads", "discourse", "perceval", f"discourse_{name}.json").read_text()
    )
    topics = [Topic.of(row, CATEGORIES) for row in page["topic_list"]["topics"]]
    assert topics
    assert all(t.title and t.state == "open" and t.replies is not None for t in topics)


@pytest.mark.parametrize(
    ("path", "inside", "fields"),
    [
        (
            "/posts.json",
            ("latest_posts", None),
            """id username created_at updated_at version raw cooked post_number post_type topic_id
            topic_title category_id posts_count reply_count reply_to_post_number actions_summary
            user_id staff admin moderator hidden user_deleted deleted_at""",
        ),
        ("/t/{id}.json", (), "id title category_id tags posts_count closed archived post_stream"),
        (
            "/latest.json",
            ("topic_list", "topics", None),
            "id title category_id posts_count closed archived",
        ),
        ("/site.json", ("categories", None), "id name read_restricted"),
        ("/site/basic-info.json", (), "login_required"),
    ],
)
def test_every_field_that_is_read_is_documented(path, inside, fields):
    document = json.loads(
        shared("payloads", "discourse", "openapi", "openapi.json").read_text(encoding="utf-8")
    )
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    schema = answer["schema"]
    for step in inside:
        schema = schema["items"] if step is None else schema["properties"][step]
    assert set(fields.split()) <= schema["properties"].keys()


def test_only_the_first_post_has_a_title_a_state_and_all_the_replies():
    opening = parse(ROW | {"post_number": 1}, topic(posts_count=5, closed=False), FORUM)
    reply = parse(ROW | {"reply_count": 2}, topic(posts_count=5, closed=False), FORUM)
    assert (opening.kind, opening.title, opening.state) == ("topic", "A topic", "open")
    assert (reply.kind, reply.title, reply.state) == ("reply", "", None)
    assert (opening.reply_count, reply.reply_count) == (4, 2)


def test_a_reply_answers_the_post_it_names_or_else_the_topic():
    named, unnamed = post(reply_to_post_number=2), post(reply_to_post_number=None)
    assert (named.parent_id, named.root_id) == ("talk.example/12/2", "talk.example/12")
    assert (unnamed.parent_id, unnamed.root_id) == ("talk.example/12", "talk.example/12")
    opening = post(post_number=1)
    assert (opening.parent_id, opening.root_id) == (None, None)
    assert (named.url, opening.url) == ("https://talk.example/t/12/3", "https://talk.example/t/12")


@pytest.mark.parametrize(
    ("fields", "role"),
    [
        ({}, Role.USER),
        ({"staff": True}, Role.TEAM),
        ({"admin": True}, Role.TEAM),
        ({"moderator": True}, Role.TEAM),
        ({"user_id": -1, "admin": True}, Role.BOT),
        ({"username": "discobot", "staff": True}, Role.BOT),
    ],
)
def test_staff_is_the_team_and_the_forum_itself_a_bot(fields, role):
    assert post(**fields).role is role


@pytest.mark.parametrize(
    ("actions", "score"),
    [
        ([{"id": 2, "count": 4}], 4),
        ([{"id": 2, "can_act": True}], 0),
        ([{"id": 3, "count": 9}], 0),
        ([], 0),
        (None, None),
    ],
)
def test_likes_that_are_not_told_are_not_none(actions, score):
    assert post(actions_summary=actions).score == score


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"closed": False, "archived": False}, "open"),
        ({"closed": False, "has_accepted_answer": False}, "open"),
        ({"closed": True}, "closed"),
        ({"closed": False, "archived": True}, "closed"),
        ({"closed": False, "has_accepted_answer": True}, "solved"),
        ({"closed": True, "accepted_answer": {"post_number": 2}}, "solved"),
        ({"accepted_answers": [{"id": 5}]}, "solved"),
        ({"topic_accepted_answer": True}, "solved"),
        ({}, None),
    ],
)
def test_the_solved_mark_is_found_under_each_of_its_names(fields, state):
    assert topic(**fields).state == state


def test_category_and_tags_are_labels_in_the_form_of_new_and_of_old_forums():
    assert topic(tags=["setup", "macos"]).labels == ("Help", "setup", "macos")
    assert topic(tags=[{"id": 1, "name": "setup", "slug": "s"}]).labels == ("Help", "setup")
    assert topic(category_id=99, tags=None).labels == ()


@pytest.mark.parametrize("tags", [2_147_483_648, "slow", {"name": "slow"}, None, [None, 7]])
def test_tags_in_a_shape_that_no_forum_has_are_no_tags(tags):
    assert topic(tags=tags).labels == ("Help",)


def test_what_is_quoted_is_not_what_the_author_says():
    inner = '[quote="bob, post:1, topic:5"]\ninner\n[/quote]'
    outer = f'[quote="cy, post:2, topic:5"]\n{inner}\nouter\n[/quote]\nmy **own** words'
    assert post(raw=outer).text == "my own words"
    assert post(raw='[quote="bob"]all there is[/quote]').text == (
        '[quote="bob"]all there is[/quote]'
    )


def test_without_its_source_a_post_is_read_as_html():
    assert post(raw=None, cooked="<p>a &lt; <b>b</b></p>").text == "a < b"
    with pytest.raises(NotAPost, match="no words"):
        post(raw="", cooked=" ")


@given(st.integers(1, 10**12), st.integers(1, 10**6))
def test_an_external_id_names_one_post_of_one_forum(topic_id, number):
    forums = [Forum(f"https://{place}") for place in ("a.example", "a.example:8443", "b.example/f")]
    keys = [forum.key(topic_id, number) for forum in forums]
    assert len(set(keys)) == 3
    for forum, key in zip(forums, keys, strict=True):
        assert [f.place(key) for f in forums if f.place(key)] == [(topic_id, number)]
        assert forum.place(key) == (topic_id, number)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://talk.example/t/how-to-start/12", (12, 1)),
        ("https://talk.example/t/how-to-start/12/3", (12, 3)),
        ("https://talk.example/t/12", (12, 1)),
        ("https://talk.example/t/12/3/", (12, 3)),
        ("https://talk.example/t/2026-plans/12/3?u=bob#reply", (12, 3)),
        ("http://TALK.example/t/12", (12, 1)),
        ("https://other.example/t/x/12", None),
        ("https://talk.example/u/ann", None),
        ("https://talk.example/t/x/y/12", None),
        ("ftp://talk.example/t/12", None),
        ("https://[talk.example/t/12", None),
    ],
)
def test_a_post_is_known_by_its_address(url, place):
    assert FORUM.located(url) == place


def test_a_post_is_found_at_its_address(world):
    *_, said = world.populate(6)
    _, number = world.external_id(said).rsplit("/", 1)
    url = f"{world.site.url}/t/some-slug/{world.places[said.number].topic}/{number}"
    source = world.source()
    assert source.owns(url)
    assert not source.owns("https://other.example/t/1")
    assert [found.external_id for found in source.find(url).posts] == [world.external_id(said)]
    world.delete(said)
    with pytest.raises(SourceError, match="no post is at that address"):
        source.find(url)


def test_every_post_carries_its_topics_labels_and_the_opening_its_state(store, world):
    opening, answer = world.populate(2)
    place = world.places[opening.number]
    world.topics[place.topic] = {"has_accepted_answer": True}
    run(store, world)
    found = stored(store)
    assert found[world.external_id(opening)].state == "solved"
    assert found[world.external_id(opening)].reply_count == 1
    for said in (opening, answer):
        assert found[world.external_id(said)].labels == ("Help & support", "setup", "macOS")
        assert found[world.external_id(said)].venue == "127.0.0.1"


def test_a_topic_solved_later_is_noticed(store, world):
    opening, _ = world.populate(2)
    run(store, world)
    world.topics[world.places[opening.number].topic] = {"has_accepted_answer": True}
    run(store, world)
    assert stored(store)[world.external_id(opening)].state == "solved"


def test_posts_of_a_topic_that_no_list_shows_are_read_all_the_same(store, world):
    opening, _ = world.populate(2)
    source = world.source()
    topic_id = world.places[opening.number].topic
    with world.answering(
        lambda asked: (
            json_answer({"topic_list": {"topics": []}})
            if asked.path == "/latest.json"
            else world.answer(asked)
        )
    ):
        first, *_ = source.fetch(None, None)
    found = {p.external_id: p for p in first.posts}[world.external_id(opening)]
    assert (found.title, found.state) == (f"Topic {topic_id} & more", None)
    assert (found.labels, found.reply_count) == (("Help & support",), 1)


def test_a_quiet_run_costs_three_questions_however_many_topics_there_are(world):
    world.populate(8)
    *_, last = world.source().fetch(None, None)
    assert requests_of(world, last.cursor) == ["/site.json", "/posts.json", "/latest.json"]


def test_a_walk_that_was_cut_short_is_taken_up_where_it_stopped(world):
    world.populate(40)
    cut = list(islice(world.source().fetch(None, None), 2))
    assert json.loads(cut[-1].cursor)["done"] == 0
    world.populate(20)
    rest = list(world.source().fetch(cut[-1].cursor, None))
    ids = [post.external_id for batch in (*cut, *rest) for post in batch.posts]
    assert set(ids) == world.expected().keys()
    assert len(ids) - len(set(ids)) <= 3, "the walk of the first run began anew"
    assert json.loads(rest[-1].cursor)["done"] == max(p.post for p in world.places.values())


def test_the_cursor_moves_only_when_the_walk_has_reached_the_ground(world):
    world.populate(8)
    *_, last = world.source().fetch(None, None)
    world.populate(24)
    done = [json.loads(b.cursor)["done"] for b in world.source().fetch(last.cursor, None)]
    assert len(done) > 3
    assert set(done[:-1]) == {json.loads(last.cursor)["done"]}
    assert done[-1] > done[0]


def test_the_walk_ends_where_posts_are_older_than_asked_for(world):
    world.populate(8)
    world.now += FIRST
    world.populate(8)
    assert len(fetched(world, None)) == 8
    assert requests_of(world).count("/posts.json") == 2


def test_an_import_of_old_posts_does_not_end_a_later_walk(world):
    world.populate(4)
    *_, last = world.source().fetch(None, None)
    said = world.populate(4)
    imported = world.populate(16)
    for one in imported:
        world.fields[one.number] = {"created_at": "2019-01-01T00:00:00.000Z"}
    assert {world.external_id(one) for one in said} <= fetched(world, last.cursor).keys()


@pytest.mark.parametrize("hidden", range(1, 13))
def test_pages_of_older_forums_may_be_empty_and_still_not_the_last(old_world, hidden):
    said = old_world.populate(16)
    for one in said[14 - hidden : 14]:
        del old_world.living[one.number]
    assert fetched(old_world, None).keys() == old_world.expected().keys()
    empty = [batch for batch in old_world.source().fetch(None, None) if not batch.posts]
    assert len(empty) >= hidden // 3


def test_an_older_forum_that_shows_nothing_new_loses_nothing_by_it(store, old_world):
    old_world.populate(6)
    run(store, old_world)
    old_world.populate(6)
    old_world.messages = 60
    assert run(store, old_world).new == 0
    old_world.messages = 0
    assert run(store, old_world).new == 6
    assert gaps(store, old_world) == {}


def test_an_older_forum_is_read_to_its_end_from_wherever_the_walk_was_cut(old_world):
    old_world.populate(12)
    batches = list(old_world.source().fetch(None, None))
    assert len(batches) > 4
    for number in range(1, len(batches)):
        cut = islice(old_world.source().fetch(None, None), number)
        found = {post.external_id for batch in cut for post in batch.posts}
        found |= fetched(old_world, batches[number - 1].cursor).keys()
        assert found == old_world.expected().keys(), f"after batch {number}"


@pytest.mark.parametrize("seed", range(50, 60))
def test_changes_while_an_older_forum_is_read_leave_no_gap(store, old_world, seed):
    random = Random(seed)
    old_world.populate(16)
    with old_world.answering(changing(old_world, random)):
        assert run(store, old_world).error is None
    run(store, old_world)
    assert gaps(store, old_world) == {}


def test_a_post_that_becomes_visible_after_a_newer_one_is_read(store, world):
    world.page = 1
    *_, late, _ = world.populate(6)
    del world.living[late.number]
    run(store, world)
    world.living[late.number] = late
    run(store, world)
    assert gaps(store, world) == {}


def test_a_forum_put_back_to_an_older_state_is_read_on(world):
    world.populate(12)
    *_, last = world.source().fetch(None, None)
    cursor = json.dumps(json.loads(last.cursor) | {"done": 10**9})
    *_, healed = world.source().fetch(cursor, None)
    assert json.loads(healed.cursor)["done"] == json.loads(last.cursor)["done"]


@pytest.mark.parametrize(
    "fields", [{"hidden": True}, {"user_deleted": True}, {"deleted_at": "x"}, {"post_type": 4}]
)
def test_a_post_that_lost_its_words_is_gone(store, world, fields):
    kept, hidden = world.populate(2)
    run(store, world)
    world.fields[hidden.number] = fields
    run(store, world)
    assert stored(store).keys() == {world.external_id(kept)}


def test_a_topic_that_is_gone_takes_all_its_posts_with_it(store, world):
    said = world.populate(6)
    run(store, world)
    world.delete(said[0])
    assert run(store, world).deleted == 4
    assert gaps(store, world) == {}


def test_a_topic_that_refuses_us_keeps_us_from_no_other(store, world):
    said = world.populate(8)
    run(store, world)
    world.edit(said[1])
    edited = world.edit(said[5])
    closed = f"/t/{world.places[said[0].number].topic}/"
    with world.answering(
        lambda asked: Answer(403) if asked.path.startswith(closed) else world.answer(asked)
    ):
        report = run(store, world)
    assert report.error is None
    assert "403" in str(report.rejected)
    found = stored(store)
    assert len(found) == 8, "what is refused is not gone"
    assert edited.words in found[world.external_id(edited)].text


def test_nothing_is_gone_from_a_page_with_a_post_that_cannot_be_told(store, world):
    said = world.populate(4)
    run(store, world)
    world.fields[said[1].number] = {"post_number": None}
    report = run(store, world)
    assert report.deleted == 0
    assert stored(store).keys() == world.expected().keys()


def test_a_long_topic_is_asked_for_where_the_posts_are(store, world):
    world.thread = 60
    said = world.populate(50)
    run(store, world)
    world.edit(said[40])
    world.delete(said[44])
    world.delete(said[49])
    before = len(world.site.asked)
    run(store, world)
    assert gaps(store, world) == {}
    topic_id = world.places[1].topic
    pages = [a.path for a in world.site.asked[before:] if a.path.startswith("/t/")]
    assert pages == [f"/t/{topic_id}/{number}.json" for number in (1, 21, 36, 45, 50)]


def test_the_limits_of_an_address_are_kept(world):
    world.page = 1
    world.populate(120)
    assert len(fetched(world, None)) == 120
    assert len(world.site.asked) > 240
    assert world.clock_of_paces.now > 1_060


def test_the_limits_of_an_admins_key_are_kept(world):
    world.page = 1
    world.settings = {"username": "reader", "api_key": "of-an-admin"}
    world.limits.append(Limit(60, 60))
    world.populate(60)
    assert len(fetched(world, None)) == 60
    assert {a.headers["api-key"] for a in world.site.asked} == {"of-an-admin"}
    assert {a.headers["api-username"] for a in world.site.asked} == {"reader"}


def test_the_limits_of_a_users_key_are_kept(world):
    world.page = 1
    world.settings = {"user_key": True, "api_key": "of-a-user"}
    world.limits += [Limit(20, 60), Limit(2_880, 86_400)]
    world.populate(30)
    assert len(fetched(world, None)) == 30
    assert {a.headers["user-api-key"] for a in world.site.asked} == {"of-a-user"}
    for _ in range(2_700):
        world.paces["day"].wait()
    with pytest.raises(SourceError, match="asks for") as error:
        fetched(world, None)
    assert 0 < (error.value.retry_after or 0) <= 86_400


def test_a_key_goes_to_no_forum_that_was_not_given_one(world):
    world.settings = {"api_key": "of-an-admin"}
    world.populate(2)
    fetched(world, None)
    assert not any("of-an-admin" in str(asked.headers) for asked in world.site.asked)


def test_a_key_that_is_missing_is_told_before_anything_is_asked(world):
    world.settings = {"username": "reader"}
    with pytest.raises(SourceError, match="DISCOURSE_API_KEY is not set") as error:
        fetched(world, None)
    assert error.value.permanent
    assert world.site.asked == []


def test_a_forum_that_wants_a_login_is_told_as_such(world):
    body = json_answer({"errors": ["You need to be logged in"], "error_type": "not_logged_in"}, 403)
    with breaking(world, body), pytest.raises(SourceError, match="without a login") as error:
        fetched(world, None)
    assert "discourse/talk" in str(error.value)
    assert error.value.permanent


def visibilities(world: DiscourseWorld) -> set[Visibility]:
    return {post.visibility for post in fetched(world, None).values()}


def test_what_anybody_may_read_is_public(world):
    world.populate(3)
    world.restricted = {7}
    assert visibilities(world) == {Visibility.PUBLIC}


def test_what_only_the_key_lets_us_read_is_private(world):
    world.settings = {"username": "reader", "api_key": "of-an-admin"}
    world.populate(3)
    assert visibilities(world) == {Visibility.PUBLIC}
    world.restricted = {7}
    assert visibilities(world) == {Visibility.PRIVATE}
    world.restricted = set()
    world.topics = {p.topic: {"category_id": 555} for p in world.places.values()}
    assert visibilities(world) == {Visibility.PRIVATE}, "a category that nobody told us of"
    world.topics = {}
    world.login_required = True
    assert visibilities(world) == {Visibility.PRIVATE}


def test_what_becomes_private_later_is_private_after_the_next_look(store, world):
    world.settings = {"username": "reader", "api_key": "of-an-admin"}
    said = world.say()
    run(store, world)
    world.restricted = {7}
    run(store, world)
    assert stored(store)[world.external_id(said)].visibility is Visibility.PRIVATE


def test_it_is_built_from_its_settings(http):
    block = {"name": "talk", "url": "https://talk.example/", "username": "reader"}
    file = FileSettings.model_validate({"sources": {"discourse": [block]}})
    secrets = Secrets(discourse_api_key=SecretStr("of-an-admin"))
    [source] = app.sources(Settings(file=file, secrets=secrets, path=None), app.wall_clock, http)
    assert source.name == "discourse/talk"
    assert isinstance(source, Discourse)
    assert (source.username, source.api_key) == ("reader", "of-an-admin")
    assert "of-an-admin" not in repr(source)
    assert isinstance(source, Rechecks)
    assert isinstance(source, Finds)


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ([{"name": "a", "url": "http://x"}, {"name": "a", "url": "http://y"}], "two forums"),
        (
            [
                {"name": "a", "url": "http://x", "username": "me"},
                {"name": "b", "url": "http://y", "user_key": True},
            ],
            "DISCOURSE_API_KEY is one forum's, not that of a and b",
        ),
        ([{"name": "a", "url": "http://x", "username": "me", "user_key": True}], "one or the"),
        ([{"name": "a", "url": "talk.example"}], "http:// or https://"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(blocks, says):
    with pytest.raises(ValidationError, match=says):
        SourcesSettings.model_validate({"discourse": blocks})
