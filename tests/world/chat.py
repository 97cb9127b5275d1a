"""A chat completions server on loopback that streams what a test has it say, or fails to."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.world.loopback import Loopback
from tests.world.site import Fault


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply: its words in pieces, and how it ends."""

    pieces: Sequence[str] = ()
    status: int = 200
    error: Mapping[str, Any] | None = None
    """The body of a refusal."""
    headers: Mapping[str, str] = field(default_factory=dict)
    finish: str | None = "stop"
    """None: it never says that it is finished."""
    usage: Mapping[str, Any] | None = None
    raw: bytes | None = None
    """Events as they are, in the place of all others."""
    fault: Fault | None = None
    """What happens after the pieces; STALL and DRIP go on until the server closes."""
    before: Fault | None = None
    """What happens in the place of any answer."""


def says(value: object, **more: Any) -> Turn:
    """A reply that is this JSON, or this text, in two pieces, with its usage."""
    text = value if isinstance(value, str) else json.dumps(value)
    usage = {"prompt_tokens": 900, "completion_tokens": 100}
    half = len(text) // 2
    return Turn(**{"pieces": (text[:half], text[half:]), "usage": usage} | more)


def sentences(*told: tuple[str, list[int], list[int]]) -> dict[str, Any]:
    """A reply in its right form."""
    return {"sentences": [{"text": t, "facts": f, "posts": p} for t, f, p in told]}


def refuses(status: int, message: str, code: str | None = None, **headers: str) -> Turn:
    """A refusal as servers word it; underscores in header names become hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    error = {"error": {"message": message, "code": code, "type": "invalid_request_error"}}
    return Turn(status=status, error=error, headers=named)


class Chat(Loopback):
    """`with Chat(lambda asked: says(...)) as chat`; `asked` is the request's JSON."""

    def __init__(self, respond: Callable[[dict[str, Any]], Turn]) -> None:
        super().__init__(ThreadingHTTPServer, _Handler)
        self.respond = respond
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        """The base URL that a client is given."""
        return f"http://127.0.0.1:{self.port}/v1"


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    site: Chat

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.site.asked.append(body)
        self.site.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.site.paths.append(self.path)
        turn = self.site.respond(body)
        try:
            self._say(turn)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST  # noqa: N815 the base class's names

    def _say(self, turn: Turn) -> None:
        if turn.before is Fault.RESET:
            self._reset()
        elif turn.before is Fault.STALL:
            self.site.closing.wait(30)
        elif turn.error is not None or turn.status != 200:
            self._head(turn, "application/json")
            self.wfile.write(json.dumps(turn.error or {}).encode())
        else:
            self._head(turn, "text/event-stream")
            self._stream(turn)

    def _head(self, turn: Turn, kind: str) -> None:
        self.send_response(turn.status)
        for name, value in {"content-type": kind, **turn.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _stream(self, turn: Turn) -> None:
        if turn.raw is not None:
            self.wfile.write(turn.raw)
            return
        for piece in turn.pieces:
            self._event({"delta": {"content": piece}, "finish_reason": None, "index": 0})
        if turn.fault is Fault.RESET:
            self._reset()
        elif turn.fault is Fault.STALL:
            self.site.closing.wait(30)
        elif turn.fault is Fault.DRIP:
            self._drip()
        elif turn.fault is None:
            if turn.finish:
                self._event({"delta": {}, "finish_reason": turn.finish, "index": 0}, turn.usage)
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choice: dict[str, Any], usage: Mapping[str, Any] | None = None) -> None:
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _drip(self) -> None:
        while not self.site.closing.wait(0.05):
            self.wfile.write(b": still here\n\n")
            self.wfile.flush()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""
