"""A Slack workspace that is spoken to: it keeps what is posted, and can fail after keeping it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk import WebClient

from bot.slack.poster import SlackPoster
from tests.builders import NOW
from tests.world.site import Answer, Asked, Fault, Site, json_answer

TOKEN = "xoxb-of-nobody"  # noqa: S105 of nobody's
Said = dict[str, Any]


@dataclass
class Workspace:
    """Answers like Slack; `faults` says, call by call of a method, what goes wrong *afterwards*."""

    messages: list[Said] = field(default_factory=list)
    faults: Callable[[str, int], Answer | None] = lambda _method, _call: None
    """Method and how many calls of it were before: an answer in place of Slack's own."""
    instead: dict[str, Answer] = field(default_factory=dict)
    """By method what it answers, having done nothing."""
    socket_url: str = ""
    """Where Socket Mode is."""
    calls: list[tuple[str, Said]] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: NOW
    page: int = 3
    """Messages that an answer holds at most."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, asked: Asked) -> Answer:
        method = asked.path.rpartition("/")[2]
        with self._lock:
            given = _given(asked)
            before = sum(name == method for name, _ in self.calls)
            self.calls.append((method, given))
            if method in self.instead:
                return self.instead[method]
            done = getattr(self, "_" + method.replace(".", "_"))(given)
            return self.faults(method, before) or json_answer({"ok": True, **done})

    def refuse(self, method: str, error: str) -> None:
        self.instead[method] = json_answer({"ok": False, "error": error})

    def in_channel(self, channel: str) -> list[Said]:
        return [one for one in self.messages if one["channel"] == channel]

    def _chat_postMessage(self, given: Said) -> Said:  # noqa: N802 Slack's name
        ts = f"{self.now().timestamp() + len(self.messages) / 1e6:.6f}"
        self.messages.append({**given, "ts": ts})
        return {"ts": ts, "channel": given["channel"], "message": given}

    def _chat_update(self, given: Said) -> Said:
        found = next(m for m in self.in_channel(given["channel"]) if m["ts"] == given["ts"])
        found |= given
        return {"ts": given["ts"], "channel": given["channel"]}

    def _conversations_history(self, given: Said) -> Said:
        top = [m for m in self.in_channel(given["channel"]) if not m.get("thread_ts")]
        return self._page(top[::-1], given)

    def _conversations_replies(self, given: Said) -> Said:
        thread = [m for m in self.in_channel(given["channel"]) if _root(m) == given["ts"]]
        return self._page(thread, given)

    def _apps_connections_open(self, _given: Said) -> Said:
        return {"url": self.socket_url}

    def _views_publish(self, given: Said) -> Said:
        return {"view": given["view"]}

    def _page(self, messages: list[Said], given: Said) -> Said:
        """A page of a few messages, metadata only where it is asked for."""
        later = [m for m in messages if float(m["ts"]) > float(given.get("oldest") or 0)]
        start = int(given.get("cursor") or 0)
        page = later[start : start + self.page]
        if not given.get("include_all_metadata"):
            page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
        more = str(start + self.page) if len(later) > start + self.page else ""
        return {"messages": page, "response_metadata": {"next_cursor": more}}

    def _auth_test(self, _given: Said) -> Said:
        return {"user_id": "U0GROUND", "bot_id": "B0GROUND", "team_id": "T0ACME", "team": "Acme"}


@contextmanager
def serving(workspace: Workspace) -> Iterator[SlackPoster]:
    """A poster whose Slack is the workspace."""
    with Site(workspace.respond) as site:
        yield SlackPoster(
            WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[], timeout=5)
        )


def lost(_method: str = "", _call: int = 0) -> Answer:
    """The connection breaks after Slack has done what it was asked."""
    return Answer(fault=Fault.RESET)


def _root(message: Said) -> str:
    return str(message.get("thread_ts") or message["ts"])


def _given(asked: Asked) -> Said:
    if "json" in asked.headers.get("content-type", ""):
        return dict(json.loads(asked.body or b"{}"))
    return dict(parse_qsl(asked.body.decode()))
