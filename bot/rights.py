"""Who may do what in Slack: nobody anything that is not given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

EVERYBODY = "*"


class Right(StrEnum):
    """What somebody may do; each is given by itself."""

    ASK = "ask"
    """See what public posts say."""
    SUBSCRIBE = "subscribe"
    """Have a channel told again and again; one's own direct messages are always one's own."""
    DECIDE = "decide"
    """Mute, merge, split, rename and move."""
    SOURCES = "sources"
    """Add posts and sources."""
    SECURITY = "security"
    """Be told, in direct messages, what looks like an undisclosed vulnerability."""


@dataclass(frozen=True, slots=True)
class Rights:
    """By right the ids of the people who have it; `*` stands for everybody."""

    given: Mapping[Right, frozenset[str]] = field(default_factory=dict)

    def may(self, user: str, right: Right) -> bool:
        """Whether somebody has a right."""
        having = self.given.get(right, frozenset())
        return bool(user) and (EVERYBODY in having or user in having)
