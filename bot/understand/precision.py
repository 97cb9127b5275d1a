"""How often the bot was right, from what people decided, and when that says too little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from bot.model import Decision, Touched

LEAST = 30
"""Judged posts under which no figure is told: at 30 the interval is still some 30 points wide."""

Z = 1.96
"""Of a normal variable, 95 % lie within so many deviations."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the posts that people judged in a month, those that the bot had placed rightly."""

    month: str
    """`2026-11`, in UTC."""
    right: int
    judged: int

    @property
    def tells(self) -> bool:
        """Whether the sample is large enough to say anything."""
        return self.judged >= LEAST

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson (1927): honest near 0 and 1, and for small samples."""
        return wilson(self.right, self.judged)


def wilson(right: int, judged: int) -> tuple[float, float]:
    """Wilson's score interval of a share, at 95 %. Of no sample it is everything: 0 to 1."""
    if not judged:
        return 0.0, 1.0
    share, over = right / judged, 1 + Z * Z / judged
    middle = (share + Z * Z / (2 * judged)) / over
    half = Z / over * sqrt(share * (1 - share) / judged + Z * Z / (4 * judged * judged))
    return max(0.0, middle - half), min(1.0, middle + half)


def by_month(decisions: Iterable[Decision]) -> list[Precision]:
    """The bot's precision in each month in which somebody judged it, the latest month last.

    A post counts once, by the last decision that stands and judges it, in the month of that
    decision. `decisions` are in the order in which they were taken.
    """
    last: dict[str, tuple[str, Touched]] = {}
    for one in decisions:
        for post in one.touched if one.stands else ():
            if post.right is not None:
                last[post.key] = (f"{one.at:%Y-%m}", post)
    judged = Counter(month for month, _ in last.values())
    right = Counter(month for month, post in last.values() if post.right)
    return [Precision(month, right[month], judged[month]) for month in sorted(judged)]
