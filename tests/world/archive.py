"""An export that grows: a line a post. Lines that were read are not read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.sources.archive import Archive
from bot.sources.base import Source
from tests.world.base import Said, World


class ArchiveWorld(World):
    """A file of JSON lines; a deleted post leaves an empty line."""

    kind = "github"
    shows_edits = False
    shows_deletions = False

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._spoilt: tuple[bytes, ...] = ()

    def source(self) -> Source:
        last = max(self.living, default=0)
        lines = [line(self.living[n]) if n in self.living else b"" for n in range(1, last + 1)]
        middle = len(lines) // 2
        self.path.write_bytes(b"\n".join([*lines[:middle], *self._spoilt, *lines[middle:]]) + b"\n")
        return Archive(self.path, now=self.now)

    def external_id(self, said: Said) -> str:
        return f"acme/tool#{said.number}"

    def spoil(self) -> int:
        self._spoilt = SPOILT
        return len(SPOILT)


def line(said: Said) -> bytes:
    return json.dumps(
        {
            "id": f"acme/tool#{said.number}",
            "source": "github",
            "kind": "issue",
            "created_at": said.at.isoformat(),
            "title": f"Issue {said.number}",
            "body": f"## What\n\n{said.words} **now**, see `this`",
            "author": said.author,
            "url": f"https://github.example/acme/tool/issues/{said.number}",
        }
    ).encode()


_SOUND = {"id": "x", "source": "github", "kind": "x", "created_at": "2026-01-01", "title": "x"}
_FAULTS: tuple[dict[str, Any], ...] = (
    {"id": None},
    {"id": "x" * 600},
    {"kind": " "},
    {"source": "nowhere"},
    {"created_at": "soon"},
    {"title": ""},
    {"author": {}},
    {"reply_count": 10**30},
)
SPOILT = (
    b"no JSON",
    b"[]",
    b"\xff\xfe\x00",
    *(json.dumps(_SOUND | fault).encode() for fault in _FAULTS),
)
