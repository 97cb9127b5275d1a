"""Exports in few words, and what comes of them."""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, Literal
from unittest.mock import patch

from bot.model import Post
from bot.sources.base import Rejection
from bot.sources.exports import FORMATS, Export, Imported
from bot.sources.exports.form import Told
from tests.builders import NOW
from tests.sources import mutations


def an_issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": f"Issue {number}",
        "html_url": f"https://github.com/acme/tool/issues/{number}",
        "created_at": "2026-02-01T10:00:00Z",
        **more,
    }


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def spoilt(value: Any, random: Random) -> bytes:
    """As bytes, with a few faults in them or in the JSON that they are."""
    while True:
        # The values that are put in may get faults themselves, and must not keep them.
        with (
            suppress(ValueError, RecursionError),
            patch.object(mutations, "VALUES", deepcopy(mutations.VALUES)),
        ):
            return mutations.mutated(as_bytes(value), random)


def a_tar(path: Path, files: dict[str, Any], mode: Literal["w:gz", "w:bz2"] = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, value in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(as_bytes(value))
            archive.addfile(info, io.BytesIO(as_bytes(value)))
    return path


def a_folder(path: Path, files: dict[str, Any]) -> Path:
    for name, value in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(as_bytes(value))
    return path


def below(top: str, files: dict[str, Any]) -> dict[str, Any]:
    return {f"{top}/{name}": value for name, value in files.items()}


def a_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path, form: str | None = None, **told: Any) -> list[Post | Rejection]:
    """All that comes of a file, in order of posts, then rejections."""
    given = Told(**told)
    source = Export(path, NOW, FORMATS[form], given) if form else Imported(path, NOW, given)
    found: list[Post | Rejection] = []
    for batch in source.fetch(None, None):
        found += (*batch.posts, *batch.rejected)
    return found


def posts(path: Path, form: str | None = None, **told: Any) -> list[Post]:
    """The posts of a file in which nothing is refused."""
    found = read(path, form, **told)
    assert [item for item in found if isinstance(item, Rejection)] == []
    return [item for item in found if isinstance(item, Post)]


def refused(path: Path, form: str | None = None, **told: Any) -> list[tuple[str, str]]:
    """Where something was refused, below the file, and why."""
    found = read(path, form, **told)
    items = [item for item in found if isinstance(item, Rejection)]
    return [(item.where.removeprefix(f"{path}:"), item.reason) for item in items]
