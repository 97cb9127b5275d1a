"""Keeping every raw exchange with the world, and going through it again without the world.

That is how a user reports a parsing fault, and how a test is made of it. A recording is a folder:
`recording.json` says when it was made, and each exchange has a file of its own.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import httpx2

from bot import __version__, exchange
from bot.errors import GroundswellError, SourceError
from bot.scrub import Scrubber

ABOUT = "recording.json"

_Ended = Callable[[bytes, httpx2.TransportError | None], None]


class Writer:
    """A recording that is being made: a folder that exchanges are written into."""

    def __init__(self, folder: Path, scrubber: Scrubber) -> None:
        self.scrubber = scrubber
        self._folder = folder
        self._numbers = count(1)

    def place(self) -> Path:
        """The file for the next exchange, in the order in which things are asked."""
        return self._folder / f"{next(self._numbers):05}.json"


class Reader:
    """A recording that is gone through again."""

    def __init__(self, folder: Path) -> None:
        self.scrubber = Scrubber()
        self._folder = folder
        self._lock = threading.Lock()
        self._left: defaultdict[exchange.Key, deque[Path]] = defaultdict(deque)
        for path in sorted(folder.glob("[0-9]*.json")):
            self._left[_key(path)].append(path)

    def find(self, asked: exchange.Said) -> Path:
        """The exchange in which that was asked: each in its order, then the last one again.

        Raises:
            SourceError: it was not asked.
        """
        with self._lock:
            left = self._left.get(exchange.key(asked))
            path = None if not left else left.popleft() if len(left) > 1 else left[0]
        if path is None:
            address = asked["url"].partition("?")[0]
            raise SourceError(
                f"{asked['method']} {address} was not recorded in {self._folder}; a recording is "
                "replayed with the same sources, and both begin with an empty database",
                permanent=True,
            )
        return path


@dataclass(frozen=True, slots=True)
class Tape:
    """What goes between us and the world, and the time that it speaks as of."""

    now: datetime
    reel: Writer | Reader

    def over(self, transport: httpx2.BaseTransport) -> httpx2.BaseTransport:
        """The transport to use instead of the given one."""
        if isinstance(self.reel, Reader):
            return Replaying(self.reel)
        return Recording(transport, self.reel)


def record(folder: Path, now: datetime, secrets: Iterable[str]) -> Tape:
    """Keep every exchange in a new folder, without these secrets and any that are seen.

    Raises:
        GroundswellError: the folder holds something already, or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise GroundswellError(f"{folder}: cannot be written: {error.strerror}") from error
    if filled:
        raise GroundswellError(f"{folder} holds something already: name a new folder")
    exchange.write(folder / ABOUT, {"now": now.isoformat(), "version": __version__})
    return Tape(now, Writer(folder, Scrubber(secrets)))


def replay(folder: Path) -> Tape:
    """Go through a recording again.

    Raises:
        GroundswellError: it is none.
    """
    try:
        now = datetime.fromisoformat(exchange.read(folder / ABOUT)["now"])
    except (SourceError, KeyError, TypeError, ValueError) as error:
        raise GroundswellError(
            f"{folder} is no recording: {ABOUT} is missing or broken; "
            "groundswell collect --record DIR makes one"
        ) from error
    return Tape(now, Reader(folder))


class Recording(httpx2.BaseTransport):
    """Hands every request on, and writes down what was asked and answered, without secrets."""

    def __init__(self, inner: httpx2.BaseTransport, writer: Writer) -> None:
        self._inner = inner
        self._writer = writer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, asking for an answer that is not packed; its file is written at its end."""
        request.headers["Accept-Encoding"] = "identity"
        path, scrubber = self._writer.place(), self._writer.scrubber
        asked = exchange.asked(request, scrubber)
        try:
            response = self._inner.handle_request(request)
        except httpx2.TransportError as error:
            failed = exchange.failure(error, scrubber)
            exchange.write(path, {"asked": asked, "failed": failed})
            raise

        def ended(body: bytes, error: httpx2.TransportError | None) -> None:
            said: dict[str, object] = {"asked": asked}
            said["answered"] = exchange.answered(response, body, scrubber)
            if error:
                said["failed"] = exchange.failure(error, scrubber)
            exchange.write(path, said)

        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Tee(response, ended),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close what is below."""
        self._inner.close()


class _Tee(httpx2.SyncByteStream):
    """A body that is kept as far as it is read. Closed, it tells that, and how it broke off."""

    def __init__(self, response: httpx2.Response, ended: _Ended) -> None:
        self._response = response
        self._ended: _Ended | None = ended
        self._kept = bytearray()
        self._failed: httpx2.TransportError | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._response.iter_raw():
                self._kept += piece[: exchange.BODY_MOST - len(self._kept)]
                yield piece
        except httpx2.TransportError as error:
            self._failed = error
            raise

    def close(self) -> None:
        self._response.close()
        ended, self._ended = self._ended, None
        if ended:
            ended(bytes(self._kept), self._failed)


class Replaying(httpx2.BaseTransport):
    """Answers from a recording."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded answer. Raises SourceError if there is none, and what was recorded."""
        asked = exchange.asked(request, self._reader.scrubber)
        return exchange.response(self._reader.find(asked))


def _key(path: Path) -> exchange.Key:
    try:
        return exchange.key(exchange.read(path)["asked"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"{path}: no recorded exchange", permanent=True) from error
