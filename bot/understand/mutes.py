"""Whether a theme that somebody muted is still to be left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, sqrt

from bot.model import Decision, Member, Period
from bot.understand.trends import BIRTH, RATIO, SIGMAS, crowd, voices

WEEK = timedelta(weeks=1)
_INSTANT = timedelta(microseconds=1)


def holds(mute: Decision, members: Sequence[Member], now: datetime) -> bool:
    """Whether a mute is neither over nor outgrown.

    `members` are all posts of the theme in time order. It is outgrown once and for all when, at
    any time since, as many people spoke within a week as the mute names.
    """
    if mute.until is not None and now >= mute.until:
        return False
    if mute.weekly is None:
        return True
    return all(
        voices(crowd(_week_to(members, member.created_at))) < mute.weekly
        for member in members
        if mute.at < member.created_at <= now
    )


def outgrown_from(members: Sequence[Member], now: datetime) -> int:
    """How many people in a week are more than in the week up to now, and not by chance.

    By the margin that makes a theme a growing one.
    """
    weekly = voices(crowd(_week_to(members, now)))
    return ceil(max(RATIO * weekly, weekly + SIGMAS * sqrt(max(weekly, 1)), BIRTH))


def _week_to(members: Sequence[Member], end: datetime) -> list[Member]:
    week = Period(end - WEEK, end + _INSTANT)
    return [member for member in members if member.created_at in week]
