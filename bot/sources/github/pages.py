"""A page of one of REST's lists, and how the next one is asked for.

https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.answers import Reply, json_of
from bot.errors import SourceError

PAGES_MOST = 1_000
_PAGING: tuple[str, ...] = ("page", "after")


def rows_of(reply: Reply) -> list[Any]:
    """The entries of a list. Raises SourceError."""
    rows = json_of(reply)
    if not isinstance(rows, list):
        raise SourceError(f"github: {urlsplit(reply.url).path} answered in a shape that is no list")
    return rows


def following(reply: Reply, page: Mapping[str, str]) -> dict[str, str]:
    """How the page after this one is asked for; nothing if there is none but itself.

    Of its address the query alone is used: the address itself may be anybody's.
    """
    query = dict(parse_qsl(urlsplit(reply.links.get("next", "")).query))
    rest = {name: query[name] for name in _PAGING if name in query}
    return {} if rest == page else rest
