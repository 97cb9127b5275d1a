"""What of a found post is shown: the passage that tells why it was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.model import Post
from bot.text import excerpt, one_line

SNIPPET = 160

READ = 20_000
"""Characters of a post in which passages are looked for."""

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[^a-z\s])")
_CODE_LINE = re.compile(
    r"^(?:Traceback|\s*File \"|\s*at \S+[.(]|[$>] |\W*\w*(?:Error|Exception|panic)\b)"
    r"|[{};]\s*$|\w\(.*\)|\w[./]\w+[./:]\w|=>|::|--\w|\berror\[\w+\]"
)

_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a name in one word is parted, if it is written in two: VS Code."""


def snippet(post: Post, words: Iterable[str]) -> str:
    """The passage of the body that says most of the words; its beginning if it says none."""
    return shown(post, told_by_words(post, words) or "")


def told_by_words(post: Post, words: Iterable[str]) -> str | None:
    """The first of the passages that say most of the words, None if none says any."""
    patterns = [_pattern(word) for word in dict.fromkeys(words) if _WORD.search(word)]
    if not patterns:
        return None
    told = [
        (sum(pattern.search(text) is not None for pattern in patterns), text)
        for text in passages(post.text)
    ]
    most = max((count for count, _ in told), default=0)
    if not most:
        return None
    text = next(text for count, text in told if count == most)
    firsts = [found.start() for pattern in patterns if (found := pattern.search(text))]
    return _around(text, min(firsts))


def passages(text: str) -> list[str]:
    """The sentences of a text; a line of code is one, however many full stops it has."""
    found: list[str] = []
    for line in text[:READ].split("\n"):
        parts = [line] if _CODE_LINE.search(line) else _SENTENCE_END.split(line)
        found += [part for part in map(one_line, parts) if _WORD.search(part)]
    return found


def shown(post: Post, passage: str) -> str:
    """A passage with what follows it, as far as there is room, marked where it is no beginning."""
    if not passage:
        return excerpt(post.text, SNIPPET) or post.title
    text = one_line(post.text[:READ])
    start = text.find(passage)
    if start <= 0:
        return excerpt(passage if start < 0 else text, SNIPPET)
    return "… " + excerpt(text[start:], SNIPPET - 2)


def _pattern(word: str) -> re.Pattern[str]:
    """Where a text says a word, in another form of it too; a piece of code stands as it is."""
    if re.fullmatch(r"[^\W\d_]+", word):
        parted = _INSIDE.sub(" ?", word[: max(4, len(word) - 2)])
        return re.compile(rf"\b{parted}", re.IGNORECASE)
    return re.compile(re.escape(word.rstrip("()")), re.IGNORECASE)


def _around(text: str, place: int) -> str:
    """The passage, or if it is too long its part from shortly before a place on."""
    if len(text) <= SNIPPET or place <= SNIPPET // 2:
        return text
    start = text.find(" ", place - SNIPPET // 3) + 1
    return text[start if 0 < start <= place else place :]


def closest(passages_of: Sequence[Sequence[str]], nearness: Sequence[float]) -> list[str]:
    """Of each post's passages the nearest, given how near each of all of them is, in order."""
    found, start = [], 0
    for own in passages_of:
        near = nearness[start : start + len(own)]
        found.append(own[max(range(len(own)), key=lambda i: (near[i], -i))] if own else "")
        start += len(own)
    return found
