"""The time that a plain question is about: `since 2.4`, `in October`, `over the last 3 days`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.model import Period
from bot.speak.draft import MARK, Draft, whole
from bot.speak.moments import (
    NUMBER,
    RELEASE,
    UNIT,
    VERSION,
    back,
    moment,
    number,
)
from bot.speak.spans import SPAN, around, span
from bot.speak.standpoint import Standpoint

LATELY = 30
"""Days that "recently" means, and that a question means which names neither time nor subject."""

_EDGE = r"(?:the )?(?:end|beginning|start) of "
_AGO = rf"{NUMBER} {UNIT}s? ago"
_RELEASED = (
    rf"(?:(?:the )?(?:release of |version |release )?{VERSION}|{RELEASE})"
    r"(?: (?:came out|was released|was out|shipped|landed|release))?"
)
_WHEN = rf"(?:{_AGO}|\d{{1,4}}[hdwmy]|(?:{_EDGE})?(?:the )?(?:{SPAN})|{_RELEASED}|now)"
_TAIL = r" (?:came out|was released|was out|shipped|landed|(?<=\d )release)$"

_SINCE = whole(
    rf"(?P<how>since|after|from|starting(?: in| on| with)?) (?P<when>{_WHEN})"
    rf"(?P<on> onwards?| on(?=\s*(?:$|[,.;?!{MARK}])))?"
)
_OLDER = whole(
    rf"(?:that (?:are|is) )?(?:older than (?P<n>{NUMBER}) (?P<unit>{UNIT})s?"
    rf"|(?:more than|over) (?P<m>{NUMBER}) (?P<old>{UNIT})s? old)"
)
_UNTIL = whole(rf"(?:until|till|before|up to|up until|prior to|by(?= {_EDGE})) (?P<when>{_WHEN})")
_BETWEEN = whole(
    rf"(?:between|from) (?P<first>{_WHEN}) (?:and|to|until|till|through) (?P<last>{_WHEN})"
)
_ROLLING = whole(
    rf"(?:(?:in|over|during|within|for|from|of|since|across) )?(?P<the>the |these |this )?"
    rf"(?P<which>last|past|previous) (?:(?P<n>{NUMBER}) )?(?P<unit>{UNIT})s?"
)
_ROLLING_SHORT = whole(
    r"(?:(?:in|over|during|within|for|from) )?(?:the )?(?:last|past) (?P<span>\d{1,4}[hdwmy])"
)
_NAMED = whole(
    r"(?<!black )(?<!good )(?<!cyber )"
    rf"(?:(?P<in>in|on|during|over|for|from|of|within|at) )?(?P<edge>{_EDGE})?(?:the )?"
    rf"(?P<span>{SPAN})(?:'s)?"
)
_NEEDS_IN = re.compile(r"[a-z]+|\d{4}", re.IGNORECASE)
"""A month or a year alone may be something else: "march", 2025."""
_SELF = re.compile(r"today|yesterday|weekend|[a-z]+day|q[1-4]", re.IGNORECASE)
_BACK_THEN = whole(rf"(?P<n>{NUMBER}) (?P<unit>day|week|month|year)s? ago")
_RECENTLY = whole(
    r"recently|lately|these days|nowadays|right now|at the moment|currently|of late|as of late"
)
ALWAYS = whole(r"ever|of all time|all[- ]time|so far|to date|historically")
_VAGUE = whole(
    rf"(?:in |over |during |for |since |from |until )?(?:the |these )?"
    rf"(?P<vague>(?:last|past|previous) (?:few|several|couple) {UNIT}s?"
    rf"|(?:early|mid|late)[- ](?:{SPAN})|this (?:morning|afternoon|evening)|tonight|last night)"
    rf"|around (?P<about>{SPAN})"
)
_OPEN = re.compile(
    rf"(?<![\w-])(?:since|until|till) (?P<what>(?!then\b)[^,.;?!{MARK}]+?)"
    rf"(?=\s+(?:on|in|at|from|by|with|about|for|and|or|but)\b|\s*[,;?!{MARK}]|\.(?:\s|$)|\s*$)",
    re.IGNORECASE,
)


def names_time(text: str) -> bool:
    """Whether a text has a time in it."""
    patterns = (_SINCE, _UNTIL, _ROLLING, _ROLLING_SHORT, _NAMED, _BACK_THEN, _RECENTLY)
    return any(pattern.search(text) for pattern in patterns)


def times(draft: Draft) -> None:
    """Read the time off a question; what only looks like one is said not to be understood."""
    for read in (_vague, _ranges, _rolling, _edges, _named, _loose):
        read(draft)


def _vague(draft: Draft) -> None:
    for match in draft.take(_VAGUE):
        draft.lose(match["vague"] or f"around {match['about']}")
    for _ in draft.take(ALWAYS):
        pass  # it asks about no time: whoever sets one where none is named looks for it as well


def _ranges(draft: Draft) -> None:
    for match in draft.take(_BETWEEN):
        first, last = _at(match["first"], draft), _end(match["last"], draft)
        if first and last and first < last:
            _set(draft, match[0], first, last)
        elif first is None or last is None:
            draft.lose(_bare(match["first"]))
            draft.lose(_bare(match["last"]))
        else:
            draft.lose(match[0])


def _rolling(draft: Draft) -> None:
    """The last so many units back from now; "last week" alone is that of the calendar."""
    for match in draft.take(_ROLLING_SHORT):
        _set(draft, match[0], moment(match["span"], draft.at), None)
    text = draft.text
    for match in _ROLLING.compiled.finditer(text):
        if match["n"] or _rolls(match):
            since = back(number(match["n"] or "1"), match["unit"].lower(), draft.at)
            draft.text = draft.text.replace(match[0], f" {MARK} ", 1)
            _set(draft, match[0], since, None)


def _rolls(match: re.Match[str]) -> bool:
    """Whether a unit without a number is counted back: "the last week", "past month"."""
    which = match["which"].lower()
    return which == "past" or (which == "last" and bool(match["the"]))


def _edges(draft: Draft) -> None:
    for match in draft.take(_SINCE):
        since = _at(match["when"], draft)
        if match["how"].lower() == "after":
            since = _end(match["when"], draft)
        if match["how"].lower() == "from" and not match["on"]:
            _from(draft, match["when"], match[0])
        elif since is None:
            draft.lose(_bare(match["when"]))
        else:
            _set(draft, match[0], since, draft.query.until)
    for match in draft.take(_OLDER):
        count, unit = match["n"] or match["m"], match["unit"] or match["old"]
        _end_at(draft, match[0], back(number(count), unit.lower(), draft.at))
    for match in draft.take(_UNTIL):
        _end_at(draft, _bare(match["when"]), _at(match["when"], draft))


def _end_at(draft: Draft, said: str, until: datetime | None) -> None:
    since = draft.query.since
    if until is None or (since and since >= until):
        draft.lose(said)
    else:
        draft.put(until=None if until >= draft.at.now else until)


def _from(draft: Draft, when: str, said: str) -> None:
    """The week of "from last week"; but whoever writes of 2.4, for "from 2.4"."""
    found = span(when, draft.at)
    if found:
        _set(draft, said, found.since, found.until)
    else:
        draft.text += f" {_bare(when)}"


def _named(draft: Draft) -> None:
    """A span by its name: "in October", "yesterday", "12 Nov", "two weeks ago"."""
    for match in draft.take(_BACK_THEN):
        found = _then(number(match["n"]), match["unit"].lower(), draft.at)
        _set(draft, match[0], found.since, found.until)
    for match in list(_NAMED.compiled.finditer(draft.text)):
        name = match["span"]
        alone = _NEEDS_IN.fullmatch(name) and not _SELF.fullmatch(name)
        found_span = None if alone and not match["in"] else span(name, draft.at)
        if found_span and not match["edge"]:
            draft.text = draft.text.replace(match[0], f" {MARK} ", 1)
            _set(draft, name, found_span.since, found_span.until)


def _then(count: int, unit: str, at: Standpoint) -> Period:
    """The day, or the week, month or year of the calendar, that lies so far back."""
    if unit in {"day", "week"}:
        day = at.today - timedelta(days=min(count * (7 if unit == "week" else 1), 20_000))
        if unit == "day":
            return at.days(day, day + timedelta(days=1))
        return at.days(*around(day, unit))
    first, after = around(at.today, unit)
    for _ in range(min(count, 600 if unit == "month" else 50)):
        first, after = around(first - timedelta(days=1), unit)
    return at.days(first, after)


def _loose(draft: Draft) -> None:
    for match in draft.take(_OPEN):
        draft.lose(match["what"])
    recent = list(draft.take(_RECENTLY))
    if recent and not (draft.query.since or draft.query.until):
        draft.put(since=back(LATELY, "day", draft.at))


def _set(draft: Draft, said: str, since: datetime | None, until: datetime | None) -> None:
    """A question is about one time: a second one is not understood."""
    if draft.query.since or since is None:
        draft.lose(re.sub(r"^(?:in|on|during|over|for|from|of|within|since) ", "", said))
        return
    draft.put(since=since, until=None if until is None or until >= draft.at.now else until)


def _bare(when: str) -> str:
    """A release's name without what is said around it."""
    found = re.search(VERSION, when, re.IGNORECASE)
    return found[0] if found else when


def _at(when: str, draft: Draft) -> datetime | None:
    return moment(re.sub(_TAIL, "", when.lower().replace("the release of ", "")), draft.at)


def _end(when: str, draft: Draft) -> datetime | None:
    """The end of a span, the moment itself where it is none."""
    found = span(when, draft.at)
    return found.until if found else _at(when, draft)
