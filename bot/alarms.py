"""Rules for bursts and what they would have told: values, without any reckoning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Coverage, Crowd, Period, Query


@dataclass(frozen=True, slots=True)
class Rule:
    """When a theme bursts: so many people, within one of the windows, against such odds.

    People are known ones and the square root of the posts by unknown authors.
    """

    people: int = 3
    windows: tuple[timedelta, ...] = (timedelta(hours=6), timedelta(days=1), timedelta(days=3))
    odds: int = 1_000
    """One chance in so many, at most, that it would come about without a cause."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What spoke for a burst at a moment: the posts of the window that ends there."""

    at: datetime
    window: timedelta
    crowd: Crowd
    people: int
    """Those the rule counts."""
    usual: float
    """People to be expected in the window."""
    chance: float
    """That so many or more come without a cause."""
    posts: tuple[str, ...]
    """Keys, oldest first: exactly the posts that `crowd` counts."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A burst of a theme that would have been told."""

    theme: str
    label: str
    burst: Burst


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have told in a period, and how often it tells where nothing happened."""

    rule: Rule
    period: Period
    query: Query
    themes: int
    alarms: tuple[Alarm, ...]
    """In time order."""
    shuffles: int
    """Histories made from this one by shuffling the times within it."""
    seed: int
    false_alarms: int
    """In all shuffled histories together."""
    coverage: Coverage

    @property
    def months(self) -> float:
        """How long the period is, in months of 30 days."""
        return self.period.length / timedelta(days=30)

    @property
    def false_a_month(self) -> float:
        """False alarms a month, over all themes."""
        return self.false_alarms / (self.shuffles * self.months)
