"""Which themes wait for somebody: what was seen waits again once it grows or comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Decision, Member, Period
from bot.understand.mutes import holds
from bot.understand.trends import BIRTH, SILENT, crowd, voices

WEEK = timedelta(weeks=1)
_INSTANT = timedelta(microseconds=1)


def still_seen(seen: Decision, members: Sequence[Member], now: datetime) -> bool:
    """Whether a theme has neither grown nor come back since it was acknowledged.

    `members` are all its posts in time order. Once it has, it waits for good, until somebody
    acknowledges it anew.
    """
    return holds(seen, members, now) and not _came_back(seen.at, members, now)


def _came_back(since: datetime, members: Sequence[Member], now: datetime) -> bool:
    """Whether people spoke of it within a week, all of it since then, after a long silence."""
    ends = (m.created_at for m in members if since < m.created_at <= now)
    return any(_after_silence(members, end, since) for end in ends)


def _after_silence(members: Sequence[Member], end: datetime, since: datetime) -> bool:
    week = Period(end - WEEK, end + _INSTANT)
    silent = Period(week.since - SILENT, week.since)
    spoke = [m for m in members if m.created_at in week]
    if voices(crowd(spoke)) < BIRTH or any(m.created_at <= since for m in spoke):
        return False
    return not any(m.created_at in silent for m in members)
