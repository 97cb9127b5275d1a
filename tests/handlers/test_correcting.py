"""What was understood, corrected with a tap, and what goes on from there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.deliveries import Asks, Message
from bot.model import Aim, Audience, Visibility
from bot.rights import Rights
from bot.slack.blocks import CORRECT, FOLLOW
from bot.speak.talk import question_of
from handlers.correcting import correct, talk_of, thread_of
from handlers.desk import Asker, Desk, answered
from handlers.subscribing import subscribe
from tests.builders import NOW, a_post, ago
from tests.fakes import Clock, Postbox
from tests.handlers.test_slack import (
    ANN,
    CHANNEL,
    Slack,
    complaints,
    desk,
    linkable,
    slack,
    texts,
    wait_for,
)
from tests.slack.blockkit import faults
from tests.test_schedule import a_courier

__all__ = ["desk", "slack"]

ASKER = Asker(ANN, CHANNEL)


def elements(said: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    rows = (b for one in said for b in one["blocks"] if b["type"] == "actions")
    return [e for row in rows for e in row["elements"] if e["action_id"] == action]


def offered(said: list[dict[str, Any]]) -> dict[str, str]:
    """What can be chosen below an answer: what it says, and what it carries."""
    found = elements(said, CORRECT)
    return {one["text"]["text"]: one["value"] for menu in found for one in menu["options"]}


def tap(slack: Slack, value: str, **where: Any) -> list[dict[str, Any]]:
    before = len(slack.answers)
    payload = {
        "type": "block_actions",
        "user": {"id": ANN},
        "team": {"id": "T0ACME"},
        "channel": {"id": CHANNEL},
        "response_url": f"{slack.site.url}/respond",
        "actions": [
            {
                "type": "static_select",
                "action_id": CORRECT,
                "block_id": "b",
                "action_ts": "1",
                "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": value},
            }
        ],
        **where,
    }
    slack.say({"payload": json.dumps(payload)})
    return slack.settled(before)


def test_below_an_answer_stands_one_row_of_what_may_have_been_meant(slack: Slack, desk: Desk):
    complaints(desk)
    said = slack.command("what hurts most on reddit this month?")
    assert list(offered(said)) == ["at any time", "everywhere", "not only complaints"]
    (menu,) = elements(said, CORRECT)
    assert menu["placeholder"]["text"] == "Not what you meant?"
    rows = [b for b in said[0]["blocks"] if b["type"] == "actions" and menu in b["elements"]]
    assert [e["action_id"] for e in rows[0]["elements"]] == [FOLLOW, CORRECT]


def test_a_tap_asks_anew_and_keeps_the_aim(slack: Slack, desk: Desk):
    theme = complaints(desk)
    before = slack.command("what hurts most on reddit this month?")
    assert theme not in texts(before)
    (answer,) = tap(slack, offered(before)["everywhere"])
    assert answer["response_type"] == "ephemeral"
    assert "thread_ts" not in answer
    assert "hurts most" in texts([answer])
    assert theme in texts([answer])
    assert "reddit" not in texts([answer]).casefold().replace("on reddit this month", "")
    message = Message(answer["text"], tuple(answer["blocks"]))
    assert faults(message, linkable(desk)) == []
    assert list(offered([answer])) == ["at any time", "not only complaints"]


def test_what_was_not_understood_is_searched_for(slack: Slack, desk: Desk):
    complaints(desk)
    said = slack.command("what is said about the cache since the walrus?")
    value = offered(said)["about “walrus” too"]
    (answer,) = tap(slack, value)
    assert "cache walrus" in texts([answer])
    assert "not understood" not in texts([answer])


def test_in_a_thread_the_next_question_goes_on_from_the_correction(slack: Slack, desk: Desk):
    theme = complaints(desk)
    thread = {"type": "app_mention", "thread_ts": "5.5"}
    slack.event({**thread, "text": "<@U0GROUND> what hurts most on reddit this month?"}, "Ev1")
    first = slack.posted(1)
    assert theme not in texts(first)
    (answer,) = tap(slack, offered(first)["everywhere"], message={"ts": "5.6", "thread_ts": "5.5"})
    assert answer["thread_ts"] == "5.5"
    told = desk.pipeline.store.talks.last(f"{CHANNEL}/5.5", NOW)
    assert told is not None
    kept = question_of(told, desk.pipeline.telling().standpoint())
    assert kept is not None
    assert (kept.aim, kept.query.sources) == (Aim.HURTS, ())
    slack.event({**thread, "text": "<@U0GROUND> and on github?"}, "Ev2")
    second = slack.posted(2)[1]
    assert theme in texts([second])
    assert "hurts most" in texts([second])


def test_in_a_thread_a_correction_can_be_said_as_well(slack: Slack, desk: Desk):
    complaints(desk)
    thread = {"type": "app_mention", "thread_ts": "5.5"}
    slack.event({**thread, "text": "<@U0GROUND> complaints about the walrus on github"}, "Ev1")
    slack.posted(1)
    slack.event({**thread, "text": "<@U0GROUND> not only complaints"}, "Ev2")
    assert 'Asked: github · about \\"walrus\\"' in texts(slack.posted(2)[1:])


def test_in_a_thread_a_whole_question_is_about_anything_and_one_tap_brings_the_subject_back(
    slack: Slack, desk: Desk
):
    theme = complaints(desk)
    thread = {"type": "app_mention", "thread_ts": "5.5"}
    slack.event({**thread, "text": "<@U0GROUND> what is said about the walrus?"}, "Ev1")
    slack.posted(1)
    slack.event({**thread, "text": "<@U0GROUND> what hurts most?"}, "Ev2")
    whole = slack.posted(2)[1:]
    assert theme in texts(whole)
    assert next(iter(offered(whole))) == "only about walrus"
    value = offered(whole)["only about walrus"]
    (answer,) = tap(slack, value, message={"ts": "5.7", "thread_ts": "5.5"})
    assert 'about \\"walrus\\"' in texts([answer])
    slack.event({**thread, "text": "<@U0GROUND> about anything"}, "Ev3")
    assert theme in texts(slack.posted(3)[2:])


def test_what_was_not_understood_can_be_said_to_be_meant_in_its_thread(slack, desk):
    complaints(desk)
    thread = {"type": "app_mention", "thread_ts": "5.5"}
    slack.event({**thread, "text": "<@U0GROUND> posts about the cache since the walrus"}, "Ev1")
    assert "about “walrus” too" in offered(slack.posted(1))
    slack.event({**thread, "text": "<@U0GROUND> about “walrus” too"}, "Ev2")
    assert "cache walrus" in texts(slack.posted(2)[1:])


def test_where_nobody_can_go_on_nothing_is_kept(slack: Slack, desk: Desk):
    complaints(desk)
    value = offered(slack.command("what hurts most on reddit this month?"))["everywhere"]
    tap(slack, value, container={"message_ts": "7.7", "is_ephemeral": True})
    assert desk.pipeline.store.talks.last(f"{CHANNEL}/7.7", NOW) is None


@pytest.mark.parametrize(
    ("body", "thread", "talk"),
    [
        ({}, "", ""),
        ({"message": {"ts": "2.2", "thread_ts": "1.1"}}, "1.1", "C1/1.1"),
        ({"message": {"ts": "2.2"}}, "", "C1/2.2"),
        ({"container": {"is_ephemeral": True, "thread_ts": "1.1"}}, "1.1", "C1/1.1"),
        ({"container": {"is_ephemeral": True}, "message": {"ts": "2.2"}}, "", ""),
    ],
)
def test_a_thread_is_known_by_where_something_was_pressed(body, thread, talk):
    where = {"channel": {"id": "C1"}, **body}
    assert (thread_of(where), talk_of(where)) == (thread, talk)
    assert talk_of(body) == ""  # in a view


def test_a_choice_opens_nothing_that_who_chooses_may_not_read(desk: Desk):
    secret = a_post(title="The walrus is secret", visibility=Visibility.PRIVATE, source="slack")
    desk.pipeline.store.posts.save([secret, a_post(title="The walrus is public")])
    desk.pipeline.understand()
    closed = replace(desk, pipeline=replace(desk.pipeline, audience=Audience()))
    value = '["show","walrus","","show me all"]'
    assert "secret" in texts([{"m": str(correct(desk, ASKER, value, ""))}])
    said = str(correct(closed, ASKER, value, "C1/1.1"))
    assert "public" in said
    assert "secret" not in said


def test_whoever_may_not_ask_corrects_nothing_and_nonsense_is_told(desk: Desk):
    closed = replace(desk, rights=Rights())
    (refused,) = answered(lambda: correct(closed, ASKER, '["who","x","",""]', "C1/1.1"))
    assert "you may not ask" in refused.text
    assert desk.pipeline.store.talks.last("C1/1.1", NOW) is None
    for nonsense in ("", "[]", "null", '["who","sorce:x","",""]', '["who","x"]', "<!channel>"):
        (told,) = answered(partial(correct, desk, ASKER, nonsense, ""))
        assert "ask again in your own words" in told.text


def test_a_corrected_answer_is_kept_in_words_that_ask_the_same_or_not_at_all(slack, desk):
    complaints(desk)
    before = slack.command("complaints about walrus on reddit this month")
    (answer,) = tap(slack, offered(before)["everywhere"])
    (keep,) = elements([answer], FOLLOW)
    slack.press({"type": "button", **keep})
    (its,) = desk.pipeline.store.subscriptions.all(CHANNEL)
    assert its.asks is Asks.QUESTION
    again = desk.pipeline.ask(its.words)
    assert again.asked is not None
    assert (again.asked.aim, again.query.sources) == (Aim.HURTS, ())
    assert again.query.words == ("walrus",)
    (answer,) = tap(slack, '["who","walrus","","who is hit by walrus?"]')
    assert len(elements([answer], FOLLOW)) == 1
    (answer,) = tap(slack, '["fixed","kind:issue walrus","","is it fixed on reddit?"]')
    assert elements([answer], FOLLOW) == []


def test_a_follow_up_is_kept_by_what_it_means_and_not_by_its_words(slack: Slack, desk: Desk):
    complaints(desk)
    thread = {"type": "app_mention", "thread_ts": "5.5"}
    slack.event({**thread, "text": "<@U0GROUND> complaints about walrus on reddit"}, "Ev1")
    slack.posted(1)
    slack.event({**thread, "text": "<@U0GROUND> and on github?"}, "Ev2")
    wait_for(lambda: len(slack.workspace.messages) == 2)
    (keep,) = elements(slack.workspace.messages[1:], FOLLOW)
    assert keep["value"] == "source:github kind:complaint walrus"


def test_a_comparison_is_kept_by_its_button_and_by_subscribing(slack: Slack, desk: Desk):
    complaints(desk)
    desk.pipeline.store.posts.save([a_post(title="Fonts are tiny", created_at=ago(40))])
    asked = "compare this month and last month"
    (keep,) = elements(slack.command(asked), FOLLOW)
    slack.press({"type": "button", **keep})
    slack.command(f"subscribe weekly mon 09:00 {asked}")
    first, second = desk.pipeline.store.subscriptions.all(CHANNEL)
    assert (first.asks, first.words) == (second.asks, second.words) == (Asks.QUESTION, asked)
    answer = desk.pipeline.ask(second.words)
    assert answer.asked is not None
    assert answer.asked.aim is Aim.COMPARE
    assert answer.asked.against is not None


def test_a_comparison_that_is_subscribed_compares_other_months_in_another_month(desk: Desk):
    store, clock, box = desk.pipeline.store, Clock(), Postbox()
    told_to = replace(desk, pipeline=replace(desk.pipeline, clock=clock))
    store.posts.save([a_post(title=f"Walrus {n}", created_at=ago(10 + n)) for n in range(9)])
    subscribe(told_to, ASKER, "daily 09:00 compare this month and last month")
    courier = a_courier(store, box, clock)
    for days in (1, 2, 31):
        clock.now = NOW + timedelta(days=days)
        store.posts.save([a_post(created_at=clock.now - timedelta(hours=1))])
        assert courier.tick() == 1
    said = [message.text for _, _, message in box.posted]
    assert len(said) == 3
    assert ["1 Feb" in text for text in said] == [True, True, False]
    assert ["1 Apr" in text for text in said] == [False, False, True]
