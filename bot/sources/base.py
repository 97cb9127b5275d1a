"""What every source promises, so that the pipeline can lean on all of them alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.limits import Budget
from bot.model import Gap, Post


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that was read but is no post: where it stood, and a reason from a short list."""

    where: str
    """What a person needs to find it: `FILE:LINE`, or an address and an entry."""
    reason: str
    """The kind of fault in a few words, the same for all alike, so that it can be counted."""
    detail: str = ""


class NotAPost(Exception):  # noqa: N818 it says more than "error"
    """An item that cannot become a post: a reason from a short list, and what was found.

    Never leaves an adapter: `parse` raises it, `fetch` makes it a rejection.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail

    def at(self, where: str) -> Rejection:
        """The rejection of the item that stood there."""
        return Rejection(where, self.reason, self.detail)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some posts and the place in the source that has been reached with them.

    The store saves the posts, the deletions and the cursor in one transaction.
    """

    posts: tuple[Post, ...]
    cursor: str | None
    """Opaque to all but its source. Resuming from it leaves no gap. None: the place is the same."""
    deleted: tuple[str, ...] = ()
    """External ids of posts that the source has removed."""
    rejected: tuple[Rejection, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Spans that the source has and will not show any more."""
    budget: Budget | None = None
    """What the source last said of its limits."""
    read_until: datetime | None = None
    """Up to when all of the source has been read, if this run leaves some of it for a later one."""
    deleted_threads: tuple[str, ...] = ()
    """Those of `deleted` that opened a thread: all that is stored of it goes with them."""


class Source(Protocol):
    """A place that posts come from: a frozen dataclass and a pure `parse`.

    The contract, held by `tests/sources/contract.py` for all of them:

    - Dying right after any batch and resuming from its cursor leaves no gap. A post may come
      twice, since the store upserts on (source, external id).
    - Only `SourceError` escapes, and its text says what, where, and what to do. Neither it nor a
      rejection holds a secret: no token, and no query of an address.
    - An edit brings the post again under the same external id; a deletion that the source shows
      brings its id in `Batch.deleted`.
    - One bad item never loses its neighbours: it becomes a `Rejection`.
    - A cursor that cannot be read, because another version wrote it, counts as none.
    """

    @property
    def name(self) -> str:
        """Unique among the configured sources: `hackernews`, `rss/blog`. Keys its cursor."""
        ...

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`; with no cursor, what was written from `since` on.

        With neither, the source decides how far back it goes and says so in its docs page.
        Raises `SourceError`. An iterator that ends without a batch means: nothing new.
        """
        ...


@runtime_checkable
class Rechecks(Source, Protocol):
    """A source that can be asked what became of posts it gave before."""

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield these posts as they are now, those that are gone in `deleted`; cursors are None.

        What cannot be told apart from a passing failure is not called gone. Raises `SourceError`.
        """
        ...


@runtime_checkable
class Finds(Source, Protocol):
    """A source that can fetch one post by its address: `groundswell add URL`."""

    def owns(self, url: str) -> bool:
        """Whether the address is one of this source's posts, by its form alone."""
        ...

    def find(self, url: str) -> Batch:
        """The post at an address it owns, with its cursor None. Raises `SourceError`."""
        ...


@runtime_checkable
class Tracks(Source, Protocol):
    """A source of repositories, in which issues can be made."""

    @property
    def repos(self) -> tuple[str, ...]:
        """Those that are named, as `owner/name`."""
        ...

    @property
    def orgs(self) -> tuple[str, ...]:
        """Of these all repositories are read as well, whichever they are."""
        ...


@runtime_checkable
class Hears(Source, Protocol):
    """A source whose site tells by itself what happens there: a webhook, an event."""

    def heard(self, event: str, payload: object, cursor: str | None = None) -> Batch:
        """What one delivery brings, with its cursor None; nothing if it is of no concern.

        `cursor` is the place that the last reading reached: it may tell how things are called now.

        The posts are those that `fetch` gives for the same things, under the same ids. A payload
        in an odd shape brings a rejection. Deliveries may come twice, late, or out of order.
        Raises `SourceError` where the site has to be asked for the rest, and cannot be.
        """
        ...
