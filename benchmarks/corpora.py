"""Where the real posts lie: a folder beside the repository, never part of it."""

from __future__ import annotations

import sys
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def corpus(*parts: str) -> Path:
    """A file of the corpus; ends the run with a message where it is missing."""
    path = CORPUS.joinpath(*parts)
    if not path.exists():
        sys.exit(f"{path} is missing: this benchmark needs real posts")
    return path
