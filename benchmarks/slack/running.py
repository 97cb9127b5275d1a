"""A Slack on loopback, and the bot beside it as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from bot.slack.poster import SlackPoster
from tests.builders import NOW
from tests.world.site import Answer, Asked, Site
from tests.world.socket_mode import SocketMode, socket_mode
from tests.world.workspace import TOKEN, Workspace

APP_TOKEN = "xapp-of-nobody"  # noqa: S105 of nobody's
CHANNEL, ANN = "C0NEWS", "U0ANN"


@dataclass
class Slack:
    """A workspace, its Socket Mode, and when each command was answered first."""

    workspace: Workspace
    socket: SocketMode
    site: Site
    answered: dict[str, float] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        """Where its methods are."""
        return f"{self.site.url}/api/"

    def command(self, words: str, number: int) -> str:
        """Tell a slash command; returns its envelope."""
        told = {
            "command": "/groundswell",
            "text": words,
            "user_id": ANN,
            "channel_id": CHANNEL,
            "team_id": "T0ACME",
            "response_url": f"{self.site.url}/respond/{number}",
        }
        return self.socket.tell("slash_commands", told)

    def message(self, number: int) -> str:
        """Tell that somebody wrote into a channel; returns its envelope."""
        event = {"type": "message", "channel": CHANNEL, "user": ANN, "text": "Hello", "ts": "5.5"}
        told = {"type": "event_callback", "team_id": "T0ACME", "event_id": f"Ev{number}"}
        return self.socket.tell("events_api", {**told, "event": event})

    def marks(self) -> list[str]:
        """The delivery's id of each message that stands there."""
        return [str(_mark(message)) for message in list(self.workspace.messages)]


def _mark(message: dict[str, Any]) -> Any:  # noqa: ANN401 whatever JSON holds
    return message["metadata"]["event_payload"]["delivery_id"]


@contextmanager
def slack() -> Iterator[Slack]:
    """Slack, while it is entered."""
    workspace = Workspace(now=lambda: NOW, page=100)
    made: list[Slack] = []

    def respond(asked: Asked) -> Answer:
        if asked.path.startswith("/respond/"):
            made[0].answered.setdefault(asked.path.rpartition("/")[2], time.monotonic())
            return Answer(body=b"ok")
        return workspace.respond(asked)

    with Site(respond) as site, socket_mode() as socket:
        workspace.socket_url = socket.url
        made.append(Slack(workspace, socket, site))
        yield made[0]


def poster(api_url: str) -> SlackPoster:
    return SlackPoster(WebClient(token=TOKEN, base_url=api_url, retry_handlers=[], timeout=30))


@contextmanager
def running(folder: Path, its: Slack, settings: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """`groundswell run` in a folder with a database, once it is connected."""
    slack_part = f'[slack]\napi_url = "{its.api_url}"\ncollect_minutes = 1\n'
    (folder / "groundswell.toml").write_text(slack_part + settings, encoding="utf-8")
    opened = its.socket.opened
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env={**os.environ, "SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN},
        stderr=(folder / "log").open("ab"),
    )
    try:
        wait(lambda: its.socket.opened > opened or process.poll() is not None, 60)
        if process.poll() is not None:
            sys.exit((folder / "log").read_text("utf-8"))
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait(whether: Callable[[], Any], seconds: float, step_s: float = 0.01) -> float:
    """How many seconds it took until something held; ends the run if it never does."""
    start = time.monotonic()
    while not whether():
        if time.monotonic() - start > seconds:
            sys.exit(f"nothing happened in {seconds:.0f} s")
        time.sleep(step_s)
    return time.monotonic() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def load() -> str:
    """How busy the machine was in the last minute."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
