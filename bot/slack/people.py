"""What the people of a workspace are called: asked once, and kept for a while.

https://docs.slack.dev/reference/methods/users.info
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.sources.slack.posts import person_of

KEPT_S = 3_600.0
MOST = 5_000
"""Names that are kept: in a workspace of more the oldest are asked for again."""


@dataclass(frozen=True, slots=True)
class People:
    """Names by id; where Slack does not tell one, the id stands for it."""

    client: WebClient
    _known: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, user: str) -> str:
        """What somebody is called."""
        with self._lock:
            at, name = self._known.get(user, (-KEPT_S, ""))
        if name and time.monotonic() - at < KEPT_S:
            return name
        name = self._asked(user)
        with self._lock:
            if len(self._known) >= MOST:
                self._known.pop(next(iter(self._known)))
            self._known[user] = time.monotonic(), name
        return name

    def _asked(self, user: str) -> str:
        try:
            found = self.client.users_info(user=user).get("user")
        except (SlackApiError, SlackClientError, OSError):
            return user
        return person_of(found, user).name if isinstance(found, dict) else user
