"""A site's limits: what it says is left, and a pace that keeps within what it asks for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import SourceError

WAIT_MOST_S = 60.0
"""A longer pause than this is not waited for: the source is left alone until the next run."""

_SOON = timedelta(days=366)
"""A reset that lies further off than this is given in seconds from now, not since 1970."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a site said of its limits with its last answer."""

    remaining: int
    limit: int | None = None
    resets_at: datetime | None = None

    def data(self) -> dict[str, Any]:
        """As plain JSON."""
        resets_at = self.resets_at.isoformat() if self.resets_at else None
        return {"remaining": self.remaining, "limit": self.limit, "resets_at": resets_at}

    def rest(self, now: datetime) -> float:
        """Seconds until there is more of it if nothing is left; else, or if unknown, 0."""
        if self.remaining > 0 or self.resets_at is None:
            return 0.0
        return max(0.0, (self.resets_at - now).total_seconds())

    @classmethod
    def of(cls, headers: Mapping[str, str], now: datetime) -> Budget | None:
        """From `X-RateLimit-*`, as sites spell it, by lower-case name; None without them."""
        for prefix in ("x-ratelimit-", "x-rate-limit-", "ratelimit-"):
            remaining = _number(headers.get(f"{prefix}remaining"))
            if remaining is not None:
                limit = _number(headers.get(f"{prefix}limit"))
                return cls(remaining, limit, _reset(headers.get(f"{prefix}reset"), now))
        return None


def _number(value: str | None) -> int | None:
    """A whole number, also where it is written 59.0; None for anything else."""
    whole = (value or "").strip().partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdecimal() and len(whole) < 12 else None  # noqa: PLR2004 no limit is that large


def _reset(value: str | None, now: datetime) -> datetime | None:
    seconds = _number(value)
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(min(seconds, 32_000_000_000), UTC)
    return moment if abs(moment - now) < _SOON else now + timedelta(seconds=min(seconds, 10**8))


@dataclass(slots=True)
class Pace:
    """At most `requests` in any `seconds`, and none while the site asked for rest.

    May be shared between threads. `clock` and `sleep` are exchanged in tests.
    """

    requests: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _sent: deque[float] = field(default_factory=deque)
    _rest_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rest(self, seconds: float) -> None:
        """Send nothing for that long: the site asked for it."""
        with self._lock:
            self._rest_until = max(self._rest_until, self.clock() + seconds)

    def wait(self, site: str = "the site") -> None:
        """Wait for the turn of the next request to a site, which is only named in the message.

        Raises:
            SourceError: the turn is further off than WAIT_MOST_S; nothing was sent.
        """
        with self._lock:
            now = self.clock()
            turn = max(now, self._rest_until)
            while self._sent and self._sent[0] <= turn - self.seconds:
                self._sent.popleft()
            if len(self._sent) >= self.requests:
                turn = max(turn, self._sent[-self.requests] + self.seconds)
            if turn - now > WAIT_MOST_S:
                raise SourceError(
                    f"{site}: its limit is reached; it asks for {turn - now:.0f} s of rest",
                    retry_after=turn - now,
                )
            self._sent.append(turn)
        if turn > now:
            self.sleep(turn - now)
