"""How often the bot was right, and when that says too little."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

LEAST = 30
"""Judged posts under which no figure is told: at 30 the interval is still some 30 points wide."""

Z = 1.96
"""Of a normal variable, 95 % lie within so many deviations."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the posts that people judged in a month, those that the bot had placed rightly."""

    month: str
    """`2026-11`, in the zone in which it was counted."""
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
