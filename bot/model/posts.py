"""What somebody said, and what is read in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SOURCES_KNOWN = (
    "github",
    "reddit",
    "hackernews",
    "discourse",
    "stackexchange",
    "rss",
    "slack",
    "zulip",
    "x",
    "mail",
    "manual",
)
"""Every place a post can come from, whichever adapter brought it."""


class Role(StrEnum):
    """Who is speaking: only users' words count as users' pain."""

    USER = "user"
    TEAM = "team"
    BOT = "bot"


class Visibility(StrEnum):
    """Who could read a post where it was written."""

    PUBLIC = "public"
    PRIVATE = "private"


class Intent(StrEnum):
    """What the author wants, as `understand` reads it."""

    BUG = "bug"
    REQUEST = "request"
    QUESTION = "question"
    PRAISE = "praise"
    DISCUSSION = "discussion"
    ANNOUNCEMENT = "announcement"
    SPAM = "spam"


class Basis(StrEnum):
    """What decided the intent of a post, the surest first."""

    LABEL = "label"
    TITLE = "title"
    OWN = "own head"
    GENERAL = "general head"
    WORDS = "words"


class Criterion(StrEnum):
    """Why a post may have to be looked at first. How many people it hits is counted elsewhere."""

    CRASH = "crash"
    WRONG_RESULT = "wrong result"
    REGRESSION = "regression"
    SECURITY = "security"
    DATA_LOSS = "data loss"
    CANNOT_INSTALL = "cannot install"


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody said, once, somewhere.

    Times are aware UTC. `None` means that the source did not tell, never zero or empty: an
    unknown author is not one person, an unknown score is not 0.
    """

    source: str
    """One of `SOURCES_KNOWN`."""
    external_id: str
    """The source's own id: unique within the source and stable across edits."""
    kind: str
    """The source's own word for its form: issue, comment, story, topic, entry ..."""
    title: str
    """Plain text on one line; empty for a reply."""
    text: str
    """Plain text of the body, without mark-up; may be empty."""
    created_at: datetime
    venue: str
    """The place inside the source, as people name it: `r/python`, `owner/repo`, a feed's title."""
    author: str | None = None
    role: Role = Role.USER
    url: str | None = None
    parent_id: str | None = None
    """External id of the post this one answers, in the same source."""
    root_id: str | None = None
    """External id of the post that opened the thread; None if this one did, or if it is unknown."""
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    """When the thread was closed or merged; None while it is open, too."""
    score: int | None = None
    reply_count: int | None = None
    state: str | None = None
    labels: tuple[str, ...] = ()
    milestone: str | None = None
    duplicate_of: str | None = None
    """External id of the post that this one was marked a duplicate of."""
    closes: tuple[str, ...] = ()
    """External ids of the posts that this one, a pull request, says it closes."""
    link: str | None = None
    """The page outside that the post points at (a story's article)."""
    visibility: Visibility = Visibility.PUBLIC

    @property
    def key(self) -> str:
        """`source:external_id`, the name of a post everywhere outside the store."""
        return f"{self.source}:{self.external_id}"

    @property
    def opens(self) -> bool:
        """Whether the post opens a thread; replies are read and searched but make no theme."""
        return self.parent_id is None


@dataclass(frozen=True, slots=True)
class Ground:
    """One criterion that a post meets, and the words that say so, as they stand in the post."""

    criterion: Criterion
    words: str


STRONGEST = 3


UNCOMPLAINING = frozenset({Intent.ANNOUNCEMENT, Intent.SPAM})
"""What never counts as a complaint, also where it was a person who said that it is that."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What `understand` made of one post without asking anyone."""

    intent: Intent
    strength: int = 0
    """0: no complaint; 1: a trouble told; 2: one that stops people; 3: anger, or harm done."""
    about: str = ""
    """What it complains of, in the post's own words; empty where no phrase is surely right."""
    grounds: tuple[Ground, ...] = ()
    sensitive: str | None = None
    """The words of what looks like an undisclosed vulnerability: never to be shown in a channel."""
    basis: Basis = Basis.GENERAL
    language: str | None = None
    """ISO 639-1 code of what most of it is written in; None where that cannot be told."""

    @property
    def complaint(self) -> bool:
        """Whether the author says that something hurts."""
        return self.strength > 0 and self.intent not in UNCOMPLAINING


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A post that looks like an undisclosed vulnerability, for the security contact alone."""

    key: str
    url: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Link:
    """One post points at another, or tells the same story. `how` names the evidence."""

    source_key: str
    target_key: str
    how: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A name that a post bears, or points at. Who points at a name is linked with its first bearer.

    `how` is the evidence of a pointer, or what kind of name is borne. A post that bears a name
    under an evidence ("same link") points at the first one that does.
    """

    how: str
    name: str
    """The kind of name and the name: equal for all that mean the same."""
    rank: int | None = None
    """None: it points at the name. 0: it bears it; 1: it bears it after all whose rank is 0."""
