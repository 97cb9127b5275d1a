"""A process that serves several workspaces, as Slack and a browser meet it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from bot import settings, workspaces
from bot.schedule import Reading
from bot.slack.manifest import INSTALL
from handlers.slack_http import SLACK, Paths
from handlers.teams import elsewhere
from tests.cli import set_nothing
from tests.fakes import Clock, WordHashing
from tests.world.several import CLIENT_ID, CLIENT_SECRET, Slack

SECRET = "signing-not-for-eyes"  # noqa: S105 of nobody's
URL = "https://groundswell.example"
ACME, OTHER, STRANGER = "T0ACME", "T0OTHER", "T0STRANGER"
FORM = "application/x-www-form-urlencoded"
EVERYTHING = '[slack.rights]\nask = ["*"]\nsubscribe = ["*"]\ndecide = ["*"]\nsources = ["*"]\n'


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: str


@dataclass
class Browser:
    """Keeps cookies, and goes where it is sent."""

    ask: Callable[..., Reply]
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> Reply:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if parts.netloc and not address.startswith(URL):
            return over_http(f"{parts.scheme}://{parts.netloc}", path)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        reply = self.ask(path, headers={"cookie": kept} if kept else {})
        if told := reply.headers.get("set-cookie"):
            name, _, value = told.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    def follow(self, address: str) -> Reply:
        """The first page that does not send it on."""
        reply = self.get(address)
        while reply.status == 302:
            reply = self.get(reply.headers["location"])
        return reply

    def until_slack(self) -> str:
        """Where Slack sends it back to."""
        sent = self.get(INSTALL)
        return self.get(sent.headers["location"]).headers["location"]


@dataclass
class Process:
    """`groundswell serve`, and the Slack that it is in."""

    ask: Callable[..., Reply]
    slack: Slack
    clock: Clock
    folder: Path

    @property
    def browser(self) -> Browser:
        """A new one."""
        return Browser(self.ask)

    def install(self, team: str) -> Reply:
        self.slack.choice = team
        return self.browser.follow(INSTALL)

    def signed(self, body: bytes, content_type: str = "application/json") -> Reply:
        stamp = str(int(self.clock().timestamp()))
        base = b"v0:" + stamp.encode() + b":" + body
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": "v0="
            + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest(),
        }
        return self.ask(SLACK, "POST", body, headers)

    def command(self, team: str, words: str, user: str = "U0ANN") -> Reply:
        told = {
            "command": "/groundswell",
            "text": words,
            "user_id": user,
            "channel_id": "C0NEWS",
            "team_id": team,
            "response_url": f"{self.slack.url}/respond/{team}",
        }
        return self.signed(urlencode(told).encode(), FORM)

    def event(self, team: str, kind: str, event_id: str = "Ev1", **told: Any) -> Reply:
        payload = {
            "type": "event_callback",
            "team_id": told.pop("from_team", team),
            "event_id": event_id,
            "authorizations": [{"team_id": team, "is_enterprise_install": False}],
            "event": {"type": kind, **told},
        }
        return self.signed(json.dumps(payload).encode())

    def answers(self, team: str) -> list[str]:
        return [told["text"] for its, told in self.slack.answers if its == team]

    def home(self, team: str) -> Path:
        return self.folder / "workspaces" / team


def over_http(
    where: str,
    path: str,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """A question over a socket."""
    connection = HTTPConnection(urlsplit(where).netloc, timeout=20)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, named, answer.read().decode())
    finally:
        connection.close()


def in_process(application: Any) -> Callable[..., Reply]:
    """The same, asked without a socket."""

    def ask(
        path: str,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        given = dict(headers or {})
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "CONTENT_TYPE": given.pop("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            **{f"HTTP_{name.upper().replace('-', '_')}": its for name, its in given.items()},
        }
        told: list[Any] = []
        parts = application(environ, lambda status, its: told.extend((status, its)))
        named = {name.lower(): value for name, value in told[1]}
        return Reply(int(told[0].split()[0]), named, b"".join(parts).decode())

    return ask


def configure(
    patch: pytest.MonkeyPatch, folder: Path, slack: Slack, teams: tuple[str, ...]
) -> None:
    """Set everything that a process needs, in the folder that it works in."""
    set_nothing(patch, folder)
    patch.setenv("SLACK_SIGNING_SECRET", SECRET)
    patch.setenv("SLACK_CLIENT_ID", CLIENT_ID)
    patch.setenv("SLACK_CLIENT_SECRET", CLIENT_SECRET)
    patch.setattr("bot.app.MiniLM", WordHashing)
    listed = ", ".join(f'"{team}"' for team in teams)
    (folder / "groundswell.toml").write_text(
        f'[slack]\napi_url = "{slack.url}/api/"\n[slack.oauth]\nurl = "{URL}"\nteams = [{listed}]\n'
    )


class Idle(Reading):
    """Reads nothing."""

    def read(self) -> None:
        return


@contextmanager
def serving(folder: Path, slack: Slack, clock: Clock) -> Iterator[Process]:
    """A process until it is stopped; what is configured in the folder holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspaces, "Reading", Idle)
        with workspaces.several(settings.load(), clock) as ours:
            yield Process(in_process(Paths(ours, elsewhere)), slack, clock, folder)
