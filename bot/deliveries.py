"""What is to be told to whom and when, as frozen values: nothing of Slack, nothing of the store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Asks(StrEnum):
    """What a subscription tells each time."""

    DIGEST = "digest"
    QUESTION = "question"
    BURSTS = "bursts"
    """Alerts of themes and first reports; see `bot.alarms.Alerts`."""
    WATCH = "watch"
    """Each post that a query finds, as soon as it is read."""
    SECURITY = "security"
    """Each post that looks like an undisclosed vulnerability: for a security contact alone."""


AT_ONCE = (Asks.BURSTS, Asks.WATCH)
"""What is looked for every few minutes, and told as soon as it is there."""


class Style(StrEnum):
    """How much of a digest a channel wants."""

    FULL = "full"
    SHORT = "short"
    CHANGES = "changes"
    """Nothing at all when nothing moved; the others then say so in one line."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something that is told to a channel again and again."""

    id: int
    channel: str
    """A conversation's id; a person's own for a direct message."""
    asks: Asks
    words: str
    """A query in its language, or a question."""
    cadence: str
    zone: str
    style: Style
    made_by: str
    made_at: datetime


class Stage(StrEnum):
    """How far a delivery has come."""

    DUE = "due"
    SENDING = "sending"
    """Something may have been posted already."""
    SENT = "sent"
    QUIET = "quiet"
    """There was nothing to say, and the channel wants nothing said then."""
    FAILED = "failed"
    """Slack refuses it for good; why is kept."""


FALLBACK = "text/"
"""How the id begins of what the text of a message shows, as `text/T12`, and no block of it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a block of a message shows: when that changes or goes, the block does."""

    block_id: str
    theme: str | None = None
    post: str | None = None
    """The key of the post that it quotes, or that it names a theme after."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, under its title, and the same in words for whoever does not see it."""

    png: bytes
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message as Slack takes it."""

    text: str
    """What notifications and screen readers get: all that the blocks say, in short."""
    blocks: tuple[dict[str, Any], ...] = ()
    shows: tuple[Shown, ...] = ()
    in_thread: bool = False
    """Whether it hangs below the first message of its delivery."""
    picture: Picture | None = None
    """What is posted in place of text and blocks, which are empty then."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen an alert in a channel, or wants none of a theme there until a time."""

    id: int
    channel: str
    what: str
    """A theme, or the key of a post that is in none."""
    by: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody says of an answer."""

    answer: str
    """The same for the same answer to the same question."""
    question: str
    good: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many found an answer good, and how many bad."""

    good: int = 0
    bad: int = 0

    @property
    def given(self) -> int:
        """How many said anything."""
        return self.good + self.bad


@dataclass(frozen=True, slots=True)
class Delivery:
    """One occurrence of a subscription."""

    id: str
    subscription: int
    due_at: datetime
    since: datetime | None
    """What is told begins here: when this channel was told last. None for the first time."""
    channel: str
    stage: Stage
    tries: int = 0
    said: str | None = None
    """What tells one answer from another; see `Subscription`."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """One message of a delivery that stands in Slack."""

    delivery: str
    part: int
    channel: str
    ts: str
    """Slack's name for it, in its channel."""


def delivery_id(subscription: int, due_at: datetime) -> str:
    """The same for the same occurrence, whoever reckons it and however often."""
    told = f"{subscription}@{due_at.timestamp():.0f}"
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
