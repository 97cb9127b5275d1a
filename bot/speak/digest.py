"""A digest: what is new, growing, back, steady and fading in a period, strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import Coverage, Digest, Period, Query, Section, Status, ThemeView
from bot.speak.quotes import quotes
from bot.speak.words import counted, day, people, span

SECTIONS = (
    (Status.NEW, "New", 6),
    (Status.GROWING, "Growing", 5),
    (Status.CAME_BACK, "Came back", 5),
    (Status.STEADY, "Steady", 5),
    (Status.FADING, "Fading", 3),
)
"""Status, title, and how many themes a person reads of it before tiring."""

MOVING = frozenset({Status.NEW, Status.GROWING, Status.CAME_BACK})
"""What a reader looks at first."""

LEAST_PEOPLE, LEAST_NOW = 3, 2
"""A theme is in a digest from three people on in all, and two of them in the period (or, if it
fades, just before it): what one or two say is not yet something that keeps coming back."""


def compose(
    views: Sequence[ThemeView], period: Period, posts: int, coverage: Coverage, query: Query
) -> Digest:
    """The digest of a period from its themes; `posts` are all posts read in it."""
    every = [view for view in views if _worthy(view)]
    worthy = [view for view in every if view.mute is None]
    sections = tuple(
        section
        for status, title, most in SECTIONS
        if (section := _section(worthy, status, title, most)).shown
    )
    return Digest(
        period=period,
        headline=_headline(sections, period, posts, coverage),
        sections=sections,
        coverage=coverage,
        posts=posts,
        query=query,
        muted=len(every) - len(worthy),
    )


def _worthy(view: ThemeView) -> bool:
    crowd = view.before if view.status is Status.FADING else view.recent
    enough = view.total.people + view.total.unknown >= LEAST_PEOPLE
    return enough and crowd.people + crowd.unknown >= LEAST_NOW


def _section(views: Sequence[ThemeView], status: Status, title: str, most: int) -> Section:
    ranked = sorted(
        (view for view in views if view.status is status),
        key=lambda v: (
            (-(v.before.people + v.before.unknown), v.theme.id)
            if status is Status.FADING
            else (-v.strength, v.theme.id)
        ),
    )
    shown = tuple(replace(view, quotes=quotes(view.theme)) for view in ranked[:most])
    return Section(title, shown, left_out=len(ranked) - len(shown))


def newest_before(period: Period, coverage: Coverage) -> datetime | None:
    """When the newest post was written, if that was before the period began."""
    newest = max((one.last_at for one in coverage.sources if one.last_at), default=None)
    return newest if newest and newest < period.since else None


def _headline(sections: Sequence[Section], period: Period, posts: int, coverage: Coverage) -> str:
    """One sentence of judgement, from computed facts only."""
    when = span(period)
    if not posts:
        newest = newest_before(period, coverage)
        return f"{when}: no posts at all{f'; the newest is of {day(newest)}' if newest else ''}."
    read = f"{counted(posts, 'post')} read"
    if not sections:
        return f"{when}: {read}, and nothing in them keeps coming back."
    counts = ", ".join(f"{len(s.shown) + s.left_out} {s.title.lower()}" for s in sections)
    leading = _leading(sections)
    if leading is None:
        return f"{when}: nothing new, growing or back. {read}; themes: {counts}."
    return (
        f"{when}: look first at “{leading.theme.label}” "
        f"({people(leading.crowd)}, {leading.status.value}). {read}; themes: {counts}."
    )


def verdict(digest: Digest) -> str:
    """The headline without its period, for where that stands above it."""
    said = digest.headline.removeprefix(f"{span(digest.period)}: ")
    return said[:1].upper() + said[1:]


def _leading(sections: Sequence[Section]) -> ThemeView | None:
    """Of what is new, grows or came back, the theme with the most voices above what is usual.

    Not the largest one: what everybody always talks about would lead every week.
    """
    moving = [view for s in sections for view in s.shown if view.status in MOVING]
    return max(moving, key=lambda v: (_surplus(v), v.strength), default=None)


def _surplus(view: ThemeView) -> float:
    return view.recent.people + view.recent.unknown - view.usual
