"""Two posts in their own words: what a theme sounds like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.forms import body_of, title_of
from bot.model import Citation, Member, Role, Theme
from bot.text import excerpt

QUOTES = 2
SHORTEST, LONGEST = 25, 200
"""Characters of a sentence worth quoting, and of any quote."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_HEADING = re.compile(
    r"\s*#{2,6} |\s\*\*|\*\*\s|\s- (?=[A-Z`])|\b(?:Title|Description|Summary|Issue|Bug): "
    r"|\A(?:(?:Bug )?Description|Summary|Overview|Problem|Context) (?=[A-Z`])"
)
"""Mark-up and form words left in texts whose line breaks were lost."""

_VOICE = re.compile(
    r"\b(?:i|i['\u2019](?:m|ve|d)|my|we|our|me|can(?:no|['\u2019])?t|won['\u2019]?t|doesn['\u2019]?t|fail\w*"
    r"|broken|crash\w*|again|every|please|wish|love|hate)\b",
    re.IGNORECASE,
)
"""Words of a person who is hit, rather than of a form or of the program."""

_WORD = re.compile(r"\w+")


def quotes(theme: Theme, limit: int = QUOTES) -> tuple[Citation, ...]:
    """The most telling posts of a theme: central ones, of different people and, first, venues.

    None of them repeats the theme's label or another quote.
    """
    chosen: list[tuple[Member, str]] = []
    ranked = sorted(theme.members, key=lambda m: (-_worth(m), m.created_at, m.key))
    for fresh_venue in (True, False):
        for member in ranked:
            if len(chosen) == limit:
                break
            if fresh_venue and any(m.venue == member.venue for m, _ in chosen):
                continue
            words = sentence(member, theme.keywords, avoid=theme.label)
            if words and not _repeats(member, words, chosen):
                chosen.append((member, words))
    return tuple(cite(member, words) for member, words in chosen)


def cite(member: Member, words: str) -> Citation:
    """The words of a post, with its receipt."""
    return Citation(
        member.key,
        words,
        member.venue,
        member.author,
        member.created_at,
        member.url,
        member.reading.language,
    )


def sentence(member: Member, keywords: Iterable[str], avoid: str = "") -> str:
    """The sentence of a post that says most of the keywords, cut to `LONGEST`; "" for none.

    Only what stands so in the post: where a form or a log was taken out of a sentence, it is none.
    """
    wanted = {word for phrase in keywords for word in _words(phrase)}
    said = _close(f"{member.title}\n{member.text}")
    candidates = [
        part
        for part in (s.strip() for s in (title_of(member.title), *sentences(member.text)))
        if part and not same(part, avoid) and _close(part) in said
    ]
    long_enough = [part for part in candidates if len(part) >= SHORTEST] or candidates
    title = title_of(member.title)
    best = max(long_enough, key=lambda p: _score(p, wanted) + (p == title), default="")
    return excerpt(best, LONGEST)


def sentences(text: str) -> list[str]:
    """The sentences of a body, without what an issue form or a log put there."""
    return _SENTENCE.split(_HEADING.sub("\n", body_of(text)))


def _close(text: str) -> str:
    """A text without the spaces in it."""
    return "".join(text.split())


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, apart from case, marks and order."""
    return bool(one) and set(_words(one)) == set(_words(other))


def _score(part: str, wanted: set[str]) -> float:
    words = _words(part)
    if not words:
        return 0.0
    letters = sum(c.isalpha() or c.isspace() for c in part) / len(part)
    spoken = bool(_VOICE.search(part))
    return len(wanted & set(words)) + letters + spoken - 0.01 * max(0, len(part) - LONGEST)


def _worth(member: Member) -> float:
    """Central posts with something to say come first; the team's words are not the community's."""
    if member.role is not Role.USER:
        return -1.0
    return member.centrality + 0.1 * member.reading.complaint + 0.1 * bool(member.text)


def _repeats(member: Member, words: str, chosen: Sequence[tuple[Member, str]]) -> bool:
    return any(
        same(words, other) or (member.author and member.author == m.author) for m, other in chosen
    ) or any(m.key == member.key for m, _ in chosen)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
