"""Real posts for the tests of `understand`, read straight from the archive's lines."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.model import Post


def real_posts(path: Path, since: str = "", until: str = "9") -> Iterator[Post]:
    """The posts of an archive written in [since, until), ISO dates, as plain as they stand."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if since <= row["created_at"] < until:
                yield _post(row)


def _post(row: dict[str, Any]) -> Post:
    return Post(
        source=row["source"],
        external_id=row["id"],
        kind=row["kind"],
        title=" ".join((row["title"] or "").split()),
        text=row["body"] or "",
        created_at=datetime.fromisoformat(row["created_at"]),
        venue=row["id"].partition("#")[0] if "#" in row["id"] else (row["labels"] or [""])[0],
        author=row["author"],
        url=row["url"],
        parent_id=row["parent_id"],
        labels=tuple(row["labels"]),
        duplicate_of=row["duplicate_of"],
    )
