"""What adapters read out of other people's data: the type that was asked for, or NotAPost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from bot.sources.base import NotAPost
from bot.text import cleaned, excerpt, one_line

NAME_MOST = 256
"""Characters of a name: an author's, a venue's."""
NUMBER_MOST = 2**53
"""Past this it is no count and no id: JSON itself does not promise to keep it."""

Row = Mapping[str, Any]
"""An object as it came: nothing about it is certain but that its keys are texts."""


def row(value: object) -> Row:
    """The value as an object."""
    if not isinstance(value, dict):
        raise NotAPost("not an object", f"a JSON {type(value).__name__}")
    return value


def text(row: Row, name: str) -> str:
    """The field's text, just as it came; empty if it is null or not there."""
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise NotAPost(f"wrong type: {name}", f"{type(value).__name__}, not text")
    return value or ""


def number(row: Row, name: str) -> int | None:
    """The field's number; None if it is null or not there."""
    value = row.get(name)
    if value is None:
        return None
    if type(value) is not int or abs(value) >= NUMBER_MOST:
        raise NotAPost(f"wrong type: {name}", f"{type(value).__name__}, no number that can be")
    return value


def moment(row: Row, name: str) -> datetime:
    """The field's seconds since 1970 as a time in UTC. It must be there."""
    seconds = number(row, name)
    if seconds is None:
        raise NotAPost(f"missing field: {name}")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAPost("date unreadable", f"{name} is {seconds}") from error


def line(value: object) -> str | None:
    """A text as one clean line; None if nothing is left of it, or if it is no text."""
    if not isinstance(value, str):
        return None
    return _short(value) if len(value) <= _REPEATED else _line(value)


def _line(text: str) -> str | None:
    return one_line(cleaned(text)) or None


_REPEATED = 100
"""Characters up to which a text is kept: authors, labels, kinds and venues stand in post after
post. What is longer is not, and whoever writes megabytes into such a field fills no memory."""
_short = lru_cache(maxsize=2_000)(_line)


def named(value: object) -> str | None:
    """A name as one clean line that is not too long; None like `line`."""
    return excerpt(cleaned(value), NAME_MOST) or None if isinstance(value, str) else None


def address(value: object) -> str | None:
    """An http(s) address with a host in it; None for anything else."""
    found = line(value)
    if found is None or not found.startswith(("http://", "https://")):
        return None
    try:
        return found if urlsplit(found).hostname else None
    except ValueError:
        return None
