"""How a query was understood, on one line: `complaints · reddit · since v2.4.1, 12 Nov`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from bot.model import Query
from bot.speak.languages import language_name
from bot.speak.standpoint import Standpoint
from bot.speak.words import KIND_NAMES, listed

_ONE_DAY = timedelta(days=1)


def echo(query: Query, at: Standpoint | datetime) -> str:
    """The query in words, its times in the reader's zone; "everything" for one that asks for all.

    Alternatives stand beside each other, joined by "or"; the parts must all hold.
    """
    at = Standpoint.of(at)
    parts = [
        *_named(query),
        *_people(query),
        *_time(query, at),
        *_about(query),
        *(f"without {left_out(key, value)}" for key, value in query.excluded),
        *(f'not "{word}"' for word in query.without),
    ]
    return " · ".join(parts) or "everything"


def compared(query: Query, against: Query | None, at: Standpoint | datetime) -> str:
    """A query, and the one it is set against, if there is one."""
    first = echo(query, at)
    return first if against is None else f"{first}  against  {echo(against, at)}"


def _named(query: Query) -> Iterator[str]:
    """What posts, and where."""
    yield from _or([_kind(kind) for kind in query.kinds])
    yield from _or(query.states)
    yield from _held("unanswered", "answered", query.unanswered)
    yield from _held("untracked", "tracked", query.untracked)
    yield from _or(query.criteria)
    yield from [f"strength {query.strength} or more"] if query.strength is not None else []
    yield from _or(query.sources)
    yield from _or(query.venues)
    yield from _or([f"in {language_name(code)}" for code in query.languages])
    yield from _or([f"area {area}" for area in query.areas])
    yield from _or([f"theme {theme}" for theme in query.themes])
    yield from _or([f"labelled {label}" for label in query.labels])


def _people(query: Query) -> Iterator[str]:
    yield from _or([f"by {author}" for author in query.authors])
    if query.people is not None:
        yield f"themes of {query.people:,} people or more"


def _or(values: Sequence[str]) -> list[str]:
    return [" or ".join(values)] if values else []


def _held(yes: str, no: str, holds: bool | None) -> list[str]:
    return [] if holds is None else [yes if holds else no]


def _kind(kind: str) -> str:
    return KIND_NAMES.get(kind, (kind, f"{kind} posts"))[1]


def left_out(key: str, value: str) -> str:
    """What a query leaves out, by its key and its value: "posts of praise", "label wontfix"."""
    if key == "kind":
        return _kind(value)
    if key == "lang":
        return language_name(value)
    return value if key in {"source", "venue"} else f"{key} {value}"


def _about(query: Query) -> list[str]:
    words = [f'"{" ".join(query.words)}"'] if query.words else []
    words += [f'"{phrase}"' for phrase in query.phrases]
    return [f"about {listed(words)}"] if words else []


def _time(query: Query, at: Standpoint) -> Iterator[str]:
    """A release by its name and day; a whole day by its date; any other time with the hour."""
    since, until = query.since, query.until
    if since and until and _begins_day(since, at) and _begins_day(until, at):
        last = until - _ONE_DAY / 2
        first, end = _day(since, at), _day(last, at)
        yield first if first == end else f"{first} to {end}"
        return
    if since:
        yield f"since {_moment(since, at)}"
    if until:
        yield f"until {_moment(until, at)}"


def _moment(moment: datetime, at: Standpoint) -> str:
    release = next((one for one in at.releases if one.at == moment), None)
    if release:
        return f"{release.name}, {_day(moment, at)}"
    if _begins_day(moment, at):
        return _day(moment, at)
    return f"{_day(moment, at)}, {moment.astimezone(at.tz):%H:%M}"


def _begins_day(moment: datetime, at: Standpoint) -> bool:
    return moment.astimezone(at.tz).time() == time()


def _day(moment: datetime, at: Standpoint) -> str:
    """`12 Nov`, with the year where it is not this one."""
    local = moment.astimezone(at.tz)
    year = "" if local.year == at.today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year}"
