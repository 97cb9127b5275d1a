"""`groundswell feeds`: a list of feeds out of a feed reader into groundswell.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import CONFIG, FileSettings, Settings
from bot.sources.opml import Subscriptions, blocks, subscriptions
from bot.speak.words import counted


def listed(settings: Settings, path: Path) -> Subscriptions:
    """What an OPML file holds beside what is configured. Raises SourceError."""
    configured = settings.file.sources.rss
    return subscriptions(path, {f.feed for f in configured}, {f.url for f in configured})


def write(settings: Settings, found: Subscriptions) -> Path:
    """Add the feeds to the configuration, at its end; returns its path.

    Raises:
        SettingsError: they do not fit in there, or it cannot be written. Nothing is changed then.
    """
    path = settings.path or Path(CONFIG)
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        addition = ("\n" if before else "") + blocks(found.feeds)
        addition = addition if before.endswith("\n") or not before else f"\n{addition}"
        FileSettings.model_validate(tomllib.loads(before + addition))
        with path.open("a", encoding="utf-8") as file:
            file.write(addition)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; nothing was written") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"{path}: the feeds do not fit at its end; print them without --write and put them "
            "where [sources] is"
        ) from error
    return path


def data(found: Subscriptions) -> dict[str, Any]:
    """The machine's form."""
    return {
        "feeds": [{"name": feed.name, "url": feed.url} for feed in found.feeds],
        "known": list(found.known),
        "skipped": list(found.skipped),
    }


def summary(found: Subscriptions) -> str:
    """One line on what was found and what was not taken."""
    text = counted(len(found.feeds), "feed")
    text += f", {len(found.known):,} configured already" if found.known else ""
    return text + (f", {len(found.skipped):,} without a feed's address" if found.skipped else "")
