"""The two sides of a question that compares: "this week vs last week", "compare 2.3 and 2.4"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.speak.judging import JUDGING
from bot.speak.kinds import COUNTED
from bot.speak.moments import NUMBER, VERSION
from bot.speak.periods import names_time

_VERSUS = r"(?:vs\.?|versus|compared (?:to|with)|in comparison (?:to|with)|as opposed to)"
_COMPARE = re.compile(
    r"\bcompar(?:e|ing)\s+(?P<a>.+?)\s+(?:vs\.?|versus|with|to|against|and)\s+(?P<b>.+)",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"\bdifferences?\s+between\s+(?P<a>.+?)\s+and\s+(?P<b>.+)", re.IGNORECASE)
_TO = re.compile(r"(?P<a>.+?)\s+compared?\s+(?:to|with|against)\s+(?P<b>.+)", re.IGNORECASE)
_BETWEEN = re.compile(rf"(?P<a>.+?)\s*,?\s+{_VERSUS}\s+(?P<b>.+)", re.IGNORECASE)
_NO_MEASURE = r"(?!(?:oth|rath|old|new|lat|earli|larg|bigg|great|high|low)er\b)"
"""Before a comparative that measures a time or a number, or sets nothing side by side."""
_MORE = (
    rf"(?P<how>better|worse|{_NO_MEASURE}\w{{3,}}er"
    rf"|(?:more|less|fewer)(?:(?P<what> {COUNTED})| \w+)?)"
    rf"(?P<at> (?:in|on|with) {VERSION})?\s+than\s+"
)
_THAN = re.compile(
    rf"(?P<a>.+?)\s+{_MORE}(?P<b>(?!(?:{NUMBER}|before|expected|usual|ever|it)\b).+)", re.IGNORECASE
)
_VERSION_THAN = re.compile(
    rf"(?P<a>(?:.*\s)?{VERSION}(?:\s+(?:any|much|a (?:bit|lot)|have|has|cause|causes|get|gets))?)"
    rf"\s+{_MORE}(?P<b>{VERSION}(?![\w.]).*)",
    re.IGNORECASE,
)
"""A number after "than" is a quantity, unless versions stand on both sides of it."""
_TAIL = re.compile(r"(?<=\w) (?P<in>on|in|for|with|about|when|during|at)\b.*", re.IGNORECASE)
_NO_SIDE = re.compile(
    r"(?:^|\s)(?:a|about|an|and|any|are|by|do|does|for|from|in|is|of|on|or|our|the|to|using|with)$",
    re.IGNORECASE,
)
"""Before a "VS" that is a name: "problems in VS 2022" sets nothing against 2022."""
_BY_COMPLAINTS = {"angrier", "better", "fewer", "happier", "less", "more", "unhappier", "worse"}
"""What a comparison tells anyway, by who complains on either side."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What a question sets side by side."""

    left: str
    right: str
    measure: str = ""
    """By what it compares, where that is left out: "slower"."""


def sides(text: str) -> Sides | None:
    """What a question sets side by side; None for one that does not compare."""
    for pattern in (_DIFFERENCE, _COMPARE, _TO, _BETWEEN, _VERSION_THAN, _THAN):
        found = pattern.search(text)
        if found and not (pattern is _BETWEEN and _NO_SIDE.search(found["a"])):
            said = found.groupdict()
            more = [said.get(name) or "" for name in ("what", "at")]
            left = "".join((text[: found.start()], found["a"], *more))
            measure = "" if said.get("what") else _measure(said.get("how") or "")
            return Sides(*_shared(left, found["b"].strip(" ?.!")), measure)
    return None


def _measure(how: str) -> str:
    judges = how.casefold().split()[-1:]
    return "" if {*judges} & (_BY_COMPLAINTS | JUDGING) else how


def _shared(left: str, right: str) -> tuple[str, str]:
    """Both sides: what stands behind a preposition on the second holds for the first as well.

    Unless that has the same preposition itself, or a time of its own: "2.4 on Windows vs 2.4 on
    Linux", "yesterday vs in the last week".
    """
    tail = _TAIL.search(right)
    if tail and names_time(tail[0]) and names_time(left):
        return left, right
    if tail and not re.search(rf"\b{tail['in']}\b", left, re.IGNORECASE):
        return f"{left} {tail[0]}", right
    return left, right
