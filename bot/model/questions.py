"""What is asked, by whom it is heard, and what the answer is to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears an answer: what they may read of what was not written for everybody."""

    venues: frozenset[str] = frozenset()
    """The private places whose posts they may read."""
    everything: bool = False
    """Whether they may read all that is stored."""


OPERATOR = Audience(everything=True)
"""Whoever sits at the database."""


@dataclass(frozen=True, slots=True)
class Query:
    """One language for a question, a view and a digest; every part narrows, `None` does not.

    Values of one key are alternatives; different keys must all hold.
    """

    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    """Words that must stand together, in order."""
    words: tuple[str, ...] = ()
    """What the query is about: these rank posts, by word and by meaning."""
    without: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    """Names of a `Criterion` each."""
    strength: int | None = None
    """The least strength of a complaint."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes."""
    areas: tuple[str, ...] = ()
    """Names of areas: of the themes that a post may stand in."""
    untracked: bool | None = None
    """Whether no issue stands for the theme that a post stands in."""
    unanswered: bool | None = None
    """Whether a post opens a thread that waits for its first answer."""
    people: int | None = None
    """How many must speak of a post's theme at least, in the time and the places asked for."""
    excluded: tuple[tuple[str, str], ...] = ()
    """What must not hold: a key of the query language and a value, as ("label", "wontfix")."""
    audience: Audience = OPERATOR
    """Who is told: no one can write it. It goes with the query to every place that reads posts."""


class Aim(StrEnum):
    """What an answer is to tell of the posts that a question is about."""

    OVERVIEW = "overview"
    HURTS = "hurts"
    """What hurts most."""
    NEW = "new"
    CHANGED = "changed"
    PROBLEM = "problem"
    """Whether something is a problem."""
    WHO = "who"
    """Who is hit."""
    PRAISE = "praise"
    COMPARE = "compare"
    FIXED = "fixed"
    UNANSWERED = "unanswered"
    COUNT = "how many"
    SHOW = "show"
    """The posts themselves."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood."""

    text: str
    query: Query = field(default_factory=Query)
    aim: Aim = Aim.OVERVIEW
    against: Query | None = None
    """What `query` is compared with; None unless that is what the question is after."""
    not_understood: tuple[str, ...] = ()
    """Words that may have narrowed the question and were left out: never guessed at."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What may have been meant instead of what was understood."""

    said: str
    """As its asker would say it: "at any time"."""
    question: Question
