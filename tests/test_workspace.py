"""The bot as it runs: a real Bolt app over Socket Mode, its schedule, and a Slack on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import workspace as running
from bot.deliveries import Asks, Style, Subscription
from bot.errors import GroundswellError
from bot.model import Query
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.schedule import Reading
from bot.store import Store, open_store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing
from tests.world.site import Answer, Asked, Site
from tests.world.socket_mode import SocketMode, socket_mode
from tests.world.workspace import TOKEN, Workspace

SLACKNESS = 2
"""By how much a busy machine may be slower than the bar; `benchmarks` measure the bar itself."""

CHANNEL, ANN = "C0NEWS", "U0ANN"
NO_READING = Reading(timedelta(hours=1), [sys.executable, "-c", ""])


@dataclass
class Bot:
    """A bot that runs in a thread, and the Slack that it is in."""

    pipeline: Pipeline
    slack: Workspace
    socket: SocketMode
    site: Site
    answers: list[dict[str, Any]]
    reports: list[str] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    """Whether Slack takes answers to commands; until it does, they wait."""

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
    slack, answers = Workspace(now=lambda: NOW), list[dict[str, Any]]()

    def respond(asked: Asked) -> Answer:
        if asked.path == "/respond":
            made.answering.wait(20)
            answers.append(json.loads(asked.body))
            return Answer(body=b"ok")
        return slack.respond(asked)

    with Site(respond) as site, socket_mode() as socket:
        slack.socket_url = socket.url
        made = Bot(pipeline, slack, socket, site, answers)
        made.answering.set()
        access = running.Access(TOKEN, f"{site.url}/api/", "xapp-of-nobody")
        stop = threading.Event()
        rights = Rights({right: frozenset({EVERYBODY}) for right in Right})
        thread = threading.Thread(
            target=running.run,
            args=(pipeline, rights, access, NO_READING, stop, made.reports.append),
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


def test_a_command_is_acknowledged_at_once_while_every_worker_is_busy(bot: Bot):
    bot.answering.clear()
    envelopes = [bot.command("help") for _ in range(3 * running.WORKERS)]
    assert all(bot.socket.acknowledged(envelope) < 2.5 for envelope in envelopes)
    assert bot.answers == []
    bot.answering.set()
    wait(lambda: len(bot.answers) == len(envelopes))


def test_while_every_worker_is_busy_whoever_asks_is_told_at_once_for_how_long(bot: Bot):
    bot.answering.clear()
    envelopes = [bot.command("help") for _ in range(3 * running.WORKERS)]
    assert all(bot.socket.acknowledged(envelope) < 2.5 for envelope in envelopes)
    time.sleep(2)
    late = bot.command("help")
    assert bot.socket.acknowledged(late) < 2.5
    assert bot.socket.said[late]["text"].startswith("Busy: your answer comes within about ")
    assert not any(bot.socket.said[envelope] for envelope in envelopes[: running.WORKERS])
    bot.answering.set()
    wait(lambda: len(bot.answers) == len(envelopes) + 1)


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


def test_the_command_reads_its_sources_beside_and_ends_when_it_is_told_to(tmp_path: Path):
    slack = Workspace()
    item = "<item><guid>1</guid><title>The walrus cache crashes</title></item>"
    feed = f'<rss version="2.0"><channel><title>Talk</title>{item}</channel></rss>'

    def respond(asked: Asked) -> Answer:
        return Answer(body=feed.encode()) if asked.path == "/feed" else slack.respond(asked)

    with Site(respond) as site, socket_mode() as socket:
        slack.socket_url = socket.url
        (tmp_path / "groundswell.toml").write_text(
            f'[slack]\napi_url = "{site.url}/api/"\n[http]\nallowed_hosts = ["127.0.0.1"]\n'
            f'[[sources.rss]]\nname = "talk"\nurl = "{site.url}/feed"\n'
        )
        tokens = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": "xapp-of-nobody"}
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot", "--database", "sqlite:///its.db", "run"],
            cwd=tmp_path,
            env={**os.environ, **tokens},
        )
        try:
            wait(lambda: _posts(tmp_path / "its.db"), 60)
            bot.terminate()
            assert bot.wait(30) == 0
        finally:
            bot.kill()
            bot.wait()


def test_a_command_on_a_leash_ends_with_whoever_holds_it(tmp_path: Path):
    with Site(lambda _: Answer()) as site:
        port = str(site.port)
    command = [sys.executable, "-m", "bot", "--leash", "serve", "--port", port]
    with subprocess.Popen(  # noqa: S603 our own command
        command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stderr
        while b"Listening" not in process.stderr.readline():
            assert process.poll() is None
        process.stdin.close()
        assert process.wait(20) == 1


def test_a_command_on_a_leash_that_is_done_first_ends_as_ever(tmp_path: Path):
    command = [sys.executable, "-m", "bot", "--leash", "status", "--json"]
    with subprocess.Popen(  # noqa: S603 our own command
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.wait(60) == 0


def _posts(path: Path) -> int:
    if not path.exists():
        return 0
    store = open_store(f"sqlite:///{path}")
    try:
        return len(store.posts.find(Query(), NOW + timedelta(days=9_999)))
    finally:
        store.close()


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
            NO_READING,
            threading.Event(),
            print,
        )
    assert error in str(told.value)
    assert TOKEN not in str(told.value)


def test_a_slack_that_is_out_of_reach_is_told_with_its_host_and_why(store: Store):
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    access = running.Access(TOKEN, "http://127.0.0.1:1/api/", "xapp-of-nobody")
    with pytest.raises(GroundswellError, match=r"no answer from 127\.0\.0\.1: Connection refused"):
        running.run(pipeline, Rights(), access, NO_READING, threading.Event(), print)


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
            NO_READING,
            threading.Event(),
            print,
        )
