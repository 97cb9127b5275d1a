"""What people write to be told something again and again, and how it is told back to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.deliveries import Asks, Style, Subscription
from bot.errors import QueryError
from bot.model import Query
from bot.speak.question import compares

AT_ONCE = {Asks.BURSTS: "alerts", Asks.WATCH: "posts"}
OFTEN = "cron */5 * * * *"
"""How often is looked for what is told at once: a look that finds nothing says nothing."""

USAGE = "subscribe daily 09:00 Europe/Berlin kind:complaint"

_CADENCE = re.compile(
    r"(?:cron(?:\s+[\d*/,\-a-z]+){5}"
    r"|(?:daily|weekdays|weekly|monthly)(?:\s+(?:[a-z]{3,9}|\d{1,2})(?!:))?\s+\d{1,2}:\d{2})(?=\s|$)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?:daily|weekdays|weekly\s+(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|monthly\s+\d{1,2})"
    r"(?=\s|$)",
    re.IGNORECASE,
)
"""The days alone, where no hour follows."""
_ZONE = re.compile(r"(?:[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+\-]+){1,2}|UTC)(?=\s|$)")
_STYLE = re.compile(r"style:(\S+)\s*", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?:what|who|which|how|is|are|do|does|did|where|when|why|has|have|anything)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be told."""

    cadence: str
    zone: str | None
    """None: the zone of the person who asks."""
    style: Style
    asks: Asks
    words: str
    """A query in its language, or a question."""


def wanted(text: str) -> Wanted:
    """Read `daily 09:00 Europe/Berlin style:short kind:complaint`, or a question in its place.

    Whether the time and the query are sound is not looked at here.

    Raises:
        QueryError: it does not begin with a time, or there is no such style.
    """
    text = " ".join(text.split())
    found = _CADENCE.match(text)
    if found is None:
        raise QueryError(f"{_missing(text)}\n  {text}\n  ^")
    rest = text[found.end() :].strip()
    zone = _ZONE.match(rest)
    rest = rest[zone.end() :].strip() if zone else rest
    style, rest = _style(rest)
    asked = rest.endswith("?") or _QUESTION.match(rest) or compares(rest)
    asks = Asks.QUESTION if asked else Asks.DIGEST
    return Wanted(found[0], zone[0] if zone else None, style, asks, rest)


def _missing(text: str) -> str:
    """What is asked of somebody who names no time, or only the days."""
    if days := _DAY.match(text):
        return f"at what hour? As in: subscribe {days[0].lower()} 09:00"
    return f"when? Begin with a time, as in: {USAGE}"


def exactly(query: Query) -> Query:
    """The query with each of its words as one that must be said: nothing that only comes near."""
    return replace(query, phrases=(*query.phrases, *query.words), words=())


def _style(rest: str) -> tuple[Style, str]:
    found = _STYLE.search(rest)
    if found is None:
        return Style.FULL, rest
    if found[1].lower() not in set(Style):
        known = ", ".join(Style)
        raise QueryError(
            f"there is no style {found[1]!r}; they are {known}\n  {rest}\n  {' ' * found.start()}^"
        )
    return Style(found[1].lower()), (rest[: found.start()] + rest[found.end() :]).strip()


def subscription_text(its: Subscription) -> str:
    """`#3 daily 09:00 (Europe/Berlin): digest of kind:complaint, in short`."""
    if its.asks is Asks.SECURITY:
        return f"#{its.id} what looks like an undisclosed vulnerability, as soon as it is read"
    if its.asks in AT_ONCE:
        return (
            f"#{its.id} {AT_ONCE[its.asks]} {its.words or 'of everything'}, as soon as it is read"
        )
    what = f"“{its.words}”" if its.asks is Asks.QUESTION else f"digest of {its.words or 'all'}"
    how = {Style.FULL: "", Style.SHORT: ", in short", Style.CHANGES: ", only when something moved"}
    told = ", when the answer changed" if its.asks is Asks.QUESTION else how[its.style]
    return f"#{its.id} {its.cadence} ({its.zone}): {what}{told}"
