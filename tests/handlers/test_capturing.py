"""A message filed by a reaction: once, by whoever may, for whoever may read it, and taken back."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import SourceError, StoreError
from bot.model import Audience, Post, Query, Visibility
from bot.pipeline import Pipeline
from bot.pipeline.understanding import Understood
from bot.slack.people import People
from bot.slack.poster import MARK
from bot.sources.base import Batch
from handlers.desk import Desk
from handlers.reacting import take_back
from handlers.slack import Handlers
from tests.builders import NOW, a_post
from tests.fakes import Scripted
from tests.handlers.test_add import URL, Knowing
from tests.handlers.test_slack import (
    ANN,
    BOB,
    CHANNEL,
    Slack,
    complaints,
    file,
    slack,
    texts,
    wait_for,
)
from tests.handlers.test_slack import desk as plain_desk
from tests.world.workspace import lost

__all__ = ["plain_desk", "slack"]

SAID = "1772400000.000100"
SAME = "The walrus cache crashes on start: broken"
EMOJI = "inbox_tray"


@pytest.fixture
def desk(plain_desk: Desk) -> Desk:
    return replace(plain_desk, capture=EMOJI)


def say(slack: Slack, text: str, by: str | None = ANN, **more: Any) -> None:
    """Somebody says something in the channel, and somebody reacts to it."""
    reactions = [{"name": EMOJI, "users": [by], "count": 1}] if by else []
    told = {"channel": CHANNEL, "ts": SAID, "user": "U0EVE", "text": text, "reactions": reactions}
    slack.workspace.messages.append({**told, **more})


def react(slack: Slack, by: str = ANN, *, name: str = EMOJI, event: str = "", **more: Any) -> None:
    item = {"type": "message", "channel": CHANNEL, "ts": SAID}
    told = {"type": "reaction_added", "user": by, "reaction": name, "item": item}
    slack.event({**told, "event_ts": f"{NOW.timestamp():.6f}", **more}, event)


def answers(slack: Slack) -> list[dict[str, Any]]:
    return [m for m in slack.workspace.messages if m.get("metadata")]


def answered(slack: Slack) -> dict[str, Any]:
    wait_for(lambda: bool(answers(slack)))
    time.sleep(0.05)
    (answer,) = answers(slack)
    return answer


def filed(desk: Desk) -> list[str]:
    return [hit.post.title for hit in desk.pipeline.search("source:manual", 5)]


def test_a_message_is_filed_by_a_reaction_and_that_is_told_in_its_thread(slack, desk):
    theme = complaints(desk)
    say(slack, SAME)
    react(slack)
    answer = answered(slack)
    assert (answer["channel"], answer["thread_ts"]) == (CHANNEL, SAID)
    assert f"it joins “The walrus cache crashes on start” ({theme})" in texts([answer])
    (hit,) = desk.pipeline.search("source:manual", 5)
    assert hit.post.url == f"https://acme.slack.com/archives/{CHANNEL}/p1772400000000100"
    assert hit.post.visibility is Visibility.PUBLIC


def test_the_author_is_called_as_slack_calls_them(slack, desk):
    object.__setattr__(desk, "named", People(slack.app.client))
    say(slack, SAME)
    react(slack)
    answered(slack)
    assert [h.post.author for h in desk.pipeline.search("source:manual", 5)] == ["Eve"]


def test_it_is_filed_once_however_often_slack_tells_and_whoever_reacts_as_well(slack, desk):
    rights = replace(desk.rights, given={**desk.rights.given, "sources": frozenset({ANN, BOB})})
    object.__setattr__(desk, "rights", rights)
    say(slack, SAME)
    slack.workspace.messages[0]["reactions"][0]["users"].append(BOB)
    for _ in range(3):
        react(slack, event="Ev7")
    react(slack, BOB)
    answered(slack)
    assert len(filed(desk)) == 1


def test_an_answer_that_slack_took_before_the_connection_broke_is_not_given_again(slack, desk):
    first = iter([lost()])
    slack.workspace.faults = lambda method, _: next(first, None) if "post" in method else None
    say(slack, SAME)
    react(slack)
    answered(slack)
    late = replace(desk.pipeline, clock=lambda: NOW + timedelta(minutes=2))
    Handlers(replace(desk, pipeline=late)).overdue(slack.app.client)
    assert len(answers(slack)) == 1
    assert desk.pipeline.store.captures.of(CHANNEL, SAID).answer == answers(slack)[0]["ts"]


def test_taking_the_reaction_away_takes_it_back_and_says_so(slack, desk):
    complaints(desk)
    say(slack, SAME)
    react(slack)
    answered(slack)
    react(slack, BOB, type="reaction_removed")
    assert len(filed(desk)) == 1
    react(slack, type="reaction_removed")
    wait_for(lambda: not filed(desk))
    wait_for(lambda: "Taken back" in texts(answers(slack)))
    react(slack)
    wait_for(lambda: len(filed(desk)) == 1)


def kept(desk: Desk) -> int:
    """How many messages are kept, understood or not."""
    return desk.pipeline.store.posts.count(NOW, Query(sources=("manual",)))


def overdue(slack: Slack, desk: Desk) -> None:
    late = replace(desk.pipeline, clock=lambda: NOW + timedelta(minutes=2))
    Handlers(replace(desk, pipeline=late)).overdue(slack.app.client)


def test_a_reaction_taken_away_while_it_is_filed_leaves_nothing(slack, desk, monkeypatch):
    say(slack, SAME)
    item = {"type": "message", "channel": CHANNEL, "ts": SAID}
    gone = {"type": "reaction_removed", "user": ANN, "reaction": EMOJI, "item": item}
    understand = Pipeline.understand

    def meanwhile(pipeline: Pipeline) -> Understood:
        take_back(desk, slack.app.client, gone)
        return understand(pipeline)

    monkeypatch.setattr(Pipeline, "understand", meanwhile)
    react(slack)
    wait_for(lambda: "Taken back" in texts(answers(slack)))
    assert kept(desk) == 0
    assert desk.pipeline.store.captures.of(CHANNEL, SAID) is None


def test_what_was_kept_and_could_not_be_understood_goes_with_its_reaction(slack, desk, monkeypatch):
    def broken(*_: object) -> None:
        raise StoreError("the database is locked")

    say(slack, SAME)
    monkeypatch.setattr(Pipeline, "understand", broken)
    react(slack)
    assert "the database is locked" in texts([answered(slack)])
    assert kept(desk) == 1
    react(slack, type="reaction_removed")
    wait_for(lambda: kept(desk) == 0)


def test_taking_it_back_is_told_later_where_slack_was_out_of_reach(slack, desk):
    say(slack, SAME)
    react(slack)
    answered(slack)
    slack.workspace.refuse("chat.update", "ratelimited")
    react(slack, type="reaction_removed")
    wait_for(lambda: "chat.update" in dict(slack.workspace.calls))
    time.sleep(0.05)
    slack.workspace.instead.clear()
    assert kept(desk) == 0
    assert "Taken back" not in texts(answers(slack))
    overdue(slack, desk)
    assert "Taken back" in texts(answers(slack))


def test_a_message_whose_answer_somebody_deleted_can_be_taken_back_and_filed_again(slack, desk):
    say(slack, SAME)
    react(slack)
    answered(slack)
    slack.workspace.refuse("chat.update", "message_not_found")
    react(slack, type="reaction_removed")
    wait_for(lambda: desk.pipeline.store.captures.of(CHANNEL, SAID) is None)
    assert kept(desk) == 0
    react(slack)
    wait_for(lambda: len(filed(desk)) == 1)


def test_a_reaction_that_is_gone_once_it_is_tried_again_leaves_nothing(slack, desk):
    say(slack, SAME)
    slack.workspace.refuse("chat.postMessage", "fatal_error")
    react(slack)
    wait_for(lambda: "chat.postMessage" in dict(slack.workspace.calls))
    slack.workspace.instead.clear()
    slack.workspace.messages[0]["reactions"] = []
    overdue(slack, desk)
    assert (kept(desk), answers(slack)) == (0, [])


def test_words_that_were_kept_before_stay_when_the_reaction_is_taken_away(slack, desk):
    file(slack, SAME)
    say(slack, SAME)
    react(slack)
    answered(slack)
    react(slack, type="reaction_removed")
    wait_for(lambda: "Taken back" in texts(answers(slack)))
    assert len(filed(desk)) == 1


def test_a_reaction_that_is_gone_before_we_look_files_nothing(slack, desk):
    say(slack, SAME, by=None)
    react(slack)
    wait_for(lambda: any(method == "conversations.replies" for method, _ in slack.workspace.calls))
    time.sleep(0.1)
    assert (filed(desk), answers(slack)) == ([], [])
    assert desk.pipeline.store.captures.of(CHANNEL, SAID) is None


@pytest.mark.parametrize(
    "told",
    [
        {"by": BOB},
        {"name": "tada"},
        {"item": {"type": "file", "file": "F1"}},
        {"item": {}},
    ],
)
def test_a_reaction_that_means_nothing_costs_nothing(slack, desk, told):
    say(slack, SAME, by=told.get("by", ANN))
    calls = len(slack.workspace.calls)
    react(slack, event="Ev9", **told)
    time.sleep(0.1)
    assert (filed(desk), answers(slack)) == ([], [])
    assert len(slack.workspace.calls) == calls
    assert desk.pipeline.store.inbox.once("Ev9", NOW), "it was not even kept"


def test_where_no_reaction_is_named_none_files(slack, desk):
    object.__setattr__(desk, "capture", "")
    say(slack, SAME)
    react(slack, name="")
    time.sleep(0.1)
    assert filed(desk) == []


def test_our_own_messages_are_not_filed(slack, desk):
    say(slack, SAME, metadata={"event_type": MARK, "event_payload": {"delivery_id": "1/0"}})
    react(slack)
    wait_for(lambda: any(method == "conversations.replies" for method, _ in slack.workspace.calls))
    time.sleep(0.1)
    assert filed(desk) == []


def test_a_reply_is_filed_and_answered_in_its_thread(slack, desk):
    say(slack, SAME, thread_ts="1772300000.000100")
    react(slack)
    assert answered(slack)["thread_ts"] == "1772300000.000100"


def test_a_message_of_a_private_channel_stays_private(slack, desk):
    slack.workspace.private.add(CHANNEL)
    say(slack, "Penguins would like dark mode")
    react(slack)
    answered(slack)
    assert len(filed(desk)) == 1
    assert replace(desk.pipeline, audience=Audience()).search("source:manual", 5) == []


def test_a_message_of_a_channel_that_is_read_is_not_kept_twice(slack, desk):
    theme = complaints(desk)
    read = {"source": "slack", "kind": "message", "venue": "#help", "text": SAME, "title": ""}
    desk.pipeline.store.posts.save([a_post(external_id=f"{CHANNEL}/{SAID}", **read)])
    desk.pipeline.understand()
    say(slack, SAME)
    react(slack)
    assert f"Read already: it joins “The walrus cache crashes on start” ({theme})" in texts(
        [answered(slack)]
    )
    assert filed(desk) == []
    react(slack, type="reaction_removed")
    wait_for(lambda: "Taken back" in texts(answers(slack)))
    assert len(desk.pipeline.search("source:slack", 5)) == 1


class Hearing(Scripted):
    """A source of Slack's channels that keeps what it was told."""

    def heard(self, event: str, payload: object, cursor: str | None = None) -> Batch:
        self.cursors.append(event)
        return Batch((), None)


def test_every_reaction_in_channels_that_are_read_goes_to_their_source(slack, desk):
    source = Hearing("slack")
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, sources={"slack": source}))
    say(slack, SAME)
    react(slack, BOB, name="tada")
    react(slack, BOB, name="tada", type="reaction_removed")
    wait_for(lambda: sorted(map(str, source.cursors)) == ["reaction_added", "reaction_removed"])
    assert (filed(desk), answers(slack)) == ([], [])


def test_a_message_without_words_is_told_and_can_be_filed_later(slack, desk):
    say(slack, "   ")
    react(slack)
    assert "no words" in texts([answered(slack)])
    assert filed(desk) == []


# Addresses


def a_walrus(**fields: Any) -> Post:
    words = "The walrus cache crashes on start"
    own = {"title": words, "text": f"{words}: broken", "source": "hackernews", "kind": "story"}
    return a_post(**(own | {"url": URL} | fields))


@pytest.fixture
def knowing(desk: Desk) -> Knowing:
    """A source that has a post with the words of the others."""
    source = Knowing("a")
    source.found = Batch((a_walrus(),), None)
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, sources={"a": source}))
    return source


@pytest.mark.parametrize("words", [f"<{URL}>", f"<{URL}|a.example> please", f"is {URL} known?"])
def test_an_address_that_is_pasted_is_fetched_and_told_which_theme_it_belongs_to(
    slack, desk, knowing, words
):
    theme = complaints(desk)
    slack.event({"type": "app_mention", "text": f"<@U0GROUND> {words}"})
    (answer,) = slack.posted(1)
    assert f"It belongs to “The walrus cache crashes on start” ({theme})." in texts([answer])
    assert "4 people" in texts([answer])
    assert desk.pipeline.named(URL) is not None


def test_whoever_may_add_nothing_is_told_of_what_was_read_and_has_nothing_fetched(
    slack, desk, knowing
):
    complaints(desk)
    (answer,) = slack.command(URL, user=BOB)
    assert "has not been read, and you may not add posts" in texts([answer])
    assert desk.pipeline.named(URL) is None
    slack.command(URL)
    assert "It belongs to" in texts(slack.command(URL, user=BOB))


def test_what_not_everybody_may_read_is_fetched_and_not_told(slack, desk, knowing):
    complaints(desk)
    hidden = a_walrus(visibility=Visibility.PRIVATE, title="A secret of penguins")
    knowing.found = Batch((hidden,), None)
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, audience=Audience()))
    (answer,) = slack.command(URL)
    assert "not everybody may read it" in texts([answer])
    assert "penguins" not in texts([answer])


def test_what_cannot_be_fetched_is_told(slack, desk, knowing):
    knowing.found = SourceError("a: nothing is there any more")
    assert "That was not read: a: nothing is there any more." in texts(slack.command(URL))


def test_an_address_of_no_source_is_part_of_the_question(slack, desk, knowing):
    complaints(desk)
    (answer,) = slack.command("walrus https://unknown.example/x")
    assert "That was not read" not in texts([answer])


def test_a_reply_that_is_pasted_belongs_where_its_thread_does(slack, desk, knowing):
    theme = complaints(desk)
    answers_one = {"external_id": "acme/tool#90-1", "parent_id": "acme/tool#90", "url": URL}
    reply = a_post(kind="comment", title="", text="me too", **answers_one)
    knowing.found = Batch((replace(reply, root_id="acme/tool#90"),), None)
    assert f"({theme})" in texts(slack.command(URL))


def test_an_address_in_a_filed_message_is_read_and_an_address_alone_is_no_words(
    slack, desk, knowing
):
    theme = complaints(desk)
    answer = file(slack, f"Eve has trouble with penguins, see <{URL}>")
    assert f"It belongs to “The walrus cache crashes on start” ({theme})." in texts([answer])
    assert len(filed(desk)) == 1
    answer = file(slack, f"<{URL}>")
    assert "Filed what it links to." in texts([answer])
    assert len(filed(desk)) == 1
