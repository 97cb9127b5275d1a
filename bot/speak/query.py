"""The Query language: `since:7d source:reddit kind:complaint "torch.compile" -spam words`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.errors import QueryError
from bot.model import SOURCES_KNOWN, STRONGEST, Criterion, Query

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<key>[A-Za-z]+):(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]*))
      | "(?P<phrase>[^"]*)"
      | -(?P<without>[^\s"]+)
      | (?P<open>")
      | (?P<word>[^\s"]+)
    )""",
    re.VERBOSE,
)
_AGO = re.compile(r"(\d{1,4})([hdwm])", re.IGNORECASE)
_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
}

_MANY = {
    "source": "sources",
    "kind": "kinds",
    "theme": "themes",
    "author": "authors",
    "label": "labels",
    "state": "states",
    "venue": "venues",
    "criterion": "criteria",
    "lang": "languages",
}
KEYS = ("since", "until", *_MANY, "strength")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the query a value stands, for pointing at it."""

    query: str
    start: int

    def error(self, message: str) -> QueryError:
        return QueryError(f"{message}\n  {self.query}\n  {' ' * self.start}^")


def parse(text: str, now: datetime) -> Query:
    """Read a query.

    Raises:
        QueryError: with the query and a caret under what is wrong.
    """
    query, position = Query(), 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _Place(text, position).error("cannot read this")
        query = _add(query, match, text, now)
        position = match.end()
    if query.since and query.until and query.since >= query.until:
        raise QueryError(f"since ({query.since:%Y-%m-%d %H:%M}) is not before until: {text}")
    return query


def _add(query: Query, match: re.Match[str], text: str, now: datetime) -> Query:
    found = match.groupdict()
    if found["open"]:
        raise _Place(text, match.start("open")).error('this " is never closed')
    if found["key"]:
        place = _Place(text, match.start("key"))
        return _with_value(query, found["key"].lower(), _value(found), place, now)
    for name, field in (("phrase", "phrases"), ("without", "without"), ("word", "words")):
        if found[name]:
            return _more(query, field, found[name])
    return query


def _value(found: dict[str, str | None]) -> str:
    return found["quoted"] if found["quoted"] is not None else found["value"] or ""


def _with_value(query: Query, key: str, value: str, place: _Place, now: datetime) -> Query:
    if key not in KEYS:
        if "/" in value[:2]:  # an address, not a key
            return replace(query, words=(*query.words, f"{key}:{value}"))
        raise place.error(f"there is no key {key!r}; the keys are {', '.join(KEYS)}")
    if not value:
        raise place.error(f"{key}: needs a value")
    if key in {"since", "until"}:
        found = _moment(value, place, now)
        return replace(query, since=found) if key == "since" else replace(query, until=found)
    if key == "strength":
        return replace(query, strength=_strength(value, place))
    values = tuple(part for part in value.split(",") if part)
    if key == "criterion":
        values = tuple(_criterion(part, place) for part in values)
    if key == "lang":
        values = tuple(_language(part, place) for part in values)
    if key == "source":
        _check_sources(values, place)
    return _more(query, _MANY[key], *values)


def _more(query: Query, field: str, *values: str | None) -> Query:
    """The query with more values in one of its fields that hold many."""
    changed: Any = {field: (*getattr(query, field), *values)}
    return replace(query, **changed)


def _check_sources(values: tuple[str, ...], place: _Place) -> None:
    for value in values:
        if value.lower() not in SOURCES_KNOWN:
            raise place.error(f"there is no source {value!r}; they are {', '.join(SOURCES_KNOWN)}")


def _strength(value: str, place: _Place) -> int:
    if value not in map(str, range(1, STRONGEST + 1)):
        raise place.error(f"{value!r} is no strength; write 1 (a trouble), 2 (it stops me) or 3")
    return int(value)


def _criterion(value: str, place: _Place) -> str:
    """The name of a criterion; "data-loss" is as good as "data loss"."""
    name = value.lower().replace("-", " ").replace("_", " ").strip()
    if name not in set(Criterion):
        known = ", ".join(one.value.replace(" ", "-") for one in Criterion)
        raise place.error(f"there is no criterion {value!r}; they are {known}")
    return name


_CODE = re.compile(r"[a-z]{2}")


def _language(value: str, place: _Place) -> str:
    code = value.lower()
    if not _CODE.fullmatch(code):
        raise place.error(
            f"{value!r} is no code of a language; write two letters, as in lang:de,zh"
        )
    return code


def _moment(value: str, place: _Place, now: datetime) -> datetime:
    found = moment(value, now)
    if found is None:
        raise place.error(
            f"{value!r} is no time; write 7d, 24h, today, yesterday, 2026-11-24 or a full ISO time"
        )
    return found


def moment(value: str, now: datetime) -> datetime | None:
    """A time as people write it in a query, in UTC; None if it is none."""
    word = value.lower()
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    named: dict[str, Callable[[], datetime]] = {
        "now": lambda: now,
        "today": lambda: today,
        "yesterday": lambda: today - timedelta(days=1),
    }
    if word in named:
        return named[word]()
    if ago := _AGO.fullmatch(word):
        return now - int(ago[1]) * _UNITS[ago[2]]
    return iso(value)


EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""No community wrote before or will after; room on both sides for the spans compared with."""


def iso(value: str) -> datetime | None:
    """An ISO date or time, in UTC unless it names a zone; None if it is none, or out of reach."""
    try:
        if len(value) == len("2026-11-24"):
            found = datetime.combine(date.fromisoformat(value), time(), UTC)
        else:
            found = datetime.fromisoformat(value)
            found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found <= LATEST else None


def written(query: Query) -> str:
    """The query in its own language: what a person sees, can correct and can keep."""
    parts = [
        f"{key}:{_stamp(value)}"
        for key, value in (("since", query.since), ("until", query.until))
        if value
    ]
    for key, field in _MANY.items():
        parts += [f"{key}:{_quote(value)}" for value in getattr(query, field)]
    parts += [f"strength:{query.strength}"] if query.strength is not None else []
    parts += [f'"{phrase}"' for phrase in query.phrases]
    parts += query.words
    parts += [f"-{word}" for word in query.without]
    return " ".join(parts)


def _quote(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _stamp(value: datetime) -> str:
    midnight = value.time() == time()
    return f"{value:%Y-%m-%d}" if midnight else f"{value:%Y-%m-%dT%H:%M:%SZ}"
