"""The queue of whoever is on duty: what presses, then what is new or grows and is untracked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.model import Coverage, Criterion, Status, ThemeView
from bot.rota import Rota
from bot.speak.coverage import line
from bot.speak.criteria import criteria
from bot.speak.data import coverage_data, theme_data
from bot.speak.digest import LEAST_NOW, LEAST_PEOPLE, MOVING
from bot.speak.plain import card
from bot.speak.words import counted, day, listed
from bot.tracking import State

LATELY = timedelta(weeks=4)
"""How far back the queue looks where no other time is asked for."""

GRAVE = frozenset({Criterion.SECURITY, Criterion.DATA_LOSS})
"""Criteria that press from the first post on, and come before all others."""
SEVERAL = 2
"""Posts from which the others press; a crash also from the first, in a theme of so few that it is
a `PART` of them."""
SHARE, PART = 0.1, 0.25
"""Of the posts shown: of a theme of a hundred, one that names a crash tells little."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for somebody: strongest first in each part."""

    high: tuple[ThemeView, ...]
    """Pressing ones, and those that came back though they were fixed."""
    moving: tuple[ThemeView, ...]
    """New, growing or back, with complaints that no issue stands for."""
    since: datetime
    coverage: Coverage
    duty: str = ""
    """Who is on duty, and until when; empty where nobody is."""


def pressing(view: ThemeView) -> bool:
    """Whether what is shown of a theme meets a criterion often enough to come first."""
    return bool(_pressing(view))


def _pressing(view: ThemeView) -> set[Criterion]:
    posts = len(view.theme.members)
    return {
        name
        for name, keys in criteria(view.theme).items()
        if len(keys) >= max(1 if name in GRAVE else SEVERAL, SHARE * posts)
        or (name is Criterion.CRASH and len(keys) >= PART * posts)
    }


def may_wait(view: ThemeView) -> bool:
    """Whether a theme can be in the queue, whatever tracks it: nobody saw, got or muted it."""
    if view.seen or view.assigned or view.mute or not view.theme.members:
        return False
    voices = view.crowd.people + view.crowd.unknown
    return voices >= LEAST_NOW and (pressing(view) or view.status in MOVING or _may_be_back(view))


def _may_be_back(view: ThemeView) -> bool:
    return view.status in {Status.STEADY, Status.FADING}


def queued(views: Iterable[ThemeView]) -> tuple[tuple[ThemeView, ...], tuple[ThemeView, ...]]:
    """Of views with what tracks them those that press and those that move; strongest first.

    Of those that press, first what loses data or lets somebody in.
    """
    high, moving = list[ThemeView](), list[ThemeView]()
    for view in sorted(views, key=lambda v: (-v.strength, int(v.theme.id[1:]))):
        state = view.tracking.state if view.tracking else None
        if state is State.BACK:
            high.append(view)
        elif state is None or state in {State.UNTRACKED, State.PROPOSED}:
            lost = view.tracking is not None and bool(view.tracking.untracked)
            if pressing(view):
                high.append(view)
            elif lost and view.status in MOVING and _worthy(view):
                moving.append(view)
    high.sort(key=lambda view: not _pressing(view) & GRAVE)
    return tuple(high), tuple(moving)


def _worthy(view: ThemeView) -> bool:
    """As for a digest: what one or two say is not yet something that keeps coming back."""
    return view.total.people + view.total.unknown >= LEAST_PEOPLE


def queue_line(queue: Queue) -> str:
    """`2 themes of high priority and 5 new or growing that no issue is named for, since ...`."""
    if not queue.high and not queue.moving:
        since = day(queue.since)
        return (
            f"Nothing waits: no theme presses, or moves with no issue named for it, since {since}."
        )
    parts = [f"{counted(len(queue.high), 'theme')} of high priority"] if queue.high else []
    moving = f"{counted(len(queue.moving), 'theme')} new or growing that no issue is named for"
    parts += [moving] if queue.moving else []
    return f"{' and '.join(parts)}, since {day(queue.since)}"


def duty_line(rota: Rota | None, now: datetime) -> str:
    """`On duty: Ann, until Mon 9 Mar; then Bob`; empty without a rota."""
    if rota is None:
        return ""
    until = rota.until(now)
    then = f"; then {rota.next(now).name}" if len(rota.people) > 1 else ""
    return f"On duty: {rota.on_duty(now).name}, until {until:%a} {until.day} {until:%b}{then}"


def rota_text(rota: Rota, now: datetime) -> str:
    """Who takes turns, when they change, and whose turn it is."""
    names = listed([person.name for person in rota.people])
    turns = f"{names}, a week each from {_DAYS[rota.weekday]} on ({rota.zone})"
    return f"{turns}. {duty_line(rota, now)}."


_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def queue_text(queue: Queue) -> str:
    """The whole queue as plain text."""
    parts = [queue_line(queue), *([queue.duty] if queue.duty else [])]
    for title, views in parts_of(queue):
        parts += [title.upper(), *map(card, views)]
    return "\n\n".join([*parts, line(queue.coverage)])


def parts_of(queue: Queue) -> Sequence[tuple[str, tuple[ThemeView, ...]]]:
    """The parts that hold something, under their titles."""
    parts = (("High priority", queue.high), ("New and growing", queue.moving))
    return [(title, views) for title, views in parts if views]


def queue_data(queue: Queue) -> dict[str, Any]:
    """The machine's form."""
    return {
        "high": [theme_data(view) for view in queue.high],
        "moving": [theme_data(view) for view in queue.moving],
        "since": f"{queue.since:%Y-%m-%dT%H:%M:%SZ}",
        "duty": queue.duty or None,
        "coverage": coverage_data(queue.coverage),
        "text": queue_line(queue),
    }
