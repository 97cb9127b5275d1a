"""Reddit's listings, newest first, whichever way they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from bot.errors import SourceError
from bot.limits import Budget
from bot.model import Gap, Period, Post, Role
from bot.sources.base import Rejection

SITE = "https://www.reddit.com"
PAGE = 100
"""Items of a page at most, and so what is asked for."""
PAGES_MOST = 100
"""Pages that are asked for of one listing, those included that are asked for again."""
SHOWN, SEARCH_SHOWN = 1_000, 250
"""Items of a listing, and of a search, that Reddit shows at most."""
NEARLY = 0.8
"""A listing that ends with this share of what Reddit shows was cut off: what is removed counts."""

FULLNAME = re.compile(r"t[13]_[0-9a-z]{1,13}")
"""`t3_...` of a post, `t1_...` of a comment."""
_BOT = re.compile(r"automoderator|.*-bot", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listing:
    """Something that Reddit lists newest first."""

    key: str
    """Names it in the cursor and in messages: `r/python/new`."""
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    is_search: bool = False

    @property
    def shown(self) -> int:
        """How many of its items Reddit shows at most."""
        return SEARCH_SHOWN if self.is_search else SHOWN

    @property
    def overlap(self) -> int:
        """Seconds that a run goes back behind the last one: posts are approved and indexed late."""
        return 86_400 if self.is_search else 3_600


def listings(subreddits: Sequence[str], phrases: Sequence[str]) -> Iterator[Listing]:
    """The new posts and comments of subreddits, and of all of Reddit's posts those with phrases.

    Names joined by `+`, and phrases joined by `" OR "`, are read as one.
    """
    for name in subreddits:
        yield Listing(f"r/{name}/new", f"r/{name}/new")
        yield Listing(f"r/{name}/comments", f"r/{name}/comments")
    for phrase in phrases:
        wanted = {"q": f'"{phrase}"', "sort": "new", "t": "all", "type": "link"}
        yield Listing(f'search for "{phrase}"', "search", wanted, is_search=True)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a listing, or posts that were asked for by name."""

    posts: tuple[Post, ...]
    names: tuple[str, ...]
    """Of everything on it, in order."""
    gone: tuple[str, ...] = ()
    """Names of what Reddit shows as deleted or removed."""
    rejected: tuple[Rejection, ...] = ()
    next: str | None = None
    """The name after which to go on; None if nothing follows, or nobody knows."""
    budget: Budget | None = None


class Way(Protocol):
    """A way into Reddit. Every method raises SourceError."""

    @property
    def first_days(self) -> int:
        """How far back the first run goes, if not told."""
        ...

    @property
    def shows_deletions(self) -> bool:
        """Whether it can be asked what became of a post."""
        ...

    def listings(self, subreddits: Sequence[str], phrases: Sequence[str]) -> Iterator[Listing]:
        """What it reads for these."""
        ...

    def page(self, listing: Listing, after: str | None) -> Page:
        """The part of a listing that follows the item of that name, or its beginning."""
        ...

    def look(self, names: Sequence[str]) -> Page:
        """Posts as they are now, PAGE of them at most; empty if it cannot tell."""
        ...

    def find(self, thread: str, name: str) -> Page:
        """A page with the post or comment of that name, from the thread of that id."""
        ...


@dataclass(slots=True)
class Walk:
    """One reading of a listing, from its newest item towards the oldest."""

    way: Way
    listing: Listing
    times: dict[str, int | None] = field(default_factory=dict)
    """When what was listed so far was written, by name; None for what is no post."""
    was_cut: bool = False
    """Whether the way could not go on, although more may follow."""

    def pages(self) -> Iterator[Page]:
        """Yield every page, so that each item comes at least once.

        What follows an item that is gone is answered like what follows the last one: with
        nothing. So an end is believed only if the item before it is still listed.
        """
        anchors: list[str | None] = [None]
        doubted = None
        for _ in range(PAGES_MOST):
            page = self.way.page(self.listing, anchors[-1])
            self.was_cut = anchors[-1] in page.names
            if self.was_cut or (doubted and doubted in page.names):
                return
            if page.names or page.rejected:
                self._count(page)
                yield page
            if page.next:
                anchors.append(page.next)
                doubted = None
            elif page.names or anchors[-1] is None:
                return
            else:
                doubted = anchors.pop()
        raise SourceError(f"reddit: {self.listing.key} does not come to an end; try again later")

    @property
    def absence_tells(self) -> bool:
        """Whether to conclude from a post's absence that it is gone. A search may just omit it."""
        return not self.way.shows_deletions and not self.listing.is_search

    def _count(self, page: Page) -> None:
        self.times |= dict.fromkeys(page.names) | {
            post.external_id: int(post.created_at.timestamp()) for post in page.posts
        }

    def span(self) -> tuple[int, int] | None:
        """When its oldest and its newest post were written; None if there are none."""
        known = [time for time in self.times.values() if time is not None]
        return (min(known), max(known)) if known else None

    def gap(self, wanted: int) -> tuple[Gap, ...]:
        """What lies between `wanted` and the oldest post, if Reddit shows no more than it did."""
        span = self.span()
        is_full = self.was_cut or len(self.times) >= NEARLY * self.listing.shown
        if not is_full or span is None or span[0] <= wanted:
            return ()
        period = Period(datetime.fromtimestamp(wanted, UTC), datetime.fromtimestamp(span[0], UTC))
        return (Gap(period, f"Reddit shows only the newest posts of {self.listing.key}"),)


def role_of(author: str | None, distinguished: object = None) -> Role:
    """Who speaks: a bot by its name, the team by the mark that moderators and admins set."""
    if author and _BOT.fullmatch(author):
        return Role.BOT
    return Role.TEAM if distinguished in ("moderator", "admin") else Role.USER
