"""What a site answers, as values: replies, refusals, and the rest that it asks for."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.limits import Budget

REST_MOST_S = 7 * 86_400.0
"""No longer pause is believed: it is a mistake, or mischief to silence a source for good."""

AGAIN = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""Answers that may be another in a moment."""

CLIENT_ERRORS = range(400, 500)

MENDS = {
    HTTPStatus.UNAUTHORIZED: "the token is missing, wrong or expired",
    HTTPStatus.PAYMENT_REQUIRED: "what was paid for is used up",
    HTTPStatus.FORBIDDEN: "the token may not read this, or the site refuses bots",
    HTTPStatus.NOT_FOUND: "nothing is there: check the address",
    HTTPStatus.GONE: "it is gone for good: remove it from groundswell.toml",
}


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask "has it changed since?"; kept by the source in its cursor."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of 200, or of 304 with `not_modified` and an empty body."""

    url: str
    """Where the answer came from, after redirects; without user and password."""
    content_type: str
    body: bytes
    validators: Validators
    not_modified: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    """Addresses of the `Link` header by their relation: `next`, `last` ..."""
    budget: Budget | None = None
    """What the site says is left of its limits."""


class TryAgain(Exception):  # noqa: N818 never leaves bot/http.py
    """A failure that may pass; `after` is the pause that the server asked for."""

    def __init__(self, message: str, after: float | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.after = after
        self.status = status


def json_of(reply: Reply) -> Any:  # noqa: ANN401 whatever JSON holds
    """A reply's body, read as JSON. Raises SourceError if it is none."""
    where = shown_url(reply.url)
    if reply.content_type.lower().startswith("text/html"):
        raise SourceError(f"{where} answered with a web page instead of JSON")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where} answered with broken JSON ({error})") from error


def unpacked(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """What gzip has packed, one member or several; the first piece of `most` bytes is the last.

    Raises:
        zlib.error: it is no gzip, or breaks off.
    """
    unpack = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if unpack is None or unpack.eof:
                if unpack and not rest.startswith(b"\x1f"):
                    return  # padding after the end
                unpack = zlib.decompressobj(wbits=31)
            piece = unpack.decompress(rest, most)
            yield piece
            rest = unpack.unused_data
    if unpack and not unpack.eof:
        raise zlib.error("it breaks off")


def refusal(status: int, headers: Mapping[str, str], where: str) -> Exception:
    """The error that an answer other than 200 or 304 means."""
    after = asked_rest(headers)
    if status in AGAIN or (status == HTTPStatus.FORBIDDEN and after is not None):
        pause = f" and asks for {after:.0f} s of rest" if after else ""
        return TryAgain(f"{where} answered {status}{pause}", after, status)
    mend = f": {MENDS[HTTPStatus(status)]}" if status in {int(s) for s in MENDS} else ""
    return SourceError(
        f"{where} answered {status}{mend}", permanent=status in CLIENT_ERRORS, status=status
    )


def asked_rest(headers: Mapping[str, str]) -> float | None:
    """Seconds that a refusal asks us to stay away: by Retry-After, or until its limit resets."""
    after = retry_after(headers.get("retry-after"))
    now = datetime.now(UTC)
    budget = Budget.of(headers, now)
    if after is None and budget and (rest := budget.rest(now)):
        return min(rest, REST_MOST_S)
    return after


def retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, a number or a date, REST_MOST_S at most; else None."""
    if value is None:
        return None
    if value.isascii() and value.strip().isdecimal():
        return min(float(value), REST_MOST_S)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), REST_MOST_S)


def shown_url(url: str) -> str:
    """An address as it may be shown: without user, query and fragment, which may be secrets."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host = ""
    if not host:
        return "the address"
    host = f"[{host}]" if ":" in host else host
    told = f"{parts.scheme}://{host}{port}{parts.path}"[:200]
    return told if told.isprintable() else "the address"
