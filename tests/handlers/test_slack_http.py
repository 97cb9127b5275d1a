"""Slack over HTTP: what Slack signed just now is taken once, and nothing else has any effect."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from bot import workspace
from bot.app import wall_clock
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.schedule import Reading
from bot.store import Store
from bot.understand.cluster import AverageTree
from handlers.slack_http import BODY_MOST, SLACK, Paths, SlackHttp
from handlers.webhooks import HEALTH, Webhooks
from tests.fakes import WordHashing
from tests.handlers.test_slack import wait_for
from tests.world.site import Answer, Asked, Site
from tests.world.workspace import TOKEN, Workspace

SECRET = "it is no secret here"  # noqa: S105 of nobody's


@dataclass
class Told:
    """An application over HTTP, and the Slack that it is in."""

    application: SlackHttp
    slack: Workspace
    site: Site
    clock: Callable[[], Any]
    answers: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, body: bytes, content_type: str = "application/json", **changed: Any) -> Asking:
        now = str(int(self.clock().timestamp()))
        stamp = changed.get("timestamp", now)
        base = b"v0:" + str(stamp).encode() + b":" + body
        right = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
        environ = {
            "REQUEST_METHOD": changed.get("method", "POST"),
            "PATH_INFO": SLACK,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "HTTP_X_SLACK_REQUEST_TIMESTAMP": stamp,
            "HTTP_X_SLACK_SIGNATURE": changed.get("signature", right),
        }
        return asked(self.application, {k: v for k, v in environ.items() if v is not None})

    def command(self, words: str) -> bytes:
        told = {
            "command": "/groundswell",
            "text": words,
            "user_id": "U0ANN",
            "channel_id": "C0NEWS",
            "team_id": "T0ACME",
            "response_url": f"{self.site.url}/respond",
        }
        return urlencode(told).encode()


@dataclass
class Asking:
    status: int
    body: bytes


def asked(application: Any, environ: dict[str, Any]) -> Asking:
    told: list[str] = []
    parts = application(environ, lambda status, _headers: told.append(status))
    return Asking(int(told[0].split()[0]), b"".join(parts))


FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def told(store: Store) -> Iterator[Told]:

    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, wall_clock)
    slack, answers = Workspace(), list[dict[str, Any]]()

    def respond(asked_: Asked) -> Answer:
        if asked_.path == "/respond":
            answers.append(json.loads(asked_.body))
            return Answer(body=b"ok")
        return slack.respond(asked_)

    with Site(respond) as site:
        access = workspace.Access(TOKEN, f"{site.url}/api/", signing_secret=SECRET)
        rights = Rights({right: frozenset({EVERYBODY}) for right in Right})
        reading = Reading(timedelta(hours=1), [sys.executable, "-c", ""])
        with workspace.over_http(pipeline, rights, access, reading) as application:
            yield Told(application, slack, site, wall_clock, answers)


def test_a_signed_command_is_acknowledged_and_answered(told: Told):
    assert told.ask(told.command("help"), FORM).status == 200
    wait_for(lambda: bool(told.answers))
    assert "What you can ask" in told.answers[0]["text"]


def test_slack_is_told_that_the_address_is_ours(told: Told):
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    found = told.ask(body)
    assert (found.status, json.loads(found.body)["challenge"]) == (200, "3eZbrw1a")


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "v0=" + "0" * 64},
        {"signature": None},
        {"signature": ""},
        {"signature": "v0=ü"},
        {"timestamp": None},
        {"timestamp": ""},
        {"timestamp": "soon"},
        {"timestamp": "1e9"},
        {"timestamp": "-5"},
        {"timestamp": "9" * 400},
        {"timestamp": "1000000000"},
        {"timestamp": "4000000000"},
    ],
    ids=str,
)
def test_what_slack_did_not_sign_just_now_is_refused_without_effect(told: Told, changed):
    assert told.ask(told.command("subscribe daily 09:00"), FORM, **changed).status == 401
    assert told.application.store.subscriptions.all() == []
    assert told.answers == []


def test_what_is_told_again_word_for_word_is_a_replay_also_after_a_restart(told: Told):
    body, stamp = told.command("subscribe daily 09:00"), str(int(told.clock().timestamp()))
    assert told.ask(body, FORM, timestamp=stamp).status == 200
    assert told.ask(body, FORM, timestamp=stamp).status == 401
    its = told.application
    told.application = SlackHttp(its.app, its.secret, its.store, its.clock)
    assert told.ask(body, FORM, timestamp=stamp).status == 401
    wait_for(lambda: bool(told.answers))
    assert len(told.application.store.subscriptions.all()) == 1


def test_an_event_that_slack_delivers_again_is_dealt_with_once(told: Told):
    event = {
        "type": "app_mention",
        "user": "U0ANN",
        "channel": "C0NEWS",
        "ts": "5.5",
        "text": "help",
    }
    payload: dict[str, Any] = {"type": "event_callback", "team_id": "T0ACME", "event_id": "Ev1"}
    payload["event"] = {**event, "text": "help"}
    for attempt in range(3):
        again = json.dumps({**payload, "retry": attempt}).encode()
        assert told.ask(again).status == 200
    wait_for(lambda: bool(told.slack.messages))
    assert len(told.slack.messages) == 1


def test_other_methods_and_large_bodies_are_refused(told: Told):
    assert told.ask(b"", method="GET").status == 405
    assert told.ask(b"x" * (BODY_MOST + 1)).status == 413


def test_the_webhooks_stay_beside_it(told: Told):
    both = Paths({SLACK: told.application}, Webhooks(_pipeline(told), ""))
    found = asked(both, {"REQUEST_METHOD": "GET", "PATH_INFO": HEALTH})
    assert (found.status, found.body) == (200, b"ok\n")


def _pipeline(told: Told) -> Pipeline:
    store = told.application.store
    return Pipeline(store, WordHashing(), AverageTree(), {}, told.application.clock)
