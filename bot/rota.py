"""Who is on duty: a list of people, each for a week, reckoned from the date alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.cadence import DAYS, zone_of

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Rota:
    """A week each, in turn, from the week in which it was made. Never empty."""

    people: tuple[Person, ...]
    weekday: str
    """On which day the next one takes over, at midnight: one of `DAYS`."""
    zone: str
    made_by: str
    made_at: datetime

    def on_duty(self, now: datetime) -> Person:
        """Whose week it is."""
        weeks = (self._began(now) - self._began(self.made_at)) // WEEK
        return self.people[weeks % len(self.people)]

    def until(self, now: datetime) -> date:
        """The day on which the next one takes over."""
        return self._began(now) + WEEK

    def next(self, now: datetime) -> Person:
        """Who takes over then."""
        at = self.people.index(self.on_duty(now))
        return self.people[(at + 1) % len(self.people)]

    def _began(self, moment: datetime) -> date:
        """The day on which the week of a moment began, by the wall's calendar."""
        day = moment.astimezone(zone_of(self.zone)).date()
        return day - timedelta(days=(day.weekday() - DAYS.index(self.weekday)) % len(DAYS))
