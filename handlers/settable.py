"""What may be set in Slack, where groundswell.toml does not set it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.cadence import zone_of
from bot.errors import GroundswellError
from bot.pipeline import ZONE
from handlers.desk import CAPTURE, Desk


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that may be set in Slack, where the file does not."""

    label: str
    hint: str
    otherwise: Callable[[Desk], str]
    """What holds while it is not set."""
    checked: Callable[[str], str]
    """The value in the form in which it is kept. Raises GroundswellError for a wrong one."""


def _zone(value: str) -> str:
    return zone_of(value).key


def _emoji(value: str) -> str:
    name = value.strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}", name):
        raise GroundswellError(f"{value!r} is no emoji's name: write it like inbox_tray, or off")
    return name


SETTINGS = {
    ZONE: Setting(
        "Time zone",
        "By which times are read where none is named, such as Europe/Berlin",
        lambda desk: desk.pipeline.zone,
        _zone,
    ),
    CAPTURE: Setting(
        "Reaction that files a message",
        "An emoji's name, such as inbox_tray; off for none",
        lambda desk: desk.capture or "none",
        _emoji,
    ),
}
"""By name."""
