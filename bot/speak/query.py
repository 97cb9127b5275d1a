"""The Query language: `since:7d source:reddit kind:complaint "torch.compile" -spam words`.

docs/query.md is its grammar on one page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import QueryError
from bot.model import Query
from bot.speak.moments import is_version, moment, of_version
from bot.speak.standpoint import Standpoint
from bot.speak.values import (
    KINDS,
    STATES,
    BadValue,
    criterion,
    language,
    least_people,
    nearest,
    repository,
    source,
    strength,
    yes_or_no,
)

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<not>-)?(?:
            (?P<key>[A-Za-z]+):(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]*))
          | "(?P<phrase>[^"]*)"
        )
      | -(?P<without>[^\s"]+)
      | -?(?P<open>")
      | (?P<word>[^\s"]+)
    )""",
    re.VERBOSE,
)


def _near(known: tuple[str, ...], what: str) -> Callable[[str], str]:
    """A check of values that others may be added to: what is nearly a known one is a slip."""

    def checked(value: str) -> str:
        if (near := nearest(value, known)) and near != value.lower():
            raise BadValue(f"there is no {what} {value!r}; did you mean {near}?")
        return value

    return checked


def _any(value: str) -> str:
    return value


@dataclass(frozen=True, slots=True)
class _Many:
    """A key whose values are alternatives: where a query keeps them, and what they may be."""

    field: str
    check: Callable[[str], str] = _any


_MANY = {
    "source": _Many("sources", source),
    "kind": _Many("kinds", _near(KINDS, "kind")),
    "theme": _Many("themes"),
    "area": _Many("areas"),
    "author": _Many("authors"),
    "label": _Many("labels"),
    "state": _Many("states", _near(STATES, "state")),
    "venue": _Many("venues"),
    "criterion": _Many("criteria", criterion),
    "lang": _Many("languages", language),
}
_ONE: dict[str, tuple[str, Callable[[str], Any]]] = {
    "untracked": ("untracked", yes_or_no),
    "unanswered": ("unanswered", yes_or_no),
    "people": ("people", least_people),
    "strength": ("strength", strength),
}
_TIMES = ("since", "until")
_ALIASES = {"repo": ("venue", repository)}
KEYS = (*_TIMES, *_MANY, "repo", *_ONE)
EXCLUDABLE = (*_MANY, "repo")
"""The keys that may stand behind a "-"."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the query a part stands, for pointing at it."""

    query: str
    start: int

    def error(self, message: str) -> QueryError:
        line_start = self.query.rfind("\n", 0, self.start) + 1
        line = self.query[line_start:].partition("\n")[0]
        return QueryError(f"{message}\n  {line}\n  {' ' * (self.start - line_start)}^")


@dataclass(frozen=True, slots=True)
class _Named:
    """One `key:value` of a query, and where it stands."""

    key: str
    value: str
    quoted: bool
    place: _Place

    @property
    def values(self) -> tuple[str, ...]:
        """The values between commas; what is quoted is one."""
        parts = (self.value,) if self.quoted else tuple(self.value.split(","))
        return tuple(part for part in parts if part)


def parse(text: str, at: Standpoint | datetime) -> Query:
    """Read a query, its times as of a standpoint or of a bare moment, which is read as UTC.

    Raises:
        QueryError: with the query and a caret under what is wrong.
    """
    query = Query(audience=Standpoint.of(at).audience)
    position, times = 0, list[_Named]()
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _Place(text, position).error("cannot read this")
        query = _add(query, match, text, times)
        position = match.end()
    return _timed(query, times, Standpoint.of(at), text)


def _add(query: Query, match: re.Match[str], text: str, times: list[_Named]) -> Query:
    """The query with one more part; a time is put off, as places tell whose release it names."""
    found = match.groupdict()
    if found["open"]:
        raise _Place(text, match.start("open")).error('this " is never closed')
    if found["key"]:
        return _keyed(query, match, text, times)
    if found["phrase"]:
        return _more(query, "without" if found["not"] else "phrases", found["phrase"])
    for name, field in (("without", "without"), ("word", "words")):
        if found[name]:
            return _more(query, field, found[name])
    return query


def _keyed(query: Query, match: re.Match[str], text: str, times: list[_Named]) -> Query:
    found, place = match.groupdict(), _Place(text, match.start("key"))
    quoted = found["quoted"] is not None
    named = _Named(
        found["key"].lower(), found["quoted"] if quoted else found["value"] or "", quoted, place
    )
    if named.key not in KEYS:
        if named.value[:1] == ":" or "/" in named.value[:2]:  # std::vector, or an address
            word = f"{found['key']}:{named.value}"
            return _more(query, "without" if found["not"] else "words", word)
        raise _unknown_key(named)
    if not named.values:
        raise place.error(f"{named.key}: needs a value")
    if found["not"]:
        return _excluding(query, named)
    if named.key in _TIMES:
        times.append(named)
        return query
    return _with_value(query, named)


def _unknown_key(named: _Named) -> QueryError:
    near = nearest(named.key, KEYS)
    help_ = f"did you mean {near}?" if near else f"the keys are {', '.join(KEYS)}"
    return named.place.error(f"there is no key {named.key!r}; {help_}")


def _with_value(query: Query, named: _Named) -> Query:
    if named.key in _ONE:
        field, read = _ONE[named.key]
        changed: Any = {field: _checked(named, named.value, read)}
        return replace(query, **changed)
    key, values = _read(named)
    return _more(query, _MANY[key].field, *values)


def _excluding(query: Query, named: _Named) -> Query:
    if named.key not in EXCLUDABLE:
        raise named.place.error(f"{named.key}: cannot be left out; drop the - before it")
    key, values = _read(named)
    return replace(query, excluded=(*query.excluded, *((key, value) for value in values)))


def _read(named: _Named) -> tuple[str, tuple[str, ...]]:
    """The key itself, where this was another name for it, and its values as they are kept."""
    key, check = _ALIASES.get(named.key, (named.key, None))
    read = check or _MANY[key].check
    return key, tuple(_checked(named, value, read) for value in named.values)


def _checked(named: _Named, value: str, read: Callable[[str], Any]) -> Any:  # noqa: ANN401 each key has its own
    try:
        return read(value)
    except BadValue as error:
        raise named.place.error(str(error)) from error


def _more(query: Query, field: str, *values: str) -> Query:
    """The query with more values in one of its fields that hold many."""
    changed: Any = {field: (*getattr(query, field), *values)}
    return replace(query, **changed)


def _timed(query: Query, times: list[_Named], at: Standpoint, text: str) -> Query:
    """The query with its times; a version is a release of the places that it names, if any."""
    near = at.within(query.venues)
    found: Any = {named.key: _moment(named, near) for named in times}
    query = replace(query, **found)
    if query.since and query.until and query.since >= query.until:
        raise QueryError(f"since ({query.since:%Y-%m-%d %H:%M}) is not before until: {text}")
    return query


def _moment(named: _Named, at: Standpoint) -> datetime:
    found = moment(named.value, at)
    if found is None:
        raise named.place.error(f"{named.value!r} {_no_time(named.value, at)}")
    return found


def _no_time(value: str, at: Standpoint) -> str:
    if not is_version(value):
        return (
            "is no time; write 7d, 24h, today, yesterday, monday, october, Q3, 2026-11-24, "
            '"last week", "3 days ago", a release such as v2.4.1 or a full ISO time'
        )
    if places := sorted({one.venue for one in of_version(value, at)}):
        return f"is a release of {' and of '.join(places)}; name one with venue:"
    known = sorted(at.releases, key=lambda one: one.at, reverse=True)[:3]
    names = ", ".join(one.name for one in known)
    return f"is no release that is known; {f'the last ones are {names}' if names else 'none is'}"


def written(query: Query, zone: str | None = None) -> str:
    """The query in its own language: what a person sees, can correct and can keep.

    Times are whole and in UTC, so that it means the same to everybody, or, with a zone, as
    somebody there writes them and reads them back.
    """
    tz = None if zone is None else UTC if zone == "UTC" else ZoneInfo(zone)
    parts = [
        f"{key}:{_stamp(value, tz)}"
        for key, value in (("since", query.since), ("until", query.until))
        if value
    ]
    for key, many in _MANY.items():
        parts += [f"{key}:{_quote(value)}" for value in getattr(query, many.field)]
    parts += _flags(query)
    parts += [f'"{phrase}"' for phrase in query.phrases]
    parts += query.words
    parts += [f"-{key}:{_quote(value)}" for key, value in query.excluded]
    parts += [f"-{word if _bare(word) else _quoted(word)}" for word in query.without]
    return " ".join(parts)


def _flags(query: Query) -> list[str]:
    named = (("untracked", query.untracked), ("unanswered", query.unanswered))
    parts = [f"{key}:{'yes' if held else 'no'}" for key, held in named if held is not None]
    parts += [f"people:>={query.people}"] if query.people is not None else []
    return parts + ([f"strength:{query.strength}"] if query.strength is not None else [])


def _bare(word: str) -> bool:
    """Whether a word can stand behind a "-" without quotes and be read as the same."""
    return bool(re.fullmatch(r'(?![A-Za-z]+:)[^\s"]+', word))


def _quote(value: str) -> str:
    return value if re.fullmatch(r"[^\s,]+", value) else _quoted(value)


def _quoted(value: str) -> str:
    return f'"{value}"'


def _stamp(value: datetime, tz: tzinfo | None) -> str:
    if tz and value.astimezone(tz).time() == time():
        return f"{value.astimezone(tz):%Y-%m-%d}"
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
