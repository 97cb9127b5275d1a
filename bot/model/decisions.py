"""What people decide about themes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.posts import Intent


class Deed(StrEnum):
    """What a person can decide about themes and their posts."""

    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    NOT_US = "not-us"
    CONFIRM = "confirm"
    RENAME = "rename"
    MUTE = "mute"
    KIND = "kind"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    LINK = "link"


class Part(StrEnum):
    """What a decision says of one post."""

    IN = "in"
    """It belongs in the theme."""
    OUT = "out"
    """It belongs in no theme."""
    APART = "apart"
    """It does not belong in the theme."""
    KIND = "kind"
    """It is of another kind than was read; where it belongs is left open."""
    ISSUE = "issue"
    """It is the issue that tracks a theme; where it belongs is left open."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One post of a decision: what is said of it, and what was before."""

    row_id: int
    key: str
    part: Part
    theme: str | None = None
    """The theme that `part` speaks of."""
    stood: str | None = None
    """The theme that the post stood in before."""
    centrality: float = 0.0
    """How central it stood there."""
    right: bool | None = None
    """Whether the bot had placed it rightly; None where the decision does not say."""

    @property
    def moves(self) -> bool:
        """Whether the post changes its theme."""
        return self.part in {Part.IN, Part.OUT} and self.theme != self.stood


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided. Id 0: it is not in the log yet."""

    id: int
    at: datetime
    by: str
    deed: Deed
    theme: str | None = None
    """The theme that it is about; for a move the one moved to, None for no theme."""
    into: str | None = None
    """The theme that a merged one went into, or that the posts of a split make."""
    label: str | None = None
    kind: Intent | None = None
    until: datetime | None = None
    """When a mute ends."""
    weekly: int | None = None
    """For a mute until the theme grows, and for what was acknowledged: how many must speak of it
    within a week to end that."""
    to: str | None = None
    """Whom a theme is assigned to: `slack:` and an id, or a name. None for nobody."""
    called: str | None = None
    """Their name, as people read it; or that of whoever acknowledged it."""
    issue: str | None = None
    """The address of an issue that is not stored here; one that is stands in `touched`."""
    touched: tuple[Touched, ...] = ()
    """Its posts in the order of their keys; those that are gone since are left out."""
    undone_at: datetime | None = None
    undone_by: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not undone."""
        return self.undone_at is None

    @property
    def moved(self) -> tuple[Touched, ...]:
        """The posts that change their theme."""
        return tuple(post for post in self.touched if post.moves)
