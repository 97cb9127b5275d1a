"""What an export may not do: lead out of itself, point elsewhere, or unpack without end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bot.errors import SourceError
from bot.text import cleaned, excerpt

MEMBER_MOST = 2_000_000_000
"""Bytes of one file inside an export."""
RATIO_MOST = 250
"""How much larger an export may be than its packed form. Chats pack 10:1, bombs 1000:1 and more."""
SMALL = 50_000_000
"""What an export may always unpack to, however small it is packed."""

_DRIVE = re.compile(r"[A-Za-z]:")


def shown(name: str) -> str:
    """A file's name as it may be shown to a person."""
    return excerpt(cleaned(name), 120)


def check_names(path: Path, names: Iterable[str]) -> None:
    """Raise SourceError for a name that leads out of the export."""
    for name in names:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or _DRIVE.match(name):
            raise SourceError(
                f"{path}: a file in it has a name that leads out of it ({shown(name)}): no sound "
                "export does that",
                permanent=True,
            )


def check_file(path: Path, name: str, *, is_link: bool, size: int) -> None:
    """Raise SourceError for a file that is to be read and is a link, or too large."""
    if is_link:
        raise SourceError(f"{path}:{shown(name)}: is a link, which is not followed", permanent=True)
    if size > MEMBER_MOST:
        raise SourceError(
            f"{path}:{shown(name)}: is larger than {MEMBER_MOST:,} bytes", permanent=True
        )


def check_size(path: Path, unpacked: int) -> None:
    """Raise SourceError for an export that unpacks to more than it can hold."""
    if unpacked > max(SMALL, RATIO_MOST * path.stat().st_size):
        raise SourceError(
            f"{path}: unpacks to more than {RATIO_MOST} times its size, as only a bomb does; if it "
            "is sound, unpack it yourself and import the folder",
            permanent=True,
        )
