"""Themes: their posts, their people, and how a reader sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.decisions import Decision
from bot.model.periods import Period
from bot.model.posts import Reading, Role
from bot.tracking import Tracking


class Status(StrEnum):
    """How a theme moves in a period against the time before it."""

    NEW = "new"
    GROWING = "growing"
    CAME_BACK = "came back"
    STEADY = "steady"
    FADING = "fading"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Member:
    """A post as its theme sees it: the fields that counting, ranking and quoting need."""

    key: str
    source: str
    venue: str
    author: str | None
    role: Role
    created_at: datetime
    title: str
    text: str
    url: str | None
    score: int | None
    reply_count: int | None
    reading: Reading
    centrality: float
    """Cosine to the theme's centre, up to 1."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A recurring subject with an id that lasts, and the posts that make it."""

    id: str
    label: str
    keywords: tuple[str, ...]
    members: tuple[Member, ...]
    """In time order, oldest first."""
    area: str | None = None
    """What of the product it is about, where that is known."""


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week of a theme: `start` is its Monday, 00:00 UTC."""

    start: datetime
    people: int
    unknown: int
    posts: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many different people stand behind some posts.

    `people` are the distinct known authors among users; `unknown` counts the posts whose author
    the source did not tell, which may be one person or many. Team and bots count for neither.
    """

    people: int
    unknown: int
    posts: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote: the words of one stored post, cut at a sentence, and where to read the rest."""

    key: str
    quote: str
    venue: str
    author: str | None
    created_at: datetime
    url: str | None
    language: str | None = None
    """Of the post quoted; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Dissent:
    """The sharpest disagreement in the threads of a theme: one said it, another contradicted."""

    over: str
    """What kind of thing it is about: "a bug or not"."""
    claim: Citation
    against: Citation
    """What was said later, in the same thread."""
    claim_by: Role = Role.USER
    against_by: Role = Role.USER


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A theme as a reader sees it: everything a card, a row or a JSON object needs.

    `theme.members` are the posts shown; `crowd`, `sources` and `venues` count exactly those.
    """

    theme: Theme
    status: Status
    """How it moves in `period`."""
    period: Period
    recent: Crowd
    """The people in `period`, which may be shorter than the time shown."""
    before: Crowd
    """The people in the span of equal length just before `period`."""
    usual: float
    """The voices to be expected in `period`, from the spans before it."""
    crowd: Crowd
    total: Crowd
    """The people of all time, up to now."""
    first_at: datetime
    """When its oldest post of all was written."""
    sources: Mapping[str, int]
    """Posts by source, most first."""
    venues: Mapping[str, int]
    """Posts by venue, most first."""
    weekly: tuple[Week, ...]
    """By weeks of the calendar."""
    strength: float
    quotes: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    """Plain warnings: one author wrote most of it, authors unknown ..."""
    mute: Decision | None = None
    """What keeps it out of digests for now."""
    seen: Decision | None = None
    """Who acknowledged it; None again once it has grown or come back since."""
    assigned: Decision | None = None
    """To whom it was given."""
    tracking: Tracking | None = None
    """Which issue stands for it and what became of that; None where there is nothing to say."""
    dissent: Dissent | None = None
    """None where nobody disagrees, or where nobody looked: only themes that are shown are read."""
    repository: str | None = None
    """Where an issue for it can be made that no post of it names: `owner/name`, if there is one."""
    lately: tuple[Week, ...] = ()
    """The last sixteen spans of seven days; the last one ends with the time shown."""
