"""Small matters of wording that every output shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.model import Crowd, Period

SOURCE_NAMES = {
    "github": "GitHub",
    "reddit": "Reddit",
    "hackernews": "Hacker News",
    "discourse": "Discourse",
    "stackexchange": "Stack Exchange",
    "rss": "feeds",
    "slack": "Slack",
    "zulip": "Zulip",
    "x": "X",
    "mail": "mail",
    "manual": "added by hand",
}


def source_name(source: str) -> str:
    """A source as people write it."""
    return SOURCE_NAMES.get(source, source)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 post`, `2 posts`, `1,200 people`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def people(crowd: Crowd) -> str:
    """Who stands behind some posts, saying what is not known.

    `14 people`, `14 people + 3 posts of unknown authors`, `9 posts of unknown authors`.
    """
    known = counted(crowd.people, "person", "people")
    unknown = counted(crowd.unknown, "post") + " by unknown authors"
    if crowd.unknown and crowd.people:
        return f"{known} + {unknown}"
    return unknown if crowd.unknown else known


def facts(crowd: Crowd, venues: Mapping[str, int]) -> str:
    """Who wrote how many posts where: `14 people · 20 posts · r/python`; for none, just that."""
    if not crowd.posts:
        return "no posts in this time"
    return f"{people(crowd)} · {counted(crowd.posts, 'post')} · {places(venues)}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:  # noqa: PLR2004 one needs no "and"
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def percent(part: int, whole: int) -> str:
    """`2.5 %`, `3 %`; `under 0.1 %` for what would be rounded to nothing."""
    share = 100 * part / whole
    if part and round(share, 1) == 0:
        return "under 0.1 %"
    return f"{share:.1f}".removesuffix(".0") + " %"


KIND_NAMES = {
    "complaint": ("complaint", "complaints"),
    "bug": ("bug report", "bug reports"),
    "request": ("request", "requests"),
    "question": ("question", "questions"),
    "praise": ("post of praise", "posts of praise"),
    "announcement": ("announcement", "announcements"),
    "spam": ("post of spam", "posts of spam"),
}


def posts_of(kinds: Sequence[str], number: int) -> str:
    """So many posts of these kinds: `1 complaint`, `12 bug reports and requests`, `3 posts`."""
    names = [KIND_NAMES.get(kind, (f"{kind} post", f"{kind} posts")) for kind in kinds]
    chosen = [one if number == 1 else many for one, many in names or [("post", "posts")]]
    return f"{number:,} {' or '.join(chosen) if number == 1 else listed(chosen)}"


def places(venues: Mapping[str, int], most: int = 3) -> str:
    """The places that posts are from, most first: `r/x 12, owner/repo 3, and 2 more`."""
    if len(venues) == 1:
        return next(iter(venues))
    named = [f"{venue} {count}" for venue, count in list(venues.items())[:most]]
    rest = len(venues) - most
    return ", ".join(named) + (f", and {rest} more" if rest > 0 else "")


def day(moment: datetime) -> str:
    """`16 Dec 2025`."""
    return f"{moment.day} {moment:%b %Y}"


def lasting(period: Period) -> str:
    """How long a period is: `7 days`, `1 day`, `6 hours`."""
    hours = max(1, round(period.length / timedelta(hours=1)))
    return counted(round(hours / 24), "day") if hours >= 24 else counted(hours, "hour")  # noqa: PLR2004 a day has 24


def span(period: Period) -> str:
    """A period in words, naming its last day rather than the one after it."""
    last = period.until - timedelta(microseconds=1)
    if period.since.date() == last.date():
        return day(last)
    same_year = period.since.year == last.year
    first = f"{period.since.day} {period.since:%b}" if same_year else day(period.since)
    return f"{first} to {day(last)}"
