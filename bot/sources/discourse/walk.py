"""The way down through a forum's posts, by falling id, which can be broken off anywhere.

https://docs.discourse.org/#tag/Posts/operation/listPosts
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.discourse.api import Api, number_of
from bot.sources.discourse.posts import written

WINDOW = 50
"""Ids that a page of older forums spans: it may be empty although there is more below it."""
OVERLAP = 50
"""Ids below the last one seen that a run reads again: they may have become visible after it."""


@dataclass(frozen=True, slots=True)
class Place:
    """All up to the id `done` is read, and of what came since, the part from `below` to `top`."""

    since: int
    """Nothing older than this second is taken."""
    done: int = 0
    top: int = 0
    """The newest id when the walk down began; 0: none is under way."""
    below: int = 0
    """Where the walk goes on: with what has a lower id."""

    @classmethod
    def read(cls, cursor: str | None) -> Place | None:
        """What was kept; None if nothing was, or nothing that this version understands."""
        try:
            kept = json.loads(cursor or "")
            return cls(*(int(kept[name]) for name in ("since", "done", "top", "below")))
        except (ValueError, TypeError, KeyError, OverflowError):
            return None

    def written(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    @property
    def ground(self) -> int:
        """Ids up to this one need not be read again."""
        return max(0, self.done - OVERLAP)

    def is_old(self, row: fields.Row) -> bool:
        """Whether a post was written too early to be taken. Raises NotAPost."""
        return written(row).timestamp() < self.since

    def after(self, rows: Sequence[Any], in_windows: bool) -> Place:
        """The place reached with a page. In windows of ids, an empty page is not the last one."""
        ids = _ids(rows)
        # A window has the id that it begins with too, and that one we have seen.
        top, lowest = self.top or max(ids), min(ids, default=self.below - WINDOW + 1)
        if lowest <= max(self.ground, 1) or not (ids or in_windows) or self._ends_with(rows):
            return Place(self.since, done=top)
        return replace(self, top=top, below=lowest)

    def _ends_with(self, rows: Sequence[Any]) -> bool:
        """Whether a page is all too old, where no run has been before."""
        try:
            return not self.done and bool(rows) and all(self.is_old(fields.row(r)) for r in rows)
        except NotAPost:
            return False


def walk(api: Api, place: Place) -> Iterator[tuple[list[Any], Place]]:
    """Each page with the place reached after it, down to what is read already, or too old.

    What an earlier run left undone comes first, from where it stopped; only a walk that has
    reached the ground moves `done`.
    """
    walks = 2 if place.top else 1
    in_windows = True
    while walks:
        rows = api.latest(place.below)
        ids = _ids(rows)
        if not (place.top or ids):
            break
        in_windows = in_windows and max(ids, default=0) - min(ids, default=0) < WINDOW
        fresh = [row for row in rows if (number_of(row) or place.ground + 1) > place.ground]
        place = place.after(rows, in_windows)
        walks -= place.top == 0
        yield fresh, place


def _ids(rows: Sequence[Any]) -> list[int]:
    """The ids of those that have one."""
    return [number for row in rows if (number := number_of(row))]
