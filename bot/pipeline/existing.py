"""What a query names and nobody has: said, where silence would read as "nothing was found"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.errors import QueryError
from bot.pipeline.telling import Telling
from bot.speak.values import KINDS, nearest

_NAMED = re.compile(r"(?<![\w:-])(?P<key>kind|theme):(?P<values>\S+)", re.IGNORECASE)

_QUOTED = re.compile('"[^"]*"')


def demand(telling: Telling, words: str) -> None:
    """Raise QueryError for a kind or a theme that words name and that there is none of.

    A kind may be known by the table of kinds, or be an archive's own word for its posts.
    """
    for key, value in _named(words):
        if key == "theme" and not telling.named([value.upper()]):
            raise QueryError(f"there is no theme {value}; the command themes shows them")
        if key == "kind" and not _is_kind(telling, value):
            raise QueryError(f"there is no kind {value!r}; they are {', '.join(KINDS)}")


def _named(words: str) -> Iterator[tuple[str, str]]:
    for found in _NAMED.finditer(_QUOTED.sub(" ", words)):
        for value in found["values"].split(","):
            if bare := value.rstrip("?!.;:)"):
                yield found["key"].lower(), bare


def _is_kind(telling: Telling, value: str) -> bool:
    if nearest(value, KINDS):  # a slip is told by whoever reads the query
        return True
    return telling.store.known.is_kind(value, telling.now, telling.audience)
