"""How fast recorded answers are read and stored, beside GrimoireLab Perceval on the same ones.

    python -m benchmarks.sources

A server on loopback gives the recorded answers to both, in turn, ROUNDS times: the largest recorded
feeds, and one recorded GitHub issue with its comment, repeated under other numbers. Ours are parsed
to plain text and stored, whole; Perceval's are fetched into memory and stored nowhere. Medians, and
the ratio of each round.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from perceval.backends.core import github as their_github
from perceval.backends.core import rss as their_rss

from benchmarks.corpora import CORPUS
from bot.http import Http
from bot.pipeline.collecting import Collecting
from bot.sources.base import Source
from bot.sources.github import Github
from bot.sources.rss import Rss
from bot.store import open_store
from tests.world.site import Answer, Asked, Site, json_answer

ROUNDS = 5
ISSUES, PAGE = 300, 100
PAYLOADS = CORPUS.parent / "payloads"
FEEDS = ("parser_large_rss.xml", "parser_large_atom.xml")
LONG_AGO = datetime(1971, 1, 1, tzinfo=UTC)


Read = tuple[int, float]
"""How many items, in how many seconds."""


@dataclass(frozen=True, slots=True)
class Case:
    """One source in both houses: each reads all of a site and says how many items that were."""

    name: str
    ours: Callable[[], Read]
    theirs: Callable[[], Read]


@contextmanager
def feeds(http: Http) -> Iterator[list[Case]]:
    with Site(lambda asked: Answer(body=recorded("rss/miniflux", asked.path[1:]))) as site:
        yield [feed(http, f"{site.url}/{name}") for name in FEEDS]


def feed(http: Http, url: str) -> Case:
    ours = Rss(http=http, now=lambda: datetime.now(UTC), url=url, feed="feed")
    theirs = their_rss.RSS(url)
    name = f"rss, {url.rpartition('/')[2]}"
    return Case(name, lambda: stored(ours), lambda: timed(lambda: len(list(theirs.fetch()))))


@contextmanager
def github(http: Http) -> Iterator[list[Case]]:
    with Site(recorded_github()) as site:
        ours = Github(
            http=http,
            now=lambda: datetime.now(UTC),
            token=None,
            repos=("zhquan_example/repo",),
            orgs=(),
            discussions=False,
            notifications=False,
            api_url=f"{site.url}/api/v3",
        )
        theirs = their_github.GitHub("zhquan_example", "repo", base_url=site.url)
        yield [
            Case(
                f"github, {ISSUES} issues and their comments",
                lambda: stored(ours),
                lambda: timed(
                    lambda: sum(1 + len(i["data"]["comments_data"]) for i in theirs.fetch())
                ),
            )
        ]


def recorded(folder: str, name: str) -> bytes:
    path = PAYLOADS / folder / name
    if not path.exists():
        sys.exit(f"{path} is missing: this benchmark needs recorded answers")
    return path.read_bytes()


def recorded_github() -> Callable[[Asked], Answer]:
    """The recorded issue and comment, ISSUES times, as GitHub's lists and pages give them."""
    [issue] = json.loads(recorded("github/perceval", "github_request"))
    [comment] = json.loads(recorded("github/perceval", "github_issue_comments_1"))
    login = recorded("github/perceval", "github_login")
    issue = {**issue, "reactions": {"total_count": 0}}
    issue.pop("pull_request", None)
    comment = {**comment, "reactions": {"total_count": 0}}

    def numbered(n: int) -> tuple[dict[str, Any], dict[str, Any]]:
        url = f"https://api.github.com/repos/zhquan_example/repo/issues/{n}"
        at = f"2020-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z"
        page = f"https://github.com/zhquan_example/repo/issues/{n}"
        own = {"id": n, "node_id": f"N{n}", "updated_at": at}
        return (
            {**issue, **own, "number": n, "url": url, "html_url": page, "comments": 1},
            {**comment, **own, "issue_url": url, "html_url": f"{page}#issuecomment-{n}"},
        )

    pairs = [numbered(n) for n in range(1, ISSUES + 1)]

    def listed(asked: Asked, rows: list[dict[str, Any]]) -> Answer:
        rows = [row for row in rows if row["updated_at"] >= asked.query.get("since", "")]
        page = int(asked.query.get("page", 1))
        shown = rows[(page - 1) * PAGE : page * PAGE]
        if page * PAGE >= len(rows):
            return json_answer(shown)
        query = urlencode({**asked.query, "page": page + 1})
        link = f'<http://{asked.headers["host"]}{asked.path}?{query}>; rel="next"'
        return json_answer(shown, link=link)

    def respond(asked: Asked) -> Answer:
        parts = asked.path.removeprefix("/api/v3").strip("/").split("/")
        match parts:
            case ["repos", _, _]:
                return json_answer({"id": 1, "full_name": "zhquan_example/repo", "private": False})
            case ["repos", _, _, "issues"]:
                return listed(asked, [i for i, _ in pairs])
            case ["repos", _, _, "issues", "comments"]:
                return listed(asked, [c for _, c in pairs])
            case ["repos", _, _, "issues", number, "comments"]:
                return json_answer([pairs[int(number) - 1][1]])
            case ["users", _]:
                return Answer(200, login, {"content-type": "application/json"})
            case _:
                return json_answer([])

    return respond


def stored(source: Source) -> Read:
    """Read a source into an empty database: parsed, stored, indexed."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/bench.db")
        collecting = Collecting(store, datetime.now(UTC))
        done = timed(lambda: collecting.one(source, LONG_AGO).new)
        store.close()
    return done


def timed(read: Callable[[], int]) -> Read:
    start = perf_counter()
    return read(), perf_counter() - start


def tell(case: Case) -> None:
    ours, theirs, ratios = [], [], []
    for _ in range(ROUNDS):
        mine, my_seconds = case.ours()
        other, their_seconds = case.theirs()
        assert mine == other, (case.name, mine, other)
        ours.append(mine / my_seconds)
        theirs.append(other / their_seconds)
        ratios.append((mine / my_seconds) / (other / their_seconds))
    print(
        f"{case.name:44}{mine:6} items  ours {median(ours):8,.0f}/s  "
        f"perceval {median(theirs):8,.0f}/s  ratio {median(ratios):6.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )


def main() -> None:
    http = Http(allowed_hosts=frozenset({"127.0.0.1"}), every_site=1_000_000)
    for world in (feeds, github):
        with world(http) as cases:
            for case in cases:
                tell(case)
    http.close()


if __name__ == "__main__":
    main()
