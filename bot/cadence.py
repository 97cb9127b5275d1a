"""When something is due again and again: `daily 09:00`, `weekly mon 09:00`, or five cron fields.

Occurrences are wall-clock times in a zone, each due once: an hour that a clock change repeats does
not repeat them, and one that it leaves out is made up for as soon as the clock goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import CadenceError

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLES = "daily 09:00, weekdays 09:00, weekly mon 09:00, monthly 1 09:00, or cron 0 9 * * 1-5"

_TIME = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"
_WORDS = re.compile(
    rf"(?P<often>daily|weekdays|weekly|monthly)(?: (?P<day>[a-z]+|\d{{1,2}}))? {_TIME}"
)
_WEEKDAY = re.compile(r"(\*|[0-7a-z]+)(?:-([0-7a-z]+))?(?:/([1-7]))?")
_FIELDS = 5
_SUNDAY_FIRST = (DAYS[-1], *DAYS[:-1])
"""As cron counts them: 0 is Sunday, and so is 7."""


@dataclass(frozen=True)
class Cadence:
    """Wall-clock times that come again and again; see `cadence`."""

    words: str
    """As it was written, in one form."""
    zone: ZoneInfo
    minute: str
    hour: str
    day: str
    month: str
    weekday: str

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """The last occurrence in (after, until], as an instant in UTC; None if there is none."""
        return max(self.between(after, until), default=None)

    def next(self, after: datetime) -> datetime:
        """The first occurrence after a moment, as an instant in UTC."""
        return next(self.between(after, _NEVER))

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Every occurrence in (after, until], as instants in UTC, in the order of the clock."""
        wall = self._wall(after) - _SHIFT
        while True:
            wall = self._next(wall)
            instant = self._instant(wall)
            if instant > until + _SHIFT:
                return
            if after < instant <= until:
                yield instant

    @cached_property
    def _trigger(self) -> CronTrigger:
        # Slow to import: whoever only names a zone must not wait for it.
        from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 see above

        # In UTC, which knows no clock changes: it counts hands of the clock, not instants.
        return CronTrigger(
            minute=self.minute,
            hour=self.hour,
            day=self.day,
            month=self.month,
            day_of_week=self.weekday,
            timezone=UTC,
        )

    def _next(self, wall: datetime) -> datetime:
        marked = (wall + timedelta(microseconds=1)).replace(tzinfo=UTC)
        found: datetime | None = self._trigger.get_next_fire_time(None, marked)
        if found is None:
            raise CadenceError(f"{self.words!r} never comes; write it like {EXAMPLES}")
        return found.replace(tzinfo=None)

    def _wall(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def _instant(self, wall: datetime) -> datetime:
        """Of a time that comes twice the first; of one left out, as long after the gap's start."""
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)


_SHIFT = timedelta(hours=3)
"""No clock change moves the hands by more."""

_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


def cadence(words: str, zone: str) -> Cadence:
    """Read a cadence.

    Raises:
        CadenceError: it is none, it never comes, or there is no such zone.
    """
    words = " ".join(words.lower().split())
    fields = _cron(words) if words.startswith("cron ") else _named(words)
    made = Cadence(words, zone_of(zone), *fields)
    try:
        made.next(datetime(2026, 1, 1, tzinfo=UTC))
    except ValueError as error:
        raise CadenceError(f"{words!r}: {error}; write it like {EXAMPLES}") from error
    return made


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name such as Europe/Berlin.

    Raises:
        CadenceError: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CadenceError(
            f"there is no time zone {name!r}; write it like Europe/Berlin, America/New_York or UTC"
        ) from error


def _named(words: str) -> tuple[str, str, str, str, str]:
    found = _WORDS.fullmatch(words)
    if found is None:
        raise CadenceError(f"{words!r} is no schedule; write it like {EXAMPLES}")
    often, day = found["often"], found["day"] or ""
    minute, hour = found["minute"].lstrip("0") or "0", found["hour"].lstrip("0") or "0"
    if often == "weekly" and day[:3] in DAYS:
        return minute, hour, "*", "*", day[:3]
    if often == "monthly" and day.isdecimal() and 1 <= int(day) <= _EVERY_MONTH:
        return minute, hour, day, "*", "*"
    if often in {"daily", "weekdays"} and not day:
        return minute, hour, "*", "*", "*" if often == "daily" else "mon-fri"
    raise CadenceError(f"{words!r}: on which day? Write it like {EXAMPLES}")


_EVERY_MONTH = 28
"""The last day that every month has."""


def _cron(words: str) -> tuple[str, str, str, str, str]:
    fields = words.split()[1:]
    if len(fields) != _FIELDS:
        raise CadenceError(f"{words!r}: cron has five fields; write it like {EXAMPLES}")
    minute, hour, day, month, weekday = fields
    return minute, hour, day, month, _weekdays(weekday, words)


def _weekdays(field: str, words: str) -> str:
    """Cron's weekdays, where 0 and 7 are Sunday, as a list of names: the trigger's 0 is Monday."""
    if field == "*":
        return field
    named: list[str] = []
    for part in field.split(","):
        found = _WEEKDAY.fullmatch(part)
        if found is None:
            raise CadenceError(f"{words!r}: {part!r} is no weekday; write 0-7 or mon-sun")
        first, last, step = found.groups()
        ends = ("0", "6") if first == "*" else (first, last or first)
        low, high = (_number(end, words) for end in ends)
        high += len(DAYS) if high < low else 0
        named += [_SUNDAY_FIRST[n % len(DAYS)] for n in range(low, high + 1, int(step or 1))]
    return ",".join(sorted(set(named), key=DAYS.index))


def _number(weekday: str, words: str) -> int:
    if weekday.isdecimal() and len(weekday) == 1:
        return int(weekday)
    if weekday[:3] in DAYS:
        return DAYS.index(weekday[:3]) + 1
    raise CadenceError(f"{words!r}: {weekday!r} is no weekday; write 0-7 or mon-sun")
