"""Where the real posts lie: a folder beside the repository, never part of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.model import Post

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def corpus(*parts: str) -> Path:
    """A file of the corpus; ends the run with a message where it is missing."""
    path = CORPUS.joinpath(*parts)
    if not path.exists():
        sys.exit(f"{path} is missing: this benchmark needs real posts")
    return path


def post_of(row: Mapping[str, Any]) -> Post:
    """The post in a row of the corpus, its words as they stand there."""
    return Post(
        source=row["source"],
        external_id=row["id"],
        kind=row["kind"],
        title=" ".join((row["title"] or "").split()),
        text=row["body"] or "",
        created_at=datetime.fromisoformat(row["created_at"]),
        venue=row["project"] or "",
        parent_id=row["parent_id"],
        labels=tuple(row["labels"]),
    )
