"""One address for several workspaces: what Slack signed goes to the one that it is about.

https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog

from bot.errors import GroundswellError
from bot.slack.installations import is_team
from bot.slack.manifest import ENDS
from handlers.slack_http import Answer, Signed, SlackHttp, answered, signed
from handlers.webhooks import HEALTH, STATUS, Refused

_log = structlog.get_logger(__name__)


class Served(Protocol):
    """The workspaces that are served."""

    def of(self, team: str) -> SlackHttp | None:
        """What takes the requests of a workspace; None where it is not served now."""
        ...

    def expects(self, team: str) -> bool:
        """Whether it is to be served, although it may not be yet."""
        ...

    def look_again(self, team: str) -> None:
        """Serve a workspace no more if its token is none any more, whatever told so.

        Raises:
            GroundswellError: that could not be found out.
        """
        ...


@dataclass(frozen=True, slots=True)
class Teams:
    """Takes what Slack has signed, and hands it to the workspace that it names.

    Each remembers what came by itself, so nothing is kept here that belongs to any of them.
    """

    secret: str = field(repr=False)
    served: Served
    clock: Callable[[], datetime]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as PEP 3333 has it."""
        return answered(
            start_response, lambda: self._sorted(signed(environ, self.secret, self.clock()))
        )

    def _sorted(self, told: Signed) -> Answer:
        body, team = told.request.body, str(told.request.context.team_id or "")
        if body.get("type") == "url_verification":
            return _json({"challenge": body.get("challenge")})
        event = body.get("event")
        if isinstance(event, dict) and str(event.get("type")) in ENDS:
            return self._looked_again(team)
        its = self.served.of(team)
        if its is not None:
            return its.take(told)
        if self.served.expects(team):
            # Slack delivers an event again; by then it may be.
            raise Refused(503, f"workspace {team} is not served yet")
        raise Refused(404, f"workspace {team if is_team(team) else 'unknown'} is not served here")

    def _looked_again(self, team: str) -> Answer:
        """Slack may tell of an end late, after a new beginning: so its word is not taken for it."""
        try:
            if self.served.expects(team):
                self.served.look_again(team)
        except GroundswellError as error:
            _log.warning("an end could not be looked into", team=team, error=str(error))
            raise Refused(503, "whether the token still holds could not be found out") from error
        return 200, {}, ""


def elsewhere(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What is answered at every other address: at one of them that we are there."""
    well = (environ["REQUEST_METHOD"], environ.get("PATH_INFO")) == ("GET", HEALTH)
    body = b"ok\n" if well else b"there is nothing here\n"
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(STATUS[200 if well else 404], headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _json(value: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value)
