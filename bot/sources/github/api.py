"""How GitHub is asked: headers, limits, and its ways of saying no.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.answers import Reply, Validators, json_of
from bot.errors import SourceError
from bot.http import Http
from bot.limits import Budget, Pace

ACCEPT = "application/vnd.github+json, application/json;q=0.9"
VERSION = "2022-11-28"
HOUR_S = 3_600.0

_TYPE = re.compile(r"[A-Z_]{1,40}")
"""A GraphQL error's type, which can be shown; its message may quote anything."""


class Everywhere(SourceError):  # noqa: N818 it says more than "error"
    """GitHub wants to be left alone for a while: no further question would be answered."""


@dataclass(frozen=True, slots=True)
class Api:
    """GitHub's two APIs at one address. Only SourceError escapes."""

    http: Http
    url: str
    token: str | None = field(repr=False)
    pace: Pace
    graphql_pace: Pace
    per_page: int
    """Entries of a page of REST."""

    @property
    def site(self) -> str:
        """The host of the pages that people read."""
        host = self.url.partition("://")[2].partition("/")[0]
        return host.removeprefix("api.")

    @property
    def _headers(self) -> dict[str, str]:
        headers = {"Accept": ACCEPT, "X-GitHub-Api-Version": VERSION}
        return headers | {"Authorization": f"Bearer {self.token}"} if self.token else headers

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        validators: Validators | None = None,
    ) -> Reply:
        """Ask REST. Raises SourceError, and Everywhere where it is no use to go on."""
        with self._told():
            return self.http.get(
                f"{self.url}/{path}",
                params=params,
                headers=self._headers,
                validators=validators,
                pace=self.pace,
            )

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Ask GraphQL; what is not found is null in the answer. Raises as `get` does."""
        # https://HOST/api/v3 has its GraphQL at https://HOST/api/graphql.
        url = f"{self.url.removesuffix('/v3')}/graphql"
        payload = {"query": query, "variables": variables}
        with self._told():
            reply = self.http.post_json(url, payload, headers=self._headers, pace=self.graphql_pace)
            return _data(json_of(reply), reply.budget)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A pause that GitHub asks for concerns every question, not the one alone."""
        try:
            yield
        except SourceError as error:
            if error.retry_after is None:
                raise
            mend = "" if self.token else "; with GITHUB_TOKEN the limit is higher"
            raise Everywhere(f"github: {error}{mend}", retry_after=error.retry_after) from error


def _data(answer: object, budget: Budget | None) -> dict[str, Any]:
    """What GraphQL's answer holds; its status is 200 even where it refuses."""
    if not isinstance(answer, dict):
        raise SourceError("github: GraphQL answered in a shape that is not its answer")
    errors = answer.get("errors") or []
    for error in errors if isinstance(errors, list) else [errors]:
        kind = error.get("type") if isinstance(error, dict) else None
        if kind == "RATE_LIMITED":
            rest = budget.rest(datetime.now(UTC)) if budget else 0.0
            raise SourceError("GraphQL's limit is used up", retry_after=rest or HOUR_S)
        if kind != "NOT_FOUND":
            raise _refused(kind)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise SourceError("github: GraphQL answered without data")
    return data


def _refused(kind: object) -> SourceError:
    """What an error in GraphQL's answer means."""
    named = kind if isinstance(kind, str) and _TYPE.fullmatch(kind) else "an unnamed error"
    if named in {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        return SourceError(
            f"github: GraphQL answered {named}: let the token read issues, pull requests and "
            "discussions of this repository",
            permanent=True,
        )
    return SourceError(f"github: GraphQL answered {named}; it is asked again with the next run")
