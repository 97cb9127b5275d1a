"""Spans of time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Protocol, TypeVar


class Written(Protocol):
    """Whatever was written at a time."""

    @property
    def created_at(self) -> datetime:
        """When."""


Item = TypeVar("Item", bound=Written)

_written = attrgetter("created_at")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time: `since` belongs to it, `until` does not."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.until - self.since

    def of(self, written: Sequence[Item]) -> Sequence[Item]:
        """Those of some things, which are in time order, oldest first, that were written in it."""
        first = bisect_left(written, self.since, key=_written)
        return written[first : bisect_left(written, self.until, lo=first, key=_written)]

    def before(self, spans: int) -> Period:
        """The period of the same length that lies this many lengths earlier.

        Cut off at the beginning of time, as `datetime` knows it.
        """
        back = spans * self.length
        return Period(_back(self.since, back), _back(self.until, back))


_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _back(moment: datetime, span: timedelta) -> datetime:
    return moment - span if span < moment - _BEGINNING else _BEGINNING
