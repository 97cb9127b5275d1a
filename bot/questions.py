"""What somebody asks, as frozen values: the query, what is wanted of it, and what was not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.model import Query


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
