"""Rules for bursts and what they would have told: values, without any reckoning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Coverage, Criterion, Crowd, Hit, Period, Query, ThemeView


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
class Alerts:
    """What a channel wants to be told of at once, among the posts that a query finds."""

    bursts: bool
    """Themes that suddenly many speak of, by the rule."""
    back: bool
    """Themes that came back after a long silence."""
    criteria: tuple[Criterion, ...]
    """The first report that meets one of them."""
    rule: Rule
    query: str


@dataclass(frozen=True, slots=True)
class FirstReport:
    """The first post of its theme, or the only one, that meets some criteria."""

    hit: Hit
    criteria: tuple[Criterion, ...]
    theme: str | None
    label: str = ""
    """The theme's."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to alert of at one look."""

    bursts: tuple[tuple[Alarm, ThemeView], ...] = ()
    back: tuple[ThemeView, ...] = ()
    first: tuple[FirstReport, ...] = ()
    watched: tuple[Hit, ...] = ()
    kept_back: int = 0
    """Posts more that look like an undisclosed vulnerability, which no channel is shown."""
    held: bool = False
    """Whether some of it waited for the channel to have room."""

    @property
    def anything(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.bursts or self.back or self.first or self.watched or self.kept_back)


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
