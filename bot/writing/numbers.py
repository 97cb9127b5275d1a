"""The numbers that a text names: digits and words, percentages, dates, and what is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 easier to read
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_TH = r"(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+((?:19|20)\d\d)\b)?"
_DATES = (
    re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b"),
    re.compile(rf"\b(\d{{1,2}}){_TH}(?:\s+of)?\s+({_MONTH}){_YEAR}", re.IGNORECASE),
    re.compile(rf"\b({_MONTH})\s+(\d{{1,2}}){_TH}\b(?!,\d){_YEAR}", re.IGNORECASE),
    re.compile(rf"\b({_MONTH}),?\s+((?:19|20)\d\d)\b", re.IGNORECASE),
)
_LONE_MONTH = re.compile(rf"(?<=[a-z,] )({_MONTH.replace('|', '|').title()})(?!\w)")

Date = tuple[int | None, int, int | None]
"""Year, month and day, as far as they are named."""

_ONES = (  # noqa: SIM905 see above
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 see above
_WORDS = (
    dict(zip(_ONES, range(20), strict=True))
    | dict(zip(_TENS, range(20, 100, 10), strict=True))
    # What a model of another mother tongue writes; those that are also English words are left out.
    | {"eins": 1, "zwei": 2, "drei": 3, "vier": 4, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10}
    | {"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10}
    | {"dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10}
)
_TIMES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9}

_QUANTITY = re.compile(
    r"\b(?:half|halves|halved|thirds?|quarters|majority|minority|mostly|twice|thrice|doubl\w+"
    r"|tripl\w+|quadrupl\w+|\w+fold|dozens|hundreds|thousands|millions|billions|couple|everyone"
    r"|everybody|nobody|none|no one|no-one|countless|numerous|no complaints?|no posts?|no people"
    r"|(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)[ -]\w+"
    r"|most (?:of|people|users|posts|complaints|reports|developers)"
    r"|(?:all|every) (?:of|the|users?|people|posts?|one|complaints?|developers?))\b",
    re.IGNORECASE,
)
"""Says how much without a number."""

_RELATIVE = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|(?:last|this|past|next|previous|every|each|per)"
    r" (?:hour|day|night|week|weekend|month|quarter|year|decade)s?|(?:hour|day|week|month|year)s?"
    r" ago|hourly|daily|weekly|monthly|yearly|annually|overnight)\b",
    re.IGNORECASE,
)
"""Says when without a date."""

_UNITS = {
    "people": "person people user users developer developers author authors reporter reporters "
    "customer customers folks maintainer maintainers individuals",
    "posts": "post posts message messages mention mentions",
    "complaints": "complaint complaints",
    "reports": "report reports bug bugs issue issues",
    "requests": "request requests",
    "questions": "question questions",
    "comments": "comment comments reply replies",
    "themes": "theme themes topic topics",
    "places": "place places venue venues subreddit subreddits repository repositories",
    "hours": "hour hours",
    "days": "day days",
    "weeks": "week weeks",
    "months": "month months",
    "years": "year years",
    "%": "% percent cent",
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words.split()}
WORDS = frozenset({*_WORDS, *_TIMES, *_UNIT})
"""Words that are looked at as numbers, or as what is counted."""

_AHEAD = 3
"""Words after a number in which what it counts is looked for."""

_DIGITS = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_TOKEN = re.compile(r"[^\s,;:!?()\"]+(?:,\d{3})*|[,;:!?()\"]")
_LETTERED = re.compile(r"[A-Za-z]\d+")
"""A name, unless something that can be counted follows: v9000 people."""

_JOINED = re.compile(r"[-–—/:+×]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written, without separators, and what it counts if that is said."""

    value: str
    counts: str | None = None

    def among(self, known: set[Number]) -> bool:
        """Whether it is known, of the same things as far as both say of what."""
        if self.counts == "%":
            return self in known
        return any(
            self.value == one.value and one.counts != "%" and _agree(self.counts, one.counts)
            for one in known
        )


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def dates(text: str) -> tuple[set[Date], str]:
    """The dates that a text names, and the text without them."""
    found: set[Date] = set()
    for pattern, read in zip(_DATES, (_iso, _day_first, _month_first, _of_year), strict=True):
        found |= {read(match) for match in pattern.finditer(text)}
        text = pattern.sub(" , ", text)
    found |= {(None, _month(match[1]), None) for match in _LONE_MONTH.finditer(text)}
    return found, _LONE_MONTH.sub(" , ", text)


def _iso(match: re.Match[str]) -> Date:
    return int(match[1]), int(match[2]), int(match[3])


def _day_first(match: re.Match[str]) -> Date:
    return _int(match[3]), _month(match[2]), int(match[1])


def _month_first(match: re.Match[str]) -> Date:
    return _int(match[3]), _month(match[1]), int(match[2])


def _of_year(match: re.Match[str]) -> Date:
    return int(match[2]), _month(match[1]), None


def _month(word: str) -> int:
    return _MONTHS.index(word[:3].lower()) + 1


def _int(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def dated(date: Date, known: set[Date]) -> bool:
    """Whether all that a date says is said by one that is known."""
    return any(
        all(part is None or part == other for part, other in zip(date, one, strict=True))
        for one in known
    )


def quantities(text: str) -> set[str]:
    """Words that say how much or when without a number or a date, in lower case."""
    found = (*_QUANTITY.findall(text), *_RELATIVE.findall(text))
    return {match.lower() for match in found}


def numbers(text: str) -> set[Number]:
    """The numbers of a text without dates; what is no plain number stands as it is written."""
    tokens = [token.strip(".'…") for token in _TOKEN.findall(text)]
    return {
        Number(value, counts or _counted(tokens[at + taken : at + taken + _AHEAD]))
        for at, taken, value, counts in _read(tokens)
    }


def _read(tokens: list[str]) -> Iterator[tuple[int, int, str, str | None]]:
    """Where a number stands, over how many tokens, what it is, and its unit if that is joined."""
    at = 0
    while at < len(tokens):
        taken, value = _spelt(tokens[at:])
        if taken:
            yield at, taken, str(value), None
        elif _LETTERED.fullmatch(tokens[at]) and _counted(tokens[at + 1 : at + 1 + _AHEAD]):
            yield at, 1, tokens[at], None
        elif any(c.isdigit() for c in tokens[at]) and not tokens[at][0].isalpha():
            for value_, unit in _digits(tokens[at]):
                yield at, 1, value_, unit
        at += taken or 1


def _digits(token: str) -> Iterator[tuple[str, str | None]]:
    """The numbers of a token, each with the unit that is written onto it."""
    for part in filter(None, _JOINED.split(token)):
        bare = part.removesuffix("%").rstrip(".'")
        bare = re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", bare)
        if _DIGITS.fullmatch(bare):
            yield _plain(bare), "%" if part.endswith("%") else None
        elif any(c.isdigit() for c in part):
            yield part, None


def _plain(digits: str) -> str:
    whole = digits.replace(",", "")
    return (whole.rstrip("0").rstrip(".") if "." in whole else whole).lstrip("0") or "0"


def _spelt(tokens: list[str]) -> tuple[int, int]:
    """How many tokens spell a number, 0 for none, and which."""
    words = [word for token in tokens[:6] for word in [token.lower()]]
    total = current = taken = 0
    for word in words:
        parts = word.split("-")
        if all(part in _WORDS for part in parts):
            current += sum(_WORDS[part] for part in parts)
        elif word in _TIMES:
            current = (current or 1) * _TIMES[word]
            total, current = (total + current, 0) if current >= 1_000 else (total, current)  # noqa: PLR2004 above it a new group begins
        elif not (taken and word == "and"):
            break
        taken += 1
    if taken and words[taken - 1] == "and":
        taken -= 1
    return taken, total + current


def _counted(words: list[str]) -> str | None:
    """What the words after a number say it counts; None if they do not, or begin anew."""
    for word in words:
        unit = _UNIT.get(word.lower())
        if unit:
            return unit
        if not re.fullmatch(r"[A-Za-z'-]+", word) or word.lower() in _BREAKS:
            return None
    return None


_BREAKS = {"of", "on", "in", "by", "and", "or", "at", "from", "to", "with", "for", "usually"}
