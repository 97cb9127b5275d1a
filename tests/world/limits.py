"""A clock for paces, and a site's limit that counts every request too many."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """The time that paces go by: it stands still until somebody sleeps."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let so much time go by."""
        self.now += seconds


@dataclass(slots=True)
class Limit:
    """At most `requests` in `seconds`."""

    requests: int
    seconds: float
    broken: int = 0
    """How many requests came all the same."""
    _came: deque[float] = field(default_factory=deque)

    def count(self, now: float) -> None:
        """One more request."""
        while self._came and self._came[0] <= now - self.seconds:
            self._came.popleft()
        self._came.append(now)
        self.broken += len(self._came) > self.requests
