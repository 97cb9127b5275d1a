"""What is known of a theme and its tracker, as frozen values: nothing imported from the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a theme stands with its tracker."""

    UNTRACKED = "untracked"
    PROPOSED = "proposed"
    """An open issue looks like it, but nobody has linked the two."""
    OPEN = "open"
    CLOSED = "closed"
    """Closed, and nothing tells of a fix."""
    FIXED = "fixed"
    QUIET = "quiet"
    """Fixed, and nobody complained since."""
    BACK = "came back"
    """Fixed, and people complain again."""
    LINKED = "linked"
    """A person said which issue tracks it, and that one cannot be read here."""


LIKELY = 0.5
"""From this score on a proposed issue is likely the theme's; below it, perhaps."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The issue that a person named: one that is stored, or an address; gone where neither is."""

    key: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """The issue that a reader is sent to."""

    key: str
    title: str
    url: str | None
    milestone: str | None = None

    @property
    def name(self) -> str:
        """As people write it: `acme/tool#7`."""
        return self.key.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Fix:
    """What fixed a fault, as far as it is known."""

    at: datetime
    """When people could have it: the release, else the closing."""
    version: str | None
    """None: fixed, but no release is known that has it."""
    release: str | None = None
    """The release's key."""
    by: str | None = None
    """The key of the pull request that closed the issue."""
    sure: bool = True
    """False where it rests on the milestone, or on a closing whose day is not known."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Complaints in a span."""

    complaints: int
    weeks: float

    @property
    def per_week(self) -> float:
        """Of a span of under a week, as if it were one."""
        return self.complaints / max(self.weeks, 1.0)


@dataclass(frozen=True, slots=True)
class Since:
    """Who complained since the fix, those left out who name only an older version."""

    people: int
    unknown: int
    """Posts whose author the source did not tell."""
    on: tuple[tuple[str, int], ...] = ()
    """How many people name the fixed version or a later one, most first."""
    posts: tuple[str, ...] = ()
    named: int = 0
    """How many people that is, each counted once."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Somebody who complained before the fix and was never told of it."""

    source: str
    author: str
    posts: tuple[str, ...]
    """Keys, oldest first."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a reader is told of a theme and its issue. Keys name posts."""

    state: State
    issue: Issue | None = None
    score: float | None = None
    """How like a proposed issue the theme is, between 0 and 1; None for one that people linked."""
    linked_by: tuple[str, ...] = ()
    """The members that point at the issue, itself left out."""
    by_hand: bool = False
    """Whether a person said that this issue tracks it."""
    fix: Fix | None = None
    before: Rate | None = None
    """Complaints in the weeks before the fix; likewise `after`, up to now."""
    after: Rate | None = None
    since: Since | None = None
    untracked: tuple[str, ...] = ()
    """The complaints that no issue stands for, oldest first."""
    untracked_issues: int = 0
    """How many of them are issues themselves, which nobody has taken up."""
    untold: tuple[Untold, ...] = ()
    """Whoever can be told, in the order of their first post; nobody while the fix waits for a
    release."""
    posts: int = 0
    """All that the theme has."""
    open_issues: int = 0
    """How many of its posts are open issues, and how many closed ones."""
    closed_issues: int = 0
    opened: tuple[str, ...] = ()
    """Which of its posts are these open issues; likewise `closed`. Neither is told where a further
    issue is in a state that is not known: the two would not be all of its issues."""
    closed: tuple[str, ...] = ()

    @property
    def likely(self) -> bool:
        """Whether the proposed issue is more likely the theme's than not."""
        return (self.score or 0) >= LIKELY
