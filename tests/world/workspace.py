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
    private: set[str] = field(default_factory=set)
    """The channels that not everybody can read."""
    whispers: list[Said] = field(default_factory=list)
    """What was said to one person alone."""
    views: dict[str, Said] = field(default_factory=dict)
    """The modals that were opened, as they are now."""
    triggers: set[str] = field(default_factory=set)
    """Those used up: each opens one modal."""
    url: str = ""
    """Where files are sent to."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, asked: Asked) -> Answer:
        method = asked.path.rpartition("/")[2]
        with self._lock:
            given = _given(asked) if method != "upload" else {"length": len(asked.body)}
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
        if found.get("streams"):
            return {"ok": False, "error": "streaming_state_conflict"}
        found |= given
        return {"ts": given["ts"], "channel": given["channel"]}

    def _assistant_threads_setStatus(self, _given: Said) -> Said:  # noqa: N802 Slack's name
        return {}

    def _assistant_threads_setTitle(self, _given: Said) -> Said:  # noqa: N802 Slack's name
        return {}

    def _assistant_threads_setSuggestedPrompts(self, _given: Said) -> Said:  # noqa: N802
        return {}

    def _chat_startStream(self, given: Said) -> Said:  # noqa: N802 Slack's name
        begun = {k: given[k] for k in ("channel", "thread_ts")}
        return self._chat_postMessage({**begun, "blocks": _blocks(given), "streams": True})

    def _chat_appendStream(self, given: Said) -> Said:  # noqa: N802 Slack's name
        return self._streamed(given)

    def _chat_stopStream(self, given: Said) -> Said:  # noqa: N802 Slack's name
        return self._streamed(given, streams=False, metadata=given.get("metadata"))

    def _streamed(self, given: Said, **ended: Any) -> Said:
        found = next(m for m in self.in_channel(given["channel"]) if m["ts"] == given["ts"])
        if not found["streams"]:
            return {"ok": False, "error": "message_not_in_streaming_state"}
        ended = {key: value for key, value in ended.items() if value is not None}
        found |= {"blocks": [*found["blocks"], *_blocks(given)], **ended}
        return {"ts": given["ts"]}

    def _files_getUploadURLExternal(self, given: Said) -> Said:  # noqa: N802 Slack's name
        number = sum(name == "files.getUploadURLExternal" for name, _ in self.calls)
        return {"upload_url": f"{self.url}/upload", "file_id": f"F{number}", "asked": given}

    def _upload(self, _given: Said) -> Said:
        return {}

    def _files_completeUploadExternal(self, given: Said) -> Said:  # noqa: N802 Slack's name
        (done,) = json.loads(given["files"])
        number = int(done["id"][1:]) - 1
        asked = [given for name, given in self.calls if name == "files.getUploadURLExternal"]
        file = {**done, "name": asked[number]["filename"], "alt_txt": asked[number]["alt_txt"]}
        self._chat_postMessage({"channel": given["channel_id"], **given, "files": [file]})
        return {"files": [file]}

    def _conversations_history(self, given: Said) -> Said:
        top = [m for m in self.in_channel(given["channel"]) if not m.get("thread_ts")]
        return self._page(top[::-1], given)

    def _conversations_replies(self, given: Said) -> Said:
        """A thread by its first message, or a reply alone by its own name."""
        there = self.in_channel(given["channel"])
        thread = [m for m in there if given["ts"] in {_root(m), m["ts"]}]
        if given.get("latest"):
            return {"messages": [m for m in thread if m["ts"] == given["latest"]]}
        return self._page(thread, given)

    def _conversations_info(self, given: Said) -> Said:
        private = given["channel"] in self.private
        told = {"id": given["channel"], "name": "help", "is_channel": True, "is_private": private}
        return {"channel": told}

    def _chat_getPermalink(self, given: Said) -> Said:  # noqa: N802 Slack's name
        ts = given["message_ts"].replace(".", "")
        return {"permalink": f"https://acme.slack.com/archives/{given['channel']}/p{ts}"}

    def _users_info(self, given: Said) -> Said:
        name = given["user"].removeprefix("U0").capitalize()
        return {"user": {"id": given["user"], "profile": {"display_name": name}}}

    def _apps_connections_open(self, _given: Said) -> Said:
        return {"url": self.socket_url}

    def _views_publish(self, given: Said) -> Said:
        return {"view": given["view"]}

    def _chat_postEphemeral(self, given: Said) -> Said:  # noqa: N802 Slack's name
        self.whispers.append(given)
        return {"message_ts": "1.1"}

    def _views_open(self, given: Said) -> Said:
        return self._opened(given)

    def _views_push(self, given: Said) -> Said:
        return self._opened(given)

    def _opened(self, given: Said) -> Said:
        if given["trigger_id"] in self.triggers:
            return {"ok": False, "error": "exchanged_trigger_id"}
        self.triggers.add(given["trigger_id"])
        number = len(self.views) + 1
        view = {**given["view"], "id": f"V{number}", "hash": "1", "state": {"values": {}}}
        self.views[view["id"]] = view
        return {"view": view}

    def _views_update(self, given: Said) -> Said:
        name = given.get("external_id")
        view = next(
            (v for v in self.views.values() if name and v.get("external_id") == name),
            self.views.get(given.get("view_id", "")),
        )
        if view is None:
            return {"ok": False, "error": "not_found"}
        if given.get("hash", view["hash"]) != view["hash"]:
            return {"ok": False, "error": "hash_conflict"}
        kept = {"id": view["id"], "hash": str(int(view["hash"]) + 1), "state": view["state"]}
        self.views[view["id"]] = {**given["view"], **kept}
        return {"view": self.views[view["id"]]}

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
        workspace.url = site.url
        yield SlackPoster(
            WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[], timeout=5)
        )


def lost(_method: str = "", _call: int = 0) -> Answer:
    """The connection breaks after Slack has done what it was asked."""
    return Answer(fault=Fault.RESET)


def _blocks(given: Said) -> list[Said]:
    return [block for chunk in given.get("chunks") or () for block in chunk["blocks"]]


def _root(message: Said) -> str:
    return str(message.get("thread_ts") or message["ts"])


def _given(asked: Asked) -> Said:
    if "json" in asked.headers.get("content-type", ""):
        return dict(json.loads(asked.body or b"{}"))
    return {**asked.query, **dict(parse_qsl(asked.body.decode()))}
