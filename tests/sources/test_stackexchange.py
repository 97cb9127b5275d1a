from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
import stamina
from pydantic import SecretStr, ValidationError

from bot import app
from bot.errors import SourceError
from bot.model import Role
from bot.settings import FileSettings, Secrets, Settings
from bot.source_settings import SourcesSettings
from bot.sources.base import Finds, NotAPost, Rechecks
from bot.sources.stackexchange.adapter import FIRST, StackExchange
from bot.sources.stackexchange.api import LEAST, Paces
from bot.sources.stackexchange.posts import Site, parse
from tests.shared import shared
from tests.sources.contract import WebContract, breaking, fetched, gaps, run, stored
from tests.sources.flaws import flaws
from tests.world.site import Answer
from tests.world.stackexchange import SECRET, StackExchangeWorld

SITE = Site("stackoverflow")
QUESTION: dict[str, Any] = {
    "question_id": 123,
    "title": "Why?",
    "body": "<p>words</p>",
    "creation_date": 1_700_000_000,
}
ANSWER = {"answer_id": 456, "question_id": 123, "body": "<p>words</p>", "creation_date": 1}
COMMENT = {"comment_id": 789, "post_id": 456, "body": "words", "creation_date": 1}


@pytest.fixture
def world(http):
    with StackExchangeWorld(http) as world:
        yield world
        assert world.violations == 0


class TestContract(WebContract):
    pass


def post(row: dict[str, Any], **fields: Any):
    return parse(row | fields, SITE, {456: 123})


@pytest.mark.parametrize("name", ["question_page", "question_page_2", "question_backoff_page"])
def test_real_answers_of_the_api_are_read(name):
    page = json.loads(
        shared("payloads", "stackexchange", "perceval", f"stackexchange_{name}").read_text()
    )
    # Their words were taken out before they were published.
    items = [item | {"title": "words", "body": "<p>words</p>"} for item in page["items"]]
    under = [
        part | {"body": "words"}
        for item in page["items"]
        for part in (*item.get("answers", ()), *item.get("comments", ()))
    ]
    posts = [parse(item, SITE, {}) for item in (*items, *under)]
    assert [flaw for post in posts for flaw in flaws(post)] == []
    assert {post.kind for post in posts} == {"question", "answer", "comment"}
    first = posts[0]
    assert (first.external_id, first.score, first.reply_count) == ("stackoverflow/q1", 1, 1)
    assert (first.labels, first.state) == (("python", "pandas"), "open")
    assert first.author == "zhquan_example_3"


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("stackoverflow", "stackoverflow.com"),
        ("ru.stackoverflow", "ru.stackoverflow.com"),
        ("meta.superuser", "meta.superuser.com"),
        ("unix", "unix.stackexchange.com"),
        ("meta", "meta.stackexchange.com"),
        ("unix.meta", "unix.meta.stackexchange.com"),
        ("mathoverflow.net", "mathoverflow.net"),
        ("stackoverflow.com", "stackoverflow.com"),
    ],
)
def test_a_sites_pages_are_where_its_name_says(name, host):
    assert Site(name).host == host


def test_an_answer_stands_under_its_question():
    answer = post(ANSWER, is_accepted=True)
    assert (answer.external_id, answer.kind, answer.title) == ("stackoverflow/a456", "answer", "")
    assert (answer.parent_id, answer.root_id) == ("stackoverflow/q123", "stackoverflow/q123")
    assert (answer.url, answer.state) == ("https://stackoverflow.com/a/456", "accepted")


def test_a_comment_stands_under_the_post_it_is_on_and_in_the_questions_thread():
    on_answer, on_question = post(COMMENT), post(COMMENT, post_id=123)
    assert (on_answer.parent_id, on_answer.root_id) == ("stackoverflow/a456", "stackoverflow/q123")
    assert (on_question.parent_id, on_question.root_id) == (
        "stackoverflow/q123",
        "stackoverflow/q123",
    )
    assert on_answer.url == "https://stackoverflow.com/a/456#comment789_456"
    assert on_question.url == "https://stackoverflow.com/q/123#comment789_123"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"is_answered": False}, "open"),
        ({"is_answered": True}, "answered"),
        ({"is_answered": False, "accepted_answer_id": 456}, "answered"),
        ({"is_answered": False, "closed_date": 1}, "closed"),
        ({"is_answered": True, "closed_date": 1}, "answered"),
        ({}, None),
    ],
)
def test_a_question_is_open_answered_or_closed(fields, state):
    assert post(QUESTION, **fields).state == state


def test_a_question_tells_when_it_was_closed():
    closed = post(QUESTION, closed_date=1_772_000_000).closed_at
    assert closed == datetime.fromtimestamp(1_772_000_000, UTC)
    assert post(QUESTION).closed_at is None


def test_author_and_link_are_kept_as_the_licence_wants_it():
    found = post(QUESTION, owner={"display_name": "Ann O&#39;Hara", "user_id": 5})
    assert (found.author, found.url) == ("Ann O'Hara", "https://stackoverflow.com/q/123")
    assert post(QUESTION, owner=None).author is None


def test_the_site_itself_is_a_bot_and_a_moderator_of_it_no_team_of_ours():
    assert post(QUESTION, owner={"user_id": -1, "display_name": "Community"}).role is Role.BOT
    assert post(QUESTION, owner={"user_id": 5, "user_type": "moderator"}).role is Role.USER


def test_what_is_not_told_is_not_zero():
    bare = post(QUESTION)
    assert (bare.score, bare.reply_count, bare.author, bare.updated_at) == (None, None, None, None)
    edited = post(QUESTION, last_edit_date=1_700_000_060, score=0, answer_count=0)
    assert (edited.score, edited.reply_count) == (0, 0)
    assert edited.updated_at == datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)


def test_titles_and_bodies_lose_their_mark_up():
    found = post(QUESTION, title="a &lt;b&gt; &amp; c", body="<p>x &gt; y</p><script>z</script>")
    assert (found.title, found.text) == ("a <b> & c", "x > y")
    with pytest.raises(NotAPost, match="no words"):
        post(ANSWER, body="<p> </p>")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://stackoverflow.com/questions/123/why-is-it-slow", "q123"),
        ("https://stackoverflow.com/questions/123", "q123"),
        ("https://stackoverflow.com/q/123", "q123"),
        ("https://stackoverflow.com/q/123/77", "q123"),
        ("https://stackoverflow.com/a/456", "a456"),
        ("https://stackoverflow.com/a/456/77", "a456"),
        ("https://stackoverflow.com/questions/123/why-is-it-slow/456#456", "a456"),
        ("https://stackoverflow.com/questions/123/why#comment789_123", "c789"),
        ("https://unix.stackexchange.com/q/123", None),
        ("https://stackoverflow.com/users/5", None),
        ("https://stackoverflow.com/questions/tagged/python", None),
        ("ftp://stackoverflow.com/q/123", None),
        ("https://[stackoverflow.com/q/123", None),
    ],
)
def test_a_post_is_known_by_its_address(url, found):
    assert SITE.located(url) == (f"stackoverflow/{found}" if found else None)


def test_an_external_id_of_another_site_is_not_ours():
    assert SITE.part("stackoverflow/a456") == ("a", 456)
    for other in (
        "unix/a456",
        "stackoverflow/x456",
        "stackoverflow/a",
        "a456",
        "stackoverflow/a-1",
    ):
        assert SITE.part(other) is None


def test_each_kind_of_post_is_found_at_its_address(world):
    said = world.populate(3)
    source = world.source()
    for one, path in zip(said, ("questions/1/x", "a/2", "q/1#comment3_1"), strict=True):
        url = f"https://stackoverflow.com/{path}"
        assert source.owns(url)
        assert [p.external_id for p in source.find(url).posts] == [world.external_id(one)]
    assert not source.owns("https://example.org/q/1")
    world.delete(said[1])
    with pytest.raises(SourceError, match="no post is at that address"):
        source.find("https://stackoverflow.com/a/2")


def test_a_comment_is_noticed_though_it_makes_no_question_active(store, world):
    world.populate(5)
    run(store, world)
    comment = world.say()
    world.above[comment.number] = 1
    assert world.letters[comment.number] == "c"
    assert run(store, world).new == 1
    assert gaps(store, world) == {}


def test_of_an_old_question_with_a_new_answer_a_backfill_takes_the_answer(world):
    _, answer = world.populate(2)
    assert fetched(world, None, since=answer.at).keys() == {world.external_id(answer)}


def test_a_comment_read_again_stays_in_its_thread(store, world):
    said = world.populate(9)
    run(store, world)
    before = stored(store)
    comment = said[8]
    assert world.letters[world.above[comment.number]] == "a"
    edited = world.edit(comment)
    run(store, world)
    after = stored(store)[world.external_id(comment)]
    assert edited.words in after.text
    same = before[world.external_id(comment)]
    assert replace(after, text=same.text) == same


def test_a_comment_that_is_looked_at_alone_stays_in_its_thread(world):
    said = world.populate(9)
    key = world.external_id(said[8])
    expected = fetched(world, None)[key]
    assert expected.parent_id == "stackoverflow/a8"
    assert [p for b in world.source().recheck([key]) for p in b.posts] == [expected]


def test_a_thread_with_more_replies_than_one_answer_holds_is_read_whole(store, world):
    world.cycle = "q" + 8 * "aac"
    world.populate(25)
    run(store, world)
    assert gaps(store, world) == {}


def test_posts_of_one_second_are_read_though_a_page_ends_among_them(store, world):
    said = world.populate(40)
    for one in said:
        world.living[one.number] = replace(one, at=said[0].at)
        world.active = dict.fromkeys(world.active, said[0].at)
    run(store, world)
    assert gaps(store, world) == {}


def test_a_question_that_becomes_active_between_two_pages_hides_no_other(world):
    world.page_most = 2
    said = world.populate(30)
    source, found = world.source(), set()
    for number, batch in enumerate(source.fetch(None, None)):
        found |= {post.external_id for post in batch.posts}
        if number < 5:
            world.edit(said[3 * number])
    assert found == world.expected().keys()


def test_each_tag_is_read_from_where_it_was_left(world):
    world.tags = ("tool", "python")
    world.populate(9)
    cut = list(islice(world.source().fetch(None, None), 1))
    assert json.loads(cut[0].cursor).keys() == {"tool"}
    *_, last = world.source().fetch(cut[0].cursor, None)
    reached = json.loads(last.cursor)
    assert reached.keys() == {"tool", "python"}
    assert reached["tool"] == reached["python"] == int(max(world.active.values()).timestamp())
    assert fetched(world, cut[0].cursor).keys() == world.expected().keys()


def test_activity_that_the_api_shows_late_is_not_missed(store, world):
    said = world.populate(7)
    late, newer = said[3], said[6]
    world.active[late.number] = world.active[newer.number] - timedelta(minutes=5)
    hidden = world.living.pop(late.number), world.living.pop(5), world.living.pop(6)
    run(store, world)
    world.living |= {one.number: one for one in hidden}
    run(store, world)
    assert gaps(store, world) == {}


def test_the_first_run_goes_back_thirty_days(world):
    world.populate(3)
    world.now += FIRST
    later = {world.external_id(one) for one in world.populate(3)}
    assert fetched(world, None).keys() == later
    asked = [a.query["min"] for a in world.site.asked if a.path.endswith("/questions")]
    assert int(asked[0]) == int((world.now - FIRST).timestamp())


def test_a_date_in_the_future_does_not_carry_the_cursor_along(world):
    said = world.populate(3)
    world.fields[said[0].number] = {"last_activity_date": 4_000_000_000}
    *_, last = world.source().fetch(None, None)
    assert json.loads(last.cursor)["tool"] < world.now.timestamp()


def test_a_vote_an_acceptance_and_a_closing_are_noticed(store, world):
    question, answer, _ = world.populate(3)
    run(store, world)
    world.fields[question.number] = {"is_answered": True, "score": 9}
    world.fields[answer.number] = {"is_accepted": True, "score": -2}
    run(store, world)
    found = stored(store)
    changed = found[world.external_id(question)]
    assert (changed.state, changed.score) == ("answered", 9)
    changed = found[world.external_id(answer)]
    assert (changed.state, changed.score) == ("accepted", -2)


def test_packed_answers_are_read(store, world):
    world.packed = True
    world.populate(9)
    run(store, world)
    assert gaps(store, world) == {}
    assert all("gzip" in asked.headers["accept-encoding"] for asked in world.site.asked)


def test_a_rest_that_is_asked_for_is_taken_for_that_method_alone(store, world):
    world.backoffs = {"/questions": 10}
    world.populate(30)
    start = world.clock_of_paces.now
    run(store, world)
    assert gaps(store, world) == {}
    pages = sum(asked.path.endswith("/questions") for asked in world.site.asked)
    assert pages > 2
    assert 10 * pages <= world.clock_of_paces.now - start <= 12 * pages


@pytest.mark.parametrize("seconds", [0.2, 10, 30])
def test_every_method_may_ask_for_rest_and_no_request_comes_in_it(store, world, seconds):
    for method in ("/questions", "/questions/{ids}/answers", "/posts/{ids}/comments"):
        world.backoffs[method] = seconds
    for kind in ("questions", "answers", "comments"):
        world.backoffs[f"/{kind}/{{ids}}"] = seconds
    world.populate(12)
    for _ in range(3):
        report = run(store, world)
        world.say()
    assert report.error is None
    assert world.hasty == 0


def test_a_rest_is_kept_by_another_process_too(store, world):
    world.backoffs = {"/questions": 20, "/questions/{ids}": 20, "/posts/{ids}/comments": 20}
    world.populate(3)
    for _ in range(3):
        run(store, world)
        world.paces = Paces(world.clock_of_paces, world.clock_of_paces.sleep)
    assert world.hasty == 0


def test_a_long_rest_leaves_the_source_alone_instead_of_waiting(store, world):
    world.backoffs = {"/questions": 900}
    world.populate(3)
    report = run(store, world)
    assert "901 s of rest" in (report.error or "")
    assert store.sources.state("stackexchange/stackoverflow").rests_until == world.now + timedelta(
        seconds=901
    )
    assert gaps(store, world) == {}, "what was read before is kept"


def test_no_more_than_thirty_requests_a_second_are_sent(world):
    world.page_most = 1
    world.populate(90)
    list(world.source().fetch(None, None))
    assert len(world.site.asked) > 100
    assert world.clock_of_paces.now > 1_003


def test_a_days_quota_nearly_spent_stops_the_run_and_loses_nothing(store, world):
    world.page_most, world.quota, world.key = 2, 12, None
    world.populate(30)
    report = run(store, world)
    assert world.quota == LEAST - 1, "nothing is asked beyond what is left to others"
    assert f"{LEAST - 1} requests are left of the day's 10000" in (report.error or "")
    assert "2026-03-04 00:00 UTC" in (report.error or "")
    assert "STACKEXCHANGE_KEY" in (report.error or "")
    state = store.sources.state("stackexchange/stackoverflow")
    assert state.rests_until == datetime(2026, 3, 4, tzinfo=UTC)
    assert 0 < len(stored(store)) < 30
    world.quota = 10_000
    assert run(store, world).error is None
    assert gaps(store, world) == {}


def test_a_batch_says_what_is_left_of_the_day(world):
    world.populate(3)
    *_, last = world.source().fetch(None, None)
    assert last.budget is not None
    assert (last.budget.remaining, last.budget.limit) == (world.quota, 10_000)
    assert last.budget.resets_at == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_quota_that_others_spent_is_told_with_the_wait_that_the_api_names(world):
    world.quota = 0
    with pytest.raises(SourceError, match="throttle_violation") as error:
        fetched(world, None)
    assert (error.value.permanent, error.value.retry_after) == (False, 777)


@pytest.mark.parametrize(
    ("number", "permanent", "says"),
    [(400, True, "check its site and tags"), (503, False, "the next run asks again")],
)
def test_an_error_in_the_body_is_told_by_its_name_and_not_by_its_words(
    world, number, permanent, says
):
    body = world.refusal(number, "<!channel> site is required")
    with breaking(world, body), pytest.raises(SourceError, match=says) as error:
        fetched(world, None)
    assert error.value.permanent is permanent
    assert "channel" not in str(error.value)


def test_an_error_that_comes_unwrapped_is_read_as_well(world):
    body = b'{"error_id": 502, "error_name": "throttle_violation", "error_message": "x"}'
    with breaking(world, Answer(body=body)), pytest.raises(SourceError, match="throttle"):
        fetched(world, None)


def test_what_a_failing_answer_leaves_out_is_not_gone(store, world):
    world.populate(6)
    run(store, world)
    before = stored(store).keys()

    def half(asked):
        answer = world.answer(asked)
        return (
            replace(answer, body=b'{"items": [{"unreadable": 1}]}') if ";" in asked.path else answer
        )

    with world.answering(half):
        report = run(store, world)
    assert report.rejected
    assert stored(store).keys() == before


def test_an_api_that_never_ends_a_list_is_left(world):
    world.populate(1)
    same = world.item(world.living[1])
    body = json.dumps({"items": [same], "has_more": True}).encode()
    with (
        stamina.set_testing(True, attempts=1),
        breaking(world, Answer(body=body)),
        pytest.raises(SourceError, match="stackexchange/stackoverflow"),
    ):
        fetched(world, None)
    assert len(world.site.asked) < 150


def test_the_key_is_sent_and_never_told(world):
    world.populate(1)
    fetched(world, None)
    assert {asked.query["key"] for asked in world.site.asked} == {SECRET}
    assert SECRET not in repr(world.source())
    world.key = None
    start = len(world.site.asked)
    fetched(world, None)
    assert not any("key" in asked.query for asked in world.site.asked[start:])


def test_they_are_built_from_their_settings_and_share_the_limits_of_our_address(http):
    blocks = [{"site": "unix", "tags": ["c"]}, {"site": "superuser", "tags": ["c"]}]
    file = FileSettings.model_validate({"sources": {"stackexchange": blocks}})
    secrets = Secrets(stackexchange_key=SecretStr("of-an-application"))
    built = app.sources(Settings(file=file, secrets=secrets, path=None), app.wall_clock, http)
    unix, superuser = (source for source in built if isinstance(source, StackExchange))
    assert (unix.name, superuser.name) == ("stackexchange/unix", "stackexchange/superuser")
    assert unix.key == "of-an-application"
    assert unix.paces is superuser.paces
    assert isinstance(unix, Rechecks)
    assert isinstance(unix, Finds)


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ([{"site": "unix", "tags": ["a"]}, {"site": "unix", "tags": ["b"]}], "'unix' stands twice"),
        ([{"site": "unix", "tags": []}], "at least 1"),
        ([{"site": "unix", "tags": ["a;b"]}], "pattern"),
        ([{"site": "https://unix", "tags": ["a"]}], "pattern"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(blocks, says):
    with pytest.raises(ValidationError, match=says):
        SourcesSettings.model_validate({"stackexchange": blocks})
