"""Installing the app in a workspace: people are sent to Slack, and come back with a code.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from threading import Lock, Semaphore
from urllib.parse import parse_qs
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog

from bot.errors import GroundswellError, SlackError
from bot.slack.installations import Installation
from bot.slack.manifest import INSTALL
from bot.slack.oauth import Granted, OAuth, Team
from handlers import webhooks

TIME = timedelta(minutes=10)
"""How long somebody has in Slack before they must begin again."""
AT_ONCE = 2
"""Codes that Slack is asked about at a time: whoever invents some holds up nobody else."""
OPEN_MOST = 1_000
"""Installations that are under way; of more the oldest must begin again."""

STATUS = {**webhooks.STATUS, 302: "302 Found", 403: "403 Forbidden", 502: "502 Bad Gateway"}
HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)

OURS = frozenset({"bad_client_secret", "bad_redirect_uri", "invalid_client_id", "invalid_scope"})
"""What Slack says where whoever runs this has to mend something."""

NOTHING = "Nothing was installed."

_ERROR = re.compile(r"[a-z][a-z0-9_]{0,60}")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """What somebody is shown: a status, a headline, and a paragraph a sentence or two."""

    status: int
    headline: str
    words: tuple[str, ...] = ()
    again: bool = False
    """Whether there is a link to begin again."""
    headers: tuple[tuple[str, str], ...] = ()

    def html(self) -> str:
        """All of it is text: no mark-up in it counts."""
        told = "".join(f"<p>{escape(one)}</p>\n" for one in self.words)
        # From one of our two pages to the other, wherever a proxy has them.
        told += '<p><a href="install">Begin again</a></p>\n' if self.again else ""
        head = escape(self.headline)
        return (
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<title>{head}</title>\n<h1>{head}</h1>\n{told}</html>\n"
        )


class NotInstalled(Exception):  # noqa: N818 it says more than "error"
    """Nothing was installed: what is shown of that."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.headline)
        self.page = page


@dataclass(slots=True)
class Begun:
    """The installations that are under way, each good for one return of one browser."""

    clock: Callable[[], datetime]
    _open: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """By state: a digest of what the browser keeps, and until when."""
    _lock: Lock = field(default_factory=Lock)

    def begin(self, browser: str) -> str:
        """A new state for a browser."""
        state, until = secrets.token_urlsafe(32), self.clock() + TIME
        with self._lock:
            self._open[state] = _digest(browser), until
            while len(self._open) > OPEN_MOST:
                del self._open[next(iter(self._open))]
        return state

    def knows(self, browser: str) -> bool:
        """Whether this is what we gave a browser that has something under way."""
        ours = _digest(browser)
        with self._lock:
            return any(hmac.compare_digest(ours, its) for its, _ in self._open.values())

    def end(self, state: str, browser: str) -> bool:
        """Whether this browser began that within its time; it is over either way."""
        with self._lock:
            found = self._open.pop(state, None)
        if found is None:
            return False
        its, until = found
        return hmac.compare_digest(_digest(browser), its) and self.clock() < until


@dataclass(frozen=True, slots=True)
class Installing:
    """Two pages: one sends people to Slack, the other takes what they come back with.

    Neither codes nor tokens stand in an answer or in the log.
    """

    oauth: OAuth
    teams: Collection[str]
    """Who may install it, by id."""
    install: Callable[[Installation], None]
    """Keeps an installation and serves the workspace. Raises GroundswellError."""
    clock: Callable[[], datetime]
    secure: bool
    """Whether browsers come by TLS."""
    begun: Begun
    turns: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as PEP 3333 has it."""
        page = self._answered(environ)
        body = page.html().encode()
        start_response(
            STATUS[page.status], [*HEADERS, *page.headers, ("Content-Length", str(len(body)))]
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answered(self, environ: WSGIEnvironment) -> Page:
        try:
            if environ["REQUEST_METHOD"] != "GET":
                return Page(405, "This page is only read", headers=(("Allow", "GET"),))
            if environ["PATH_INFO"] == INSTALL:
                return self._sent(environ)
            return self._back(environ)
        except NotInstalled as refused:
            # Whoever goes from door to door on the net is no news.
            tell = _log.info if refused.page.status == 400 else _log.warning  # noqa: PLR2004 its own name stands in STATUS
            tell("not installed", status=refused.page.status, why=refused.page.headline)
            return refused.page
        except Exception as error:  # noqa: BLE001 the border: a bug is an answer too
            reference = uuid4().hex[:8]
            # Without its message, which may quote a token.
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error(
                "installing broke", kind=type(error).__name__, reference=reference, where=where
            )
            return Page(500, "A fault in Groundswell itself", (f"The log has it: {reference}.",))

    @property
    def _cookie(self) -> str:
        """Browsers take such a name only by TLS, and only from this very host."""
        return "__Host-groundswell" if self.secure else "groundswell"

    def _sent(self, environ: WSGIEnvironment) -> Page:
        """On to Slack. Who opens this twice may come back to either."""
        kept = self._kept(environ)
        browser = kept if kept and self.begun.knows(kept) else secrets.token_urlsafe(32)
        where = ("Location", self.oauth.address(self.begun.begin(browser)))
        cookie = self._set(browser, int(TIME.total_seconds()))
        return Page(302, "On to Slack", headers=(where, cookie))

    def _back(self, environ: WSGIEnvironment) -> Page:
        """Back from Slack."""
        told = {key: its[0] for key, its in parse_qs(environ.get("QUERY_STRING", "")).items()}
        if not self.begun.end(told.get("state", ""), self._kept(environ)):
            raise NotInstalled(_again("This did not begin here, or not in the last ten minutes"))
        if "error" in told:
            raise NotInstalled(_refused(told["error"]))
        if "code" not in told:
            raise NotInstalled(_again("Slack sent no code"))
        if not self.turns.acquire(blocking=False):
            raise NotInstalled(
                Page(503, "Others are installing it just now", (NOTHING,), again=True)
            )
        try:
            return self._installed(told["code"])
        finally:
            self.turns.release()

    def _installed(self, code: str) -> Page:
        one = self._judged(self._granted(code))
        self._install(one)
        words = (
            "In Slack, invite it to a channel: /invite @Groundswell.",
            "Then /groundswell help shows what can be asked.",
        )
        headline = f"Groundswell is installed in {one.name}"
        return Page(200, headline, words, headers=(self._set("", 0),))

    def _granted(self, code: str) -> Granted:
        try:
            return self.oauth.exchange(code)
        except SlackError as error:
            if not error.permanent:
                _log.warning("Slack was of no use", error=str(error))
            raise NotInstalled(_failed(str(error), permanent=error.permanent)) from error

    def _judged(self, granted: Granted) -> Installation:
        """What is kept of it; what may not be kept is given back."""
        team = granted.team
        if granted.is_enterprise_install or team is None:
            why = "Install it in single workspaces, not in a whole organisation"
        elif team.id not in self.teams:
            why = f"Groundswell is not open to the workspace {team.id}"
        elif granted.expires_in is not None:
            why = "The app has its tokens rotate, which Groundswell cannot do"
        else:
            return _installation(granted, team, self.clock())
        self._give_back(granted)
        raise NotInstalled(Page(403, why, (NOTHING, "Whoever runs Groundswell can change that.")))

    def _give_back(self, granted: Granted) -> None:
        try:
            self.oauth.revoke(granted.access_token.get_secret_value())
        except SlackError as error:
            _log.error("a token that is not used could not be given back", error=str(error))

    def _install(self, one: Installation) -> None:
        try:
            self.install(one)
        except GroundswellError as error:
            _log.error("a workspace is not served", team=one.team, error=str(error))
            headline = "Slack let Groundswell in, but it could not be started"
            words = ("Whoever runs Groundswell finds in its log why.",)
            raise NotInstalled(Page(503, headline, words)) from error

    def _kept(self, environ: WSGIEnvironment) -> str:
        """What the browser was given; empty if nothing."""
        pairs = (one.strip().partition("=") for one in environ.get("HTTP_COOKIE", "").split(";"))
        return next((value for name, _, value in pairs if name == self._cookie), "")

    def _set(self, value: str, seconds: int) -> tuple[str, str]:
        secure = "; Secure" if self.secure else ""
        kept = f"{self._cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        return "Set-Cookie", kept


def _again(headline: str) -> Page:
    return Page(400, headline, (NOTHING,), again=True)


def _refused(code: str) -> Page:
    """Slack sent somebody back with an error."""
    if code == "access_denied":
        return Page(403, "It was not allowed in Slack", (NOTHING,), again=True)
    if code in OURS:
        return _failed(code, permanent=True)
    told = f" ({code})" if _ERROR.fullmatch(code) else ""
    return _again(f"Slack did not let it in{told}")


def _failed(code: str, *, permanent: bool) -> Page:
    """Slack gave no token."""
    if code in OURS:
        mend = "Whoever runs Groundswell compares SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and the"
        words = (NOTHING, f"{mend} redirect URL with what the app's page in Slack shows.")
        return Page(500, f"Slack does not know this app ({code})", words)
    if permanent:
        return _again(f"Slack did not take the code ({code})")
    return Page(502, "Slack gave no answer that could be used", (NOTHING,), again=True)


def _installation(granted: Granted, team: Team, now: datetime) -> Installation:
    return Installation(
        team=team.id,
        name=team.name or team.id,
        token=granted.access_token,
        bot_user=granted.bot_user_id,
        scopes=tuple(filter(None, granted.scope.split(","))),
        installed_by=granted.authed_user.id,
        installed_at=now,
    )


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode("utf-8", "replace")).hexdigest()
