"""An app that workspaces install for themselves: what Slack is asked for that.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode, urljoin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.errors import SlackError
from bot.slack.installations import TEAM, Person
from bot.slack.manifest import scopes
from bot.slack.poster import PASSING

TIMEOUT_S = 10
"""Seconds that Slack has while somebody looks at an empty page."""
GLANCE_S = 2
"""Seconds that it has while it waits for us itself."""

OVER = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "token_revoked",
        "user_removed_from_team",
    }
)
"""What Slack says of a token that will never be one again."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")

_silent = logging.getLogger(f"{__name__}.client")
"""The client tells of an answer that it cannot read by quoting it: that may be half a token."""
_silent.setLevel(logging.CRITICAL + 1)


class Team(BaseModel):
    """A workspace; its name is a stranger's words."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern=TEAM)]
    name: Annotated[str, Field(max_length=500)] = ""


class _Somebody(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: Person


class Granted(BaseModel):
    """What Slack gives for a code; `team` is None where a whole organisation installs."""

    model_config = ConfigDict(frozen=True)

    access_token: Annotated[SecretStr, Field(min_length=5)]
    bot_user_id: Person
    scope: str
    team: Team | None
    authed_user: _Somebody
    is_enterprise_install: bool = False
    expires_in: int | None = None
    """Seconds until the token ends, where the app has tokens rotate."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """The app as Slack knows it."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    redirect: str
    """Where Slack sends people back to."""

    def address(self, state: str) -> str:
        """Where a person allows the app what its manifest asks for."""
        asked = {
            "client_id": self.client_id,
            "scope": ",".join(sorted(scopes())),
            "redirect_uri": self.redirect,
            "state": state,
        }
        return f"{urljoin(self.api_url, '/oauth/v2/authorize')}?{urlencode(asked)}"

    def exchange(self, code: str) -> Granted:
        """What Slack gives for a code that it sent somebody back with.

        Raises:
            SlackError: it gives nothing, or nothing that makes sense; that is revoked.
        """
        told = self._asked(
            "oauth.v2.access",
            auth={"client_id": self.client_id, "client_secret": self.client_secret},
            params={"code": code, "redirect_uri": self.redirect},
        )
        try:
            return Granted.model_validate(told)
        except ValidationError:
            if isinstance(token := told.get("access_token"), str):
                self.revoke(token)
            # Without the fault itself: it quotes the answer, and with that the token.
            raise SlackError("Slack's answer makes no sense") from None

    def revoke(self, token: str) -> None:
        """Give a token back that must not be used. Raises SlackError: it may still be one."""
        try:
            self._asked("auth.revoke", token)
        except SlackError as error:
            if str(error) not in OVER:
                raise

    def is_over(self, token: str) -> bool:
        """Whether a token is none any more. Raises SlackError if that cannot be found out."""
        try:
            self._asked("auth.test", token, timeout_s=GLANCE_S)
        except SlackError as error:
            if str(error) in OVER:
                return True
            raise
        return False

    def _asked(
        self,
        method: str,
        token: str = "",
        timeout_s: int = 0,
        **given: Any,  # noqa: ANN401 whatever JSON holds
    ) -> dict[str, Any]:
        """What Slack answers. Raises SlackError: in its words, if it is Slack that says no."""
        client = WebClient(
            token=token or None,
            base_url=self.api_url,
            timeout=timeout_s or TIMEOUT_S,
            retry_handlers=[],
            logger=_silent,
        )
        try:
            told = client.api_call(method, **given).data
        except SlackApiError as error:
            said = error.response.data
            code = str(said.get("error") or "") if isinstance(said, dict) else ""
            if _CODE.fullmatch(code):
                raise SlackError(code, permanent=code not in PASSING) from None
            raise SlackError("Slack's answer cannot be read") from None
        except Exception as error:  # noqa: BLE001 a broken answer has as many forms as the client has layers
            raise SlackError(f"Slack does not answer ({type(error).__name__})") from None
        return dict(told) if isinstance(told, dict) else {}
