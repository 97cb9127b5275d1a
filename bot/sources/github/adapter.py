"""GitHub: issues, pull requests, reviews, comments, releases over REST; discussions over GraphQL.

https://docs.github.com/en/rest and https://docs.github.com/en/graphql
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.answers import json_of
from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace
from bot.sources.base import Batch
from bot.sources.github import graphql
from bot.sources.github.api import Api
from bot.sources.github.discussions import Discussions
from bot.sources.github.failures import Failures
from bot.sources.github.harvest import Harvest
from bot.sources.github.lists import LISTS, Lists
from bot.sources.github.names import Name
from bot.sources.github.notifications import Notifications
from bot.sources.github.places import Places
from bot.sources.github.posts import Repo, parse_release, parse_reply, parse_thread
from bot.sources.github.repositories import organisation, repository
from bot.sources.github.webhooks import OF_DISCUSSIONS, heard

FIRST_DAYS = 90
"""How far back the first run goes, if not told."""


@dataclass(frozen=True, slots=True)
class Github:
    """Some repositories, those of some organisations, and what the token's owner is notified of."""

    http: Http
    now: Callable[[], datetime]
    repos: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    discussions: bool = True
    notifications: bool = False
    api_url: str = "https://api.github.com"
    token: str | None = field(default=None, repr=False)
    name: str = "github"
    pace: Pace = field(default_factory=lambda: Pace(900, 60.0), compare=False)
    """REST allows 900 points a minute, one a question."""
    graphql_pace: Pace = field(default_factory=lambda: Pace(2_000, 60.0), compare=False)
    """GraphQL allows 2,000 points a minute, one a question."""
    per_page: int = 100
    """Entries of a page: the most that REST gives."""

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what was said or changed since the last run, list by list.

        A thread that is older comes too if it was touched since. A list that cannot be read does
        not keep the others from it; what went wrong is raised in the end.
        """
        now = self.now()
        lists = Lists(
            self._api, Places.read(cursor), now, since or now - timedelta(days=FIRST_DAYS)
        )
        failures = Failures()
        repos = self._repositories(lists, failures)
        for repo in repos:
            for name, path, parse in LISTS:
                with failures.kept(f"{repo.name} {name}"):
                    yield from lists.changed(repo, name, path, parse)
            with failures.kept(f"{repo.name} releases"):
                yield from lists.releases(repo)
        if self.token and self.discussions:
            having = [repo for repo in repos if repo.discussions]
            yield from Discussions(lists, having).read(failures)
        if self.notifications:
            with failures.kept("notifications"):
                yield from Notifications(lists, {repo.name for repo in repos}).read()
        failures.tell()

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield these posts as they are now; without a token, nothing: GraphQL needs one."""
        failures = Failures()
        names = [name for key in external_ids if (name := Name.of_id(key))] if self.token else []
        for repo in dict.fromkeys(name.repo for name in names):
            with failures.kept(repo):
                yield from self._as_they_are(repo, [name for name in names if name.repo == repo])
        failures.tell()

    def owns(self, url: str) -> bool:
        """Whether a thread, a reply or a release may stand at the address."""
        host = url.partition("://")[2].partition("/")[0].lower()
        return host.removeprefix("www.") == self._api.site and Name.of_url(url) is not None

    def find(self, url: str) -> Batch:
        """The post at an address. A discussion needs a token."""
        name = Name.of_url(url)
        if name is None:
            raise SourceError("github: no thread, reply or release has such an address")
        repo = repository(self._api, Places(), name.repo)
        name = replace(name, repo=repo.name)
        if "/discussions/" in url:
            if not self.token:
                raise SourceError("github: a discussion can only be read with GITHUB_TOKEN set")
            batch = next(self._as_they_are(repo.name, [name]))
        else:
            parse = parse_release if name.tag else parse_reply if name.form else parse_thread
            harvest = Harvest()
            harvest.add(parse, json_of(self._api.get(name.path)), repo, "at that address")
            batch = harvest.batch(None)
        if not batch.posts:
            why = f" ({batch.rejected[0].reason})" if batch.rejected else ""
            raise SourceError(f"github: what is at that address is no post{why}", permanent=True)
        if batch.posts[0].external_id != name.external_id:
            raise SourceError("github: what was at that address has moved", permanent=True)
        return batch

    def heard(self, event: str, payload: object, cursor: str | None = None) -> Batch:
        """What a webhook's delivery brings; nothing of repositories that are not read as a whole.

        Asks nobody. `event` is the delivery's `X-GitHub-Event`; the cursor tells what renamed
        repositories are called by now.
        """
        if event in OF_DISCUSSIONS and not self.discussions:
            return Batch((), None)
        places = Places.read(cursor)
        return heard(event, payload, lambda repo: self._read_as(repo, places))

    def _read_as(self, repo: Repo, places: Places) -> Repo | None:
        """A repository as it is read: it is named, or was by now renamed, or its organisation is.

        One that was renamed is read under the name that the settings give it.
        """
        name = repo.name.lower()
        if name in map(str.lower, self.repos):
            return repo
        for own in self.repos:
            kept = places.get(own, "repo")
            if kept and Repo(*kept).called.lower() == name:
                return replace(repo, name=own)
        return repo if name.partition("/")[0] in map(str.lower, self.orgs) else None

    @property
    def _api(self) -> Api:
        return Api(
            self.http,
            self.api_url.rstrip("/"),
            self.token,
            self.pace,
            self.graphql_pace,
            self.per_page,
        )

    def _repositories(self, lists: Lists, failures: Failures) -> list[Repo]:
        """The repositories to read, each once."""
        found: list[Repo] = []
        for name in self.repos:
            with failures.kept(name):
                found.append(repository(lists.api, lists.places, name))
        for name in self.orgs:
            with failures.kept(f"organisation {name}"):
                found += organisation(lists.api, lists.places, name)
        return list({repo.name.lower(): repo for repo in found}.values())

    def _as_they_are(self, repo: str, names: Sequence[Name]) -> Iterator[Batch]:
        """Posts of one repository by name, and which of them are gone."""
        of_thread: dict[int, list[Name]] = {}
        for name in names:
            if name.number:
                of_thread.setdefault(name.number, []).append(name)
        wanted = {
            number: {name.form for name in some if name.form} for number, some in of_thread.items()
        }
        tags = [name.tag for name in names if name.tag]
        for found in graphql.threads(self._api, repo, wanted, tags):
            harvest = Harvest(gone=[Name(repo, tag=tag).external_id for tag in found.missing])
            for thread in found.threads:
                harvest.add_again(thread, found.repo, of_thread[thread.number])
            yield harvest.batch(None)
