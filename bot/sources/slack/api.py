"""Slack's Web API: one call, its pages, its limits, and what its errors mean.

https://docs.slack.dev/apis/web-api and https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace

TIERS = {"conversations.list": 20, "users.info": 100, "auth.test": 100}
"""Requests a minute."""
TIER_3 = 50
RESTRICTED = {"conversations.history", "conversations.replies"}
"""What an app sold outside the Marketplace may call once a minute, 15 messages at a time."""
PAGE, RESTRICTED_PAGE = 200, 15
PAGES_MOST = 500
"""Pages of one list: past this it is no list but a circle."""

MENDS = {
    "account_inactive": "the app was removed from the workspace: install it again",
    "access_denied": "the workspace does not let the app do this: ask its administrators",
    "channel_not_found": "look at channels in [sources.slack]; a private one must invite the app",
    "enterprise_is_restricted": "the organisation does not let the app do this",
    "invalid_auth": "copy the bot token (xoxb-...) anew into SLACK_BOT_TOKEN",
    "method_not_supported_for_channel_type": "it is no channel: take it out of channels",
    "missing_scope": "the app lacks a scope: add it and install the app again",
    "no_permission": "the app may not do this: look at its scopes and install it again",
    "not_allowed_token_type": "SLACK_BOT_TOKEN must be the bot token (xoxb-...)",
    "not_authed": "set SLACK_BOT_TOKEN",
    "not_in_channel": "invite the app to the channel: /invite and its name",
    "team_access_not_granted": "the organisation has not given the app this workspace",
    "token_expired": "install the app again and copy its new token into SLACK_BOT_TOKEN",
    "token_revoked": "install the app again and copy its new token into SLACK_BOT_TOKEN",
    "two_factor_setup_required": "whoever installed the app must set up two-factor sign-in",
}
"""What lasts until somebody does this. Any other error may pass by itself."""
OF_ONE_CHANNEL = {"channel_not_found", "not_in_channel", "method_not_supported_for_channel_type"}
"""What stands in the way of one channel only."""

REST_S = 60.0
"""How long to stay away where Slack asks for it without saying how long."""

_WORD = re.compile(r"[a-z0-9_]{1,60}")
_SCOPES = re.compile(r"[a-z0-9_.:, ]{1,200}")


class Refused(SourceError):  # noqa: N818 it says more than "error"
    """Slack answered, and said no: `error` is its own word for why."""

    def __init__(self, method: str, answer: Mapping[str, Any], about: str) -> None:
        word = answer.get("error")
        self.error = word if isinstance(word, str) and _WORD.fullmatch(word) else "no known error"
        mend = f": {MENDS[self.error]}" if self.error in MENDS else ""
        needed = answer.get("needed")
        if isinstance(needed, str) and _SCOPES.fullmatch(needed):
            mend += f" ({needed})"
        super().__init__(
            f"slack: {method}{f' of {about}' if about else ''} answered {self.error}{mend}",
            permanent=self.error in MENDS,
            retry_after=REST_S if self.error in {"ratelimited", "rate_limited"} else None,
        )

    def put_aside(self, faults: list[Refused]) -> None:
        """Keep it for later if other channels may still be read; else raise it now."""
        if self.error not in OF_ONE_CHANNEL:
            raise self
        faults.append(self)


def all_of(faults: Sequence[Refused]) -> SourceError:
    """One error for what stands in the way of several channels."""
    lasting = all(fault.permanent for fault in faults)
    return SourceError("; ".join(map(str, faults)), permanent=lasting)


@dataclass(frozen=True, slots=True)
class Api:
    """Calls that only read."""

    http: Http
    url: str
    token: str | None = field(repr=False)
    restricted: bool
    paced: Callable[[int, float], Pace] = Pace
    _paces: dict[str, Pace] = field(default_factory=dict)

    @property
    def page(self) -> int:
        """How many messages are asked for at once."""
        return RESTRICTED_PAGE if self.restricted else PAGE

    def call(self, method: str, **params: str | int) -> dict[str, Any]:
        """What a method answers. Raises SourceError; Refused where Slack itself says no."""
        about = str(params.get("channel") or params.get("user") or "")
        if not self.token:
            raise Refused(method, {"error": "not_authed"}, about)
        answer = self.http.get_json(
            f"{self.url}/{method}",
            params={name: value for name, value in params.items() if value != ""},
            headers={"Authorization": f"Bearer {self.token}"},
            pace=self._pace(method),
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
            raise SourceError(f"slack: {method} answered in a shape that is not Slack's")
        if not answer["ok"]:
            raise Refused(method, answer, about)
        return answer

    def listed(self, method: str, key: str, **params: str | int) -> Iterator[list[Any]]:
        """The pages of a list. Raises SourceError."""
        cursor = ""
        for _ in range(PAGES_MOST):
            answer = self.call(method, cursor=cursor, **params)
            yield items(answer, key, method)
            cursor = next_cursor(answer)
            if not cursor:
                return
        raise SourceError(f"slack: {method} gives more than {PAGES_MOST} pages of one list")

    def _pace(self, method: str) -> Pace:
        slow = self.restricted and method in RESTRICTED
        most = 1 if slow else TIERS.get(method, TIER_3)
        return self._paces.setdefault(method, self.paced(most, 60.0))


def items(answer: Mapping[str, Any], key: str, method: str) -> list[Any]:
    """The list in an answer. Raises SourceError if there is none."""
    found = answer.get(key)
    if not isinstance(found, list):
        raise SourceError(f"slack: {method} answered without {key}")
    return found


def next_cursor(answer: Mapping[str, Any]) -> str:
    """Where the next page begins; empty after the last."""
    metadata = answer.get("response_metadata")
    cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
    return cursor if isinstance(cursor, str) else ""
