"""Signed deliveries over HTTP, as a plain WSGI application: whichever server runs it.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import parse_qs
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog

from bot.errors import GroundswellError
from bot.pipeline import Pipeline
from bot.sources.base import Hears
from bot.sources.github.webhooks import EVENTS

log = structlog.get_logger(__name__)

GITHUB = "/github/webhooks"
HEALTH = "/health"
METHODS = {GITHUB: "POST", HEALTH: "GET"}
"""What there is, and how it is asked."""

BODY_MOST = 25 * 1024 * 1024
"""GitHub sends no more than 25 MB."""
SEEN_MOST = 10_000
"""Deliveries that are remembered."""

STATUS = {
    200: "200 OK",
    202: "202 Accepted",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    411: "411 Length Required",
    413: "413 Content Too Large",
    415: "415 Unsupported Media Type",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}

NO_SECRET = "no webhook secret is set here"  # noqa: S105 it says that there is none
NO_SOURCE = "GitHub is not read here"
MENDS = {
    NO_SECRET: "set GITHUB_WEBHOOK_SECRET in .env to the secret on the webhook's page",
    NO_SOURCE: "name repos or orgs under [sources.github] in groundswell.toml",
}
"""What the operator has to do; said in the log alone."""

_LENGTH = re.compile(r"[0-9]{1,15}")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")


class Refused(Exception):  # noqa: N818 it says more than "error"
    """A request that is not taken: the status, and a reason in words of ours."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(slots=True)
class Seen:
    """The last deliveries that were taken, by their ids."""

    most: int = SEEN_MOST
    _ids: dict[str, None] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __contains__(self, delivery: str) -> bool:
        return delivery in self._ids

    def add(self, delivery: str) -> None:
        """Remember one, and forget the oldest in its place."""
        with self._lock:
            self._ids[delivery] = None
            while len(self._ids) > self.most:
                del self._ids[next(iter(self._ids))]


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The application. Nothing that a stranger sent stands in an answer or in the log."""

    pipeline: Pipeline
    secret: str = field(repr=False)
    """What GitHub signs with; empty: every delivery is refused."""
    seen: Seen = field(default_factory=Seen)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as PEP 3333 has it."""
        status, words = self._answered(environ)
        body = f"{words}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if status == 405:  # noqa: PLR2004 its own name stands in STATUS
            headers.append(("Allow", METHODS[environ["PATH_INFO"]]))
        start_response(STATUS[status], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answered(self, environ: WSGIEnvironment) -> tuple[int, str]:
        """The status and the words of the answer, whatever happens."""
        try:
            return self._routed(environ)
        except Refused as refused:
            mend = {"mend": MENDS[refused.why]} if refused.why in MENDS else {}
            # Whoever goes from door to door on the net is no news.
            tell = log.info if refused.status in (404, 405) else log.warning
            tell("webhook refused", status=refused.status, why=refused.why, **mend)
            return refused.status, refused.why
        except GroundswellError as error:
            log.error("webhook not kept", error=str(error))  # noqa: TRY400 the message is for people
            return 503, "it cannot be kept at the moment"
        except Exception as error:  # noqa: BLE001 the border: a bug is an answer too
            reference = uuid4().hex[:8]
            # Without its message, which may quote what was sent.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("webhook broke", kind=type(error).__name__, reference=reference, where=where)  # noqa: TRY400 see above
            return 500, f"a fault in Groundswell itself (reference {reference})"

    def _routed(self, environ: WSGIEnvironment) -> tuple[int, str]:
        path = environ.get("PATH_INFO", "")
        if path not in METHODS:
            raise Refused(404, "there is nothing here")
        if environ["REQUEST_METHOD"] != METHODS[path]:
            raise Refused(405, f"only {METHODS[path]} is answered here")
        if path == HEALTH:
            return 200, "ok"
        self._take(environ)
        return 202, "accepted"

    def _take(self, environ: WSGIEnvironment) -> None:
        """Read a delivery and save what it brings; one that came before has no second effect."""
        if not self.secret.strip():
            raise Refused(503, NO_SECRET)
        source = self.pipeline.sources.get("github")
        if not isinstance(source, Hears):
            raise Refused(503, NO_SOURCE)
        body = received(environ)
        if not is_signed(body, environ.get("HTTP_X_HUB_SIGNATURE_256", ""), self.secret):
            raise Refused(401, "the signature is missing or wrong")
        payload = parsed(body, environ.get("CONTENT_TYPE", ""))
        delivery = environ.get("HTTP_X_GITHUB_DELIVERY", "")
        if delivery in self.seen:
            return
        event = environ.get("HTTP_X_GITHUB_EVENT", "")
        cursor = self.pipeline.store.sources.state(source.name).cursor
        taken = self.pipeline.heard(source.name, source.heard(event, payload, cursor))
        # Only now: what could not be kept may be delivered again.
        if _DELIVERY.fullmatch(delivery):
            self.seen.add(delivery)
        log.info(
            "webhook taken",
            of=event if event in EVENTS else "another event",
            new=taken.new,
            updated=taken.updated,
            deleted=taken.deleted,
            rejected=taken.reasons,
        )


def received(environ: WSGIEnvironment) -> bytes:
    """The body, which must say how long it is, and be no longer than BODY_MOST. Raises Refused."""
    told = environ.get("CONTENT_LENGTH") or ""
    if not told or "HTTP_TRANSFER_ENCODING" in environ:
        raise Refused(411, "say how long the body is")
    if not _LENGTH.fullmatch(told):
        raise Refused(400, "the length is no number")
    length = int(told)
    if length > BODY_MOST:
        raise Refused(413, "the body is too large")
    pieces, missing = [], length
    while missing and (piece := environ["wsgi.input"].read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    if missing:
        raise Refused(400, "the body is shorter than it says")
    return b"".join(pieces)


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether it is the body's own `X-Hub-Signature-256`; told in the same time wherever not."""
    right = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace"))


def parsed(body: bytes, content_type: str) -> object:
    """The payload, in either of the forms that GitHub offers. Raises Refused."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/x-www-form-urlencoded"):
        raise Refused(415, "choose application/json on the webhook's page")
    try:
        if kind == "application/json":
            return json.loads(body)
        form = parse_qs(body.decode(), errors="strict", strict_parsing=True, max_num_fields=1)
        (payload,) = form["payload"]
        return json.loads(payload)
    except (ValueError, KeyError, RecursionError) as error:
        raise Refused(400, "the payload is no JSON") from error
