"""GitHub's lists, read on from where they were left: oldest change first where that can be had.

https://docs.github.com/en/rest/issues/issues#list-repository-issues
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.sources.base import Batch
from bot.sources.github import graphql
from bot.sources.github.api import Api
from bot.sources.github.harvest import Harvest, Parse
from bot.sources.github.names import REVIEW
from bot.sources.github.pages import PAGES_MOST, following, rows_of
from bot.sources.github.places import Places
from bot.sources.github.posts import Repo, is_pull, parse_release, parse_reply, parse_thread
from bot.sources.github.references import may_be_duplicate
from bot.sources.github.times import changed_at, stamp

SETTLED = timedelta(minutes=10)
"""What changed less long ago is read again: GitHub may show it late."""
LOOK_BACK = timedelta(days=90)
"""How old a release may be whose change is noticed."""

ORDER = {"sort": "updated", "direction": "asc"}

LISTS: tuple[tuple[str, str, Parse], ...] = (
    ("issues", "issues", parse_thread),
    ("comments", "issues/comments", parse_reply),
    ("review comments", "pulls/comments", parse_reply),
)
"""What we call it, where it is, and how an entry is read."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of some repositories in one run. Every batch's cursor is `places` at that time.

    Everything raises SourceError.
    """

    api: Api
    places: Places
    now: datetime
    start: datetime
    """Where to begin with what was never read."""
    moved: set[str] = field(default_factory=set)
    """The repositories of which a list has changed, as far as this run has come."""

    def changed(self, repo: Repo, name: str, path: str, parse: Parse) -> Iterator[Batch]:
        """What changed in a list since the last time, oldest change first.

        A page that is full is followed by what changed since its last entry, not by the page of
        the next number: an entry that changes meanwhile moves to the end, and would pull another
        one over the border between two pages, unseen.
        """
        place = f"{repo.name} {name}"
        since = self.places.moment(place, "since") or self.start
        validators, page = self.places.validators(place), dict[str, str]()
        asked = ORDER | {"per_page": str(self.api.per_page)}
        asked |= {"state": "all"} if name == "issues" else {}
        while True:
            reply = self.api.get(
                f"{repo.path}/{path}", {**asked, "since": stamp(since), **page}, validators
            )
            if reply.not_modified:
                return
            self.moved.add(repo.name)
            rows, validators = rows_of(reply), None
            harvest = self._harvest(repo, name, parse, rows)
            # A full page stays the same when something is added after it, and so does its tag.
            is_full = len(rows) >= self.api.per_page
            rest = following(reply, page)
            etag = None if page or rest or is_full else reply.validators.etag
            last = self.last(rows, since)
            moves = last > since and bool(rest or is_full)
            since, page = (last, {}) if moves else (since, rest)
            settled = self.now - SETTLED
            tag = etag if since < settled else None
            self.places.put(place, since=min(since, settled), etag=tag)
            yield harvest.batch(self.places.written(), reply.budget)
            if not moves and not rest:
                return

    def releases(self, repo: Repo) -> Iterator[Batch]:
        """The releases of each page that has changed, newest first, back to where they are old.

        Each page has a tag of its own: what moves from one to another while they are read changes
        both, so that the next run reads it.
        """
        place = f"{repo.name} releases"
        floor = self.places.moment(place, "since") or self.start
        for page in range(1, PAGES_MOST):
            where = place if page == 1 else f"{place} {page}"
            params = {"per_page": self.api.per_page, "page": page}
            reply = self.api.get(f"{repo.path}/releases", params, self.places.validators(where))
            if not reply.not_modified:
                self.moved.add(repo.name)
                harvest = Harvest()
                rows = [row for row in rows_of(reply) if not _draft(row)]
                harvest.add_list(parse_release, rows, repo, "releases")
                harvest.posts = [post for post in harvest.posts if post.created_at >= floor]
                more = bool(harvest.posts and following(reply, {"page": str(page)}))
                self.places.put(where, etag=reply.validators.etag, more=more)
                since = floor if more else max(floor, self.now - LOOK_BACK)
                self.places.put(place, **{**self.places.kept[place], "since": stamp(since)})
                yield harvest.batch(self.places.written(), reply.budget)
            if not self.places.get(where, "more"):
                return

    def last(self, rows: Sequence[object], since: datetime) -> datetime:
        """When the last of the changes was; a time to come is a mistake."""
        times = [when for row in rows if (when := changed_at(row)) and when <= self.now]
        return max(times, default=since)

    def _harvest(self, repo: Repo, name: str, parse: Parse, rows: Sequence[object]) -> Harvest:
        """A list's entries.

        With a token pull requests come with their reviews and what they close, and duplicates with
        what they repeat: only GraphQL tells.
        """
        harvest = Harvest()
        wanted = _worth_a_look(rows) if name == "issues" and self.api.token else {}
        shown: set[int] = set()
        for found in graphql.threads(self.api, repo.name, wanted):
            for thread in found.threads:
                if thread.opener:  # what one API shows and the other does not is not gone
                    harvest.add_thread(thread, repo)
                    shown.add(thread.number)
        rest = [row for row in rows if not isinstance(row, dict) or _number(row) not in shown]
        harvest.add_list(parse, rest, repo, name)
        return harvest


def _number(row: Mapping[str, Any]) -> int:
    number = row.get("number")
    return number if type(number) is int and 0 < number < 10**9 else 0


def _worth_a_look(rows: Sequence[object]) -> dict[int, tuple[str, ...]]:
    """The threads of which GraphQL tells more, and the forms of replies to ask it for."""
    wanted: dict[int, tuple[str, ...]] = {}
    for row in rows:
        if isinstance(row, dict) and (number := _number(row)):
            if is_pull(row):
                wanted[number] = (REVIEW,)
            elif may_be_duplicate(row):
                wanted[number] = ()
    return wanted


def _draft(row: object) -> bool:
    return isinstance(row, dict) and row.get("draft") is True
