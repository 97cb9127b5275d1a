"""A web server on loopback: a test says what it answers, and reads afterwards what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.world.loopback import Loopback


class Fault(StrEnum):
    """What can go wrong on the wire, besides a status."""

    RESET = "reset"
    """The connection is reset before a byte of the answer."""
    STALL = "stall"
    """Nothing comes, until the site closes."""
    TRUNCATED = "truncated"
    """The body breaks off half-way."""
    ENDLESS = "endless"
    """The body never ends, as fast as it is read."""
    DRIP = "drip"
    """A byte every 50 ms, for ever: no single read times out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    at: float
    """`time.monotonic()` when it came."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; underscores in header names become hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value).encode()
    return Answer(status, body, {"content-type": "application/json", **named})


class Site(Loopback):
    """A service over HTTP: `with Site(lambda asked: Answer(body=b"hello")) as site`."""

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        super().__init__(ThreadingHTTPServer, _Handler)
        self.respond = respond
        """May be exchanged while the site serves."""
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a closing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in its order."""
        return [asked.path for asked in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else head and body come 40 ms apart
    site: Site

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("content-length") or 0)),
            at=time.monotonic(),
        )
        self.site.asked.append(asked)
        answer = self.site.respond(asked)
        if answer.fault is Fault.RESET:
            self._reset()
        elif answer.fault is Fault.STALL:
            self._stall()
        else:
            self._say(answer)

    do_POST = do_GET  # noqa: N815 the base class's names

    def _reset(self) -> None:
        # Lingering for 0 s turns the close into a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _stall(self) -> None:
        self.site.closing.wait(30)
        self.close_connection = True

    def _say(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.fault in {Fault.ENDLESS, Fault.DRIP}:
            self.end_headers()
            self._go_on(answer)
            return
        missing = answer.fault is Fault.TRUNCATED
        self.send_header("content-length", str(len(answer.body) + missing))
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection = self.close_connection or missing

    def _go_on(self, answer: Answer) -> None:
        self.close_connection = True
        endless = answer.fault is Fault.ENDLESS
        piece = (answer.body or b" ") * (65_536 if endless else 1)
        while not self.site.closing.is_set():
            self.wfile.write(piece)
            self.site.closing.wait(0 if endless else 0.05)

    def log_message(self, *_: object) -> None:
        """Quiet: `asked` is the log."""
