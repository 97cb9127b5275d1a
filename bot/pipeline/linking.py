"""Posts to links: what is new or edited gets its marks, and the links around it are put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.collecting import Progress
from bot.store import Store
from bot.understand.marks import EVIDENCE, marks_of

CHUNK = 1_000
"""Posts linked between two commits: what a crash can cost."""


@dataclass(frozen=True, slots=True)
class Linking:
    """One run over everything up to `now` that is not linked yet.

    The links are then those of every post that any run has taken up. After a run with a later
    `now` some lead to posts after this one's: whoever shows links leaves those out.
    """

    store: Store
    now: datetime
    progress: Progress

    def run(self) -> int:
        """Link what is new, edited, or lost what it pointed at; returns how many posts were new."""
        return sum(self.lots())

    def lots(self) -> Iterator[int]:
        """The same a lot at a time, for whoever has other work between; how many each linked."""
        marks = self.store.marks
        row_ids = marks.missing(self.now)
        for start in range(0, len(row_ids), CHUNK):
            chunk = row_ids[start : start + CHUNK]
            marks.link(chunk, marks_of, EVIDENCE)
            self.progress("linking", start + len(chunk), len(row_ids))
            yield len(chunk)
        if marks.unsettled():
            marks.link([], marks_of, EVIDENCE)
