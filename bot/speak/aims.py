"""What a plain question wants to be told: what hurts most, what is new, who is hit ..."""

from __future__ import annotations

import re

from bot.model import Aim, Query

_PROBLEM = r"(?:problems?|issues?|troubles?|bugs?|concerns?)"
_NO_SORT = r"(?<!open )(?<!closed )(?<!tracked )(?<!answered )(?<!github )"
"""Before a word for what is listed by that: open issues with plugins."""
SORT = (
    r"(?:complaints?|bugs?|problems?|issues?|themes?|topics?|requests?|questions?|reports?"
    r"|pain points)"
)
"""What posts are asked for as."""
_SUFFERS = r"(?:hit|affected|hurt|complaining|reporting|having|seeing)"

_ASKED: tuple[tuple[Aim, tuple[str, ...]], ...] = (
    (Aim.COUNT, (r"\bhow many\b", r"\bhow often\b", r"\bnumber of\b", r"^(?:please )?count\b")),
    (
        Aim.NEW,
        (
            r"\b(?:what|anything|something|everything)(?:'s| is| was| are)? new\b",
            rf"\bnew(?:est)? (?:\w+ )?{SORT}\b",
            r"\bemerging\b",
            r"\bfor the first time\b",
        ),
    ),
    (
        Aim.CHANGED,
        (
            r"\bwhat(?:'s| is| has| have)? (?:been )?(?:changed|different|changing)\b",
            r"\bwhat changes\b",
            r"\bany(?:thing)? (?:changes?|changed|different)\b",
            r"\b(?:gets?|getting|got|becom(?:e|ing)) (?:any )?(?:better|worse)\b",
            r"\bgrow(?:s|ing)\b",
            r"\btrend(?:s|ing)?\b",
            r"\bon the rise\b",
        ),
    ),
    (
        Aim.SHOW,
        (
            r"^(?:please |can you |could you )?(?:show|list|find|display|search for|give)\b",
            r"^(?:please |can you |could you )?open (?:the|those|these|all)\b",
            r"\b(?:which|what) (?:posts|threads)\b",
        ),
    ),
    (
        Aim.FIXED,
        (
            r"\b(?:fixed|resolved|solved)\b",
            r"\ba? ?fix for\b",
            r"\bstill (?:broken|happening|an issue|a problem|a bug|there)\b",
        ),
    ),
    (Aim.UNANSWERED, ()),
    (
        Aim.WHO,
        (
            r"^(?:and )?who(?:se|m|'s)?\b",
            rf"\bwho(?:'s| is| are| was| were| else is)? {_SUFFERS}\b",
            r"\bwhich (?:\w+ ){0,2}(?:users|people|customers)\b",
        ),
    ),
    (Aim.PRAISE, ()),
    (
        Aim.PROBLEM,
        (
            r"^(?:is|are|was|were|do|does|did|has|have|can)\b",
            rf"\b(?:any|an?|having|has|have|the) {_PROBLEM} (?:with|in|of|around|using)\b",
            rf"{_NO_SORT}\b(?:problems?|issues?|troubles?) with\b",
            r"\bwhat(?:'s| is) wrong with\b",
        ),
    ),
    (
        Aim.HURTS,
        (
            r"\bhurts?\b",
            r"\b(?:biggest|worst|top|main|most common) (?:issues?|pains?|troubles?)\b",
            r"\bproblems?\b",
        ),
    ),
)
_PATTERNS = tuple(
    (aim, re.compile("|".join(patterns), re.IGNORECASE)) for aim, patterns in _ASKED if patterns
)


def aim_of(text: str, query: Query) -> Aim:
    """What a question is after; the first that fits, in the order of docs/query.md."""
    said = {aim for aim, pattern in _PATTERNS if pattern.search(text.strip())}
    if query.unanswered:
        said.add(Aim.UNANSWERED)
    if "praise" in query.kinds:
        said.add(Aim.PRAISE)
    if "complaint" in query.kinds:
        said.add(Aim.HURTS)
    return next((aim for aim, _ in _ASKED if aim in said), Aim.OVERVIEW)
