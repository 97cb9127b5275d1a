"""GitHub in small: one repository over REST with tags, pages and limits, and its GraphQL.

It answers as GitHub does where that decides anything: REST shows the oldest change first and
leaves deleted things out, a full list has a `Link` to its next page, and a used-up limit is a 403
without Retry-After.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bot.http import Http
from bot.sources.github.adapter import Github
from tests.world.base import Said
from tests.world.github_graphql import answered
from tests.world.github_things import (
    COMMENT,
    DISCUSSION,
    ISSUE,
    PULL,
    RELEASE,
    REMARK,
    REPO,
    REVIEW,
    SPOILT_RELEASES,
    SPOILT_REPLIES,
    SPOILT_THREADS,
    TURNS,
    GithubThings,
    iso,
    own_number,
)
from tests.world.site import Answer, Asked, json_answer

TOKEN = "ghp_of-nobody"  # noqa: S105 of nobody's
LISTS = {
    f"/repos/{REPO}/issues": (ISSUE, PULL),
    f"/repos/{REPO}/issues/comments": (COMMENT,),
    f"/repos/{REPO}/pulls/comments": (REMARK,),
}


@dataclass(slots=True)
class Violations:
    """What GitHub forbids, and how often it was done."""

    unnamed: int = 0
    """Without a User-Agent."""
    large_pages: int = 0
    after_no: int = 0
    """After GitHub had said when to come back, and before that."""
    per_minute: int = 0
    """Requests over 900 in a minute."""

    @property
    def total(self) -> int:
        return self.unnamed + self.large_pages + self.after_no + self.per_minute


@dataclass(slots=True)
class Limit:
    """What is left of the hour."""

    remaining: int = 5_000
    limit: int = 5_000
    resets_at: float = field(default_factory=lambda: float(int(time.time()) + 1_800))

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(int(self.resets_at)),
        }


class GithubWorld(GithubThings):
    """`page_most` is the entries of a page that the adapter asks for: GitHub gives up to 100."""

    answers_304 = True
    secrets = (TOKEN,)

    def __init__(self, http: Http, page_most: int = 4, token: str | None = TOKEN) -> None:
        super().__init__(http)
        self.page_most = page_most
        self.token = token
        self.settings: dict[str, Any] = {"repos": (REPO,)}
        self.namesakes: tuple[str, ...] = ()
        """Other repositories in which the same is said."""
        self.spoilt: dict[str, list[Any]] = {}
        self.notified: list[dict[str, Any]] = []
        self.rest, self.graphql = Limit(), Limit()
        self.clock_s: Callable[[], float] = time.monotonic
        self.told_to_wait_until = 0.0
        self.violations = Violations()
        self._times: list[float] = []

    def pause(self) -> None:
        self.rest, self.graphql = Limit(), Limit()
        self.told_to_wait_until = 0.0
        self._times.clear()

    def source(self) -> Github:
        return Github(
            http=self.http,
            now=self.clock,
            api_url=self.site.url,
            token=self.token,
            per_page=self.page_most,
            **self.settings,
        )

    def have_namesakes(self, number: int) -> None:
        """So many other repositories are read as well."""
        self.namesakes = tuple(f"acme/tool{n}" for n in range(1, number + 1))
        self.settings["repos"] = (REPO, *self.namesakes)

    def spoil(self) -> int:
        self.page_most = 100
        said = [self.say() for _ in range(len(TURNS))]
        rows = {self.forms[one.number].kind: self.row(one) for one in said}
        issue, comment, release = rows[ISSUE], rows[COMMENT], rows[RELEASE]
        self.spoilt = {
            f"/repos/{REPO}/issues": ["words", None, {}, *(issue | x for x in SPOILT_THREADS)],
            f"/repos/{REPO}/issues/comments": [5, {}, *(comment | x for x in SPOILT_REPLIES)],
            f"/repos/{REPO}/releases": [[], *(release | x for x in SPOILT_RELEASES)],
        }
        self.spoilt_discussions = [None, "words", {"number": 10**12}]
        return sum(map(len, (*self.spoilt.values(), self.spoilt_discussions)))

    def answer(self, asked: Asked) -> Answer:
        self._watch(asked)
        limit = self.graphql if asked.path == "/graphql" else self.rest
        if limit.remaining <= 0:
            self.told_to_wait_until = limit.resets_at
            return _json({"message": "API rate limit exceeded"}, limit, 403)
        if refused := self._refused(asked) or self._sent_on(asked):
            return refused
        if asked.path == "/graphql":
            limit.remaining -= 1
            return _json(answered(self, json.loads(asked.body)), limit)
        answer = self._rest(asked)
        tag = f'W/"{hashlib.blake2b(answer.body).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == tag:
            return Answer(304, headers={"etag": tag, **limit.headers()})
        limit.remaining -= 1
        return Answer(answer.status, answer.body, {**answer.headers, "etag": tag} | limit.headers())

    def _watch(self, asked: Asked) -> None:
        now = self.clock_s()
        self._times = [at for at in self._times if at > now - 60] + [now]
        self.violations.per_minute += len(self._times) > 900
        self.violations.unnamed += not asked.headers.get("user-agent")
        self.violations.large_pages += int(asked.query.get("per_page", 0)) > 100
        self.violations.after_no += time.time() < self.told_to_wait_until

    def _refused(self, asked: Asked) -> Answer | None:
        given = asked.headers.get("authorization")
        if given not in (None, f"Bearer {TOKEN}") or (given is None and asked.path == "/graphql"):
            return json_answer({"message": "Bad credentials"}, 401)
        if given is None and self.private:
            return json_answer({"message": "Not Found"}, 404)
        return None

    def _sent_on(self, asked: Asked) -> Answer | None:
        """Where a repository is that was renamed: GitHub tells by its number, not by its name."""
        path = re.sub(rf"^/repos/{REPO}(?=/|$)", "/repositories/7", asked.path)
        if self.full_name == REPO or path == asked.path:
            return None
        there = f"{self.site.url}{path}?{urlencode(asked.query)}"
        return Answer(301, headers={"location": there})

    def _rest(self, asked: Asked) -> Answer:
        for name in ("repositories/7", f"repos/{self.full_name}", *self.namesakes):
            own = rf"^/(repos/)?{name}(?=/|$)"
            asked = replace(asked, path=re.sub(own, f"/repos/{REPO}", asked.path))
        if asked.path == f"/repos/{REPO}":
            return json_answer(self.repository)
        if asked.path == "/orgs/acme/repos":
            old = self.repository | {"full_name": "acme/old", "archived": True}
            return json_answer([self.repository, old] if asked.query["page"] == "1" else [])
        if asked.path in LISTS:
            return self._list(asked, LISTS[asked.path])
        if asked.path == f"/repos/{REPO}/releases":
            return self._releases(asked)
        if asked.path == "/notifications":
            return self._notifications(asked)
        return self._single(asked.path)

    def _list(self, asked: Asked, kinds: tuple[str, ...]) -> Answer:
        assert asked.query["sort"] == "updated", asked.query
        assert asked.query["direction"] == "asc", asked.query
        since = datetime.fromisoformat(asked.query["since"])
        numbers = [n for n, form in self.alive().items() if form.kind in kinds]
        if asked.query.get("state", "open" if ISSUE in kinds else "all") == "open":
            numbers = [n for n in numbers if self.extra.get(n, {}).get("state") != "closed"]
        numbers = sorted((n for n in numbers if self.changed[n] >= since), key=self._changed)
        rows = [self.row(self.living[n]) for n in numbers]
        return self._paged(asked, rows + self.spoilt.get(asked.path, []))

    def _changed(self, number: int) -> tuple[datetime, int]:
        return self.changed[number], number

    def _releases(self, asked: Asked) -> Answer:
        numbers = sorted((n for n, f in self.alive().items() if f.kind == RELEASE), reverse=True)
        rows = [self.row(self.living[n]) for n in numbers]
        return self._paged(asked, rows + self.spoilt.get(asked.path, []))

    def _paged(self, asked: Asked, rows: list[Any]) -> Answer:
        size = min(100, int(asked.query.get("per_page", 30)))
        page = int(asked.query.get("page", 1))
        answer = json_answer(rows[(page - 1) * size : page * size])
        if len(rows) <= page * size:
            return answer
        query = urlencode({**asked.query, "page": page + 1})
        # As GitHub does it, under the repository's number.
        link = f'<{self.site.url}/repositories/7/elsewhere?{query}>; rel="next"'
        return Answer(200, answer.body, {**answer.headers, "link": link})

    def _notifications(self, asked: Asked) -> Answer:
        since = datetime.fromisoformat(asked.query["since"])
        before = datetime.fromisoformat(asked.query.get("before", "9999-01-01T00:00:00Z"))
        rows = [
            row for row in reversed(self.notified)
            if since <= datetime.fromisoformat(row["updated_at"]) < before
        ]  # fmt: skip
        modified = {"last-modified": rows[0]["updated_at"]} if rows else {}
        if rows and asked.headers.get("if-modified-since") == modified["last-modified"]:
            return Answer(304, headers=modified)
        answer = self._paged(asked, rows)
        return Answer(200, answer.body, {**answer.headers, **modified})

    def notify(self, said: Said, **repository: Any) -> None:
        """The token's owner is told of a thread, as GitHub does: a discussion without address."""
        kind = self.forms[said.number].kind
        types = {ISSUE: "Issue", PULL: "PullRequest", RELEASE: "Release", DISCUSSION: "Discussion"}
        places = {ISSUE: "issues", PULL: "pulls", RELEASE: "releases"}
        url = f"{self.site.url}/repos/{REPO}/{places.get(kind)}/{said.number}"
        row = self.row(said)
        self.notified.append(
            {
                "id": str(said.number),
                "updated_at": iso(self._tick()),
                "repository": self.repository | repository,
                "subject": {
                    "type": types[kind],
                    "title": row.get("title") or row.get("name"),
                    "url": None if kind == DISCUSSION else url,
                },
            }
        )

    def _single(self, path: str) -> Answer:
        for number, form in self.alive().items():
            said = self.living[number]
            paths = {
                COMMENT: f"issues/comments/{own_number(number)}",
                REMARK: f"pulls/comments/{own_number(number)}",
                REVIEW: f"pulls/{form.thread}/reviews/{own_number(number)}",
                RELEASE: f"releases/tags/v{number}",
            }
            own = {paths.get(form.kind, f"issues/{number}")}
            own |= {f"releases/{number}"} if form.kind == RELEASE else set()
            if path.removeprefix(f"/repos/{REPO}/") in own and form.kind != DISCUSSION:
                return json_answer(self.row(said))
        return json_answer({"message": "Not Found"}, 404)


def _json(value: Any, limit: Limit, status: int = 200) -> Answer:
    answer = json_answer(value, status)
    return Answer(status, answer.body, {**answer.headers, **limit.headers()})


@contextmanager
def well_treated(http: Http) -> Iterator[GithubWorld]:
    """A world of which nothing may be asked that GitHub forbids."""
    with GithubWorld(http) as world:
        yield world
        assert world.violations.total == 0, world.violations
