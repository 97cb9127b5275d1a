"""The bot as it runs: a real Bolt app over Socket Mode, its schedule, and a Slack on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot import workspace as running
from bot.deliveries import Asks, Style, Subscription
from bot.errors import GroundswellError
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.store import Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing
from tests.world.site import Answer, Asked, Site
from tests.world.socket_mode import SocketMode, socket_mode
from tests.world.workspace import TOKEN, Workspace

SLACKNESS = 2
"""By how much a busy machine may be slower than the bar; `benchmarks` measure the bar itself."""

CHANNEL, ANN = "C0NEWS", "U0ANN"


@dataclass
class Bot:
    """A bot that runs in a thread, and the Slack that it is in."""

    pipeline: Pipeline
    slack: Workspace
    socket: SocketMode
    site: Site
    answers: list[dict[str, Any]]
    reports: list[str] = field(default_factory=list)

    def command(self, words: str) -> str:
        told = {
            "command": "/groundswell",
            "text": words,
            "user_id": ANN,
            "channel_id": CHANNEL,
            "team_id": "T0ACME",
            "response_url": f"{self.site.url}/respond",
        }
        return self.socket.tell("slash_commands", told)

    def event(self, event: dict[str, Any], event_id: str) -> str:
        told = {"type": "event_callback", "team_id": "T0ACME", "event_id": event_id}
        plain = {"ts": "5.5", "channel": CHANNEL, "user": ANN}
        return self.socket.tell("events_api", {**told, "event": {**plain, **event}})


def wait(whether: Callable[[], Any], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not whether():
        assert time.monotonic() < until, "nothing happened in time"
        time.sleep(0.02)


@pytest.fixture
def bot(store: Store) -> Iterator[Bot]:
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    slack, answers = Workspace(now=lambda: NOW), []

    def respond(asked: Asked) -> Answer:
        if asked.path == "/respond":
            answers.append(json.loads(asked.body))
            return Answer(body=b"ok")
        return slack.respond(asked)

    with Site(respond) as site, socket_mode() as socket:
        slack.socket_url = socket.url
        made = Bot(pipeline, slack, socket, site, answers)
        access = running.Access(TOKEN, f"{site.url}/api/", "xapp-of-nobody")
        stop = threading.Event()
        rights = Rights({right: frozenset({EVERYBODY}) for right in Right})
        every = timedelta(hours=1)
        thread = threading.Thread(
            target=running.run, args=(pipeline, rights, access, every, stop, made.reports.append)
        )
        thread.start()
        try:
            wait(lambda: socket.connections)
            yield made
        finally:
            stop.set()
            thread.join(20)
            assert not thread.is_alive()


def test_a_command_is_acknowledged_at_once_and_answered(bot: Bot):
    assert bot.socket.acknowledged(bot.command("help")) < 2.5
    wait(lambda: bot.answers)
    assert "What you can ask" in bot.answers[0]["text"]


def test_a_mention_is_answered_once_however_often_it_is_told(bot: Bot):
    for _ in range(4):
        told = {"type": "app_mention", "text": "<@U0GROUND> help"}
        bot.socket.acknowledged(bot.event(told, "Ev1"))
    wait(lambda: bot.slack.messages)
    time.sleep(0.3)
    assert [m["thread_ts"] for m in bot.slack.messages] == ["5.5"]


def _reopened(bot: Bot, opened: int) -> bool:
    return bot.socket.opened > opened


@pytest.mark.parametrize("how", ["asked", "closed", "broken"])
def test_after_a_lost_connection_the_bot_is_back_and_leaves_nothing_behind(bot: Bot, how: str):
    bot.socket.acknowledged(bot.command("help"))
    before = threading.active_count()
    for _ in range(3):
        opened, start = bot.socket.opened, time.monotonic()
        bot.socket.part(how)
        wait(partial(_reopened, bot, opened))
        assert time.monotonic() - start < 5 * SLACKNESS
    assert bot.socket.acknowledged(bot.command("help")) < 5 * SLACKNESS
    wait(lambda: threading.active_count() <= before + 4)


def test_what_is_due_is_told_by_the_running_bot(bot: Bot):
    bot.pipeline.store.posts.save(
        [a_post(title="The cache crashes", author=f"ann{n}") for n in range(3)]
    )
    bot.pipeline.understand()
    bot.pipeline.store.subscriptions.add(
        Subscription(
            0,
            CHANNEL,
            Asks.DIGEST,
            "",
            "daily 09:00",
            "UTC",
            Style.FULL,
            ANN,
            NOW - timedelta(days=2),
        )
    )
    wait(lambda: bot.slack.in_channel(CHANNEL))
    time.sleep(0.2)
    (message,) = bot.slack.in_channel(CHANNEL)
    assert message["metadata"]["event_type"] == "groundswell_delivery"


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive"])
def test_a_token_that_slack_does_not_take_is_told_with_where_to_get_one(store: Store, error: str):
    slack = Workspace()
    slack.refuse("auth.test", error)
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    with Site(slack.respond) as site, pytest.raises(GroundswellError, match="OAuth") as told:
        running.run(
            pipeline,
            Rights(),
            running.Access(TOKEN, f"{site.url}/api/", "xapp-of-nobody"),
            timedelta(hours=1),
            threading.Event(),
            print,
        )
    assert error in str(told.value)
    assert TOKEN not in str(told.value)


def test_an_app_token_that_slack_does_not_take_is_told_too(store: Store):
    slack = Workspace()
    slack.refuse("apps.connections.open", "not_allowed_token_type")
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    with (
        Site(slack.respond) as site,
        pytest.raises(GroundswellError, match="SLACK_APP_TOKEN: not_allowed_token_type"),
    ):
        running.run(
            pipeline,
            Rights(),
            running.Access(TOKEN, f"{site.url}/api/", "xapp-of-nobody"),
            timedelta(hours=1),
            threading.Event(),
            print,
        )
