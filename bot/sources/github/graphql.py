"""Threads as GraphQL shows them, many at once; and discussions, which REST does not have.

https://docs.github.com/en/graphql/guides/using-the-graphql-api-for-discussions
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.errors import SourceError
from bot.sources.github import queries
from bot.sources.github.api import Api
from bot.sources.github.names import ANSWER, COMMENT, FORMS, REMARK, REVIEW
from bot.sources.github.posts import Repo
from bot.sources.github.references import nodes
from bot.sources.github.times import changed_at

REPOSITORIES_AT_ONCE = 50
THREADS_AT_ONCE = 25
DISCUSSIONS_AT_ONCE = 5
"""Each brings comments that bring answers: more would take GitHub too long."""
ALL = frozenset(FORMS)

_CONNECTIONS = {COMMENT: "talk", REVIEW: "reviews", ANSWER: "debate"}
"""Under what name a thread has its replies of a form."""


@dataclass(slots=True)
class Thread:
    """A thread as it is now; without an opener it is gone."""

    number: int
    opener: Any = None
    replies: list[Any] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    """The forms of which no reply is missing."""
    cut: bool = False
    """Whether one of its comments has more answers than can be had."""

    def take(self, form: str, connection: object) -> None:
        """Take in the replies of a form, and those that hang on them."""
        if _page(connection).get("hasPreviousPage") is not False:
            self.whole -= {form, REMARK} if form == REVIEW else {form}
        for row in nodes(connection):
            if not isinstance(row, dict):
                self.replies.append(row)
                continue
            if _speaks(row, form):
                self.replies.append(row)
            for name, inner in (("answers", ANSWER), ("remarks", REMARK)):
                if name in row:
                    self.take(inner, row[name])
                    self.cut |= _page(row[name]).get("hasPreviousPage") is True


@dataclass(frozen=True, slots=True)
class Shown:
    """What one question brought of a repository."""

    repo: Repo
    threads: list[Thread]
    missing: list[str]
    """The tags asked after that have no release any more."""


def threads(
    api: Api, name: str, wanted: Mapping[int, Collection[str]], tags: Sequence[str] = ()
) -> Iterator[Shown]:
    """A repository's threads by number, each with its newest replies of the forms wanted.

    Comes in portions; what became of the tags' releases with the first. Raises SourceError.
    """
    numbers, releases = list(wanted), {f"r{place}": tag for place, tag in enumerate(tags)}
    for start in range(0, max(len(numbers), bool(tags)), THREADS_AT_ONCE):
        some = numbers[start : start + THREADS_AT_ONCE]
        asked = [queries.thread(number, wanted[number]) for number in some]
        asked += [] if start else [queries.release(key, tag) for key, tag in releases.items()]
        found = _ask(api, name, " ".join(asked))
        missing = [tag for key, tag in releases.items() if key in found and found[key] is None]
        repo = Repo(name, private=found["isPrivate"])
        yield Shown(repo, [_thread(n, wanted[n], found) for n in some], missing)


def quiet(api: Api, since: Mapping[str, datetime]) -> set[str]:
    """Those of the repositories in which no discussion has changed after a time.

    Many are asked after at once. Raises SourceError.
    """
    names, unmoved = list(since), set[str]()
    for start in range(0, len(names), REPOSITORIES_AT_ONCE):
        some = names[start : start + REPOSITORIES_AT_ONCE]
        found = api.ask(queries.last_discussions(some))
        last = {name: found.get(f"r{place}") for place, name in enumerate(some)}
        unmoved |= {name for name in some if _all_before(last[name], since[name])}
    return unmoved


def discussions(api: Api, name: str, after: str | None) -> tuple[list[Any], str | None]:
    """Some discussions as they come, the last changed first, and where the next ones begin.

    Raises SourceError.
    """
    found = _ask(api, name, queries.discussions(DISCUSSIONS_AT_ONCE), after=after)
    page = _page(found.get("discussions"))
    following = page.get("endCursor") if page.get("hasNextPage") else None
    if not page or not isinstance(following, str | None):
        raise SourceError("github: GraphQL answered in a shape that is no list of discussions")
    return nodes(found["discussions"]), following


def debate(api: Api, name: str, discussion: object) -> Thread:
    """A discussion with all its comments: the older ones are asked for. Raises SourceError."""
    row = discussion if isinstance(discussion, dict) else {}
    number = row.get("number")
    thread = Thread(number if type(number) is int else 0, discussion)
    connection = row.get("debate")
    seen: set[object] = set()
    while True:
        thread.take(ANSWER, connection)
        page = _page(connection)
        before = page.get("startCursor") if page.get("hasPreviousPage") else None
        if not isinstance(before, str) or before in seen:
            return thread
        seen.add(before)
        selection = f"discussion(number: {thread.number}) {{ {queries.REPLIES[ANSWER]} }}"
        older = _ask(api, name, selection, before=before).get("discussion")
        connection = older.get("debate") if isinstance(older, dict) else None


def _all_before(repository: object, since: datetime) -> bool:
    """Whether the discussions shown are all as old; not if they cannot be read."""
    listed = repository.get("discussions") if isinstance(repository, dict) else None
    if not isinstance(listed, dict) or not isinstance(listed.get("nodes"), list):
        return False
    times = [changed_at(row) for row in listed["nodes"]]
    return all(when and when <= since for when in times)


def _thread(number: int, forms: Collection[str], found: Mapping[str, Any]) -> Thread:
    answers = [found[key] for key in (f"t{number}", f"d{number}") if key in found]
    if not answers or not all(isinstance(answer, dict | None) for answer in answers):
        raise SourceError("github: GraphQL answered in a shape that is no thread")
    opener = next((answer for answer in answers if answer), None)
    thread = Thread(number, opener, whole=set(forms))
    for form, name in _CONNECTIONS.items():
        if opener and name in opener:
            thread.take(form, opener[name])
    return thread


def _ask(api: Api, name: str, selection: str, **more: str | None) -> dict[str, Any]:
    """What GraphQL says of a repository: what was selected, and whether it is private."""
    owner, _, own = name.partition("/")
    answer = api.ask(queries.of_repository(selection), owner=owner, name=own, **more)
    found = answer.get("repository")
    if not isinstance(found, dict) or not isinstance(found.get("isPrivate"), bool):
        raise SourceError(
            f"github: GraphQL does not show {name}: check its name and what the token may read",
            permanent=True,
        )
    return found


def _page(connection: object) -> Mapping[str, Any]:
    page = connection.get("pageInfo") if isinstance(connection, dict) else None
    return page if isinstance(page, dict) else {}


def _speaks(row: Mapping[str, Any], form: str) -> bool:
    """Whether a row says anything.

    A comment that was deleted but answered is still listed; a review may be nothing but a mark, or
    be listed for its remarks alone.
    """
    wordless = form == REVIEW and row.get("body") == ""
    return "html_url" in row and not row.get("deletedAt") and not wordless
