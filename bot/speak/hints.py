"""What could stand next in an unfinished query, for completion while somebody writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import SOURCES_KNOWN, Criterion
from bot.speak.query import EXCLUDABLE, KEYS
from bot.speak.values import KINDS, STATES

MOST = 20

_LAST = re.compile(
    r"""(?:^|\s)(?P<not>-?)(?:
        (?P<key>[A-Za-z]+):(?:"(?P<quoted>[^"]*)|(?P<value>[^\s"]*))
      | (?P<word>[A-Za-z]*)
    )$""",
    re.VERBOSE,
)
_TIMES = (
    *("24h", "7d", "30d", "today", "yesterday", "monday"),
    *("this week", "last week", "this month", "last month", "this quarter", "last release"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """Names in use, those most in use first."""

    sources: tuple[str, ...] = SOURCES_KNOWN
    venues: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = KINDS
    releases: tuple[str, ...] = ()

    def of(self, key: str) -> Sequence[str]:
        """What could stand behind a key; nothing where that is anybody's to say."""
        if key in {"since", "until"}:
            return (*_TIMES, *self.releases)
        return {
            "source": self.sources,
            "venue": self.venues,
            "repo": [v for v in self.venues if "/" in v and not v.startswith("r/")],
            "label": self.labels,
            "area": self.areas,
            "kind": self.kinds,
            "state": STATES,
            "criterion": [one.value.replace(" ", "-") for one in Criterion],
            "untracked": ("yes", "no"),
            "unanswered": ("yes", "no"),
            "people": (">=3", ">=5", ">=10"),
            "strength": ("1", "2", "3"),
        }.get(key, ())


def hints(text: str, known: Known) -> tuple[str, ...]:
    """What could take the place of the last part of a query, whole, at most 20.

    After a space, and for the beginning of a word, that is a key with its colon; behind a key the
    values that begin with what stands there, in the order in which they are known, in quotes
    where they need them. Empty where anything may follow.
    """
    found = _LAST.search(text)
    if not found or text.count('"') % 2 != (found["quoted"] is not None):
        return ()
    sign = found["not"]
    if found["key"] is None:
        keys = EXCLUDABLE if sign else KEYS
        return tuple(f"{sign}{key}:" for key in keys if key.startswith(found["word"].lower()))
    return _values(found, known)


def _values(found: re.Match[str], known: Known) -> tuple[str, ...]:
    key = found["key"].lower()
    if found["not"] and key not in EXCLUDABLE:
        return ()
    done, begun = "", found["quoted"] if found["value"] is None else found["value"]
    if found["value"]:  # the last of several between commas
        head, comma, begun = begun.rpartition(",")
        done = head + comma
    fitting = [v for v in known.of(key) if v.lower().startswith(begun.lower()) and v != begun]
    if done:
        fitting = [v for v in fitting if re.fullmatch(r"[^\s,]+", v) and v not in done.split(",")]
    start = f"{found['not']}{found['key']}:{done}"
    return tuple(start + _written(value) for value in fitting[:MOST] if '"' not in value)


def _written(value: str) -> str:
    return value if re.fullmatch(r"[^\s,]+", value) else f'"{value}"'
