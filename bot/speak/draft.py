"""A plain question while it is being read: what was read is taken out, the rest is the subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from bot.model import Query
from bot.speak.standpoint import Standpoint

MARK = "¦"
"""Stands where something was taken out, so that what stood around it is not read as one."""

BEFORE, BEHIND = r"(?<![\w./:@#'-])", r"(?![\w/(]|[.:'-]\w)"
"""Around a word: it is neither part of a longer one nor of a piece of code."""

_GOES_ON = """
    a about across after again against all already also and angry annoyed any are around as ask
    asked asking asks at because been before being between but by came can caused compared
    complain complained complaining complains concerning could currently did do does due during
    ever except excited excluding fixed for from frustrated get gets getting gone happened
    happening happy has have having here hit hits hitting how if in involving is it its known
    lately less like liked likes love loved loves me mention mentioned mentioning mentions more
    most mostly my newer not now of older on only or our over people per please really recently
    regarding report reported reporting reports resolved right running said satisfied say saying
    says seeing should since so solved still stuck switching talk talked talking talks than that
    the their then there these they think thinking thinks this to today too under unhappy until
    up upset us users using versus vs waiting want wants was we were what when where which while
    who with within without would yesterday yet your
    """.split()  # noqa: SIM905 a list of quoted words is no easier to read
ENDS = rf"(?=\s*(?:$|[,.;:?!)({MARK}]|(?:{'|'.join(_GOES_ON)})\b))"
"""After a name that stands for itself: not followed by a noun that it would only describe."""

POSTS = (
    r"(?:complain(?:ts?|ers)|bugs?|bug reports?|issues?|posts?|threads?|users?|people|comments?"
    r"|reports?|discussions?|questions?|stories|feedback|requests?|feature requests?|praise"
    r"|mentions?|topics?|messages?|pain points|speakers?|crashes|regressions|pull requests?|PRs"
    r"|reviews?|announcements?|releases?|replies|ideas?|threads?"
    r"|problems?|ones?)"
)
"""What is asked for, as people call it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that finds in any case, compiled when it is first looked for.

    To compile all that a question is searched for takes a sixth of a second, and most commands
    read no question.
    """

    text: str

    @property
    def compiled(self) -> re.Pattern[str]:
        """The same as Python searches by it."""
        return _compiled(self.text)

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        """The first place at or after `start`."""
        return self.compiled.search(text, start)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def whole(pattern: str) -> Pattern:
    """A pattern that finds whole words in any case."""
    return Pattern(rf"{BEFORE}(?:{pattern}){BEHIND}")


@dataclass(slots=True)
class Draft:
    """A question as far as it was read."""

    text: str
    """What is left of it, on one line, with straight quotes."""
    at: Standpoint
    query: Query = field(default_factory=Query)
    lost: list[str] = field(default_factory=list)
    """Words that may have narrowed the question, but that nobody understood."""

    @classmethod
    def of(cls, text: str, at: Standpoint) -> Draft:
        """A question of which nothing was read yet."""
        straight = re.sub("[“”„]", '"', re.sub("[‘’]", "'", text)).replace(MARK, " ")
        return cls(" ".join(straight.split()), at, Query(audience=at.audience))

    def take(self, pattern: Pattern | re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Each place that a pattern finds, which is then no longer part of the text.

        The search goes on from where the text was cut: nothing is found twice.
        """
        start = 0
        while match := pattern.search(self.text, start):
            cut = f" {MARK} "
            self.text = self.text[: match.start()] + cut + self.text[match.end() :]
            start = match.start() + len(cut) - 1
            yield match

    def put(self, **fields: Any) -> None:  # noqa: ANN401 the fields of a query
        """Set fields of the query."""
        self.query = replace(self.query, **fields)

    def more(self, name: str, *values: Any) -> None:  # noqa: ANN401 texts, or pairs of them
        """Add values to a field of the query that holds many, each once."""
        held = (*getattr(self.query, name), *values)
        self.put(**{name: tuple(dict.fromkeys(held))})

    def lose(self, words: str) -> None:
        """Note words that were not understood, without article and punctuation."""
        bare = re.sub(r"^(?:the|a|an|our) ", "", words.strip(f" .,;:?!{MARK}"), flags=re.IGNORECASE)
        if bare and bare not in self.lost:
            self.lost.append(bare)
