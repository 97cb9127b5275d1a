"""Slack over HTTP: signed requests to a Bolt app, as a plain WSGI application.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from slack_bolt import App, BoltRequest

from bot.errors import StoreError
from bot.slack.manifest import EVENTS
from bot.store import Store
from handlers.webhooks import STATUS, Refused, received

SLACK = EVENTS
BODY_MOST = 1024 * 1024
"""Slack's payloads are far below that."""
OLD_S = 300
"""Seconds by which a request may be old, or early."""

Answer = tuple[int, dict[str, str], str]
"""A status, headers, and a body."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Paths:
    """Several applications behind one address."""

    own: dict[str, WSGIApplication]
    otherwise: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as PEP 3333 has it."""
        chosen = self.own.get(environ.get("PATH_INFO", ""), self.otherwise)
        return chosen(environ, start_response)


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that Slack signed just now; whether it is a replay is not known yet."""

    request: BoltRequest
    signature: str


@dataclass(frozen=True, slots=True)
class SlackHttp:
    """Takes what Slack has signed, once, and nothing else: the rest is told nothing but 401."""

    app: App
    secret: str = field(repr=False)
    store: Store
    clock: Callable[[], datetime]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as PEP 3333 has it."""
        return answered(
            start_response, lambda: self.take(signed(environ, self.secret, self.clock()))
        )

    def take(self, told: Signed) -> Answer:
        """Deal with a request, once. Raises Refused if it came before.

        A retry of Slack's is signed anew, with the time of the retry: the same signature twice is
        a replay.
        """
        if not self.store.inbox.once(told.signature, self.clock()):
            raise Refused(401, "a replay")
        response = self.app.dispatch(told.request)
        return response.status, response.first_headers_without_set_cookie(), response.body or ""


def answered(start_response: StartResponse, work: Callable[[], Answer]) -> Iterable[bytes]:
    """What some work answers Slack, as PEP 3333 has it; a refusal says nothing but its status."""
    try:
        status, headers, body = work()
    except Refused as refused:
        _log.warning("slack request refused", status=refused.status, why=refused.why)
        status, headers, body = refused.status, {}, ""
    except StoreError as error:
        _log.warning("slack request not kept", error=str(error))
        status, headers, body = 503, {}, ""
    content = body.encode()
    sent = [(name, value) for name, value in headers.items() if name.lower() != "content-length"]
    sent.append(("Content-Length", str(len(content))))
    start_response(STATUS.get(status, f"{status} Answered"), sent)
    return [content]


def signed(environ: WSGIEnvironment, secret: str, now: datetime) -> Signed:
    """A request, if Slack signed it within OLD_S. Raises Refused otherwise.

    The secret is compared before anything of the body is parsed.
    """
    if environ["REQUEST_METHOD"] != "POST":
        raise Refused(405, "only POST is answered here")
    body = received(environ)
    if len(body) > BODY_MOST:
        raise Refused(413, "the body is too large")
    signature = _verified(body, environ, secret, now)
    try:
        request = _request(body.decode("utf-8", "replace"), _headers(environ))
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(400, "the body is nothing that Slack sends") from error
    return Signed(request, signature)


def _verified(body: bytes, environ: WSGIEnvironment, secret: str, now: datetime) -> str:
    """The signature of this body, if it is there and of now. Raises Refused otherwise."""
    told = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
    signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
    if not _TIMESTAMP.fullmatch(told):
        raise Refused(401, "no timestamp")
    base = b"v0:" + told.encode() + b":" + body
    right = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
        raise Refused(401, "the signature is missing or wrong")
    if abs(now.timestamp() - int(told)) > OLD_S:
        raise Refused(401, "too old or too early")
    return right


def _request(body: str, headers: dict[str, str | Sequence[str]]) -> BoltRequest:
    """What Bolt makes of a body; raises ValueError, TypeError or AttributeError if it is nothing.

    It looks for an interaction wherever the word `payload` stands, and so finds nothing in a
    command that asks for it: that is read here, and told as Socket Mode does, which has no text
    to read it from again.
    """
    request = BoltRequest(body=body, headers=headers)
    if request.body or not (command := dict(parse_qsl(body, keep_blank_values=True))):
        return request
    return BoltRequest(body=command, headers=headers, mode="socket_mode")


def _headers(environ: WSGIEnvironment) -> dict[str, str | Sequence[str]]:
    found: dict[str, str | Sequence[str]] = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    return {**found, "content-type": str(environ.get("CONTENT_TYPE", ""))}
