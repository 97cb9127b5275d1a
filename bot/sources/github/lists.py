"""GitHub's lists, read on from where they were left: oldest change first where that can be had.

https://docs.github.com/en/rest/issues/issues#list-repository-issues
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.sources.base import Batch
from bot.sources.github import graphql
from bot.sources.github.api import Api, Everywhere
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
                f"repos/{repo.name}/{path}", {**asked, "since": stamp(since), **page}, validators
            )
            if reply.not_modified:
                return
            rows, validators = rows_of(reply), None
            harvest = self._harvest(repo, name, parse, rows)
            # A full page stays the same when something is added after it, and so does its tag.
            is_full = len(rows) >= self.api.per_page
            rest = following(reply, page)
            etag = None if page or rest or is_full else reply.validators.etag
            last = self._last(rows, since)
            moves = last > since and bool(rest or is_full)
            since, page = (last, {}) if moves else (since, rest)
            settled = self.now - SETTLED
            tag = etag if since < settled else None
            self.places.put(place, since=min(since, settled), etag=tag)
            yield harvest.batch(self.places.written(), reply.budget)
            if not moves and not rest:
                return

    def releases(self, repo: Repo) -> Iterator[Batch]:
        """The releases that there are, newest first, whenever the first page has changed."""
        place = f"{repo.name} releases"
        floor = self.places.moment(place, "since") or self.start
        for page in range(1, PAGES_MOST):
            validators = self.places.validators(place) if page == 1 else None
            params = {"per_page": self.api.per_page, "page": page}
            reply = self.api.get(f"repos/{repo.name}/releases", params, validators)
            if reply.not_modified:
                return
            harvest = Harvest()
            rows = [row for row in rows_of(reply) if not _draft(row)]
            harvest.add_list(parse_release, rows, repo, "releases")
            harvest.posts = [post for post in harvest.posts if post.created_at >= floor]
            done = not harvest.posts or not following(reply, {"page": str(page)})
            if done:
                # Of several pages the first one's tag does not tell whether the others moved.
                etag = reply.validators.etag if page == 1 else None
                self.places.put(place, since=max(floor, self.now - LOOK_BACK), etag=etag)
            yield harvest.batch(self.places.written(), reply.budget)
            if done:
                return

    def quiet(self, repos: Sequence[Repo]) -> set[str]:
        """Those of the repositories in which no discussion has changed since they were read.

        One question tells for many; of a single one the walk's own first page tells as much. Where
        they cannot be asked after together none counts as quiet: then each is asked on its own,
        and says by name what is wrong with it.
        """
        places = {repo.name: f"{repo.name} discussions" for repo in repos}
        since = {
            name: moment
            for name, place in places.items()
            if (moment := self.places.moment(place, "since"))
            and not self.places.get(place, "after")
        }
        try:
            return graphql.quiet(self.api, since) if len(since) > 1 else set()
        except Everywhere:
            raise
        except SourceError:
            return set()

    def discussions(self, repo: Repo) -> Iterator[Batch]:
        """The discussions that changed since the last time, the last changed first.

        Where the walk stands is kept with each page: what changes meanwhile comes to the front,
        and so with the next walk, which ends where this one began.
        """
        place = f"{repo.name} discussions"
        since = self.places.moment(place, "since") or self.start - timedelta(seconds=1)
        top, after = self.places.moment(place, "top"), self.places.get(place, "after")
        while True:
            rows, after = graphql.discussions(self.api, repo.name, after)
            fresh = [row for row in rows if (changed_at(row) or self.now) > since]
            top = top or self._last(rows, since)
            harvest = Harvest()
            for row in fresh:
                harvest.add_thread(graphql.debate(self.api, repo.name, row), repo)
            done = after is None or len(fresh) < len(rows)
            if done:
                until = min(max(top, since), max(since, self.now - SETTLED))
                moved = self.places.put(place, since=until)
            else:
                moved = self.places.put(place, since=since, top=top, after=after)
            if moved or fresh:
                yield harvest.batch(self.places.written())
            if done:
                return

    def _last(self, rows: Sequence[object], since: datetime) -> datetime:
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
