"""Days by their name, in the reader's time zone: `last week`, `Q3`, `october`, `12 Nov`.

A table of our own and no library: each form means one thing, which docs/query.md states, a name
stands for a span with an end as well as a beginning, and whatever is not in the table is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from bot.model import Period
from bot.speak.standpoint import Standpoint

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""No community wrote before or will after; room on both sides for the spans compared with."""


_MONTHS = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may", "may"),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SATURDAY = 5
_NTH = ("first", "second", "third", "fourth")
_MONTH = "(?:" + "|".join(name for names in _MONTHS for name in names) + r")"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_DATE = rf"{_YEAR}-\d\d-\d\d"

Spelled = Callable[[re.Match[str], Standpoint], Period | None]


def span(value: str, at: Standpoint | datetime) -> Period | None:
    """The days that a name stands for, the most recent that have begun; None if it names none."""
    at, words = Standpoint.of(at), plain(value)
    for pattern, spelled in _SPANS:
        if match := pattern.fullmatch(words):
            try:
                found = spelled(match, at)
            except (ValueError, OverflowError):  # 31 November
                return None
            return found if found and found.since >= EARLIEST and found.until <= LATEST else None
    return None


def plain(value: str) -> str:
    """A name in lower case, without what may stand before it."""
    lower = " ".join(value.split()).lower()
    return re.sub(r"^(?:the|on|in|during|version|release) (?=\w)", "", lower)


def _one_day(days: int) -> Spelled:
    def spelled(_match: re.Match[str], at: Standpoint) -> Period:
        day = at.today + timedelta(days=days)
        return at.days(day, day + timedelta(days=1))

    return spelled


def _unit(match: re.Match[str], at: Standpoint) -> Period:
    """This or the last week, month, quarter or year of the calendar."""
    unit = match["unit"]
    first, after = around(at.today, unit)
    if match["which"] != "this":
        first, after = around(first - timedelta(days=1), unit)
    return at.days(first, after)


def around(day: date, unit: str) -> tuple[date, date]:
    """The first day of the unit that a day lies in, and the first after it."""
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    if unit == "year":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    months = 3 if unit == "quarter" else 1
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, _later(first, months)


def _later(first: date, months: int) -> date:
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def _weekend(match: re.Match[str], at: Standpoint) -> Period:
    back_to = (at.today.weekday() - _SATURDAY) % 7
    saturday = at.today - timedelta(days=back_to)
    if match["which"] == "last" and back_to < 2:  # noqa: PLR2004 it is the weekend now
        saturday -= timedelta(days=7)
    return at.days(saturday, saturday + timedelta(days=2))


def _weekday(match: re.Match[str], at: Standpoint) -> Period:
    back_to = (at.today.weekday() - _WEEKDAYS.index(match["day"])) % 7
    if match["last"] and not back_to:
        back_to = 7
    day = at.today - timedelta(days=back_to)
    return at.days(day, day + timedelta(days=1))


def _quarter(match: re.Match[str], at: Standpoint) -> Period:
    month = 3 * int(match["quarter"]) - 2
    year = match["year"] or match["before"]
    first = date(int(year), month, 1) if year else _begun(at.today, month, 1)
    return at.days(first, _later(first, 3))


def _nth_quarter(match: re.Match[str], at: Standpoint) -> Period:
    month = 3 * _NTH.index(match["nth"]) + 1
    year = match["year"]
    first = date(int(year), month, 1) if year else _begun(at.today, month, 1)
    return at.days(first, _later(first, 3))


def _month(match: re.Match[str], at: Standpoint) -> Period:
    month = _month_number(match["month"])
    first = date(int(match["year"]), month, 1) if match["year"] else _begun(at.today, month, 1)
    return at.days(first, _later(first, 1))


def _day(match: re.Match[str], at: Standpoint) -> Period:
    month, number_ = _month_number(match["month"]), int(re.sub(r"\D", "", match["day"]))
    year = match["year"]
    day = date(int(year), month, number_) if year else _begun(at.today, month, number_)
    return at.days(day, day + timedelta(days=1))


def _begun(today: date, month: int, day: int) -> date:
    """The most recent such day, today at the latest."""
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


def _month_number(name: str) -> int:
    return next(n for n, names in enumerate(_MONTHS, 1) if name in names)


def _iso_month(match: re.Match[str], at: Standpoint) -> Period:
    first = date(int(match["year"]), int(match["month"]), 1)
    return at.days(first, _later(first, 1))


def _year(match: re.Match[str], at: Standpoint) -> Period:
    return at.days(date(int(match["year"]), 1, 1), date(int(match["year"]) + 1, 1, 1))


def _date(match: re.Match[str], at: Standpoint) -> Period:
    day = date.fromisoformat(match[0])
    return at.days(day, day + timedelta(days=1))


_FORMS: tuple[tuple[str, Spelled], ...] = (
    (r"today", _one_day(0)),
    (r"yesterday", _one_day(-1)),
    (r"(?P<which>this|last|previous) (?P<unit>week|month|quarter|year)", _unit),
    (r"(?:(?P<which>this|last) )?weekend", _weekend),
    (rf"(?P<last>last )?(?P<day>{'|'.join(_WEEKDAYS)})", _weekday),
    (rf"(?:(?P<before>{_YEAR})[ -])?q(?P<quarter>[1-4])(?:[ /-](?P<year>{_YEAR}))?", _quarter),
    (rf"(?P<nth>{'|'.join(_NTH)}) quarter(?: (?:of )?(?P<year>{_YEAR}))?", _nth_quarter),
    (rf"(?P<day>{_DAY}) (?:of )?(?P<month>{_MONTH})\.?(?:,? (?P<year>{_YEAR}))?", _day),
    (rf"(?P<month>{_MONTH})\.? (?P<day>{_DAY})(?:,? (?P<year>{_YEAR}))?", _day),
    (rf"(?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?", _month),
    (_DATE, _date),
    (rf"(?P<year>{_YEAR})-(?P<month>\d\d)", _iso_month),
    (rf"(?P<year>{_YEAR})", _year),
)
_SPANS = tuple((re.compile(pattern), spelled) for pattern, spelled in _FORMS)
SPAN = "|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern, _ in _FORMS)
"""Every way to name a span, for finding them in a sentence; lower case."""
