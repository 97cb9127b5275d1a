"""A workspace's export from Slack that is made anew whenever it is read: a zip, a file a day."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any

from bot.sources.base import Source
from bot.sources.exports import FORMATS, Export
from bot.sources.exports.form import Told
from tests.world.base import Said, World

CHANNEL = "C0000000001"


class SlackExportWorld(World):
    """All in one channel; of a deleted message with replies Slack keeps a tombstone."""

    kind = "slack"
    shows_edits = False
    shows_deletions = False

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._said: dict[int, Said] = {}
        self._spoilt: list[Any] = []

    def source(self) -> Source:
        self._said |= self.living
        days: defaultdict[str, list[Any]] = defaultdict(list)
        for said in self._said.values():
            gone = said.number not in self.living
            days[f"{said.at:%Y-%m-%d}"].append(tombstone(said) if gone else message(said))
        if self._spoilt:
            days["1999-01-01"] = self._spoilt
        authors = {said.author for said in self._said.values() if said.author}
        write(
            self.path,
            {
                "channels.json": [{"id": CHANNEL, "name": "help"}],
                "users.json": [{"id": user_id(a), "name": a, "profile": {}} for a in authors],
                **{f"help/{day}.json": messages for day, messages in days.items()},
            },
        )
        return Export(self.path, self.now, FORMATS["slack"], Told())

    def external_id(self, said: Said) -> str:
        return f"{CHANNEL}/{_stamp(said)}"

    def spoil(self) -> int:
        sound = message(self.say())
        self._spoilt = ["words", None, 5, *(sound | field for field in SPOILT)]
        return len(self._spoilt)


def write(path: Path, files: dict[str, Any]) -> Path:
    """A zip of JSON files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            archive.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
    return path


def user_id(author: str) -> str:
    return f"U{author.upper()}"


def message(said: Said) -> dict[str, Any]:
    by = {"user": user_id(said.author)} if said.author else {}
    text = escape(said.words, quote=False)
    return {"type": "message", "text": text, "ts": _stamp(said), **by}


def tombstone(said: Said) -> dict[str, Any]:
    return {"type": "message", "subtype": "tombstone", "text": "gone", "ts": _stamp(said)}


def _stamp(said: Said) -> str:
    return f"{int(said.at.timestamp())}.000000"


SPOILT: tuple[dict[str, Any], ...] = (
    {"ts": None},
    {"ts": "soon"},
    {"text": ["words"]},
    {"subtype": 5},
    {"thread_ts": "x"},
    {"reactions": "many"},
)
"""What makes a sound message no post."""
