"""Which repositories there are, and which of them are private.

https://docs.github.com/en/rest/repos/repos
"""

from __future__ import annotations

from bot.answers import json_of
from bot.errors import SourceError
from bot.sources.github.api import Api
from bot.sources.github.names import REPO
from bot.sources.github.pages import PAGES_MOST, rows_of
from bot.sources.github.places import Places
from bot.sources.github.posts import Repo


def repository(api: Api, places: Places, name: str) -> Repo:
    """The repository of that name. Raises SourceError."""
    reply = api.get(f"repos/{name}", validators=places.validators(name))
    if not reply.not_modified:
        found = repo_of(json_of(reply))
        if found is None:
            raise SourceError(f"github: the answer for {name} is in no repository's shape")
        # One that was renamed is found all the same, and its posts keep their ids.
        same = found.name.lower() == name.lower()
        named, called = (found.name, "") if same else (name, found.name)
        kept = [named, found.private, found.discussions, called]
        places.put(name, etag=reply.validators.etag, repo=kept)
    return Repo(*places.get(name, "repo"))


def organisation(api: Api, places: Places, name: str) -> list[Repo]:
    """The repositories of an organisation, without those that are archived. Raises SourceError."""
    repos: list[Repo] = []
    for page in range(1, PAGES_MOST):
        place = f"org {name} {page}"
        asked = {"per_page": str(api.per_page), "page": str(page), "sort": "full_name"}
        reply = api.get(f"orgs/{name}/repos", asked, places.validators(place))
        if not reply.not_modified:
            rows = rows_of(reply)
            found = [repo for row in rows if not _archived(row) and (repo := repo_of(row))]
            places.put(
                place,
                etag=reply.validators.etag,
                full=len(rows) >= api.per_page,
                repos=[[repo.name, repo.private, repo.discussions] for repo in found],
            )
        repos += [Repo(*parts) for parts in places.get(place, "repos")]
        if not places.get(place, "full"):
            break
    return repos


def repo_of(row: object) -> Repo | None:
    """A repository as GitHub describes it; None if its name or its privacy is not told."""
    name = row.get("full_name") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(name, str) or not REPO.fullmatch(name):
        return None
    if not isinstance(row.get("private"), bool):
        return None
    return Repo(name, row["private"], discussions=row.get("has_discussions") is True)


def _archived(row: object) -> bool:
    return isinstance(row, dict) and row.get("archived") is True
