"""The only way out: time-outs, retries, conditional requests, a size cap, guarded addresses."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpcore2
import httpx2
import stamina

from bot import __version__
from bot.answers import (
    Reply,
    TryAgain,
    Validators,
    json_of,
    refusal,
    shown_url,
    unpacked,
)
from bot.errors import SourceError
from bot.guard import GuardedBackend, within
from bot.limits import WAIT_MOST_S, Budget, Pace

CONNECT_S, READ_S, TOTAL_S = 10.0, 20.0, 60.0
MAX_BYTES = 10_000_000
ATTEMPTS = 4
EVERY_SITE = 20
"""Requests a second that we send to one site at most, whatever it would allow."""

REDIRECTS = 5
FOR_ANYONE = {"accept", "if-none-match", "if-modified-since"}
"""Headers that still go with a redirect to another site; any other may hold a secret."""


@dataclass(frozen=True, slots=True)
class _Ask:
    """One question to a site, before it is sent."""

    method: str
    url: str
    params: Mapping[str, str | int]
    headers: Mapping[str, str]
    body: bytes | None = None

    def redirected(self, url: str) -> _Ask:
        """The same question at another address, without what is secret if the site is another."""
        headers = self.headers
        if not _same_site(self.url, url):
            headers = {k: v for k, v in headers.items() if k.lower() in FOR_ANYONE}
        return replace(self, url=url, params={}, headers=headers)


_UNSENDABLE = "{}: a header, perhaps the token, holds characters that cannot be sent"


class Http:
    """One client for all sources; may be shared between threads.

    `contact` tells site owners whom to write to. `allowed_hosts` are names that may lead to
    private addresses. Only SourceError leaves it, and no message holds a query string.
    """

    def __init__(  # noqa: PLR0913 limits with good defaults, named where they are set
        self,
        contact: str = "",
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        max_bytes: int = MAX_BYTES,
        read_s: float = READ_S,
        total_s: float = TOTAL_S,
        every_site: int = EVERY_SITE,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._rests: dict[str, Pace] = {}
        self._every_site = every_site
        self._max_bytes = max_bytes
        self._total_s = total_s
        self._about = f" (+{contact})" if contact else ""
        self._read_s = read_s
        self._transport = transport
        self._allowed_hosts = allowed_hosts
        self._made: httpx2.Client | None = None
        self._lock = threading.Lock()

    @property
    def _client(self) -> httpx2.Client:
        """Made when it is first needed: reading the certificates takes longer than a query."""
        with self._lock:
            if self._made is None:
                agent = f"Groundswell/{__version__}{self._about}"
                self._made = httpx2.Client(
                    transport=self._transport or guarded_transport(self._allowed_hosts),
                    headers={"User-Agent": agent, "Accept-Encoding": "gzip"},
                    timeout=httpx2.Timeout(self._read_s, connect=CONNECT_S),
                    follow_redirects=False,
                    trust_env=False,
                )
            return self._made

    def close(self) -> None:
        """Close every connection."""
        if self._made is not None:
            self._made.close()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        pace: Pace | None = None,
    ) -> Reply:
        """Fetch an address; with `validators`, only if it has changed since.

        `params` come on top of those that the address has. Other `headers` than FOR_ANYONE are
        left out when a redirect leads to another host or port, or from https to http. Every
        attempt waits for its turn in `pace`, and none is made while the site asked for rest; where
        an answer says that nothing is left of a limit, `pace` rests until there is.

        Raises:
            SourceError: permanent where trying again cannot help; with `retry_after` where the
                server asked for a longer pause than we wait.
        """
        sent = {**(headers or {}), **_conditions(validators)}
        return self._tried(_Ask("GET", url, params or {}, sent), pace)

    def post_json(
        self,
        url: str,
        payload: Any,  # noqa: ANN401 whatever JSON holds
        *,
        headers: Mapping[str, str] | None = None,
        pace: Pace | None = None,
    ) -> Reply:
        """Ask a question that needs a body (GraphQL): it must be harmless to ask it twice.

        Redirects are not followed. Raises SourceError, as `get` does.
        """
        sent = {**(headers or {}), "Content-Type": "application/json"}
        body = json.dumps(payload).encode()
        return self._tried(_Ask("POST", url, {}, sent, body), pace)

    def post_form(
        self,
        url: str,
        fields: Sequence[tuple[str, str]],
        *,
        headers: Mapping[str, str] | None = None,
        pace: Pace | None = None,
    ) -> Reply:
        """Ask for what is given for a form's fields (an OAuth token), as `post_json` does."""
        sent = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(fields).encode()
        return self._tried(_Ask("POST", url, {}, sent, body), pace)

    def _tried(self, ask: _Ask, pace: Pace | None) -> Reply:
        site = _site(ask.url)
        rest = self._rests.setdefault(site, Pace(self._every_site, 1.0))
        rest.wait(site)
        retries = stamina.retry_context(
            on=_pause, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=10.0
        )
        try:
            for attempt in retries:
                if pace:
                    pace.wait(site)
                with attempt, within(self._total_s):
                    reply = self._followed(ask)
                    if pace and reply.budget:
                        pace.rest(reply.budget.rest(datetime.now(UTC)))
                    return reply
        except TryAgain as error:
            if error.after:
                rest.rest(error.after)
            raise SourceError(str(error), retry_after=error.after, status=error.status) from error
        raise AssertionError("unreachable: the retries end with an answer or an error")

    def get_json(self, url: str, **options: Any) -> Any:  # noqa: ANN401 whatever JSON holds
        """Fetch an address and read it as JSON. Raises SourceError, also if it is none."""
        return json_of(self.get(url, **options))

    def _followed(self, ask: _Ask) -> Reply:
        """One attempt, redirects followed by hand so that each is checked like the first."""
        for _ in range(REDIRECTS + 1):
            _check(ask.url)
            answer = self._once(self._request(ask))
            if isinstance(answer, Reply):
                return answer
            if ask.body is not None:
                raise SourceError(f"{shown_url(ask.url)} moved: change its address", permanent=True)
            ask = ask.redirected(answer)
        raise SourceError(f"{shown_url(ask.url)}: more than {REDIRECTS} redirects", permanent=True)

    def _request(self, ask: _Ask) -> httpx2.Request:
        url = ask.url
        try:
            whole = httpx2.URL(url).copy_merge_params(ask.params)
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise SourceError(f"{shown_url(url)} is malformed", permanent=True) from error
        if whole.is_relative_url:
            raise SourceError(f"{shown_url(url)} is malformed", permanent=True)
        try:
            return self._client.build_request(
                ask.method, whole, headers=dict(ask.headers), content=ask.body
            )
        except UnicodeError as error:
            raise SourceError(_UNSENDABLE.format(shown_url(url)), permanent=True) from error

    def _once(self, request: httpx2.Request) -> Reply | str:
        """Send one request: an answer, or the address it redirects to."""
        where = shown_url(str(request.url))
        try:
            response = self._client.send(request, stream=True)
            try:
                return self._answer(response, where)
            finally:
                response.close()
        except (httpx2.TimeoutException, httpcore2.TimeoutException) as error:
            raise TryAgain(f"{where} did not answer in time") from error
        except (httpx2.UnsupportedProtocol, UnicodeError) as error:
            raise SourceError(f"{where} is malformed", permanent=True) from error
        except httpx2.LocalProtocolError as error:
            raise SourceError(_UNSENDABLE.format(where), permanent=True) from error
        except (httpx2.ProtocolError, zlib.error) as error:
            # What these say quotes the server.
            raise TryAgain(f"{where} broke off its answer, or garbled it") from error
        except (httpx2.HTTPError, httpcore2.ConnectError) as error:
            raise TryAgain(
                f"{where} could not be read: {str(error) or type(error).__name__}"
            ) from error

    def _answer(self, response: httpx2.Response, where: str) -> Reply | str:
        status = response.status_code
        if response.has_redirect_location:
            return _target(response, where)
        if status not in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            raise refusal(response.status_code, response.headers, where)
        unchanged = status == HTTPStatus.NOT_MODIFIED
        return Reply(
            url=str(response.url.copy_with(userinfo=b"")),
            content_type=response.headers.get("content-type", ""),
            body=b"" if unchanged else self._body(response, where),
            validators=Validators(
                response.headers.get("etag"), response.headers.get("last-modified")
            ),
            not_modified=unchanged,
            links={
                rel: link["url"] for rel, link in response.links.items() if rel and "url" in link
            },
            budget=Budget.of(response.headers, datetime.now(UTC)),
        )

    def _body(self, response: httpx2.Response, where: str) -> bytes:
        """The body, unpacked as it comes so that no bomb is ever held whole."""
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"gzip", "x-gzip", "identity", ""}:
            raise SourceError(f"{where} packed its answer with something else than gzip")
        pieces = response.iter_raw()
        if packed in {"gzip", "x-gzip"}:
            pieces = unpacked(pieces, self._max_bytes + 1)
        body = bytearray()
        for piece in pieces:
            body += piece
            if len(body) > self._max_bytes:
                raise SourceError(f"{where} is larger than {self._max_bytes:,} bytes")
        return bytes(body)


def guarded_transport(allowed_hosts: frozenset[str]) -> httpx2.HTTPTransport:
    """What carries requests out: to public addresses, or to hosts allowed by name."""
    context = httpx2.create_ssl_context(trust_env=False)
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    # The transport takes no network backend of its own, the pool inside it does.
    transport._pool = httpcore2.ConnectionPool(  # noqa: SLF001 see above
        ssl_context=context,
        max_connections=20,
        max_keepalive_connections=10,
        keepalive_expiry=15.0,
        network_backend=GuardedBackend(allowed_hosts),
    )
    return transport


def _conditions(validators: Validators | None) -> dict[str, str]:
    if validators is None:
        return {}
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    # What is not ASCII cannot be sent back; then the whole answer comes again.
    return {k: v for k, v in pairs.items() if v and v.isascii() and v.isprintable()}


def _target(response: httpx2.Response, where: str) -> str:
    try:
        return urljoin(str(response.url), response.headers["location"])
    except ValueError as error:
        raise SourceError(f"{where} redirects to a malformed address", permanent=True) from error


def _same_site(before: str, after: str) -> bool:
    """Whether what is secret may follow a redirect: same host, same port, no step down to http."""
    try:
        old, new = httpx2.URL(before), httpx2.URL(after)
    except (httpx2.InvalidURL, UnicodeError):
        return False
    as_safe = new.scheme in {old.scheme, "https"}
    return (old.host, old.port) == (new.host, new.port) and as_safe


def _pause(error: Exception) -> bool | float:
    """Whether to try again, and after how long if the server said so."""
    if not isinstance(error, TryAgain) or (error.after or 0) > WAIT_MOST_S:
        return False
    return True if error.after is None else error.after


def _site(url: str) -> str:
    """Host and port: what a Retry-After speaks of."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _check(url: str) -> None:
    try:
        # A port out of range fails when it is read, and would be taken for another.
        scheme, _ = urlsplit(url).scheme, urlsplit(url).port
    except ValueError as error:
        raise SourceError(f"{shown_url(url)} is malformed", permanent=True) from error
    if scheme not in {"http", "https"}:
        raise SourceError(f"{shown_url(url)}: only http and https are read", permanent=True)
