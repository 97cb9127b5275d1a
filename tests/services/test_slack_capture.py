"""A message filed by a reaction, in a Slack not written for it: see test_slack_emulator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient

from bot.pipeline import Pipeline
from bot.rights import Right, Rights
from bot.slack.people import People
from bot.store import Store
from bot.understand.cluster import AverageTree
from handlers.desk import Desk
from handlers.slack import Handlers
from tests.fakes import WordHashing
from tests.services.test_slack_emulator import Emulator, channel, emulator, pytestmark
from tests.world.site import Answer, Asked, Site

__all__ = ["channel", "emulator", "pytestmark"]

EMOJI = "inbox_tray"
TOKEN = "xoxb-bot"  # noqa: S105 of the emulator's seed


def relayed(emulator: Emulator, asked: Asked) -> Answer:
    """What Slack takes by GET goes on by POST; everything else as it is."""
    if asked.method == "GET":
        return emulator.relay(asked)
    names = ("authorization", "content-type")
    headers = {name: asked.headers[name] for name in names if name in asked.headers}
    request = Request(
        f"http://127.0.0.1:{emulator.port}{asked.path}", data=asked.body, headers=headers
    )
    with urlopen(request, timeout=10) as answer:  # noqa: S310 on loopback
        return Answer(body=bytes(answer.read()), headers={"content-type": "application/json"})


@pytest.fixture
def client(emulator: Emulator) -> Iterator[WebClient]:
    with Site(lambda asked: relayed(emulator, asked)) as site:
        yield WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[])


@pytest.fixture
def desk(store: Store, emulator: Emulator, client: WebClient) -> Desk:
    def clock() -> datetime:
        return datetime.now(UTC)

    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, clock)
    ann = frozenset({str(emulator.post("auth.test", "xoxb-ann")["user_id"])})
    rights = Rights({Right.SOURCES: ann, Right.ASK: ann})
    return Desk(pipeline, rights, None, People(client), EMOJI)


def told(desk: Desk, client: WebClient, kind: str, place: str, ts: str, by: str) -> None:
    """What Slack would tell of a reaction."""
    item = {"type": "message", "channel": place, "ts": ts}
    event = {"type": kind, "user": by, "reaction": EMOJI, "item": item, "event_ts": ts}
    body: dict[str, Any] = {"event_id": f"{kind} {ts}", "event": event}
    desk.pipeline.store.inbox.take(body["event_id"], body, desk.pipeline.clock())
    Handlers(desk).event(body, client)


def test_it_is_filed_told_in_its_thread_and_taken_back(desk, client, emulator, channel):
    place, name = channel
    emulator.post("conversations.join", "xoxb-bot", channel=place)
    ann = emulator.post("auth.test", "xoxb-ann")["user_id"]
    said = emulator.post("chat.postMessage", "xoxb-bob", channel=place, text="Uploads &lt;fail&gt;")
    emulator.post("reactions.add", "xoxb-ann", channel=place, timestamp=said["ts"], name=EMOJI)
    told(desk, client, "reaction_added", place, said["ts"], ann)
    (hit,) = desk.pipeline.search("source:manual", 5)
    assert (hit.post.title, hit.post.author) == ("Uploads <fail>", "bob")
    assert hit.post.venue == f"Slack #{name}"
    assert hit.post.url.endswith(f"/archives/{place}/p{said['ts'].replace('.', '')}")
    thread = client.conversations_replies(channel=place, ts=said["ts"])["messages"]
    assert [m["text"].partition(":")[0] for m in thread[1:]] == ["Filed"]
    emulator.post("reactions.remove", "xoxb-ann", channel=place, timestamp=said["ts"], name=EMOJI)
    told(desk, client, "reaction_removed", place, said["ts"], ann)
    assert desk.pipeline.search("source:manual", 5) == []
    thread = client.conversations_replies(channel=place, ts=said["ts"])["messages"]
    assert "Taken back" in thread[1]["text"]
