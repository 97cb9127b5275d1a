"""GitHub: one recorded issue with its comment, repeated under other numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from perceval.backends.core.github import GitHub

from benchmarks.sources.measured import Case, now, remembered
from benchmarks.sources.recorded import recorded
from bot.http import Http
from bot.sources.github.adapter import Github
from tests.world.site import Answer, Asked, Site, json_answer

ISSUES, PAGE = 300, 100


@contextmanager
def github(http: Http) -> Iterator[list[Case]]:
    with Site(remembered(recorded_github())) as site:
        theirs = GitHub("zhquan_example", "repo", base_url=site.url)
        yield [
            Case(
                "github",
                lambda: Github(
                    http=http,
                    now=now,
                    repos=("zhquan_example/repo",),
                    discussions=False,
                    api_url=f"{site.url}/api/v3",
                ),
                "recorded: github/perceval/github_request and github_issue_comments_1, repeated",
                lambda: sum(1 + len(one["data"]["comments_data"]) for one in theirs.fetch()),
            )
        ]


Pair = tuple[dict[str, Any], dict[str, Any]]
"""An issue and its comment."""


def recorded_pairs() -> list[Pair]:
    """The recorded issue and comment, ISSUES times under other numbers."""
    [issue] = json.loads(recorded("github", "perceval", "github_request"))
    [comment] = json.loads(recorded("github", "perceval", "github_issue_comments_1"))
    issue = {**issue, "reactions": {"total_count": 0}}
    issue.pop("pull_request", None)
    comment = {**comment, "reactions": {"total_count": 0}}
    return [_numbered(issue, comment, n) for n in range(1, ISSUES + 1)]


def _numbered(issue: dict[str, Any], comment: dict[str, Any], n: int) -> Pair:
    url = f"https://api.github.com/repos/zhquan_example/repo/issues/{n}"
    at = f"2020-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z"
    page = f"https://github.com/zhquan_example/repo/issues/{n}"
    own = {"id": n, "node_id": f"N{n}", "updated_at": at}
    return (
        {**issue, **own, "number": n, "url": url, "html_url": page, "comments": 1},
        {**comment, **own, "issue_url": url, "html_url": f"{page}#issuecomment-{n}"},
    )


def recorded_github() -> Callable[[Asked], Answer]:
    """The pairs as GitHub's lists and pages give them."""
    pairs, login = recorded_pairs(), recorded("github", "perceval", "github_login")

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
