"""The adapter against a Slack that was not written for it: the npm package `emulate`.

It takes no GET (Slack does), gives every message whatever bounds it is asked for, and answers a
question for a message that is gone with an empty list: the adapter must not depend on these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import stamina
from slack_sdk import WebClient

from bot.deliveries import Message, Picture
from bot.http import Http
from bot.model import Role
from bot.pipeline.collecting import Collected, Collecting
from bot.slack.poster import SlackPoster
from bot.sources.slack.adapter import Slack
from bot.store.posts import CHECKED_EVERY
from tests.services.emulating import emulated, needs_emulator
from tests.sources.contract import stored
from tests.world.site import Answer, Asked, Site

SEED = """
slack:
  team: {name: Acme, domain: acme}
  strict_scopes: true
  users:
    - {name: ann, real_name: Ann Example, email: ann@example.org}
    - {name: bob, real_name: Bob Example, email: bob@example.org}
    - {name: reader, real_name: Reader, email: reader@example.org}
  tokens:
    - {token: xoxb-ann, user: ann, scopes: [chat:write, reactions:write, channels:manage]}
    - {token: xoxb-bob, user: bob, scopes: [chat:write, reactions:write, channels:join]}
    - {token: xoxb-reader, user: reader, scopes: [channels:read, channels:history, users:read]}
    - {token: xoxb-narrow, user: reader, scopes: [channels:read]}
    - token: xoxb-drawer
      user: bob
      scopes: [chat:write, files:write, channels:history, channels:read, channels:join]
    - token: xoxb-bot
      user: reader
      scopes: [channels:read, channels:history, channels:join, users:read, chat:write]
"""

pytestmark = needs_emulator


@dataclass(frozen=True, slots=True)
class Emulator:
    """The running service."""

    port: int

    def post(self, method: str, token: str, **fields: str) -> dict[str, Any]:
        """What it answers; a method that fails is a failing test."""
        answer: dict[str, Any] = json.loads(self.ask(method, f"Bearer {token}", fields))
        assert answer["ok"], (method, answer)
        return answer

    def ask(self, method: str, authorization: str, fields: Any) -> bytes:
        request = Request(
            f"http://127.0.0.1:{self.port}/api/{method}",
            data=urlencode(fields).encode(),
            headers={"Authorization": authorization},
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310 see above
            return bytes(answer.read())

    def relay(self, asked: Asked) -> Answer:
        """A question by GET, as Slack takes it, passed on by POST."""
        method = asked.path.removeprefix("/api/")
        body = self.ask(method, asked.headers["authorization"], asked.query)
        return Answer(body=body, headers={"content-type": "application/json"})


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulated("slack", SEED, tmp_path_factory.mktemp("emulator")) as port:
        yield Emulator(port)


@pytest.fixture
def channel(emulator: Emulator, request: pytest.FixtureRequest) -> tuple[str, str]:
    """A channel of its own for each test, by id and name."""
    name = request.node.name.replace("_", "-")[-60:].strip("-")
    created = emulator.post("conversations.create", "xoxb-ann", name=name)["channel"]
    emulator.post("conversations.join", "xoxb-bob", channel=created["id"])
    return created["id"], name


@pytest.fixture
def slack(emulator: Emulator, channel: tuple[str, str]) -> Iterator[Slack]:
    with (
        Site(emulator.relay) as site,
        stamina.set_testing(True, attempts=1),
        closing(Http(allowed_hosts=frozenset({"127.0.0.1"}))) as http,
    ):
        yield Slack(
            http=http,
            now=lambda: datetime.now(UTC),
            bot_token="xoxb-reader",  # noqa: S106 of the seed above
            channels=(channel[0],),
            api_url=f"{site.url}/api",
        )


def collected(store: Any, slack: Slack, later: timedelta = timedelta()) -> Collected:
    return Collecting(store, datetime.now(UTC) + later).one(slack)


def test_messages_threads_and_people_are_read(store, slack, emulator, channel):
    place, name = channel
    said = emulator.post(
        "chat.postMessage", "xoxb-ann", channel=place, text="*It* broke &amp; burnt"
    )
    emulator.post(
        "chat.postMessage", "xoxb-bob", channel=place, text="Me too", thread_ts=said["ts"]
    )
    report = collected(store, slack)
    assert (report.error, report.rejected, report.new) == (None, [], 2)
    posts = stored(store)
    opener = posts[f"{place}/{said['ts']}"]
    (reply,) = (post for post in posts.values() if not post.opens)
    assert (opener.text, opener.author, opener.venue) == ("It broke & burnt", "ann", f"#{name}")
    assert opener.url == f"https://acme.slack.com/archives/{place}/p{said['ts'].replace('.', '')}"
    assert (reply.text, reply.author, reply.root_id) == ("Me too", "bob", opener.external_id)
    assert {post.role for post in posts.values()} == {Role.USER}


def test_edits_reactions_and_deletions_are_seen(store, slack, emulator, channel):
    place, _ = channel
    kept = emulator.post("chat.postMessage", "xoxb-ann", channel=place, text="first")["ts"]
    gone = emulator.post("chat.postMessage", "xoxb-ann", channel=place, text="second")["ts"]
    collected(store, slack)
    emulator.post("chat.update", "xoxb-ann", channel=place, ts=kept, text="mended")
    emulator.post("reactions.add", "xoxb-bob", channel=place, timestamp=kept, name="eyes")
    emulator.post("chat.delete", "xoxb-ann", channel=place, ts=gone)
    report = collected(store, slack, CHECKED_EVERY)
    assert (report.error, report.updated, report.deleted) == (None, 1, 1)
    (post,) = stored(store).values()
    assert (post.text, post.score) == ("mended", 1)


def test_more_than_a_page_is_read_whole(store, slack, emulator, channel):
    for number in range(205):
        emulator.post("chat.postMessage", "xoxb-ann", channel=channel[0], text=f"Number {number}")
    assert collected(store, slack).new == 205
    assert collected(store, slack).new == 0


def test_a_missing_scope_is_told_with_its_name(store, slack):
    narrow = Slack(slack.http, slack.now, "xoxb-narrow", slack.channels, api_url=slack.api_url)
    report = collected(store, narrow)
    assert report.error
    assert "the app lacks a scope" in report.error
    assert "channels:history" in report.error


def test_a_picture_is_shared_in_a_thread_and_found_there_by_its_mark(
    emulator: Emulator, channel: tuple[str, str]
):
    where, _ = channel
    emulator.post("conversations.join", "xoxb-drawer", channel=where)
    client = WebClient(
        token="xoxb-drawer",  # noqa: S106 of nobody's
        base_url=f"http://127.0.0.1:{emulator.port}/api/",
        retry_handlers=[],
    )
    poster, began = SlackPoster(client), datetime.now(UTC) - timedelta(minutes=1)
    digest = poster.post(where, Message("Digest"), "d/0", None)
    picture = Message("", picture=Picture(b"\x89PNG\r\n", "People a week", "T1: 1 2 3"))
    assert poster.find(where, "d/1", began, digest) is None
    file = poster.post(where, picture, "d/1", digest)
    assert poster.find(where, "d/1", began, digest) == file
    assert poster.find(where, "d/2", began, digest) is None
