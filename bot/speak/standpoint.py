"""From where a reader sees time: now, a zone, and the releases and places they may name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from bot.model import OPERATOR, Audience, Period


@dataclass(frozen=True, slots=True)
class Released:
    """A release that a time can be named after."""

    name: str
    """As it is tagged: "v2.4.1"."""
    at: datetime
    venue: str
    final: bool = True
    """Whether it is more than a candidate, a beta or a nightly."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where words such as "yesterday" and "the last release" are read."""

    now: datetime
    zone: str = "UTC"
    """The reader's time zone by its IANA name."""
    releases: tuple[Released, ...] = ()
    """Those up to `now` that are known."""
    venues: tuple[str, ...] = ()
    """Places that posts are known from."""
    audience: Audience = OPERATOR
    """Who is told what the query finds."""

    @classmethod
    def of(cls, at: Standpoint | datetime) -> Standpoint:
        """A standpoint, or one of which only the moment is known."""
        return at if isinstance(at, Standpoint) else cls(at)

    def within(self, venues: Collection[str]) -> Standpoint:
        """With the releases of these places alone, if there are any."""
        named = {venue.casefold() for venue in venues}
        own = tuple(one for one in self.releases if one.venue.casefold() in named)
        return replace(self, releases=own) if own else self

    @property
    def tz(self) -> tzinfo:
        """The reader's zone. Raises ZoneInfoNotFoundError for a name that is none."""
        return UTC if self.zone == "UTC" else ZoneInfo(self.zone)

    @property
    def today(self) -> date:
        """The reader's date."""
        return self.now.astimezone(self.tz).date()

    def midnight(self, day: date) -> datetime:
        """When a day begins for the reader, in UTC."""
        return datetime.combine(day, time(), self.tz).astimezone(UTC)

    def days(self, first: date, after: date) -> Period:
        """From the beginning of one day to that of another."""
        return Period(self.midnight(first), self.midnight(after))
