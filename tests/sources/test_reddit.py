from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from pydantic import ValidationError

from bot.errors import SourceError
from bot.limits import Pace
from bot.model import Gap, Role
from bot.source_settings import RedditSettings
from bot.sources.base import Batch, NotAPost
from bot.sources.reddit import listing as reddit_listing
from bot.sources.reddit.api import Api, page_of, parse
from bot.sources.reddit.client import Client, Key
from bot.sources.reddit.feeds import parse as parse_entry
from bot.sources.reddit.listing import Listing, Page, Walk
from bot.store.posts import CHECKED_EVERY
from tests.builders import NOW
from tests.shared import shared
from tests.sources.contract import WebContract, fetched, gaps, run, stored
from tests.sources.flaws import flaws
from tests.world.reddit import RedditWorld
from tests.world.reddit_things import child
from tests.world.site import Answer, Asked, Site, json_answer

PAGE_MOST = {"api": 4, "rss": 100}


@pytest.fixture(params=PAGE_MOST)
def world(request, http):
    with RedditWorld(http, request.param, PAGE_MOST[request.param]) as world:
        yield world
        assert world.violations == []


@pytest.fixture
def by_api(http):
    with RedditWorld(http, "api") as world:
        yield world
        assert world.violations == []


@pytest.fixture
def by_rss(http):
    with RedditWorld(http, "rss", 100) as world:
        yield world
        assert world.violations == []


class TestContract(WebContract):
    def test_whichever_request_fails_the_next_run_brings_everything(self, store, world):
        # All runs take the same number of requests, once there is a place to begin at.
        world.page_most = 100
        world.populate(4)
        run(store, world)
        super().test_whichever_request_fails_the_next_run_brings_everything(store, world)


def batches(world, cursor=None, since=None) -> list[Batch]:
    return list(world.source().fetch(cursor, since))


def missed(found: list[Batch]) -> list[Gap]:
    return [gap for batch in found for gap in batch.gaps]


class TestBothWays:
    def test_the_same_posts_have_the_same_ids(self, store, by_api, by_rss):
        for world in (by_api, by_rss):
            world.populate(6)
        run(store, by_api)
        assert run(store, by_rss).new == 0
        assert len(stored(store)) == 6

    def test_a_key_that_comes_later_goes_on_where_the_feeds_were_left(self, store, by_rss):
        by_rss.populate(6)
        run(store, by_rss)
        by_rss.way = "api"
        by_rss.populate(4)
        assert run(store, by_rss).new == 4
        assert gaps(store, by_rss) == {}

    def test_it_is_told_which_way_is_used_and_why(self, by_api, by_rss):
        assert by_api.source().note == "by API, with your key"
        assert "without REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET" in by_rss.source().note
        half = replace(by_api.source(), client_secret=None)
        assert "by RSS, without REDDIT_CLIENT_SECRET:" in half.note

    def test_a_gap_is_told_where_the_last_known_post_is_listed_no_more(self, world, monkeypatch):
        last = world.populate(4)[-2]
        cursor = batches(world)[-1].cursor
        monkeypatch.setattr(reddit_listing, "SHOWN", 6)
        world.listed = 6
        said = world.populate(20)
        first = next(one for one in said[-12:] if one.number % 2)
        told = missed(batches(world, cursor))
        posts = next(gap for gap in told if "r/tool/new" in gap.why)
        assert (posts.period.since, posts.period.until) == (last.at, first.at)

    def test_a_listing_that_is_short_because_little_was_written_is_no_gap(self, world):
        world.populate(6)
        assert missed(batches(world, since=NOW - timedelta(days=400))) == []

    def test_a_backfill_tells_what_lies_beyond_the_end_of_the_listing(self, world, monkeypatch):
        monkeypatch.setattr(reddit_listing, "SHOWN", 6)
        world.listed = 6
        world.populate(20)
        since = NOW - timedelta(days=30)
        assert {gap.period.since for gap in missed(batches(world, since=since))} == {since}
        assert missed(batches(world)) == [], "nobody asked how far back it goes"

    def test_a_phrase_is_looked_for_in_all_of_reddit(self, store, world):
        world.subreddits, world.phrases = (), ("needle", "pin")
        world.say("a needle in a haystack")
        world.say("hay")
        world.say("a pin")
        run(store, world)
        assert sorted(stored(store)) == ["t1_a2", "t3_a1", "t3_a3"][1:]

    @pytest.mark.parametrize("more", [0, 2])
    def test_a_page_whose_last_post_is_deleted_meanwhile_hides_no_other(self, store, world, more):
        world.page_most = 3
        last = world.populate(20)[14]
        older = world.expected().keys() - {world.external_id(last)}

        def respond(asked: Asked) -> Answer:
            answer: Answer = world.answer(asked)
            if asked.path.startswith("/r/tool/new") and last.number in world.living:
                world.delete(last)
                world.populate(more)
            return answer

        with world.answering(respond):
            run(store, world)
        assert older <= stored(store).keys()

    def test_a_post_is_found_by_its_address(self, world):
        said, answer = world.populate(2)
        thread = "https://www.reddit.com/r/tool/comments/a1"
        for url, number in ((f"{thread}/a_tool/", said), (f"{thread}/_/a2/?x=1", answer)):
            assert world.source().owns(url)
            [post] = world.source().find(url).posts
            assert post.external_id == world.external_id(number)
        assert world.source().find("https://redd.it/a1").posts

    def test_an_address_with_nothing_behind_it_is_told(self, world):
        with pytest.raises(SourceError, match="nothing is there"):
            world.source().find("https://redd.it/zzz")

    @pytest.mark.parametrize(
        "url",
        [
            "https://www.reddit.com/r/tool",
            "https://www.reddit.com.evil.example/r/tool/comments/a1/",
            "https://evil.example/https://www.reddit.com/comments/a1",
            "javascript:reddit.com/comments/a1",
        ],
    )
    def test_other_addresses_are_not_its_own(self, by_api, url):
        assert not by_api.source().owns(url)
        with pytest.raises(SourceError, match="no address"):
            by_api.source().find(url)

    def test_a_listing_without_end_is_an_error_and_moves_no_place(self, world, monkeypatch):
        monkeypatch.setattr(reddit_listing, "PAGES_MOST", 3)
        world.page_most = 1
        world.populate(20)
        with pytest.raises(SourceError, match="does not come to an end"):
            batches(world)

    def test_limits_are_kept_however_long_the_listing(self, world):
        world.page_most = 1
        world.populate(60)
        batches(world)
        assert len(world.site.asked) > 60, "and no violation was counted"
        assert world.time.now > 0 or world.way == "api"

    def test_nothing_is_asked_while_reddit_says_that_nothing_is_left(self, world):
        world.populate(2)
        world.headers = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "40"}
        found = batches(world)
        assert world.time.now >= 39
        assert found[0].budget
        assert found[0].budget.remaining == 0


class TestApi:
    def test_a_subreddit_that_does_not_exist_is_told_and_the_others_are_read(self, store, by_api):
        by_api.populate(3)
        by_api.subreddits = ("toool", "tool")
        by_api.redirects["/r/toool/new"] = "/subreddits/search"
        report = run(store, by_api)
        assert report.error
        assert "/r/toool/new leads elsewhere" in report.error
        assert len(stored(store)) == 3

    def test_a_wrong_key_is_told_with_the_mend(self, by_api):
        source = replace(by_api.source(), client_secret="wrong")  # noqa: S106 of nobody's
        with pytest.raises(SourceError, match="Correct REDDIT_CLIENT_ID") as told:
            list(source.fetch(None, None))
        assert told.value.permanent

    @pytest.mark.parametrize("answer", [{}, [], None, {"error": "invalid_grant"}])
    def test_an_answer_that_is_no_token_is_told(self, by_api, answer):
        with (
            by_api.answering(lambda asked: json_answer(answer)),
            pytest.raises(SourceError, match="no token"),
        ):
            batches(by_api)

    def test_praw_reads_no_file_and_no_environment_and_sends_nothing_itself(
        self, by_api, tmp_path, monkeypatch
    ):
        planted = "[DEFAULT]\noauth_url=http://127.0.0.1:1\nreddit_url=http://127.0.0.1:1\n"
        (tmp_path / "praw.ini").write_text(f"{planted}%(nonsense)s\n[other]\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        for name in ("site", "username", "password", "refresh_token", "client_id"):
            monkeypatch.setenv(f"praw_{name}", "other")
        monkeypatch.setattr(requests.Session, "request", None)
        by_api.populate(2)
        assert len(fetched(by_api, None)) == 2

    def test_what_is_left_out_twice_is_gone(self, store, by_api):
        private, public = by_api.populate(2)
        run(store, by_api)
        by_api.hidden = {private.number}
        by_api.now += CHECKED_EVERY
        run(store, by_api)
        assert stored(store).keys() == {by_api.external_id(public)}

    def test_an_answer_that_leaves_out_everything_is_no_deletion(self, by_api):
        said = by_api.populate(3)
        by_api.hidden = {one.number for one in said}
        names = [by_api.external_id(one) for one in said]
        assert list(by_api.source().recheck(names)) == [Batch((), None)]

    def test_names_are_looked_at_a_hundred_at_a_time(self, by_api):
        said = by_api.populate(120)
        looked = list(by_api.source().recheck([by_api.external_id(one) for one in said]))
        assert [len(batch.posts) for batch in looked] == [100, 20]
        assert {batch.cursor for batch in looked} == {None}

    def test_a_removed_post_goes_and_one_whose_author_left_stays(self, store, by_api):
        removed, link, orphan, _ = by_api.populate(4)
        run(store, by_api)
        by_api.fields = {
            removed.number: {"selftext": "[ Removed by Reddit ]"},
            link.number: {"body": "[removed]"},
            orphan.number: {"author": "[deleted]"},
        }
        run(store, by_api)
        found = stored(store)
        assert sorted(found) == ["t1_a4", "t3_a3"]
        assert found["t3_a3"].author is None


class TestFeeds:
    def test_all_subreddits_are_read_as_one_and_phrases_too(self, by_rss):
        by_rss.subreddits = ("tool", "field")
        by_rss.phrases = ("needle", "pin")
        batches(by_rss)
        assert [asked.path for asked in by_rss.site.asked] == [
            "/r/tool+field/new/.rss",
            "/r/tool+field/comments/.rss",
            "/search.rss",
        ]
        assert by_rss.site.asked[-1].query["q"] == '"needle" OR "pin"'

    def test_what_is_gone_from_between_two_that_are_still_there_was_deleted(self, store, by_rss):
        said = by_rss.populate(9)
        run(store, by_rss)
        by_rss.delete(said[4])
        run(store, by_rss)
        assert gaps(store, by_rss) == {}
        assert len(stored(store)) == 8

    def test_what_is_only_older_or_newer_than_the_feed_goes_on_living(self, store, by_rss):
        said = by_rss.populate(9)
        run(store, by_rss)
        by_rss.page_most = 2
        by_rss.hidden = {said[8].number}  # an old copy of the feed, from somewhere on the way
        run(store, by_rss)
        assert len(stored(store)) == 9

    def test_a_search_that_omits_a_post_does_not_delete_it(self, store, by_rss):
        by_rss.subreddits, by_rss.phrases = (), ("needle",)
        said = [by_rss.say(f"needle {number}") for number in range(5)]
        run(store, by_rss)
        by_rss.hidden = {said[2].number}
        run(store, by_rss)
        assert len(stored(store)) == 5

    def test_a_site_that_knows_no_pages_is_read_as_far_as_it_goes(self, by_rss):
        by_rss.populate(4)
        cursor = batches(by_rss)[-1].cursor
        by_rss.page_most, by_rss.ignores_anchors = 3, True
        by_rss.populate(20)
        assert len(missed(batches(by_rss, cursor))) == 2
        assert len(by_rss.site.asked) < 20


class TestPosts:
    def test_a_post_is_read_with_all_that_reddit_tells(self, by_api):
        said, _ = by_api.populate(2)
        row = child(
            said,
            author="mod",
            distinguished="moderator",
            link_flair_text=" Bug\u202e ",
            is_self=False,
            url="https://tool.example/",
            edited=said.at.timestamp() + 60,
            score=12,
        )
        post = parse(row)
        assert (post.role, post.labels, post.score, post.reply_count) == (
            Role.TEAM,
            ("Bug",),
            12,
            7,
        )
        assert (post.link, post.updated_at) == (
            "https://tool.example/",
            said.at + timedelta(minutes=1),
        )
        assert post.url == "https://www.reddit.com/r/tool/comments/a1/a_tool/"
        assert (post.parent_id, post.root_id, post.opens) == (None, None, True)

    def test_a_score_that_reddit_hides_is_unknown_and_a_comment_has_no_count_of_its_thread(
        self, by_api
    ):
        _, answer = by_api.populate(2)
        post = parse(child(answer, score_hidden=True))
        assert (post.score, post.reply_count) == (None, None)
        assert (post.parent_id, post.root_id) == ("t3_a1", "t3_a1")

    @pytest.mark.parametrize(
        ("author", "distinguished", "role"),
        [
            ("AutoModerator", "moderator", Role.BOT),
            ("release-bot", None, Role.BOT),
            ("robot", None, Role.USER),
            ("abbot", None, Role.USER),
            ("ann", "admin", Role.TEAM),
            ("ann", "gold", Role.USER),
        ],
    )
    def test_who_speaks_is_told_by_marks_and_by_names_that_leave_no_doubt(
        self, by_api, author, distinguished, role
    ):
        row = child(by_api.say(), author=author, distinguished=distinguished)
        assert parse(row).role is role

    def test_an_entry_of_a_feed_is_read_without_what_reddit_puts_around_it(self):
        html = (
            '<table><tr><td><a href="https://x.example/"><img src="https://x.example/"/></a></td><td>'
            '<!-- SC_OFF --><div class="md"><p>My <a href="https://evil.example/">[link]</a></p></div>'
            '<!-- SC_ON --> submitted by <a href="https://www.reddit.com/user/ann"> /u/ann </a>'
            '<span><a href="https://tool.example/?a=1&amp;b=2">[link]</a></span></td></tr></table>'
        )
        entry = {
            "id": "https://www.reddit.com/r/tool/new/t3_a1",
            "title": "A tool",
            "link": "https://www.reddit.com/r/tool/comments/a1/a_tool/",
            "author": "/u/ann",
            "tags": [{"term": "tool", "label": "r/tool"}],
            "content": [{"value": html}],
        }
        post = parse_entry(entry, NOW)
        assert (post.external_id, post.author, post.venue) == ("t3_a1", "ann", "r/tool")
        assert (post.title, post.text) == ("A tool", "My [link]")
        assert (post.link, post.labels, post.score) == ("https://tool.example/?a=1&b=2", (), None)

    @pytest.mark.parametrize("child", [None, "x", {}, {"data": []}, {"data": {"name": "t2_a"}}])
    def test_what_is_no_post_is_refused(self, child):
        with pytest.raises(NotAPost):
            parse(child)


def exchanges() -> list[tuple[str, object]]:
    """The recorded questions for listings, as path and parameters, and the answers."""
    found = []
    for file in sorted(shared("payloads", "reddit", "praw_cassettes").glob("*.json")):
        for one in json.loads(file.read_text())["interactions"]:
            body = one["response"]["body"].get("string") or ""
            if one["request"]["method"] == "GET" and body.startswith('{"kind": "Listing"'):
                found.append((one["request"]["uri"], json.loads(body)))
    return found


class TestRecorded:
    def test_real_listings_come_through_praw_whole(self, http):
        pages = [replayed(http, uri, answer) for uri, answer in exchanges()]
        posts = [post for page in pages for post in page.posts]
        assert [flaw for post in posts for flaw in flaws(post)] == []
        assert len(posts) > 1_000
        refused = Counter(one.reason for page in pages for one in page.rejected)
        # Subreddits and people are listed too; advertisements are in no subreddit.
        assert refused.keys() <= {"neither post nor comment", "missing field: subreddit"}
        assert refused["missing field: subreddit"] < 10

    def test_the_pages_of_a_real_listing_tell_how_to_go_on(self):
        told = [page_of(answer, "a listing") for _, answer in exchanges()]
        assert all(page.next in page.names for page in told if page.next)
        assert sum(page.next is not None for page in told) > 5


def replayed(http, uri: str, answer: object) -> Page:
    """What comes of a recorded question and its answer."""
    parts = urlsplit(uri)
    token = {"access_token": "t", "expires_in": 3_600, "scope": "*"}

    def respond(asked: Asked) -> Answer:
        return json_answer(token if asked.method == "POST" else answer)

    with Site(respond) as site:
        key = Key("id", "secret", "python:groundswell:1 (by /u/ann)", site.url, site.url)
        api = Api(Client(http, Pace(1_000, 1.0), key))
        return api.page(Listing(uri, parts.path.lstrip("/"), dict(parse_qsl(parts.query))), None)


class TestSettings:
    def test_subreddits_are_taken_as_people_write_them(self):
        names = ("python", "r/python", "/r/python/")
        settings = RedditSettings(subreddits=names, username="ann")
        assert set(settings.subreddits) == {"python"}

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"username": "ann"}, "nothing to read"),
            ({"username": "ann", "subreddits": ["r/a b"]}, "no name of a subreddit"),
            ({"username": "(by /u/x)", "phrases": ["tool"]}, "username"),
            ({"phrases": ["tool"]}, "username"),
        ],
    )
    def test_a_mistake_is_named_with_its_fix(self, values, says):
        with pytest.raises(ValidationError, match=says):
            RedditSettings.model_validate(values)


def test_a_walk_of_nothing_has_no_span_and_no_gap(by_api):
    walk = Walk(by_api.source()._way(), Listing("x", "x"))
    assert (walk.span(), walk.gap(0)) == (None, ())
