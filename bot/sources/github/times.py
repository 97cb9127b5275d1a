"""Times as GitHub writes them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sources import fields
from bot.sources.base import NotAPost

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """A time as GitHub writes it, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(row: fields.Row, name: str) -> datetime | None:
    """The field's ISO time in UTC; None if it is null or not there. Raises NotAPost."""
    written = fields.text(row, name)
    if not written:
        return None
    try:
        when = datetime.fromisoformat(written)
        when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise NotAPost("date unreadable", f"{name} is no time") from error
    if when < _EARLIEST:
        raise NotAPost("date unreadable", f"{name} lies before 1970")
    return when


def changed_at(row: object) -> datetime | None:
    """When an entry was last changed; None if it does not say."""
    try:
        return moment(row, "updated_at") if isinstance(row, dict) else None
    except NotAPost:
        return None
