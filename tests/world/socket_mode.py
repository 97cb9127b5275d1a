"""Slack's end of Socket Mode: it opens connections, tells over them, and keeps what it is answered.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

PATIENCE_S = 10


@dataclass
class SocketMode:
    """Every payload goes to the newest connection alone."""

    port: int = 0
    connections: list[ServerConnection] = field(default_factory=list)
    acks: dict[str, float] = field(default_factory=dict)
    """By envelope how many seconds it took to be acknowledged."""
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By envelope what was said with that, to be shown at once."""
    opened: int = 0
    _sent: dict[str, float] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/link"

    def hold(self, connection: ServerConnection) -> None:
        """What the server does with a connection."""
        connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        with self._changed:
            self.connections.append(connection)
            self.opened += 1
            self._changed.notify_all()
        with suppress(ConnectionClosed):
            for said in connection:
                told = json.loads(said)
                envelope = told.get("envelope_id")
                with self._changed:
                    self.said[envelope] = told.get("payload") or {}
                    self.acks[envelope] = time.monotonic() - self._sent[envelope]
                    self._changed.notify_all()
        with self._changed:
            self.connections.remove(connection)

    def tell(self, kind: str, payload: dict[str, Any], **more: Any) -> str:
        """Send an envelope, with `more` around the payload; returns its id."""
        self.wait(lambda: bool(self.connections))
        envelope = f"envelope-{next(self._numbers)}"
        self._sent[envelope] = time.monotonic()
        told = {
            "type": kind,
            "envelope_id": envelope,
            "payload": payload,
            "accepts_response_payload": kind == "slash_commands",
            **more,
        }
        self.connections[-1].send(json.dumps(told))
        return envelope

    def acknowledged(self, envelope: str) -> float:
        """How many seconds that took; fails if it never comes."""
        self.wait(lambda: envelope in self.acks)
        return self.acks[envelope]

    def part(self, how: str) -> None:
        """End every connection in one of the ways in which they end."""
        for connection in list(self.connections):
            if how == "asked":
                connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
            elif how == "closed":
                connection.close()
            else:
                connection.socket.shutdown(socket.SHUT_RDWR)

    def wait(self, whether: Any) -> None:
        with self._changed:
            assert self._changed.wait_for(whether, PATIENCE_S), "nothing happened in time"


@contextmanager
def socket_mode() -> Iterator[SocketMode]:
    """A server on loopback."""
    made = SocketMode()
    server: Server = serve(made.hold, "127.0.0.1", 0)
    made.port = server.socket.getsockname()[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
