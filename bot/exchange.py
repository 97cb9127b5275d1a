"""One question to the world and what came of it, as a file that people can read."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from bot.errors import GroundswellError, SourceError
from bot.scrub import Scrubber

BODY_MOST = 10_000_001
"""Bytes kept of a body: one more than is ever read of it, so that too much stays too much."""

HARMLESS = frozenset(
    (
        *("accept", "accept-encoding", "connection", "content-length", "content-type", "host"),
        *("if-modified-since", "if-none-match", "user-agent"),
    )
)
"""Headers of a request that hold no secret; every other one is taken for one."""

ASKED = ("accept", "content-type", "if-modified-since", "if-none-match")
ANSWERED = (
    *("content-type", "etag", "last-modified", "link", "location", "retry-after"),
    *(f"{start}ratelimit-{end}" for start in ("x-", "") for end in ("limit", "remaining", "reset")),
)
"""Headers that are kept: all that an adapter can come to know. Cookies are not among them."""

Said = Mapping[str, Any]
Key = tuple[str, str, str]
"""Method, address and a digest of the body: what makes two questions the same."""


def asked(request: httpx2.Request, scrubber: Scrubber) -> dict[str, Any]:
    """A request as it is written down."""
    for name, value in request.headers.items():
        if name.lower() not in HARMLESS:
            scrubber.learn_header(value)
    body = scrubber.data(request.read())
    return {
        "method": request.method,
        "url": scrubber.url(str(request.url)),
        "headers": _headers(request.headers, ASKED, scrubber),
        **(body_of(body) if body else {}),
    }


def answered(response: httpx2.Response, body: bytes, scrubber: Scrubber) -> dict[str, Any]:
    """An answer as it is written down: unpacked, for what is packed cannot be looked through."""
    kept: dict[str, Any] = {
        "status": response.status_code,
        "headers": _headers(response.headers, ANSWERED, scrubber),
    }
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    plain = body if packed in {"identity", ""} or not body else _unpacked(body)
    if plain is None:
        return kept | {"unreadable": f"{len(body)} bytes, packed with {packed[:20]}"}
    return kept | body_of(scrubber.data(plain))


def failure(error: httpx2.TransportError, scrubber: Scrubber) -> str:
    """A failure as it is written down."""
    return f"{type(error).__name__}: {scrubber.text(str(error))}"


def key(said: Said) -> Key:
    """Of a request that was written down."""
    return said["method"], said["url"], hashlib.sha256(data_of(said)).hexdigest()


def response(path: Path) -> httpx2.Response:
    """A recorded answer, or the failure that came instead.

    Raises:
        httpx2.TransportError: that failure.
        SourceError: the file is no recorded exchange.
    """
    said = read(path)
    failed = _failed(said.get("failed"))
    if failed and "answered" not in said:
        raise failed
    try:
        answer = said["answered"]
        if "unreadable" in answer:
            raise SourceError(f"{path}: this answer could not be unpacked and was not kept")
        stream = _Again(data_of(answer), failed)
        return httpx2.Response(answer["status"], headers=answer["headers"], stream=stream)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{path}: no recorded exchange", permanent=True) from error


def read(path: Path) -> dict[str, Any]:
    """What is written in a file of a recording. Raises SourceError if it is none."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read as JSON", permanent=True) from error
    if not isinstance(found, dict):
        raise SourceError(f"{path}: no recorded exchange", permanent=True)
    return found


def write(path: Path, said: Said) -> None:
    """Write a file that nobody but its owner can read.

    Raises:
        GroundswellError: it cannot be written, or is there already.
    """
    text = json.dumps(said, ensure_ascii=False, indent=1)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text.encode("utf-8", "surrogatepass") + b"\n")
    except OSError as error:
        raise GroundswellError(
            f"{path}: cannot be written: {error.strerror}; the recording is not whole"
        ) from error


class _Again(httpx2.SyncByteStream):
    """A body, and the failure that it broke off with."""

    def __init__(self, body: bytes, failed: httpx2.TransportError | None) -> None:
        self._body = body
        self._failed = failed

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        if self._failed:
            raise self._failed


def _failed(written: object) -> httpx2.TransportError | None:
    """The failure that was written down; None if there was none."""
    name, _, message = str(written or "").partition(": ")
    kind = getattr(httpx2, name, None)
    if isinstance(kind, type) and issubclass(kind, httpx2.TransportError):
        return kind(message)
    return httpx2.ReadError(message) if written else None


def _headers(headers: httpx2.Headers, names: tuple[str, ...], scrubber: Scrubber) -> dict[str, str]:
    return {name: scrubber.header(headers[name]) for name in names if name in headers}


def _unpacked(body: bytes) -> bytes | None:
    """What gzip or zlib has packed, BODY_MOST of it at most; None if it is neither, or damaged."""
    unpack = zlib.decompressobj(wbits=47)
    try:
        plain = unpack.decompress(body, BODY_MOST)
    except zlib.error:
        return None
    whole = unpack.eof and not unpack.unused_data
    return plain if whole or len(plain) == BODY_MOST else None


def body_of(body: bytes) -> dict[str, str]:
    """Bytes as they are written down: as text if they are UTF-8."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def data_of(said: Said) -> bytes:
    """The bytes that were written down."""
    return base64.b64decode(said["base64"]) if "base64" in said else said.get("body", "").encode()
