"""Sources to store: each batch and its cursor in one transaction, one source's failure its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import SourceError
from bot.sources.base import Batch, Rejection, Source
from bot.store import Saved, Store

Progress = Callable[[str, int, int | None], None]
"""Told the step, how much of it is done, and of how much (None: not known)."""


def silent(_step: str, _done: int, _total: int | None) -> None:
    """Progress for nobody."""


@dataclass(slots=True)
class Collected:
    """What one reading of a source gave. `rejected` are kept whole, for the reader's eyes."""

    source: str
    read: int = 0
    new: int = 0
    updated: int = 0
    deleted: int = 0
    error: str | None = None
    read_at: datetime | None = None
    """When it was last read to its end without an error, this time or before."""
    rejected: list[Rejection] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """How often each reason for a rejection came up, most often first."""
        return dict(Counter(rejection.reason for rejection in self.rejected).most_common())

    def add(self, batch: Batch, saved: Saved) -> None:
        """Count a batch that has been saved."""
        self.read += len(batch.posts) + len(batch.rejected)
        self.new += saved.new
        self.updated += saved.updated
        self.deleted += saved.deleted
        self.rejected += batch.rejected


def collect(store: Store, source: Source, now: datetime, progress: Progress = silent) -> Collected:
    """Read a source from where it was left, and remember how that went."""
    state = store.sources.state(source.name)
    report = _read(store, source, state.cursor, keep_cursor=True, progress=progress)
    if report.error is None:
        store.sources.read(source.name, now)
        report.read_at = now
    else:
        store.sources.failed(source.name, now, report.error)
        report.read_at = state.read_at
    return report


def import_archives(
    store: Store, archives: Iterable[Source], progress: Progress = silent
) -> list[Collected]:
    """Read archives from their beginning; posts that are there already change nothing."""
    return [_read(store, a, None, keep_cursor=False, progress=progress) for a in archives]


def _read(
    store: Store, source: Source, cursor: str | None, *, keep_cursor: bool, progress: Progress
) -> Collected:
    report = Collected(source.name)
    kind = source.name.partition("/")[0]
    try:
        for batch in source.fetch(cursor, None):
            saved = store.posts.save(
                batch.posts,
                deleted=[(kind, external_id) for external_id in batch.deleted],
                source=source.name if keep_cursor else None,
                cursor=batch.cursor,
            )
            report.add(batch, saved)
            progress(source.name, report.read, None)
    except SourceError as error:
        report.error = str(error)
    return report
