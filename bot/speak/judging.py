"""Words that judge: they say what is asked about something, and not what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.model import Query

GOOD = frozenset({"good", "great", "excellent", "reliable", "solid", "stable"})
BAD = frozenset(
    {"awful", "bad", "buggy", "horrible", "terrible", "unreliable", "unstable", "unusable"}
)
JUDGING = GOOD | BAD
FAILING = frozenset({"broken", "broke", "failing", "fails"})
"""They judge, but are what reports of a fault say as well: searched for as long as they find."""

_GOOD = re.compile(rf"\b(?:{'|'.join(sorted(GOOD))})\b", re.IGNORECASE)


def subject_of(query: Query) -> Query:
    """The query without words that judge, if it is about something besides."""
    words = tuple(word for word in query.words if word.casefold() not in JUDGING)
    return replace(query, words=words) if words or query.phrases else query


def asks_for_good(text: str) -> bool:
    """Whether a question asks if something is good: complaints then say no, and not yes."""
    return bool(_GOOD.search(re.sub(r'["“][^"”]*["”]', "", text)))


def least_telling(query: Query, spread: Callable[[str], int]) -> str:
    """Of the words of a query the one to do without: one that judges, or else the commonest.

    `spread` tells how many posts say a word.
    """
    judging = [word for word in query.words if word.casefold() in JUDGING | FAILING]
    return judging[0] if judging else max(query.words, key=spread)
