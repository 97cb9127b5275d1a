"""The recorded answers that lie beside the repository, never part of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import Any

from benchmarks.corpora import CORPUS
from tests.world.site import Answer, Asked

PAYLOADS = CORPUS.parent / "payloads"


def recorded(*parts: str) -> bytes:
    """A file's bytes; ends the run with a message where it is missing."""
    path = PAYLOADS.joinpath(*parts)
    if not path.exists():
        sys.exit(f"{path} is missing: this benchmark needs recorded answers")
    return path.read_bytes()


def recorded_json(*parts: str) -> Any:  # noqa: ANN401 whatever JSON holds
    return json.loads(recorded(*parts))


def repeated(rows: Sequence[Any], times: int) -> Iterator[tuple[int, Any]]:
    """So many rows, the same ones over and over, each with its number from 1."""
    return enumerate(islice(cycle(rows), times), 1)


def paths(routes: dict[str, Callable[[Asked], Answer]]) -> Callable[[Asked], Answer]:
    """A site that answers by what its paths begin with; the longest counts."""

    def respond(asked: Asked) -> Answer:
        fitting = [start for start in routes if asked.path.startswith(start)]
        return routes[max(fitting, key=len)](asked) if fitting else Answer(404)

    return respond
