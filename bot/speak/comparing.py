"""The two sides of a question that compares: "this week vs last week", "compare 2.3 and 2.4"."""

from __future__ import annotations

import re

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
    rf"(?:better|worse|{_NO_MEASURE}\w{{3,}}er"
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


def sides(text: str) -> tuple[str, str] | None:
    """What a question sets side by side; None for one that does not compare."""
    for pattern in (_DIFFERENCE, _COMPARE, _TO, _BETWEEN, _VERSION_THAN, _THAN):
        if found := pattern.search(text):
            more = [found.groupdict().get(name) or "" for name in ("what", "at")]
            left = "".join((text[: found.start()], found["a"], *more))
            return _shared(left, found["b"].strip(" ?.!"))
    return None


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
