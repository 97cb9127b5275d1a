"""Slack itself with several workspaces, into which an app is installed by OAuth."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.world.site import Answer, Asked, Site, json_answer
from tests.world.workspace import Workspace, _given

CLIENT_ID, CLIENT_SECRET = "1.2", "client-not-for-eyes"


@dataclass
class Slack:
    """Each workspace is asked with its own token; a code is good once."""

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    """By team."""
    choice: str = ""
    """The workspace that whoever is asked installs into; empty: they refuse."""
    grants: dict[str, Any] = field(default_factory=dict)
    """What else, or otherwise, is told of an installation."""
    instead: Answer | None = None
    """What is answered in place of a token."""
    released: threading.Event | None = None
    """Until it is set, whoever asks for a token waits."""
    accesses: int = 0
    """How often a token was asked for."""
    revokes: Answer | None = None
    """What is answered where a token is given back, without taking it."""
    tokens: dict[str, str] = field(default_factory=dict)
    """By token its team; those that were revoked are gone."""
    codes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Token and method of each call."""
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Team and message of each answer to a command."""
    url: str = ""

    def respond(self, asked: Asked) -> Answer:
        if asked.path == "/oauth/v2/authorize":
            return self._authorize(asked)
        if asked.path.startswith("/respond/"):
            self.answers.append((asked.path.rpartition("/")[2], json.loads(asked.body)))
            return Answer(body=b"ok")
        if asked.path.endswith("/oauth.v2.access"):
            self.accesses += 1
            if self.released:
                self.released.wait(20)
            return self.instead or self._access(asked)
        return self._called(asked)

    def _called(self, asked: Asked) -> Answer:
        method = asked.path.rpartition("/")[2]
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        self.asked.append((token, method))
        team = self.tokens.get(token)
        if team is None:
            return json_answer({"ok": False, "error": "token_revoked"})
        if method == "auth.revoke":
            return self.revokes or self._revoked(token)
        return self.workspaces[team].respond(asked)

    def _revoked(self, token: str) -> Answer:
        del self.tokens[token]
        return json_answer({"ok": True, "revoked": True})

    def uninstall(self, team: str) -> None:
        """Somebody removes the app from a workspace: its tokens are none from then on."""
        self.tokens = {token: its for token, its in self.tokens.items() if its != team}

    def _authorize(self, asked: Asked) -> Answer:
        back = {"state": asked.query["state"]}
        if self.choice:
            back["code"] = f"code-not-for-eyes-{len(self.codes)}"
            self.codes[back["code"]] = self.choice
        else:
            back["error"] = "access_denied"
        where = f"{asked.query['redirect_uri']}?{urlencode(back)}"
        return Answer(302, headers={"location": where})

    def _access(self, asked: Asked) -> Answer:
        kind, _, key = asked.headers.get("authorization", "").partition(" ")
        if kind != "Basic" or b64decode(key).decode() != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return json_answer({"ok": False, "error": "bad_client_secret"})
        team = self.codes.pop(_given(asked).get("code", ""), None)
        if team is None:
            return json_answer({"ok": False, "error": "invalid_code"})
        token = f"xoxb-not-for-eyes-{team}-{len(self.asked)}"
        self.tokens[token] = team
        told = {
            "ok": True,
            "access_token": token,
            "token_type": "bot",
            "scope": "chat:write,commands",
            "bot_user_id": "U0GROUND",
            "app_id": "A0GROUND",
            "team": {"id": team, "name": f"{team} & <Sons>"},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": "U0ANN"},
        }
        return json_answer(told | self.grants)


@contextmanager
def slack_of(*teams: str) -> Iterator[Slack]:
    """Slack with these workspaces."""
    slack = Slack({team: Workspace() for team in teams})
    with Site(slack.respond) as site:
        slack.url = site.url
        yield slack
