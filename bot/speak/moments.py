"""Times as people name them: spans by their names, `3 days ago`, `v2.4.1`, ISO times."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.speak.spans import EARLIEST, LATEST, plain, span
from bot.speak.standpoint import Released, Standpoint

UNITS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
"""The length in days of a unit that is counted back from now."""
_SHORT = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_COUNTED = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_ROUND = {"a dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "a hundred": 100}
_FEW = {"a": 1, "an": 1, "couple of": 2, "a couple of": 2}
NUMBERS = {word: value for value, word in enumerate(_COUNTED, 1)} | _ROUND | _FEW
"""Small numbers in words."""

NUMBER = r"(?:\d{1,4}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
UNIT = r"(?:hour|day|week|month|quarter|year)"
VERSION = r"v?\d{1,4}(?:\.\d{1,5}){1,3}(?:[-.]?(?:rc|beta|alpha|b|a|pre|dev)[-.]?\d*)?"
RELEASE = r"(?:the )?(?:last|latest|newest|most recent|current) (?:release|version)"

_AGO = re.compile(rf"(?P<n>{NUMBER}) ?(?P<unit>{UNIT})s? ago|(?P<m>\d{{1,4}})(?P<short>[hdwmy])")
_EDGE = re.compile(r"(?P<edge>end|beginning|start) of (?P<of>.+)")
_VERSION = re.compile(rf"(?:version |release )?(?P<name>{VERSION})")
_RELEASE = re.compile(rf"{RELEASE}|release")


def moment(value: str, at: Standpoint | datetime) -> datetime | None:
    """A time as people write it in a query, in UTC; None if it is none.

    What names a span means its beginning, and "end of" it its end.
    """
    at, words = Standpoint.of(at), plain(value)
    if words == "now":
        return at.now.replace(microsecond=0)
    if ago := _AGO.fullmatch(words):
        return _ago(ago, at)
    if edge := _EDGE.fullmatch(words):
        of = span(edge["of"], at)
        return None if of is None else of.until if edge["edge"] == "end" else of.since
    if found := span(words, at):
        return found.since
    if found_release := release(words, at):
        return found_release.at
    return iso(value, at.tz)


def release(value: str, at: Standpoint) -> Released | None:
    """The release that is named by its version or as the last one.

    None where none is known, or several places have given out that version.
    """
    if _RELEASE.fullmatch(plain(value)):
        final = [one for one in at.releases if one.final]
        return max(final, key=lambda one: one.at, default=None)
    same = of_version(value, at)
    return max(same, key=lambda one: one.at) if len({one.venue for one in same}) == 1 else None


def of_version(value: str, at: Standpoint) -> list[Released]:
    """The known releases of a version; empty too where the value is none."""
    named = _VERSION.fullmatch(plain(value))
    return [one for one in at.releases if named and _same(one.name, named["name"])]


def is_version(value: str) -> bool:
    """Whether it has the form of a version: what could be a release if it were known."""
    words = plain(value)
    return bool(_VERSION.fullmatch(words) or _RELEASE.fullmatch(words))


def iso(value: str, zone: tzinfo = UTC) -> datetime | None:
    """An ISO date or time, in this zone unless it names one; None if it is none, or far off."""
    try:
        if len(value) == len("2026-11-24"):
            found = datetime.combine(date.fromisoformat(value), time(), zone)
        else:
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=zone)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found <= LATEST else None


def number(word: str) -> int:
    """A number in digits or in words, one of `NUMBER`."""
    return int(word) if word.isdecimal() else NUMBERS[word.casefold()]


def back(count: int, unit: str, at: Standpoint) -> datetime:
    """So many units before now, to the second; months count 30 days, years 365."""
    length = timedelta(days=min(count * UNITS[unit], 20_000))
    return max(at.now.replace(microsecond=0) - length, EARLIEST)


def _ago(match: re.Match[str], at: Standpoint) -> datetime:
    if match["short"]:
        return back(int(match["m"]), _SHORT[match["short"]], at)
    return back(number(match["n"]), match["unit"], at)


def _same(name: str, asked: str) -> bool:
    """2.4, 2.4.0 and v2.4 are one; 2.4.0-rc1 is another."""
    return bool(_parts(name)) and _parts(name) == _parts(asked)


def _parts(name: str) -> tuple[str, ...]:
    found = re.search(r"(\d+(?:\.\d+)+)(.*)$", name.lower())
    if not found:
        return ()
    numbers = [str(int(part)) for part in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return (*numbers, re.sub(r"[-._+]", "", found[2]))
