"""Two rankings as one: by the words and by the meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.model import Post
from bot.text import excerpt, one_line

RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""

SNIPPET = 160

_WORD = re.compile(r"\w+")


def fuse(rankings: Iterable[Sequence[int]]) -> list[tuple[int, float]]:
    """Ids by the sum of 1 / (60 + rank) over all rankings that hold them, best first.

    Ties go to the smaller id, so that the order is the same in every run.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, found in enumerate(ranking, 1):
            scores[found] = scores.get(found, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def snippet(post: Post, words: Iterable[str]) -> str:
    """The part of the body around the first of the words; its beginning if it has none."""
    text = one_line(post.text) or post.title
    stems = [re.escape(w[: max(4, len(w) - 2)]) for word in words for w in _WORD.findall(word)]
    found = re.search(rf"\b(?:{'|'.join(stems)})", text, re.IGNORECASE) if stems else None
    start = max(0, found.start() - SNIPPET // 3) if found else 0
    if start:
        start = text.find(" ", start) + 1
        return "… " + excerpt(text[start:], SNIPPET - 2)
    return excerpt(text, SNIPPET)
