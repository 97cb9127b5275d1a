"""Stack Exchange's API 2.3: one site, asked within its quota and the rests that it asks for.

https://api.stackexchange.com/docs, /docs/throttle, /docs/error-handling and /docs/filters
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers import Reply, json_of
from bot.errors import SourceError
from bot.http import Http
from bot.limits import Budget, Pace
from bot.sources import fields

PAGE = 100
"""Items of an answer, and ids of a question, at most."""
LEAST = 5
"""With fewer requests left of the day, no more is asked: others share the address's quota."""
A_SECOND = 25
"""Requests that we send; past 30 the address is shut out."""
REST_MOST_S = 86_400.0

_EVERYTHING = "*"
_CALLBACK = "groundswell"
_WRAPPED = re.compile(rb"[\s/*]*" + _CALLBACK.encode() + rb"\s*\((.*)\)[\s;]*", re.DOTALL)
_WAIT = re.compile(r"available in (\d{1,6}) seconds")

ERRORS = {
    400: "bad_parameter",
    401: "access_token_required",
    402: "invalid_access_token",
    403: "access_denied",
    404: "no_method",
    405: "key_required",
    406: "access_token_compromised",
    500: "internal_error",
    502: "throttle_violation",
    503: "temporarily_unavailable",
}
_PASSING = 500
"""Errors from here on may be another answer in a moment."""


@dataclass(frozen=True, slots=True)
class Paces:
    """The pace of all requests together, and the rests of each method."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _by_method: dict[str, Pace] = field(default_factory=dict)

    def of(self, method: str = _EVERYTHING) -> Pace:
        """The one pace that a method goes by."""
        fresh = Pace(A_SECOND, 1.0, self.clock, self.sleep)
        return self._by_method.setdefault(method, fresh)


@dataclass(slots=True)
class Api:
    """One run's questions about one site."""

    name: str
    """The source's, for messages."""
    http: Http
    now: Callable[[], datetime]
    site: str
    url: str
    key: str | None = field(repr=False)
    paces: Paces
    budget: Budget | None = None
    """What the API last said is left of the day."""
    _resting: set[str] = field(default_factory=set)

    def items(self, method: str, ids: Collection[int]) -> list[Any]:
        """What has these ids; the method's address has `{ids}` in it. Deleted items are missing."""
        found: list[Any] = []
        for chosen in chunks(ids):
            found += self._ask(method, chosen, page=1)[0]
        return found

    def by_date(
        self, method: str, ids: Collection[int], sort: str, dated: str, since: int, **params: str
    ) -> Iterator[list[Any]]:
        """Pages by rising date, from `since` on; `dated` is the field that `sort` goes by.

        Each page begins at the last one's newest date instead of counting on: an item that leaves
        the front of the list would move another over the edge between two pages, unseen.
        """
        page, before = 1, list[Any]()
        while True:
            order: dict[str, str | int] = {"sort": sort, "order": "asc", "min": since, "page": page}
            items, has_more = self._ask(method, ids, **params, **order)
            yield [item for item in items if item not in before]
            if not has_more:
                return
            newest = self.newest(items, dated)
            if not items or page > PAGE:
                raise self._odd()
            page = page + 1 if newest is None or newest <= since else 1
            since, before = max(since, newest or since), items

    def newest(self, items: Collection[Any], dated: str) -> int | None:
        """The newest date of the items that lies not in the future; None if none has one."""
        latest = int((self.now() + timedelta(days=1)).timestamp())
        dates = (item.get(dated) for item in items if isinstance(item, dict))
        return max((d for d in dates if type(d) is int and 0 <= d <= latest), default=None)

    def settle(self) -> None:
        """Wait until every rest is over that was asked for: the next run may be another process.

        Raises:
            SourceError: it takes too long; the source is left alone for that time.
        """
        for method in sorted(self._resting):
            self.paces.of(method).wait()
        self._resting.clear()

    def _ask(
        self, method: str, ids: Collection[int], **params: str | int
    ) -> tuple[list[Any], bool]:
        """The items of an answer, and whether there are more."""
        self._check_quota()
        self.paces.of(method).wait()
        shared: dict[str, str | int] = {"site": self.site, "filter": "withbody", "pagesize": PAGE}
        # Errors come with the status 200 if the answer is to be wrapped: so their cause is told.
        wrapped = {"callback": _CALLBACK, **({"key": self.key} if self.key else {})}
        url = self.url + method.format(ids=";".join(map(str, sorted(ids))))
        reply = self.http.get(url, params=shared | wrapped | params, pace=self.paces.of())
        answer = json_of(_unwrapped(reply))
        if not isinstance(answer, dict):
            raise self._odd()
        self._obey(method, answer)
        items = answer.get("items")
        if not isinstance(items, list):
            raise self._odd()
        return items, answer.get("has_more") is True

    def _obey(self, method: str, answer: fields.Row) -> None:
        """Take in what the answer says of limits. Raises SourceError if it is an error."""
        backoff = answer.get("backoff")
        if isinstance(backoff, int | float) and backoff > 0:
            # A second more: both clocks count whole ones.
            self.paces.of(method).rest(min(backoff, REST_MOST_S) + 1)
            self._resting.add(method)
        left, most = answer.get("quota_remaining"), answer.get("quota_max")
        if type(left) is int:
            self.budget = Budget(left, most if type(most) is int else None, self._midnight())
        if answer.get("error_id") is not None or "error_name" in answer:
            raise self._refusal(answer)

    def _check_quota(self) -> None:
        if self.budget and self.budget.remaining < LEAST:
            anew = self._midnight()
            raise SourceError(
                f"{self.name}: {self.budget.remaining} requests are left of the day's "
                f"{self.budget.limit or 'quota'}; it begins anew at {anew:%Y-%m-%d %H:%M} UTC. "
                f"{'' if self.key else 'With STACKEXCHANGE_KEY there are 10,000. '}"
                "What was read is kept, and the next run goes on from there.",
                retry_after=(anew - self.now()).total_seconds(),
            )

    def _midnight(self) -> datetime:
        day = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(days=1)

    def _refusal(self, answer: fields.Row) -> SourceError:
        number, told = answer.get("error_id"), answer.get("error_message")
        known = ERRORS.get(number) if type(number) is int else None
        wait = _WAIT.search(told) if isinstance(told, str) else None
        permanent = known is not None and isinstance(number, int) and number < _PASSING
        mend = (
            "check its site and tags in groundswell.toml, and STACKEXCHANGE_KEY"
            if permanent
            else "the next run asks again"
        )
        return SourceError(
            f"{self.name}: the API answered with {known or 'an error'}: {mend}",
            permanent=permanent,
            retry_after=float(wait[1]) if wait else None,
        )

    def _odd(self) -> SourceError:
        return SourceError(f"{self.name}: the API answered in a shape that is not its wrapper")


def chunks(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in order, as many at a time as one question may have."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), PAGE):
        yield ordered[start : start + PAGE]


def _unwrapped(reply: Reply) -> Reply:
    match = _WRAPPED.fullmatch(reply.body)
    return replace(reply, body=match[1]) if match else reply
