"""What people write after a command's options, as values; what is none of them is wrong usage."""

from __future__ import annotations

from datetime import datetime

import typer

from bot.errors import SettingsError
from bot.sources import fields
from bot.sources.exports import FORMATS, JSON_LINES
from bot.sources.exports.csv_columns import columns as columns_of
from bot.sources.exports.form import Told
from bot.speak.query import moment

FORMS = (JSON_LINES, *FORMATS)
"""What `import --format` may name."""


def since(value: str | None, now: datetime) -> datetime | None:
    """Where a backfill begins."""
    found = moment(value, now) if value else None
    if value is not None and (found is None or found >= now):
        raise typer.BadParameter(f"{value!r} is no time in the past, such as 90d or 2026-01-01")
    return found


def form(value: str | None, columns: str | None) -> str | None:
    """The form of an export; who maps columns means a CSV. None: to be seen from inside."""
    if value is not None and value not in FORMS:
        raise typer.BadParameter(f"there is no format {value!r}; there are {', '.join(FORMS)}")
    return value or (None if columns is None else "csv")


def told(site: str | None, columns: str | None) -> Told:
    """What is said of an export that does not say it itself."""
    if site is not None and fields.address(site) is None:
        raise typer.BadParameter(f"{site!r} is no address, such as https://forum.example.org")
    try:
        return Told(site and site.rstrip("/"), None if columns is None else columns_of(columns))
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
