"""A server on loopback, in a thread of its own: what every service of the tests is."""

from __future__ import annotations

import threading
from http.server import ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Self


class Loopback:
    """Serves while it is entered; the port is taken as soon as it is made."""

    def __init__(
        self,
        kind: type[ThreadingHTTPServer | ThreadingTCPServer],
        handler: type[BaseRequestHandler],
    ) -> None:
        """`handler` finds this service as its `site`."""
        self.closing = threading.Event()
        """Set when the service ends: whoever keeps a client waiting waits for it."""
        self._server = kind(("127.0.0.1", 0), type("Handler", (handler,), {"site": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
