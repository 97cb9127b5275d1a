from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from bot.app import sources
from bot.errors import SettingsError, SourceError
from bot.model import Role, Visibility
from bot.settings import Settings, load
from bot.sources.base import Batch, Finds, Hears, Rechecks
from bot.sources.slack.adapter import RESTRICTED_STEPS, Slack
from bot.sources.slack.api import MENDS
from tests.builders import NOW
from tests.sources.contract import WebContract, fetched, gaps, run, stored
from tests.world.site import Answer
from tests.world.slack import CHANNEL, NAME, SlackWorld, ts


@pytest.fixture(autouse=True)
def _one_attempt():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def world(http):
    with SlackWorld(http) as world:
        yield world
        assert world.violations == []


class TestContract(WebContract):
    pass


def fault(world: SlackWorld) -> SourceError:
    """What a run ends with."""
    with pytest.raises(SourceError) as caught:
        fetched(world, None)
    return caught.value


def ids(*messages: Any) -> set[str]:
    return {f"{CHANNEL}/{ts(said.at)}" for said in messages}


class TestChannels:
    def test_a_public_channel_is_found_by_its_name(self, world):
        world.channels = (f"#{NAME}",)
        said = world.say()
        assert fetched(world, None)[world.external_id(said)].venue == f"#{NAME}"
        source = world.source()
        list(source.fetch(None, None))
        list(source.fetch(None, None))
        assert world.calls["conversations.list"] == 4  # two pages, once a process

    def test_a_name_that_no_public_channel_has_is_told(self, world):
        world.channels = ("hlep",)
        error = fault(world)
        assert "#hlep" in str(error)
        assert "look at channels in [sources.slack]" in str(error)
        assert error.permanent

    def test_a_private_channel_makes_private_posts(self, world):
        world.private = True
        world.say()
        assert {post.visibility for post in fetched(world, None).values()} == {Visibility.PRIVATE}

    def test_a_channel_that_does_not_say_whether_it_is_private_counts_as_private(self, world):
        world.say()
        channel = {"ok": True, "channel": {"id": CHANNEL, "name": NAME}}
        world.refusals["conversations.info"] = channel
        assert {post.visibility for post in fetched(world, None).values()} == {Visibility.PRIVATE}

    def test_one_channel_that_cannot_be_read_does_not_keep_the_others(self, world, store):
        world.channels = ("C0NOWHERE", CHANNEL)
        world.populate(3)
        report = run(store, world)
        assert report.new == 3
        assert report.error
        assert "conversations.info of C0NOWHERE answered channel_not_found" in report.error

    def test_a_channel_that_is_named_later_is_read_from_its_own_beginning(self, world, store):
        world.channels = ()
        run(store, world)
        world.populate(3)
        world.channels = (CHANNEL,)
        assert run(store, world).new == 3


class TestThreads:
    def test_replies_are_read_with_the_message_that_opened_the_thread(self, world):
        first, *_ = world.populate(2)
        replies = [world.reply(first) for _ in range(9)]
        found = fetched(world, None)
        opener = found[world.external_id(first)]
        assert opener.reply_count == 9
        for reply in replies:
            post = found[world.external_id(reply)]
            assert (post.parent_id, post.root_id) == (opener.external_id, opener.external_id)

    def test_a_reply_to_a_message_of_the_last_days_is_found(self, world, store):
        first, *_ = world.populate(2)
        run(store, world)
        world.now += timedelta(days=6)
        reply = world.reply(first)
        assert run(store, world).new == 1
        assert world.external_id(reply) in stored(store)

    def test_a_thread_without_news_is_not_read_again(self, world, store):
        first, *_ = world.populate(2)
        world.reply(first)
        world.now += timedelta(hours=1)
        run(store, world)
        world.calls.clear()
        list(world.source().fetch(store.sources.state("slack").cursor, None))
        assert world.calls["conversations.replies"] == 0

    def test_a_thread_whose_age_slack_does_not_tell_is_read(self, world, store):
        said = world.say()
        opener = world.message(said) | {"thread_ts": ts(said.at), "reply_count": 1}
        world.extras = [opener | {"ts": ts(world.now), "thread_ts": ts(world.now)}]
        world.say()
        run(store, world)
        assert world.calls["conversations.replies"] >= 1

    def test_the_replies_outlive_a_deleted_opener(self, world, store):
        first, *_ = world.populate(2)
        reply = world.reply(first)
        run(store, world)
        world.delete(first)
        run(store, world)
        assert world.external_id(first) not in stored(store)
        assert world.external_id(reply) in stored(store)

    def test_an_edited_reply_of_an_old_thread_is_seen(self, world, store):
        first, *_ = world.populate(2)
        reply = world.reply(first)
        run(store, world)
        edited = world.edit(reply)
        assert run(store, world).updated == 1
        assert edited.words in stored(store)[world.external_id(reply)].text

    def test_a_reply_that_also_went_to_the_channel_is_one_post(self, world):
        first = world.say()
        reply = world.reply(first)
        shown = world.message(reply) | {"subtype": "thread_broadcast"}
        world.extras = [shown]
        assert fetched(world, None)[world.external_id(reply)].root_id == world.external_id(first)


class TestMessages:
    def test_reactions_are_counted_anew(self, world, store):
        said = world.say()
        run(store, world)
        assert stored(store)[world.external_id(said)].score == 0
        world.reactions[said.number] = [{"name": "+1", "count": 2}, {"name": "eyes", "count": 1}]
        run(store, world)
        assert stored(store)[world.external_id(said)].score == 3

    def test_an_edit_tells_when(self, world, store):
        said = world.say()
        world.edit(said)
        assert fetched(world, None)[world.external_id(said)].updated_at == world.now

    def test_joins_and_our_own_words_are_not_posts(self, world, store):
        said = world.say()
        join = {"type": "message", "subtype": "channel_join", "user": "U0000001", "text": "joined"}
        own = {"type": "message", "bot_id": "B0GROUND", "user": "U0GROUND", "text": "Digest"}
        world.extras = [
            join | {"ts": ts(said.at, timedelta(seconds=1))},
            own | {"ts": ts(said.at, timedelta(seconds=2))},
        ]
        report = run(store, world)
        assert stored(store).keys() == ids(said)
        assert report.rejected == []

    def test_a_message_whose_words_were_taken_out_is_gone(self, world, store):
        said, other = world.populate(2)
        run(store, world)
        world.delete(said)
        world.extras = [world.message(said) | {"text": "", "files": [{"id": "F1"}]}]
        assert run(store, world).deleted == 1
        assert stored(store).keys() == ids(other)

    def test_somebody_slack_does_not_know_goes_by_the_id(self, world):
        said = world.say()
        world.refusals["users.info"] = {"error": "user_not_found"}
        assert fetched(world, None)[world.external_id(said)].author == "U0000001"

    def test_nobody_is_looked_up_twice_in_a_run_and_everybody_again_in_the_next(self, world):
        said = [world.say(author="ann") for _ in range(8)]
        world.say(f"<@{world.user('ann')}> <@{world.user('bob')}>")
        source = world.source()
        list(source.fetch(None, None))
        list(source.recheck([world.external_id(one) for one in said]))
        assert set(world.looked_up.values()) == {1}
        list(source.fetch(None, None))
        assert set(world.looked_up.values()) == {2}

    def test_the_history_goes_back_so_many_days(self, world):
        old = world.say()
        world.now += timedelta(days=31)
        new = world.say()
        assert fetched(world, None).keys() == ids(new)
        source = replace(world.source(), history_days=60)
        found = [post.external_id for batch in source.fetch(None, None) for post in batch.posts]
        assert set(found) == ids(old, new)

    def test_what_the_workspace_s_plan_hides_is_a_gap(self, world):
        said = world.say()
        world.limited = True
        (batch,) = world.source().fetch(None, NOW - timedelta(days=400))
        (gap,) = batch.gaps
        assert (gap.period.since, gap.period.until) == (NOW - timedelta(days=400), said.at)
        (again,) = world.source().fetch(batch.cursor, None)
        assert again.gaps == ()


class TestCursor:
    def test_it_is_small_however_much_was_read(self, world):
        world.populate(60)
        *_, last = world.source().fetch(None, None)
        assert len(last.cursor or "") < 300

    def test_a_window_left_half_read_is_finished_and_the_news_come_too(self, world, store):
        world.populate(20)
        first = next(iter(world.source().fetch(None, None)))
        world.now += timedelta(hours=1)
        world.populate(3)
        ahead = {post.external_id for post in first.posts}
        assert ahead | fetched(world, first.cursor).keys() == world.expected().keys()

    def test_a_page_that_slack_has_forgotten_makes_the_window_begin_anew(self, world):
        world.populate(20)
        first = next(iter(world.source().fetch(None, None)))
        kept = json.loads(first.cursor)
        kept["channels"][CHANNEL]["page"] = "c3RhbGU="
        sound = world.answer

        def respond(asked):
            if asked.query.get("cursor") == "c3RhbGU=":
                return Answer(body=b'{"ok": false, "error": "invalid_cursor"}')
            return sound(asked)

        with world.answering(respond):
            found = fetched(world, json.dumps(kept))
        assert found.keys() == world.expected().keys()

    def test_pages_that_go_round_in_a_circle_end_in_an_error(self, world):
        page = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "x"}}
        world.refusals["conversations.history"] = page
        assert "the same page again" in str(fault(world))

    def test_a_list_without_end_ends_in_an_error(self, world):
        page = {"ok": True, "channels": [], "response_metadata": {"next_cursor": "5"}}
        world.channels = ("nowhere",)
        world.refusals["conversations.list"] = page
        assert "pages of one list" in str(fault(world))

    @pytest.mark.parametrize(
        "harm",
        [
            {"floor": "x"},
            {"until": None},
            {"latest": "soon"},
            {"threads": [5]},
            {"threads": 5},
            {"more": 1},
        ],
    )
    def test_a_cursor_of_another_version_counts_as_none(self, world, harm):
        world.populate(3)
        *_, last = world.source().fetch(None, None)
        kept = json.loads(last.cursor)
        kept["channels"][CHANNEL] |= harm
        assert fetched(world, json.dumps(kept)).keys() == world.expected().keys()


class TestWhatSlackRefuses:
    @pytest.mark.parametrize("error", sorted(MENDS))
    def test_each_known_error_tells_its_mend_and_lasts(self, world, error):
        world.refusals["conversations.history"] = {"error": error}
        told = fault(world)
        assert f"conversations.history of {CHANNEL} answered {error}: {MENDS[error]}" in str(told)
        assert told.permanent

    def test_a_missing_scope_is_named(self, world):
        world.refusals["conversations.history"] = {
            "error": "missing_scope", "needed": "channels:history", "provided": "chat:write",
        }  # fmt: skip
        assert "(channels:history)" in str(fault(world))

    def test_a_limit_told_with_a_200_is_a_pause(self, world):
        world.refusals["auth.test"] = {"error": "ratelimited"}
        told = fault(world)
        assert (told.permanent, told.retry_after) == (False, 60.0)

    def test_an_error_that_is_not_known_may_pass(self, world):
        world.refusals["auth.test"] = {"error": "fatal_error"}
        told = fault(world)
        assert "auth.test answered fatal_error" in str(told)
        assert not told.permanent

    @pytest.mark.parametrize("error", ["<!channel> hi", "x" * 90, None, ["y"]])
    def test_what_is_no_word_of_slack_s_is_not_repeated(self, world, error):
        world.refusals["auth.test"] = {"error": error, "needed": "<!channel>"}
        assert str(fault(world)) == "slack: auth.test answered no known error"

    def test_without_a_token_nothing_is_asked(self, world):
        source = replace(world.source(), bot_token=None)
        with pytest.raises(SourceError, match="set SLACK_BOT_TOKEN"):
            list(source.fetch(None, None))
        assert world.site.asked == []

    def test_the_token_goes_in_a_header_and_never_in_an_address(self, world):
        world.populate(3)
        fetched(world, None)
        assert {asked.headers["authorization"] for asked in world.site.asked} == {
            f"Bearer {world.secrets[0]}"
        }
        assert not any("xoxb" in str(asked.query) for asked in world.site.asked)

    @pytest.mark.parametrize(
        "method", ["auth.test", "conversations.info", "conversations.history", "users.info"]
    )
    @pytest.mark.parametrize("answer", [{"ok": True}, {"ok": "true"}, {"ok": True, "messages": {}}])
    def test_an_answer_in_another_shape_harms_nobody(self, world, store, method, answer):
        world.populate(3)
        run(store, world)
        before = stored(store)
        world.refusals[method] = answer
        report = run(store, world)
        assert report.deleted == 0
        assert before.keys() == stored(store).keys()


class TestRestricted:
    @pytest.fixture
    def world(self, http):
        with SlackWorld(http, page_most=15, restricted=True) as world:
            yield world
            assert world.violations == []

    def test_history_is_read_at_one_request_a_minute_over_several_runs(self, world, store):
        for _ in range(40):
            world.populate(3)
        runs = 0
        while (report := run(store, world)).error:
            runs += 1
            assert "the next run goes on from here" in report.error
            assert runs < 60
        assert runs >= 120 // 15 // RESTRICTED_STEPS
        assert gaps(store, world) == {}

    def test_a_run_without_news_takes_one_request(self, world, store):
        world.populate(3)
        while run(store, world).error:
            pass
        world.calls.clear()
        world.now += timedelta(hours=1)
        assert run(store, world).error is None
        assert world.calls["conversations.history"] == 1
        assert world.calls["conversations.replies"] == 0

    def test_nothing_is_looked_at_again(self, world):
        said = world.say()
        assert list(world.source().recheck([world.external_id(said)])) == []


class TestRecheck:
    def test_it_is_one_that_can(self, world):
        assert isinstance(world.source(), Rechecks)

    def test_posts_that_lie_together_take_few_requests(self, world):
        world.page_most = 200
        said = [world.say() for _ in range(31)]
        world.roots.clear()
        source = world.source()
        list(source.fetch(None, None))
        world.calls.clear()
        (batch,) = source.recheck([world.external_id(one) for one in said])
        assert {post.external_id for post in batch.posts} == ids(*said)
        assert world.calls["conversations.history"] == 1
        assert world.calls["conversations.replies"] == 0

    def test_the_replies_of_a_thread_take_two(self, world):
        world.page_most = 200
        first = world.say()
        replies = [world.reply(first) for _ in range(12)]
        (batch,) = world.source().recheck([world.external_id(one) for one in replies])
        assert {post.external_id for post in batch.posts} == ids(*replies)
        assert world.calls["conversations.replies"] == 2

    def test_those_far_apart_are_found_page_by_page(self, world):
        said = world.populate(40)
        asked = [said[0], said[3], said[20], said[38], said[39]]
        (batch,) = world.source().recheck([world.external_id(one) for one in asked])
        assert {post.external_id for post in batch.posts} == ids(*asked)
        assert batch.deleted == ()

    def test_what_is_gone_is_told_and_nothing_else(self, world):
        said = world.populate(9)
        world.delete(said[1])
        world.delete(said[5])
        (batch,) = world.source().recheck([world.external_id(one) for one in said])
        assert set(batch.deleted) == ids(said[1], said[5])
        assert batch.cursor is None

    def test_what_the_plan_may_hide_is_never_called_gone(self, world):
        said = world.say()
        world.delete(said)
        world.now += timedelta(days=90)
        assert list(world.source().recheck([world.external_id(said)])) == []

    def test_a_channel_that_is_no_longer_read_and_a_strange_id_are_left_alone(self, world):
        world.say()
        strange = ["C0OTHER00/1772452800.000000", "nonsense", f"{CHANNEL}/5", ""]
        assert list(world.source().recheck(strange)) == []

    @pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
    @pytest.mark.parametrize("error", ["not_in_channel", "internal_error", "missing_scope"])
    def test_a_failure_is_never_called_a_deletion(self, world, method, error):
        first = world.say()
        reply = world.reply(first)
        world.refusals[method] = {"error": error}
        with pytest.raises(SourceError, match=error):
            list(world.source().recheck([world.external_id(reply)]))


class TestFind:
    def url(self, said: Any) -> str:
        return f"https://acme.slack.com/archives/{CHANNEL}/p{ts(said.at).replace('.', '')}"

    def test_a_message_and_a_reply_are_found_by_their_permalinks(self, world):
        first = world.say()
        reply = world.reply(first)
        source = world.source()
        assert isinstance(source, Finds)
        for said in (first, reply):
            assert source.owns(self.url(said))
            (post,) = source.find(self.url(said)).posts
            assert post.external_id == world.external_id(said)

    def test_one_that_is_gone_is_told(self, world):
        said = world.say()
        world.delete(said)
        with pytest.raises(SourceError, match="or it is gone"):
            world.source().find(self.url(said))

    def test_one_in_another_channel_is_refused(self, world):
        url = "https://acme.slack.com/archives/C0SECRET1/p1772452800000100"
        with pytest.raises(SourceError, match="that channel is not read"):
            world.source().find(url)
        assert world.calls["conversations.history"] == 0


class TestHeard:
    def heard(self, source: Slack, event: Any) -> Batch:
        """As a handler calls it: by the event's own type."""
        return source.heard(str(event.get("type")) if isinstance(event, dict) else "", event)

    def event(self, world: SlackWorld, said: Any, **fields: Any) -> dict[str, Any]:
        return world.message(said) | {"channel": CHANNEL, "event_ts": ts(world.now)} | fields

    def test_it_is_a_source_that_hears(self, world):
        assert isinstance(world.source(), Hears)

    def test_a_message_becomes_the_post_that_history_gives(self, world):
        said = world.say()
        batch = self.heard(world.source(), self.event(world, said))
        assert batch.posts == tuple(fetched(world, None).values())
        assert batch.posts[0].author == "ann"

    def test_people_and_the_channel_are_asked_for_once(self, world):
        source = world.source()
        for said in world.populate(3) + world.populate(3):
            self.heard(source, self.event(world, said))
        assert world.calls["auth.test"] == world.calls["conversations.info"] == 1
        assert set(world.looked_up.values()) == {1}

    def test_a_change_tells_the_new_words(self, world):
        said = world.say()
        changed = {"type": "message", "subtype": "message_changed", "channel": CHANNEL}
        edited = world.message(world.edit(said, "tool is fine"))
        (post,) = self.heard(world.source(), changed | {"message": edited}).posts
        assert "tool is fine" in post.text

    def test_a_deletion_needs_no_question(self, world):
        said = world.say()
        gone = {"type": "message", "subtype": "message_deleted", "channel": CHANNEL}
        batch = self.heard(world.source(), gone | {"deleted_ts": ts(said.at)})
        assert set(batch.deleted) == ids(said)
        assert world.calls["conversations.history"] == 0

    @pytest.mark.parametrize("kind", ["reaction_added", "reaction_removed"])
    def test_a_reaction_brings_the_message_with_all_its_reactions(self, world, kind):
        first = world.say()
        reply = world.reply(first)
        for said in (first, reply):
            world.reactions[said.number] = [{"name": "+1", "count": 5}]
            item = {"type": "message", "channel": CHANNEL, "ts": ts(said.at)}
            (post,) = self.heard(world.source(), {"type": kind, "item": item}).posts
            assert (post.external_id, post.score) == (world.external_id(said), 5)

    @pytest.mark.parametrize(
        "event",
        [
            {"type": "message", "channel": "C0SECRET1", "user": "U1", "text": "x", "ts": "1"},
            {"type": "message", "channel": "D0DIRECT1", "text": "x"},
            {"type": "reaction_added", "item": {"type": "file", "file": "F1"}},
            {"type": "team_join", "user": {}},
            {"type": "message", "channel": ["C"]},
            {"type": "channel_rename", "channel": CHANNEL},
            None,
            "x",
        ],
    )
    def test_other_channels_and_other_events_bring_nothing(self, world, event):
        assert self.heard(world.source(), event) == Batch((), None)

    def test_events_of_other_kinds_ask_slack_nothing(self, world):
        self.heard(world.source(), {"type": "channel_archive", "channel": CHANNEL})
        assert not world.calls

    def test_bots_are_bots_there_too(self, world):
        said = world.say(author=None)
        (post,) = self.heard(world.source(), self.event(world, said)).posts
        assert (post.role, post.author) == (Role.BOT, None)


class TestSettings:
    def load(self, tmp_path: Path, text: str) -> Settings:
        path = tmp_path / "mine.toml"
        path.write_text(f"[sources.slack]\n{text}")
        return load(path)

    def test_they_build_the_source(self, tmp_path, monkeypatch, http):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secretive")
        settings = self.load(tmp_path, "channels = ['C0123ABCD', '#help']")
        (source,) = sources(settings, lambda: NOW, http)
        assert isinstance(source, Slack)
        assert (source.channels, source.history_days) == (("C0123ABCD", "#help"), 30)
        assert source.bot_token == "xoxb-secretive"  # noqa: S105 it is not one
        assert "secretive" not in repr(source)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("channels = []", "sources.slack.channels:"),
            ("history_days = 7", "sources.slack.channels: is missing"),
            ("channels = ['Help Me']", "neither a channel's id (C0123ABCD) nor its name (help)"),
            ("channels = ['D0123ABCD']", "neither a channel's id"),
            ("channels = ['help']\nhistory_days = 0", "sources.slack.history_days:"),
            ("channels = ['help']\napi_url = 'slack.com'", "starts with http:// or https://"),
        ],
    )
    def test_a_fault_names_the_key_and_the_mend(self, tmp_path, text, says):
        with pytest.raises(SettingsError) as caught:
            self.load(tmp_path, text)
        assert says in str(caught.value)
