"""A plain question as a Query: time, places and kinds are read off; what is left is the subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.model import Period, Query
from bot.speak.query import KEYS, iso, parse

_SOURCES = {
    r"github|(?:the )?issue tracker": "github",
    r"reddit|subreddits?": "reddit",
    r"hacker ?news|hn": "hackernews",
    r"(?:the )?forums?|discourse": "discourse",
    r"stack ?(?:overflow|exchange)": "stackexchange",
}
_KINDS = {
    r"complain(?:ts?|ing|ed)?|hurt(?:s|ing)?|pain points?|unhappy|angry|annoy(?:s|ed|ing)"
    r"|frustrat(?:ed|ing|ions?)|hat(?:e|ing)": "complaint",
    r"bugs?|crash(?:es|ing)?": "bug",
    r"(?:feature )?requests?|requesting|ask(?:ing|ed)? for|wish(?:es|ing)?": "request",
    r"prais(?:e|ing)|lik(?:e|ing)|lov(?:e|ing)|enjoy(?:ing)?": "praise",
}
_STOP = frozenset(
    """
    a about after again all and any anyone anything are around as at be been before being
    between biggest but by came can come comes coming common community could day did do does
    doing during especially ever everybody everyone everything folks for from get gets
    getting going had happen happened happening happens has have having hear how i if in
    into is it its just keep keeps last lately latest lot lots main many maybe me mention
    mentioned month most mostly much my new no not now of on one only or our out over people
    popular post posts problem problems raised really recent recently reported
    reporting say saying says see seeing should show since so some somebody something
    still talk talking tell than that the their them there there's these they thing things
    think thinking this to today top trending trouble troubles until up us user users using
    want wanting wants was we week were what whats when where which who why will with would
    year yesterday you your
    """.split()  # noqa: SIM905 a list of quoted words is no easier to read
)
_WORD = re.compile(r"[\w#][\w.+#/'’-]*\w|\w", re.UNICODE)
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|`([^`]+)`')
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DEFAULT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Time:
    """A way to name a time, and the period it means as of now."""

    pattern: re.Pattern[str]
    period: Callable[[re.Match[str], datetime], Period | None]


def understand(question: str, now: datetime) -> Query:
    """The Query that a question asks, to be shown back to the person.

    A question that is written in the query language is read as that. One with no time of its own
    asks about the last 30 days if it names no subject, else about all that was read.

    Raises:
        QueryError: the question is in the query language, and wrong.
    """
    if re.search(rf"(?:^|\s)(?:{'|'.join(KEYS)}):\S", question):
        return parse(question, now)
    query, rest = _times(question, now)
    rest, phrases = _phrases(rest)
    rest, sources = _named(rest, _SOURCES, r"(?:on|in|from|at)?\s*")
    rest, kinds = _named(rest, _KINDS, "")
    words = tuple(dict.fromkeys(w for w in _subject(rest)))
    query = replace(query, sources=sources, kinds=kinds, phrases=phrases, words=words)
    if query.since is None and query.until is None and not (words or phrases):
        query = replace(query, since=now - _DEFAULT)
    return query


def _times(question: str, now: datetime) -> tuple[Query, str]:
    for time in _TIMES:
        if (match := time.pattern.search(question)) and (period := time.period(match, now)):
            rest = question[: match.start()] + " " + question[match.end() :]
            until = None if period.until >= now else period.until
            return Query(since=period.since, until=until), rest
    return Query(), question


def _phrases(text: str) -> tuple[str, tuple[str, ...]]:
    phrases = tuple(next(filter(None, m.groups())) for m in _QUOTED.finditer(text))
    return _QUOTED.sub(" ", text), phrases


def _named(text: str, names: dict[str, str], before: str) -> tuple[str, tuple[str, ...]]:
    found = []
    for pattern, name in names.items():
        whole = re.compile(rf"(?<![\w./-]){before}\b(?:{pattern})\b(?![\w./-]*\w)", re.IGNORECASE)
        if whole.search(text):
            found.append(name)
            text = whole.sub(" ", text)
    return text, tuple(found)


def _subject(text: str) -> list[str]:
    words = [w for w in _WORD.findall(text) if w.lower().replace("’", "'") not in _STOP]
    return [w for w in words if w.lower() not in {"what's", "who's", "i'm", "there's"}]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _last_units(match: re.Match[str], now: datetime) -> Period:
    number = int(match["n"] or 1)
    days = {"day": 1, "week": 7, "month": 30, "year": 365}
    if match["unit"].lower() == "hour":
        return Period(now - timedelta(hours=number), now)
    return Period(now - timedelta(days=min(number * days[match["unit"].lower()], 36_500)), now)


def _this_unit(match: re.Match[str], now: datetime) -> Period:
    today = _midnight(now)
    starts = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }
    return Period(starts[match["unit"].lower()], now)


def _since_date(match: re.Match[str], now: datetime) -> Period | None:
    start = iso(match["date"])
    return Period(start, now) if start else None


def _one_day(match: re.Match[str], _now: datetime) -> Period | None:
    start = iso(match["date"])
    return Period(start, start + timedelta(days=1)) if start else None


def _between(match: re.Match[str], _now: datetime) -> Period | None:
    start, end = iso(match["a"]), iso(match["b"])
    return Period(start, end + timedelta(days=1)) if start and end and start <= end else None


def _month(match: re.Match[str], now: datetime) -> Period | None:
    month = _MONTHS.index(match["month"].lower()) + 1
    year = match["year"] or str(now.year if month <= now.month else now.year - 1)
    start = iso(f"{year}-{month:02}-01")
    return Period(start, (start + timedelta(days=32)).replace(day=1)) if start else None


def _today(_match: re.Match[str], now: datetime) -> Period:
    return Period(_midnight(now), now)


def _yesterday(_match: re.Match[str], now: datetime) -> Period:
    return Period(_midnight(now) - timedelta(days=1), _midnight(now))


def _time(pattern: str, period: Callable[[re.Match[str], datetime], Period | None]) -> _Time:
    return _Time(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), period)


_DATE = r"\d{4}-\d{2}-\d{2}"
_TIMES = (
    _time(rf"(?:between|from) (?P<a>{_DATE}) (?:and|to) (?P<b>{_DATE})", _between),
    _time(rf"since (?P<date>{_DATE})", _since_date),
    _time(rf"(?:on )?(?P<date>{_DATE})", _one_day),
    _time(
        r"(?:in |over |during |within |for )?(?:the )?(?:last|past) (?:(?P<n>\d{1,4}) )?"
        r"(?P<unit>hour|day|week|month|year)s?",
        _last_units,
    ),
    _time(r"(?:in |during )?this (?P<unit>week|month|year)", _this_unit),
    _time(r"today", _today),
    _time(r"yesterday", _yesterday),
    _time(rf"(?:in|during) (?P<month>{'|'.join(_MONTHS)})(?: (?P<year>\d{{4}}))?", _month),
)
