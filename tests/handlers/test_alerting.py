"""Alerts in Slack: asked for with what they would have told, seen, snoozed, and taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import Any

import pytest

from bot.deliveries import Asks, Style, Subscription
from bot.slack.outbox import Sender
from bot.slack.poster import SlackPoster
from bot.workspace import courier
from handlers.desk import Desk
from tests.builders import NOW, a_post, ago
from tests.handlers.test_slack import ANN, BOB, CHANNEL, Slack, complaints, desk, slack, texts

__all__ = ["desk", "slack"]


@pytest.fixture
def alerted(slack: Slack, desk: Desk) -> dict[str, Any]:
    """The message of an alert that stands in the channel: a burst, and a first report."""
    sender = Sender(desk.pipeline.store, SlackPoster(slack.app.client), desk.pipeline.clock)
    object.__setattr__(desk, "sender", sender)
    desk.pipeline.store.posts.save(
        [a_post(title=blake2b(bytes([n])).hexdigest(), created_at=ago(n)) for n in range(3, 60)]
    )
    desk.pipeline.store.posts.save(
        [
            a_post(
                title="Kernel panic while a seismograph is plugged in",
                external_id="acme/tool#shaken",
            )
        ]
    )
    complaints(desk)
    made = Subscription(
        0,
        CHANNEL,
        Asks.BURSTS,
        "on:bursts,urgent",
        "cron */5 * * * *",
        "UTC",
        Style.FULL,
        ANN,
        ago(2),
    )
    desk.pipeline.store.subscriptions.add(made)
    assert courier(desk.pipeline, slack.app).tick() == 1
    (message,) = slack.workspace.in_channel(CHANNEL)
    return message


def test_what_comes_by_the_clock_is_told_by_the_clock_of_its_subscription(desk, slack):
    its = Subscription(
        0, CHANNEL, Asks.DIGEST, "", "daily 09:00", "Asia/Tokyo", Style.FULL, ANN, ago(2)
    )
    telling = courier(desk.pipeline, slack.app).delivering.telling
    assert telling(its).zone == "Asia/Tokyo"
    assert telling(replace(its, asks=Asks.WATCH)).zone == desk.pipeline.telling().zone


def buttons(message: dict[str, Any], text: str) -> list[dict[str, Any]]:
    return [
        {**element, "block_id": block["block_id"]}
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button" and element["text"]["text"] == text
    ]


def press(slack: Slack, message: dict[str, Any], button: dict[str, Any], user: str = ANN):
    """Press a button that stands in a message of the channel; the answers."""
    before = len(slack.answers)
    payload = {
        "type": "block_actions",
        "user": {"id": user, "username": f"{user.lower()}<!channel>"},
        "team": {"id": "T0ACME"},
        "channel": {"id": CHANNEL},
        "message": {"ts": message["ts"]},
        "response_url": f"{slack.site.url}/respond",
        "actions": [{"action_ts": "1", **button}],
    }
    slack.say({"payload": json.dumps(payload)})
    return slack.settled(before)


def undo(answer: dict[str, Any]) -> dict[str, Any]:
    (row,) = [b for b in answer["blocks"] if b["type"] == "actions"]
    (button,) = row["elements"]
    return {**button, "block_id": "b"}


def test_bursts_and_first_reports_of_one_look_are_one_message_with_their_buttons(slack, alerted):
    assert alerted["text"].startswith("1 first report (crash) and suddenly many on 1 theme: ")
    assert "seismograph" in texts([alerted])
    assert "walrus" in texts([alerted])
    # The seismograph stands in no theme that could be snoozed.
    assert len(buttons(alerted, "Seen")) == len(buttons(alerted, "Snooze for a day")) + 1


def test_who_has_seen_an_alert_stands_below_it_until_that_is_taken_back(slack, desk, alerted):
    *_, button = buttons(alerted, "Seen")
    (answer,) = press(slack, alerted, button)
    assert "you have seen it" in answer["text"]
    assert f"Seen by {ANN.lower()}<!channel>, Mon 02 Mar, 12:00" in texts([alerted])
    press(slack, alerted, undo(answer))
    assert "Seen by" not in texts([alerted])
    (again,) = press(slack, alerted, undo(answer))
    assert "taken back before" in again["text"]


def test_a_first_report_that_is_in_no_theme_is_seen_as_well(slack, desk, alerted):
    button = next(b for b in buttons(alerted, "Seen") if b["value"] == "github:acme/tool#shaken")
    press(slack, alerted, button)
    noted = [b for b in alerted["blocks"] if "Seen by" in json.dumps(b)]
    assert ["seismograph" in json.dumps(block) for block in noted] == [True]


def test_an_alert_whose_post_is_gone_can_still_be_pressed(slack, desk, alerted):
    button = next(b for b in buttons(alerted, "Seen") if b["value"] == "github:acme/tool#shaken")
    with desk.pipeline.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM post WHERE external_id = 'acme/tool#shaken'")
    for one, blocks in desk.pipeline.store.outbox.orphaned():
        desk.sender.mend(one, blocks)
    (answer,) = press(slack, alerted, button)
    assert answer["text"].startswith("Done")
    assert "seismograph" not in texts([alerted])


def test_a_theme_is_snoozed_for_a_day_and_by_those_alone_who_may_subscribe(slack, desk, alerted):
    button = buttons(alerted, "Snooze for a day")[0]
    object.__setattr__(desk.rights, "given", {"ask": frozenset({"*"}), "subscribe": {ANN}})
    (refused,) = press(slack, alerted, button, BOB)
    assert "you may not subscribe a channel" in refused["text"]
    (answer,) = press(slack, alerted, button)
    assert "until Tue 03 Mar, 12:00" in answer["text"]
    assert "Snoozed by" in texts([alerted])
    log = desk.pipeline.store.acknowledgements
    assert log.snoozed(CHANNEL, NOW + timedelta(hours=23)) == {button["value"]}
    press(slack, alerted, undo(answer))
    assert log.snoozed(CHANNEL, NOW) == set()


def test_a_press_below_a_message_that_is_none_of_ours_changes_nothing(slack, desk, alerted):
    button = buttons(alerted, "Seen")[0]
    (answer,) = press(slack, {"ts": "1.1"}, button)
    assert answer["text"].startswith("Done")
    (answer,) = press(slack, alerted, {**button, "value": "T999", "action_id": "alert_snooze"})
    assert "there is no theme T999" in answer["text"]
    assert "Seen by" not in texts([alerted])


def test_what_first_reports_would_have_told_is_said_when_they_are_asked_for(slack, desk):
    complaints(desk)
    (answer,) = slack.command("alerts on:crash,back source:github")
    assert "3 posts met that" in answer["text"]
    assert "came back if it was quiet for weeks" in answer["text"]
    assert "bursts" not in answer["text"]
    (refused,) = slack.command("alerts on:fire")
    assert "there are no alerts on:fire" in refused["text"]
    (its,) = desk.pipeline.store.subscriptions.all(CHANNEL)
    assert its.words == "on:crash,back source:github"
