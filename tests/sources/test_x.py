from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import SourceError
from bot.source_settings import XSettings
from bot.sources.base import Batch
from bot.sources.x.posts import id_at, moment_of, parse
from bot.store.posts import CHECKED_EVERY
from tests.builders import NOW
from tests.sources.contract import WebContract, breaking, gaps, run, stored
from tests.world.site import Answer, Asked
from tests.world.x import XWorld, row


@pytest.fixture
def world(http):
    with XWorld(http) as world:
        yield world
        assert world.violations == []


class TestContract(WebContract):
    def test_whichever_request_fails_the_next_run_brings_everything(self, store, world):
        world.page_most = 100  # else a first run takes more requests than the later ones
        super().test_whichever_request_fails_the_next_run_brings_everything(store, world)


def batches(world, cursor=None, since=None) -> list[Batch]:
    return list(world.source().fetch(cursor, since))


def searched(world) -> list[Asked]:
    return [asked for asked in world.site.asked if "query" in asked.query]


class TestReading:
    def test_a_run_that_died_is_gone_on_with_and_no_post_is_paid_for_twice(self, world):
        said = world.populate(8)
        world.now += timedelta(hours=1)  # the last minutes are read twice
        [first] = islice(world.source().fetch(None, None), 1)
        rest = batches(world, first.cursor)
        ids = [post.external_id for batch in [first, *rest] for post in batch.posts]
        assert sorted(ids) == sorted(world.external_id(one) for one in said)

    def test_what_came_after_the_run_that_died_is_read_too(self, world):
        world.populate(8)
        [first] = islice(world.source().fetch(None, None), 1)
        newer = world.populate(2)
        ids = {post.external_id for batch in batches(world, first.cursor) for post in batch.posts}
        assert {world.external_id(one) for one in newer} <= ids

    def test_a_quiet_week_is_no_gap_but_a_week_without_a_run_is(self, world):
        world.say()
        cursor = batches(world)[-1].cursor
        for _ in range(4):
            world.now += timedelta(days=3)
            found = batches(world, cursor)
            cursor = found[-1].cursor
            assert not any(batch.gaps for batch in found)
        before = world.now
        world.now += timedelta(days=10)
        [gap] = batches(world, cursor)[-1].gaps
        assert abs(gap.period.since - before) < timedelta(minutes=5)
        assert abs(gap.period.until - (world.now - timedelta(days=7))) < timedelta(minutes=10)

    def test_a_run_that_died_and_was_taken_up_too_late_goes_on_with_what_is_newer(self, world):
        world.populate(8)
        [first] = islice(world.source().fetch(None, None), 1)
        world.now += timedelta(days=20)
        newer = world.say()
        found = batches(world, first.cursor)
        ids = [post.external_id for batch in found for post in batch.posts]
        assert ids == [world.external_id(newer)]
        assert any(batch.gaps for batch in found)

    def test_a_backfill_tells_what_lies_beyond_the_days_that_are_searched(self, world):
        world.say()
        since = NOW - timedelta(days=30)
        assert [gap.period.since for gap in batches(world, since=since)[-1].gaps] == [since]
        assert batches(world)[-1].gaps == (), "nobody asked how far back it goes"

    def test_an_empty_page_is_not_the_end(self, store, world):
        world.populate(8)
        world.empty_pages = True
        run(store, world)
        assert gaps(store, world) == {}

    def test_pages_that_do_not_go_on_are_an_error_and_move_no_place(self, store, world):
        world.populate(8)

        def respond(asked: Asked) -> Answer:
            asked = replace(asked, query={k: v for k, v in asked.query.items() if k != "until_id"})
            answer: Answer = world.answer(asked)
            return answer

        with world.answering(respond):
            assert "does not go on" in (run(store, world).error or "")
        run(store, world)
        assert gaps(store, world) == {}

    def test_a_query_with_or_does_not_let_reposts_in(self, world):
        world.queries = ("tool OR gear",)
        batches(world)
        assert searched(world)[0].query["query"] == "(tool OR gear) -is:retweet"

    def test_a_query_that_x_refuses_is_told_and_the_others_are_read(self, store, world):
        world.say()
        world.queries = ("(", "tool")

        def respond(asked: Asked) -> Answer:
            return (
                Answer(400)
                if asked.query.get("query") == "(() -is:retweet"
                else world.answer(asked)
            )

        with world.answering(respond):
            report = run(store, world)
        assert report.error
        assert report.error.startswith("x: the query (: ")
        assert len(stored(store)) == 1

    def test_without_a_token_nothing_is_asked_and_the_mend_is_told(self, world):
        world.token = None
        with pytest.raises(SourceError, match="X_BEARER_TOKEN is not set") as told:
            batches(world)
        assert told.value.permanent
        assert world.site.asked == []

    def test_it_is_told_that_reading_costs_money(self, world):
        assert "charges" in world.source().note
        with breaking(world, Answer(402)), pytest.raises(SourceError, match="paid for is used up"):
            batches(world)


class TestLimits:
    def test_the_limit_of_the_search_is_kept_however_much_there_is_to_read(self, world):
        world.page_most = 1
        world.queries = tuple(f'"tool {number}"' for number in range(451))
        found = world.source().fetch(None, None)
        with pytest.raises(SourceError, match="limit is reached") as told:
            list(found)
        assert told.value.retry_after == 900

    def test_nothing_is_asked_while_x_says_that_nothing_is_left(self, world):
        world.populate(5)
        world.remaining = 0
        found = batches(world)
        assert found[0].budget
        assert (found[0].budget.remaining, found[0].budget.limit) == (0, 450)
        assert world.time.now >= 38

    def test_a_refusal_without_retry_after_rests_until_the_limit_is_renewed(self, world):
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{time.time() + 700:.0f}"}
        with breaking(world, Answer(429, headers=headers)), pytest.raises(SourceError) as told:
            batches(world)
        assert told.value.retry_after == pytest.approx(700, abs=3)


class TestLookingAgain:
    def test_an_edited_post_keeps_its_id_and_its_time(self, store, world):
        said = world.say()
        run(store, world)
        edited = world.edit(world.edit(said))
        run(store, world)
        [post] = stored(store).values()
        assert (post.external_id, post.created_at) == (world.external_id(said), said.at)
        assert edited.words in post.text
        assert post.updated_at
        assert gaps(store, world) == {}

    def test_an_old_version_is_never_taken_for_the_post(self, world):
        said = world.say()
        world.edit(said)
        [batch] = world.source().recheck([world.external_id(said)])
        assert ["edited" in post.text for post in batch.posts] == [True]

    def test_posts_of_an_account_that_became_private_go(self, store, world):
        private, public = world.populate(2)
        run(store, world)
        world.private = {private.number}
        world.now += CHECKED_EVERY
        run(store, world)
        assert stored(store).keys() == {world.external_id(public)}

    def test_what_x_says_nothing_about_is_not_called_gone(self, world):
        said = world.populate(2)
        world.silent = {said[0].number}
        [batch] = world.source().recheck([world.external_id(one) for one in said])
        assert (len(batch.posts), batch.deleted) == (1, ())

    def test_posts_are_looked_at_a_hundred_at_a_time(self, world):
        ids = [world.external_id(one) for one in world.populate(120)]
        assert [len(batch.posts) for batch in world.source().recheck(ids)] == [100, 20]

    def test_a_post_is_found_by_its_address(self, world):
        said = world.say()
        url = f"https://x.com/ann/status/{world.external_id(said)}?s=20"
        assert world.source().owns(url)
        assert world.source().owns(url.replace("x.com", "mobile.twitter.com"))
        assert [post.author for post in world.source().find(url).posts] == ["ann"]

    def test_an_address_with_nothing_behind_it_is_told(self, world):
        with pytest.raises(SourceError, match="nothing is there"):
            world.source().find("https://x.com/ann/status/5")

    @pytest.mark.parametrize("url", ["https://x.com/ann", "https://evil.example/x.com/a/status/1"])
    def test_other_addresses_are_not_its_own(self, world, url):
        assert not world.source().owns(url)
        with pytest.raises(SourceError, match="no address"):
            world.source().find(url)


class TestPosts:
    def test_links_are_whole_and_marks_are_marks(self, world):
        tweet = world.tweets[world.say("a < b & c").number]
        post = parse(row(tweet), {})
        assert post.text == "a < b & c https://tool.example/"
        assert (post.link, post.title, post.kind) == ("https://tool.example/", "", "post")
        assert (post.score, post.reply_count) == (1, 2)

    def test_a_long_post_is_read_to_its_end(self, world):
        links = [{"url": "https://t.co/x", "expanded_url": "https://x.com/i/2"}]
        long = {"text": "all of it https://t.co/x", "entities": {"urls": links}}
        post = parse(row(world.tweets[world.say().number]) | {"note_tweet": long}, {})
        assert post.text == "all of it https://x.com/i/2"

    def test_a_reply_hangs_on_what_it_answers_and_a_quote_does_not(self, world):
        first, answer = (world.tweets[said.number] for said in world.populate(2))
        reply = parse(row(answer), {})
        root = str(first.ids[0])
        assert (reply.kind, reply.parent_id, reply.root_id) == ("reply", root, root)
        quote = row(first) | {"referenced_tweets": [{"type": "quoted", "id": "5"}]}
        assert parse(quote, {}).opens

    def test_an_author_whom_x_does_not_name_is_unknown(self, world):
        post = parse(row(world.tweets[world.say().number]), {})
        assert (post.author, post.url) == (None, f"https://x.com/i/status/{post.external_id}")

    def test_what_is_missing_is_unknown_and_not_zero(self, world):
        bare = {"public_metrics": None, "entities": None}
        post = parse(row(world.tweets[world.say().number]) | bare, {})
        assert (post.score, post.reply_count, post.link) == (None, None, None)


@given(st.datetimes(min_value=NOW.replace(year=2011, tzinfo=None)), st.integers(0, 2**22 - 1))
def test_ids_tell_the_time_and_times_the_ids(moment, rest):
    moment = moment.replace(microsecond=0, tzinfo=NOW.tzinfo, year=min(moment.year, 2060))
    given_out = id_at(moment) + 1 + rest
    assert moment_of(given_out) == moment
    assert id_at(moment) < given_out <= id_at(moment + timedelta(milliseconds=1))


@pytest.mark.parametrize(
    ("values", "says"),
    [({"queries": []}, "queries"), ({"queries": ["x" * 500]}, "490"), ({}, "queries")],
)
def test_a_mistake_in_the_settings_is_named(values, says):
    with pytest.raises(ValidationError, match=says):
        XSettings.model_validate(values)


def test_the_token_is_not_shown_with_the_source(world):
    assert world.token not in repr(replace(world.source()))
