from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Role, Visibility
from bot.sources.base import Batch, NotAPost
from bot.sources.slack.events import happened, told_of
from bot.sources.slack.posts import Channel, Person, batch_of, parse, people_in
from bot.sources.slack.stamps import is_stamp, message_at, moment_of, stamp_of
from bot.sources.slack.text import plain_mrkdwn
from bot.text import cleaned
from tests.shared import shared
from tests.sources.flaws import flaws

HELP = Channel(
    "C0HELP123", "help", workspace="https://acme.slack.com/", ours=frozenset({"U0GROUND"})
)
PEOPLE = {"U0001": Person("Ann"), "U0002": Person("Bob"), "U0003": Person("Deploys", bot=True)}
TS, LATER = "1772452800.000100", "1772452900.000200"


def a_message(**fields: Any) -> dict[str, Any]:
    """What Ann says in the help channel, unless told otherwise."""
    return {"type": "message", "user": "U0001", "text": "It broke", "ts": TS} | fields


def an_event(**fields: Any) -> dict[str, Any]:
    """The same as an event."""
    return a_message(channel=HELP.id, event_ts=TS, channel_type="channel") | fields


def only(batch: Batch):
    (post,) = batch.posts
    return post


class TestParse:
    def test_a_message_opens_a_thread_and_names_its_place(self):
        post = parse(a_message(), HELP, PEOPLE)
        assert (post.external_id, post.kind, post.venue) == (f"{HELP.id}/{TS}", "message", "#help")
        assert (post.author, post.role, post.text, post.title) == ("Ann", Role.USER, "It broke", "")
        assert post.created_at == datetime(2026, 3, 2, 12, 0, 0, 100, tzinfo=UTC)
        assert post.url == "https://acme.slack.com/archives/C0HELP123/p1772452800000100"
        assert (post.parent_id, post.root_id, post.score, post.reply_count) == (None, None, 0, 0)
        assert post.visibility is Visibility.PUBLIC

    def test_a_reply_names_its_thread_and_its_address_opens_there(self):
        post = parse(a_message(ts=LATER, thread_ts=TS), HELP, PEOPLE)
        root = f"{HELP.id}/{TS}"
        assert (post.kind, post.parent_id, post.root_id) == ("reply", root, root)
        assert post.url
        assert post.url.endswith(f"/p1772452900000200?thread_ts={TS}&cid={HELP.id}")
        assert post.reply_count is None

    def test_the_opener_of_a_thread_counts_its_replies_and_all_reactions(self):
        reactions = [{"name": "+1", "count": 3, "users": ["U1"]}, {"name": "eyes", "count": 2}]
        post = parse(a_message(thread_ts=TS, reply_count=7, reactions=reactions), HELP, PEOPLE)
        assert (post.opens, post.reply_count, post.score) == (True, 7, 5)

    def test_an_edit_tells_when(self):
        post = parse(a_message(edited={"user": "U0001", "ts": LATER}), HELP, PEOPLE)
        assert post.updated_at == moment_of(LATER)

    def test_what_is_said_in_a_private_channel_is_private(self):
        assert parse(a_message(), Channel("G0TEAM00", "team", private=True)).visibility == "private"

    def test_without_a_workspace_there_is_no_address(self):
        assert parse(a_message(), Channel("C0HELP123", "help")).url is None

    def test_somebody_unknown_goes_by_the_id(self):
        assert parse(a_message(user="U0009"), HELP, PEOPLE).author == "U0009"

    @pytest.mark.parametrize(
        ("fields", "author"),
        [
            ({"bot_id": "B1", "subtype": "bot_message", "username": "Owl", "user": None}, "Owl"),
            ({"bot_id": "B1", "bot_profile": {"name": "Sentry"}}, "Sentry"),
            ({"bot_id": "B1", "subtype": "bot_message", "user": None}, None),
            ({"subtype": "bot_message", "user": None}, None),
            ({"user": "U0003"}, "Deploys"),
            ({"user": "USLACKBOT"}, "USLACKBOT"),
        ],
    )
    def test_apps_are_bots_under_the_name_they_gave_themselves(self, fields, author):
        post = parse(a_message(**fields), HELP, PEOPLE)
        assert (post.role, post.author) == (Role.BOT, author)

    def test_no_app_is_a_null_bot_id(self):
        assert parse(a_message(bot_id=None), HELP, PEOPLE).role is Role.USER


class TestWhatIsAPost:
    @pytest.mark.parametrize(
        "subtype",
        [
            "channel_join", "channel_leave", "group_join", "channel_topic", "channel_purpose",
            "channel_name", "channel_archive", "pinned_item", "bot_add", "huddle_thread",
            "channel_convert_to_private", "something_new",
        ],
    )  # fmt: skip
    def test_what_happened_in_a_channel_is_nobody_s_words(self, subtype):
        batch = batch_of([a_message(subtype=subtype)], HELP, PEOPLE)
        assert (batch.posts, batch.deleted, batch.rejected) == ((), (), ())

    @pytest.mark.parametrize("subtype", ["me_message", "file_share", "thread_broadcast"])
    def test_words_are_posts_however_they_are_said(self, subtype):
        assert only(batch_of([a_message(subtype=subtype)], HELP, PEOPLE)).text == "It broke"

    @pytest.mark.parametrize("own", [{"user": "U0GROUND"}, {"bot_id": "U0GROUND"}])
    def test_our_own_words_are_not_read_back(self, own):
        assert batch_of([a_message(**own)], HELP, PEOPLE).posts == ()

    def test_a_tombstone_and_a_message_without_words_are_gone(self):
        tombstone = a_message(subtype="tombstone", text="This message was deleted.", reply_count=2)
        picture = a_message(ts=LATER, subtype="file_share", text="", files=[{"id": "F1"}])
        batch = batch_of([tombstone, picture], HELP, PEOPLE)
        assert (batch.posts, batch.rejected) == ((), ())
        assert batch.deleted == (f"{HELP.id}/{TS}", f"{HELP.id}/{LATER}")

    def test_a_rejection_says_where_and_quotes_nobody(self):
        batch = batch_of([a_message(), a_message(ts="<!channel>")], HELP, PEOPLE)
        (rejection,) = batch.rejected
        assert rejection.where == "slack C0HELP123, message 2 of 2"
        assert "<!channel>" not in str(rejection)

    def test_the_people_of_a_message_are_its_author_and_whom_it_mentions(self):
        messages = [a_message(text="<@U0002> <@U0003|x> &lt;@U0004&gt;"), "x", {"user": 5}, {}]
        assert people_in(messages) == {"U0001", "U0002", "U0003"}


NAMES = {"U0001": "Ann", "U0002": "b*o*b &lt;"}


class TestText:
    @pytest.mark.parametrize(
        ("mrkdwn", "words"),
        [
            ("<@U0001> and <@U0009> and <@U0009|carl>", "@Ann and @U0009 and @carl"),
            ("<@U0002>", "@b*o*b <"),
            ("see <#C1|general> or <#C2>", "see #general or #C2"),
            ("<!here> <!channel> <!subteam^S1|@oncall>", "@here @channel @oncall"),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
            ("<https://a.example/b_c_d>", "https://a.example/b_c_d"),
            ("<https://a.example/?x=1&amp;y=2|the docs>", "the docs (https://a.example/?x=1&y=2)"),
            ("<http://a.example|a.example>", "http://a.example"),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
            ("<javascript:alert(1)|click>", "click"),
            ("*bold* _italic_ ~gone~ *_both_*", "bold italic gone both"),
            ("2*3*4 snake_case_name a~b~c", "2*3*4 snake_case_name a~b~c"),
            ("`x = a*b*c` and ```\nif a &lt; b:\n    *p = &amp;q\n```", None),
            (":white_check_mark: done", ":white_check_mark: done"),
            ("&gt; quoted\n&gt;&gt;&gt; more\nmine", "quoted\nmore\nmine"),
            ("if a &lt; b &amp;&amp; c &gt; d", "if a < b && c > d"),
            ("the entity &amp;lt; itself", "the entity &lt; itself"),
            ("`<https://a.example|docs>` <", "docs (https://a.example) <"),
            ("", ""),
        ],
    )
    def test_mark_up_becomes_words(self, mrkdwn, words):
        expected = "x = a*b*c and\nif a < b:\n*p = &q" if words is None else words
        assert plain_mrkdwn(mrkdwn, NAMES) == expected

    @given(st.text(st.characters(exclude_characters="*_~`<>&\ue000\ue001")))
    def test_what_holds_no_mark_up_stays_as_it_is(self, text):
        assert plain_mrkdwn(text, {}) == cleaned(text)

    @given(st.text("<>&;*_~`|@#!U1 \n\ue0000\ue001lt", max_size=60))
    def test_nothing_breaks_it(self, text):
        assert plain_mrkdwn(text, {"U1": "\ue0007\ue001*"}) is not None

    @pytest.mark.parametrize(
        "piece", ["<", "`", "```", "*a", "_", "<@U1|", "\ue0000\ue001", "&gt;", "*_~", "<!x^"]
    )
    def test_hostile_text_takes_no_longer_than_other_text(self, piece):
        started = time.perf_counter()
        plain_mrkdwn(piece * (40_000 // len(piece)), {})
        assert time.perf_counter() - started < 2.0


class TestStamps:
    @given(st.integers(10**15, 7 * 10**15))
    def test_a_moment_and_its_stamp_are_the_same(self, micros):
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
        assert is_stamp(stamp_of(moment))
        assert moment_of(stamp_of(moment)) == moment

    @pytest.mark.parametrize(
        "value", ["", "1772452800", "1772452800.1", "x" * 17, None, 5, "\uff11" * 10]
    )
    def test_anything_else_is_none(self, value):
        assert not is_stamp(value)

    @pytest.mark.parametrize(
        ("url", "found"),
        [
            ("https://acme.slack.com/archives/C0HELP123/p1772452800000100", True),
            (f"https://acme.slack.com/archives/C0HELP123/p1772452800000100?thread_ts={TS}", True),
            ("https://acme.enterprise.slack.com/archives/C0HELP123/p1772452800000100/", True),
            ("http://acme.slack.com/archives/C0HELP123/p1772452800000100", False),
            ("https://acme.slack.com.evil.example/archives/C0HELP123/p1772452800000100", False),
            ("https://evilslack.com/archives/C0HELP123/p1772452800000100", False),
            ("https://acme.slack.com/archives/D0HELP123/p1772452800000100", False),
            ("https://acme.slack.com/archives/C0HELP123", False),
            ("https://[", False),
            ("", False),
        ],
    )
    def test_a_permalink_is_known_by_its_form(self, url, found):
        assert message_at(url) == (("C0HELP123", TS) if found else None)


class TestEvents:
    def test_a_message_is_a_post(self):
        post = only(happened(an_event(), HELP, PEOPLE))
        assert post == parse(a_message(), HELP, PEOPLE)
        assert post.score == 0

    def test_a_reply_is_a_post_in_its_thread(self):
        post = only(happened(an_event(ts=LATER, thread_ts=TS), HELP, PEOPLE))
        assert post.root_id == f"{HELP.id}/{TS}"

    def test_a_change_brings_the_message_again_with_its_score_unknown_unless_told(self):
        changed = a_message(text="Mended", edited={"user": "U0001", "ts": LATER})
        event = an_event(subtype="message_changed", message=changed, hidden=True, text=None)
        post = only(happened(event, HELP, PEOPLE))
        assert (post.external_id, post.text, post.score) == (f"{HELP.id}/{TS}", "Mended", None)
        event["message"] = changed | {"reactions": [{"name": "+1", "count": 4}]}
        assert only(happened(event, HELP, PEOPLE)).score == 4

    def test_a_new_reply_brings_its_opener_with_the_count(self):
        opener = a_message(thread_ts=TS, reply_count=3)
        event = an_event(subtype="message_replied", message=opener)
        assert only(happened(event, HELP, PEOPLE)).reply_count == 3

    def test_a_deletion_names_the_message(self):
        event = an_event(subtype="message_deleted", deleted_ts=TS, previous_message=a_message())
        batch = happened(event, HELP, PEOPLE)
        assert (batch.posts, batch.deleted) == ((), (f"{HELP.id}/{TS}",))

    def test_a_message_that_became_a_tombstone_or_lost_its_words_is_deleted(self):
        for message in (a_message(subtype="tombstone"), a_message(text="")):
            event = an_event(subtype="message_changed", message=message)
            assert happened(event, HELP, PEOPLE).deleted == (f"{HELP.id}/{TS}",)

    @pytest.mark.parametrize("kind", ["reaction_added", "reaction_removed"])
    def test_a_reaction_names_the_message_to_read_again(self, kind):
        item = {"type": "message", "channel": HELP.id, "ts": TS}
        event = {"type": kind, "user": "U0002", "reaction": "+1", "item": item}
        assert told_of(event) == (HELP.id, TS)
        assert happened(event, HELP, PEOPLE) == Batch((), None)

    def test_a_reaction_to_a_file_and_an_event_about_no_channel_are_about_nothing(self):
        file = {"type": "reaction_added", "item": {"type": "file", "file": "F1"}}
        assert told_of(file)[0] == told_of({"type": "team_join"})[0] == told_of(None)[0] == ""

    def test_events_tell_their_channel(self):
        assert told_of(an_event()) == (HELP.id, None)

    @pytest.mark.parametrize("event", [None, [], "x", {}, {"type": "message"}, {"type": []}])
    def test_what_is_no_event_brings_no_post(self, event):
        assert happened(event, HELP, PEOPLE).posts == ()
        assert told_of(event) == ("", None)

    @pytest.mark.parametrize("gone", [None, 5, "soon", {}])
    def test_a_deletion_of_nothing_deletes_nothing(self, gone):
        event = an_event(subtype="message_deleted", deleted_ts=gone)
        assert happened(event, HELP, PEOPLE) == Batch((), None)


class TestRealPayloads:
    def read(self, *parts: str) -> Any:
        return json.loads(shared("payloads", "slack", *parts).read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        ("name", "posts"),
        [
            ("slack_history.json", 6), ("slack_history_next.json", 2),
            ("slack_history_20150323.json", 4), ("slack_history_empty.json", 0),
        ],
    )  # fmt: skip
    def test_real_histories_are_parsed(self, name, posts):
        batch = batch_of(self.read("perceval", name)["messages"], HELP, PEOPLE)
        assert (len(batch.posts), batch.rejected, batch.deleted) == (posts, (), ())
        assert [flaw for post in batch.posts for flaw in flaws(post)] == []

    def test_joins_are_left_out_and_apps_are_bots(self):
        batch = batch_of(self.read("perceval", "slack_history.json")["messages"], HELP, PEOPLE)
        assert not any("has joined" in post.text for post in batch.posts)
        assert [post.text for post in batch.posts if post.role is Role.BOT] == [
            "There are no events this week."
        ]

    def test_every_field_that_is_read_is_one_of_slack_s_own_schema(self):
        schema = self.read("specs", "slack_web_openapi_v2_without_examples.json")["definitions"]
        read = {
            "ts", "text", "user", "bot_id", "bot_profile", "username", "subtype", "thread_ts",
            "reply_count", "latest_reply", "reactions",
        }  # fmt: skip
        assert read - schema["objs_message"]["properties"].keys() == set()

    def test_a_deletion_has_the_fields_of_the_official_event(self):
        event = self.read("specs", "slack_events_api_async_v1.json")["topics"]["message"]
        required = event["subscribe"]["payload"]["properties"]["event"]["required"]
        assert {"type", "subtype", "channel", "deleted_ts", "previous_message"} <= set(required)

    def test_the_official_example_of_an_event_is_parsed(self):
        wrapper = self.read("specs", "slack_common_event_wrapper_schema.json")
        (example,) = wrapper["properties"]["event"]["examples"]
        assert only(happened(example, HELP)).text == "How many cats did we herd yesterday?"


def test_a_message_without_a_stamp_is_none():
    with pytest.raises(NotAPost, match="wrong type: ts"):
        parse({"type": "message", "text": "hi"}, HELP)
