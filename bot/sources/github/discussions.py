"""The discussions of some repositories: GraphQL alone has them, and it knows no 304.

https://docs.github.com/en/graphql/guides/using-the-graphql-api-for-discussions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import SourceError
from bot.sources.base import Batch
from bot.sources.github import graphql
from bot.sources.github.api import Everywhere
from bot.sources.github.failures import Failures
from bot.sources.github.harvest import Harvest
from bot.sources.github.lists import SETTLED, Lists
from bot.sources.github.posts import Repo
from bot.sources.github.times import changed_at

QUIET_FIRST = 2
"""After so many readings in a row in which nothing at all had changed, some may leave it out."""
ASKED_OF = 4
"""Of so many quiet readings one asks all the same."""
UNASKED_MOST = timedelta(minutes=90)
"""A reading that comes so long after the last one that asked does ask, whatever was quiet."""


@dataclass(frozen=True, slots=True)
class Discussions:
    """The discussions of some repositories in one run. Everything raises SourceError."""

    lists: Lists
    repos: Sequence[Repo]

    def read(self, failures: Failures) -> Iterator[Batch]:
        """What changed since the last time, unless this is a reading that may leave it out.

        It may where nothing else changed in any of the repositories: then how far they have been
        read is told as it was.
        """
        if not any(map(self._due, self.repos)):
            if self.repos:
                yield self._left_out()
            return
        quiet = self._quiet()
        for repo, since in quiet.items():
            self._asked(repo, since, changed=False)
        if quiet:
            yield Batch((), self.lists.places.written())
        for repo in self.repos:
            if repo not in quiet:
                with failures.kept(f"{repo.name} discussions"):
                    yield from self._walk(repo)

    def _due(self, repo: Repo) -> bool:
        """Whether a reading has to ask after a repository's discussions."""
        places, place = self.lists.places, _place(repo)
        quiet, asked = places.get(place, "quiet"), places.moment(place, "asked")
        if repo.name in self.lists.moved or asked is None or type(quiet) is not int:
            return True
        is_recent = timedelta(0) <= self.lists.now - asked < UNASKED_MOST
        return not is_recent or not QUIET_FIRST <= quiet < QUIET_FIRST + ASKED_OF - 1

    def _left_out(self) -> Batch:
        """Nothing, as one more quiet reading, and up to when all has been read before."""
        places, asked = self.lists.places, []
        for place in map(_place, self.repos):
            kept = places.kept[place]
            places.put(place, **{**kept, "quiet": kept["quiet"] + 1})
            asked.append(places.moment(place, "asked"))
        return Batch((), places.written(), read_until=min(filter(None, asked)))

    def _asked(self, repo: Repo, since: datetime, *, changed: bool) -> None:
        """Keep that a repository has been asked after, and how quiet it is.

        `quiet` counts the readings in a row in which nothing changed up to QUIET_FIRST, and beyond
        that those that left the discussions out.
        """
        places, place = self.lists.places, _place(repo)
        quiet = places.get(place, "quiet")
        still = type(quiet) is int and not changed and repo.name not in self.lists.moved
        quiet = min(quiet + 1, QUIET_FIRST) if still else 0
        places.put(place, since=since, asked=self.lists.now, quiet=quiet)

    def _quiet(self) -> dict[Repo, datetime]:
        """Those in which no discussion has changed since they were read, and since when that is.

        One question tells for many; of a single one the walk's own first page tells as much. Where
        they cannot be asked after together none counts as quiet: then each is asked on its own,
        and says by name what is wrong with it.
        """
        places = self.lists.places
        since = {
            repo: moment
            for repo in self.repos
            if (moment := places.moment(_place(repo), "since"))
            and not places.get(_place(repo), "after")
        }
        if len(since) < 2:  # noqa: PLR2004 nothing to be asked together with
            return {}
        try:
            named = {repo.name: moment for repo, moment in since.items()}
            unmoved = graphql.quiet(self.lists.api, named)
        except Everywhere:
            raise
        except SourceError:
            return {}
        return {repo: moment for repo, moment in since.items() if repo.name in unmoved}

    def _walk(self, repo: Repo) -> Iterator[Batch]:
        """The discussions that changed since the last time, the last changed first.

        Where the walk stands is kept with each page: what changes meanwhile comes to the front,
        and so with the next walk, which ends where this one began.
        """
        places, now, place = self.lists.places, self.lists.now, _place(repo)
        since = places.moment(place, "since") or self.lists.start - timedelta(seconds=1)
        top, after = places.moment(place, "top"), places.get(place, "after")
        while True:
            rows, after = graphql.discussions(self.lists.api, repo.name, after)
            fresh = [row for row in rows if (changed_at(row) or now) > since]
            top = top or self.lists.last(rows, since)
            harvest = Harvest()
            for row in fresh:
                harvest.add_thread(graphql.debate(self.lists.api, repo.name, row), repo)
            done = after is None or len(fresh) < len(rows)
            if done:
                until = min(max(top, since), max(since, now - SETTLED))
                self._asked(repo, until, changed=bool(fresh))
            else:
                places.put(place, since=since, top=top, after=after)
            yield harvest.batch(places.written())
            if done:
                return


def _place(repo: Repo) -> str:
    return f"{repo.name} discussions"
