"""What people write after a command's options, as values; what is none of them is wrong usage."""

from __future__ import annotations

import re
import sys
from datetime import datetime

import typer

from bot.errors import SettingsError
from bot.sources import fields
from bot.sources.exports import FORMATS, JSON_LINES
from bot.sources.exports.csv_columns import columns as columns_of
from bot.sources.exports.form import Told
from bot.sources.manual import WORDS_MOST
from bot.speak.moments import moment
from bot.terminal import tell
from bot.text import cleaned

FORMS = (JSON_LINES, *FORMATS)
"""What `import --format` may name."""

STDIN = "-"
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What bytes become that are no UTF-8, and what no text holds."""
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[@-~]")
"""What is copied along with what a terminal shows."""
_LINK = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)


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


def pasted(value: str) -> str:
    """What somebody says by hand, cleaned: an argument, or for "-" all of standard input."""
    words = _typed() if value == STDIN else value
    if len(words) > WORDS_MOST:
        raise typer.BadParameter(
            f"over {WORDS_MOST:,} characters are more than one post, and nothing was taken in: "
            "paste a part; whole mailboxes and exports are for groundswell import"
        )
    if _NO_TEXT.search(words):
        raise typer.BadParameter("that is no text in UTF-8; nothing was taken in")
    found = cleaned(_COLOURS.sub("", words))
    if not found:
        raise typer.BadParameter("there are no words in it")
    return found


def _typed() -> str:
    if sys.stdin.isatty():
        tell("Paste the words, then press Ctrl-D on a line of its own.")
    try:
        return sys.stdin.read(WORDS_MOST + 1)
    except UnicodeDecodeError:
        return "\0"


def only_link(words: str) -> str | None:
    """The address, if the words are nothing else."""
    found = _LINK.fullmatch(words)
    return found[1] if found else None


def at(value: str | None, now: datetime) -> datetime | None:
    """When something was said."""
    found = moment(value, now) if value is not None else None
    if value is not None and (found is None or found > now):
        raise typer.BadParameter(
            f"{value!r} is no time in the past, such as 2026-11-24T09:00:00Z or yesterday"
        )
    return found


def name(option: str, value: str | None) -> str | None:
    """What an author or a place is called."""
    found = fields.named(value)
    if value is not None and found is None:
        raise typer.BadParameter(f"{option} names nothing")
    return found


def address(value: str | None) -> str | None:
    """Where something was said."""
    found = only_link(cleaned(value)) if value is not None else None
    if value is not None and (found is None or fields.address(found) is None):
        raise typer.BadParameter(f"{value!r} is no address, such as https://forum.example.org/t/1")
    return found
