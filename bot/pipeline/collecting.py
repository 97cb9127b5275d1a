"""Sources to store: each batch and its cursor in one transaction, one source's failure its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from bot.errors import SourceError
from bot.model import Post, Role
from bot.sources.base import Batch, Finds, Rechecks, Rejection, Source
from bot.speak.words import counted
from bot.store import Saved, SourceState, Store

log = structlog.get_logger(__name__)

Progress = Callable[[str, int, int | None], None]
"""Told the step, how much of it is done, and of how much (None: not known)."""

RECHECKED_MOST = 100
"""Posts that a run asks a source about again."""

REST_FIRST, REST_MOST = timedelta(minutes=1), timedelta(hours=6)
"""After a failure a source is left alone, twice as long each time, up to the second."""


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
    read_until: datetime | None = None
    """Up to when this reading reaches, if not up to its own time."""

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
        self.read_until = batch.read_until or self.read_until


@dataclass(frozen=True, slots=True)
class Collecting:
    """One run over some sources, as of `now`. `roles` are those of the configured list."""

    store: Store
    now: datetime
    progress: Progress = silent
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By lower-case name; it goes before what the source says."""

    def all(self, sources: Sequence[Source], since: datetime | None = None) -> list[Collected]:
        """Read sources side by side, in the order given; none waits for another."""
        self.store.posts.assign_roles(self.roles)
        if len(sources) < 2:  # noqa: PLR2004 nothing to be beside
            return [self.one(source, since) for source in sources]
        with ThreadPoolExecutor(len(sources), thread_name_prefix="source") as threads:
            return list(threads.map(lambda source: self.one(source, since), sources))

    def one(self, source: Source, since: datetime | None = None) -> Collected:
        """Read a source from where it was left, and remember how that went.

        With `since`, from that time on: a backfill, which keeps a place of its own so that it can
        be taken up again and moves no other.
        """
        name = source.name if since is None else f"{source.name}@{since:%Y-%m-%d}"
        state = self.store.sources.state(name)
        report = Collected(source.name, read_at=state.read_at)
        fetched = source.fetch(state.cursor, since)
        error = self._tried(source, lambda: self._save(source, name, fetched, report))
        # What was partly read, and asked for no rest, is alive: edits and deletions are followed.
        alive = error is None or (report.read and not error.retry_after)
        if alive and since is None and isinstance(source, Rechecks):
            again = self._tried(source, lambda: self._recheck(source, report))
            error = error or again
        if error:
            report.error = str(error)
            self.store.sources.failed(name, self.now, report.error, self._rest(state, error))
        else:
            report.read_at = report.read_until or self.now
            self.store.sources.read(name, report.read_at)
        return report

    def _tried(self, source: Source, step: Callable[[], None]) -> SourceError | None:
        """What went wrong in a step of reading a source, if anything did."""
        try:
            step()
        except SourceError as error:
            return error
        except Exception as error:  # the border: a bug in one source stops no other
            reference = uuid4().hex[:8]
            log.exception("a source broke", source=source.name, reference=reference)
            text = f"a fault in Groundswell itself ({type(error).__name__}, reference {reference})"
            return SourceError(text)
        return None

    def found(self, owner: Finds, url: str) -> Collected:
        """Take in the post at an address that its source owns."""
        report = Collected(url)
        try:
            self._save(owner, None, [owner.find(url)], report)
        except SourceError as error:
            report.error = str(error)
        return report

    def heard(self, source: Source, batch: Batch) -> Collected:
        """Take in what a source's site told by itself: how far it was read stays as it is."""
        report = Collected(source.name)
        if batch != Batch((), None):  # most that is told is of no concern, and costs nothing
            self._save(source, source.name, [replace(batch, cursor=None)], report, heard=True)
        return report

    def archive(self, archive: Source) -> Collected:
        """Read an archive from its beginning; posts that are there already change nothing."""
        report = Collected(archive.name)
        try:
            self._save(archive, None, archive.fetch(None, None), report)
        except SourceError as error:
            report.error = str(error)
        return report

    def _save(
        self,
        source: Source,
        name: str | None,
        batches: Iterable[Batch],
        report: Collected,
        *,
        heard: bool = False,
    ) -> None:
        """Save each batch with the place reached, kept under `name` unless that is None."""
        for batch in batches:
            saved = self.store.posts.save(
                (self._with_role(post) for post in batch.posts),
                deleted=[(kind(source), external_id) for external_id in batch.deleted],
                threads=[(kind(source), external_id) for external_id in batch.deleted_threads],
                origin=None if name is None else source.name,
                place=None if name is None or batch.cursor is None else (name, batch.cursor),
                heard=heard,
            )
            if batch.gaps:
                self.store.sources.miss(source.name, batch.gaps)
            if batch.budget:
                self.store.sources.spent(source.name, batch.budget.data())
            report.add(batch, saved)
            self.progress(source.name, report.read, None)

    def _recheck(self, source: Rechecks, report: Collected) -> None:
        """Ask what became of posts that may have changed or gone since they were read."""
        due = self.store.posts.to_check(source.name, self.now, RECHECKED_MOST)
        if due:
            self._save(source, source.name, source.recheck(due), report)
            self.store.posts.checked(source.name, due, self.now)

    def _with_role(self, post: Post) -> Post:
        role = self.roles.get(post.author.lower()) if post.author else None
        return replace(post, role=role) if role else post

    def _rest(self, state: SourceState, error: SourceError) -> datetime:
        """Until when to leave a source alone that has just failed."""
        if error.retry_after is not None:
            return self.now + timedelta(seconds=error.retry_after)
        doubled = REST_FIRST * 2 ** min(state.failures, 12)
        return self.now + (REST_MOST if error.permanent else min(doubled, REST_MOST))


def kind(source: Source) -> str:
    """What the posts of a source say they come from: `rss` for `rss/blog`."""
    return source.name.partition("/")[0]


def awake(
    store: Store, sources: Iterable[Source], now: datetime
) -> Iterator[tuple[Source, Collected | None]]:
    """Each source, with what to say instead of reading it if it still rests after a failure."""
    for source in sources:
        state = store.sources.state(source.name)
        if state.rests_until is None or state.rests_until <= now:
            yield source, None
            continue
        resting = Collected(source.name, read_at=state.read_at)
        resting.error = (
            f"left alone until {state.rests_until:%Y-%m-%d %H:%M} UTC after "
            f"{counted(state.failures, 'failure')} in a row, the last: {state.error}"
        )
        yield source, resting
