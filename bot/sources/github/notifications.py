"""The threads that the token's owner is notified of, wherever they are.

https://docs.github.com/en/rest/activity/notifications
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from bot.answers import Reply, Validators, json_of
from bot.errors import SourceError
from bot.model import Gap, Period
from bot.sources.base import Batch
from bot.sources.github import graphql
from bot.sources.github.api import Everywhere
from bot.sources.github.harvest import Harvest
from bot.sources.github.lists import SETTLED, Lists
from bot.sources.github.names import COMMENT, REMARK, REVIEW
from bot.sources.github.pages import following, rows_of
from bot.sources.github.posts import Repo, parse_release
from bot.sources.github.repositories import repo_of
from bot.sources.github.times import changed_at, stamp

PLACE = "notifications"
FULL = 50
"""Notifications of a page."""
AT_ONCE = 25
BEFORE = timedelta(days=1)
"""How long before its notification a discussion may have changed."""

KINDS = ("Issue", "PullRequest", "Release", "Discussion")
TALK = (COMMENT, REVIEW, REMARK)

_SUBJECT = re.compile(r"/(?:(?:issues|pulls)/([0-9]{1,9})|releases/([0-9]{1,15}))")


@dataclass(frozen=True, slots=True)
class Told:
    """One notification: what it is about, and since when."""

    at: datetime
    repo: Repo
    kind: str
    number: int
    """Of the issue or pull request; of a release GitHub's own number; 0 for a discussion."""
    title: str


@dataclass(frozen=True, slots=True)
class Notifications:
    """Reads on in the feed; `known` are repositories that are read as a whole anyway."""

    lists: Lists
    known: Collection[str]

    def read(self) -> Iterator[Batch]:
        """The threads notified of since the last time, whole, oldest notification first."""
        if not self.lists.api.token:
            raise SourceError("github: notifications are those of a token: set GITHUB_TOKEN")
        places, now = self.lists.places, self.lists.now
        since = places.moment(PLACE, "since") or self.lists.start
        found = self._told(since)
        if found is None:
            return
        told, modified = found
        for start in range(0, len(told) or 1, AT_ONCE):
            some = told[start : start + AT_ONCE]
            harvest = Harvest()
            for repo, of_repo in groupby(sorted(some, key=_by_repo), key=lambda one: one.repo):
                self._add(harvest, repo, list(of_repo))
            is_last = start + AT_ONCE >= len(told)
            until = min(some[-1].at if some else since, max(since, now - SETTLED))
            moved = places.put(PLACE, since=until, modified=modified if is_last else None)
            if some or moved:
                yield harvest.batch(places.written())

    def _told(self, since: datetime) -> tuple[list[Told], str | None] | None:
        """What the feed holds since then, oldest first, and when it was last modified.

        None if it has not changed. GitHub lists the newest first; a page is asked for by the time
        at which the last one ended, since its number means another place after each change.
        """
        modified = self.lists.places.get(PLACE, "modified")
        reply = self._page(since, {}, modified if isinstance(modified, str) else None)
        if reply.not_modified:
            return None
        modified, told = reply.validators.last_modified, list[Told]()
        before, page = self.lists.now, dict[str, str]()
        while True:
            rows, page = rows_of(reply), following(reply, page)
            told += [one for row in rows if (one := _told(row)) and one.repo.name not in self.known]
            if not page:
                unique = {(one.repo, one.kind, one.number, one.title): one for one in told[::-1]}
                return sorted(unique.values(), key=lambda one: one.at), modified
            ends = [when for row in rows if (when := changed_at(row))]
            end = min(ends, default=before) + timedelta(seconds=1)
            if end < before:
                before, page = end, {}
            reply = self._page(since, {"before": stamp(before), **page})

    def _page(self, since: datetime, more: Mapping[str, str], modified: str | None = None) -> Reply:
        asked = {"all": "true", "per_page": str(FULL), "since": stamp(since), **more}
        validators = Validators(last_modified=modified) if modified else None
        return self.lists.api.get("notifications", asked, validators)

    def _add(self, harvest: Harvest, repo: Repo, told: Sequence[Told]) -> None:
        """The threads of one repository; a gap where the token may not read them."""
        api = self.lists.api
        numbers = [one.number for one in told if one.kind in ("Issue", "PullRequest")]
        try:
            for found in graphql.threads(api, repo.name, dict.fromkeys(numbers, TALK)):
                for thread in found.threads:
                    harvest.add_thread(thread, found.repo)
            for one in told:
                if one.kind == "Release":
                    reply = api.get(f"repos/{repo.name}/releases/{one.number}")
                    harvest.add(parse_release, json_of(reply), repo, "a release notified of")
            self._add_discussions(harvest, repo, [one for one in told if one.kind == "Discussion"])
        except Everywhere:
            raise
        except SourceError as error:
            if not error.permanent:
                raise
            why = f"github {repo.name}: threads notified of that the token may not read"
            harvest.gaps.append(Gap(Period(min(one.at for one in told), self.lists.now), why))

    def _add_discussions(self, harvest: Harvest, repo: Repo, told: Sequence[Told]) -> None:
        """Discussions, of which a notification tells the title alone."""
        titles = {one.title for one in told}
        oldest = min((one.at for one in told), default=self.lists.now) - BEFORE
        after, more = None, bool(titles)
        while more:
            rows, after = graphql.discussions(self.lists.api, repo.name, after)
            for row in rows:
                if isinstance(row, dict) and row.get("title") in titles:
                    thread = graphql.debate(self.lists.api, repo.name, row)
                    harvest.add_thread(thread, repo)
            times = [when for row in rows if (when := changed_at(row))]
            more = after is not None and min(times, default=oldest) >= oldest


def _by_repo(one: Told) -> str:
    return one.repo.name


def _told(row: object) -> Told | None:
    """What a notification is about; None if it is about nothing that we read."""
    subject = row.get("subject") if isinstance(row, dict) else None
    repo = repo_of(row.get("repository")) if isinstance(row, dict) else None
    if not isinstance(subject, dict) or repo is None:
        return None
    kind, url, title = subject.get("type"), subject.get("url"), subject.get("title")
    found = _SUBJECT.search(url) if isinstance(url, str) else None
    if kind not in KINDS or not isinstance(title, str) or (found is None) != (kind == "Discussion"):
        return None
    at, number = changed_at(row), int(found[1] or found[2]) if found else 0
    return Told(at, replace(repo, discussions=False), kind, number, title) if at else None
