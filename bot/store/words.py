"""Words as the full-text index knows them: what code names hold, and how a word is asked for.

The index parts words at everything that is no letter or digit, so `torch.compile`, `max_retries`
and `2.4.1` are found as the run of their parts. What it cannot part is written out beside the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMES_MOST = 200
"""Different names of one post that are parted."""

READ_MOST = 50_000
"""Characters of a post that are looked through for names."""

_NAME = re.compile(
    r"\b(?:(?:[A-Z0-9]*+[a-z]++)+?[A-Z][A-Za-z0-9]*+|[A-Z]{2,}[a-z]{2,}[A-Za-z0-9]*+)\b"
)
"""`useState`, `TypeError`, `HTTPServer`: a capital inside a word."""
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_VERSION = re.compile(r"[vV](?<=\b.)(\d+(?:\.\d+)+)")
_LONGEST = 80
"""Characters of a name: longer ones are keys and encoded data."""
_CODE = re.compile(
    r"^--?[A-Za-z]|[\w)][./\\:_#@=<>]+\w|\w\(|\d.*\d|[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]|[A-Z]{2}[a-z]|^[_@$.]\w"
)


def code_words(*texts: str) -> str | None:
    """What the index must hold besides the words of the texts, in the order of the text.

    The parts of names that hold capitals ("use State"), and versions without their "v"; each name
    once. None if there is nothing to add.
    """
    found: dict[str, None] = {}
    for text in texts:
        said = text[:READ_MOST]
        for name in _NAME.findall(said):
            if len(name) <= _LONGEST:
                found[" ".join(_PARTS.findall(name))] = None
        found.update(dict.fromkeys(_VERSION.findall(said)))
        if len(found) >= NAMES_MOST:
            break
    return "\n".join(list(found)[:NAMES_MOST]) or None


def is_code(word: str) -> bool:
    """Whether a word is a name, an option, a path, a version or an error code, not prose."""
    return _CODE.search(word.strip(".,;:!?")) is not None


def forms(word: str) -> list[str]:
    """The ways in which a post may hold the word, as code or as prose; the word itself first."""
    parted = _NAME.sub(lambda m: " ".join(_PARTS.findall(m[0])), word)
    return list(dict.fromkeys((word, parted, _VERSION.sub(r"\1", word))))


def pieces(word: str) -> list[str]:
    """The parts of a piece of code that say something by themselves: of three letters at least."""
    if not is_code(word):
        return []
    found = dict.fromkeys(re.findall(r"[^\W\d_]{3,}", word))
    return [piece for piece in found if piece != word]


def asked(word: str) -> str:
    """An FTS5 expression that holds where a post says the word in any of its forms."""
    found = [quoted(form) for form in forms(word)]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def match_all(words: Iterable[str]) -> str:
    """An FTS5 expression: every word, none of it an operator."""
    return " AND ".join(asked(word) for word in words)


def match_any(words: Iterable[str]) -> str:
    """An FTS5 expression: any of the words."""
    return " OR ".join(quoted(word) for word in words)


def quoted(word: str) -> str:
    """A word as an FTS5 string, in which nothing is an operator."""
    return '"' + word.replace('"', '""') + '"'
