"""X, by its paid API: https://docs.x.com/x-api/posts/search/introduction ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers import Reply, json_of
from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace
from bot.model import Gap, Period
from bot.sources.base import Batch
from bot.sources.x.posts import FIELDS, Found, found_in, id_at, moment_of, next_token

API = "https://api.x.com/2"
PAGE = 100
REACH = timedelta(days=7) - timedelta(minutes=5)
"""How far back X searches, less what a run may take."""
OVERLAP = timedelta(minutes=2)
"""X takes posts in late: each run begins this long before the last one."""

_ADDRESS = re.compile(
    r"https?://(?:\w+\.)?(?:x|twitter)\.com/\w{1,20}/status/(?P<id>[0-9]{1,19})(?:[/?#].*)?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far one query has been read."""

    since: int
    """All up to this id has been read."""
    until: int | None = None
    """All from this id on has been read as well, up to `top`: a reading broke off."""
    top: int = 0


@dataclass(frozen=True, slots=True)
class X:
    """Posts that answer one of the queries, which are in X's own search language."""

    http: Http
    now: Callable[[], datetime]
    queries: tuple[str, ...]
    bearer_token: str | None = field(default=None, repr=False)
    api_url: str = API
    search_pace: Pace = field(default_factory=lambda: Pace(450, 900.0))
    lookup_pace: Pace = field(default_factory=lambda: Pace(300, 900.0))
    name: str = "x"

    @property
    def note(self) -> str:
        """What reading costs."""
        return "X charges for every post that is read or looked at again"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what was written since the last run; else from `since`, or all that X searches.

        A query that X refuses does not keep the others from being read, and is told at the end.
        """
        places, refused = _places(cursor), []
        for query in self.queries:
            is_told = query in places or since is not None
            places.setdefault(query, Place(id_at(since) if since else self._reachable()))
            try:
                if places[query].until is not None:
                    yield from self._read(query, places, is_told=is_told)
                yield from self._read(query, places, is_told=is_told)
            except SourceError as error:
                if not error.permanent:
                    raise
                refused.append(f"x: the query {query}: {error}")
        if refused:
            raise SourceError("; ".join(refused), permanent=len(refused) == len(self.queries))

    def _reachable(self) -> int:
        return id_at(self.now() - REACH)

    def _read(self, query: str, places: dict[str, Place], *, is_told: bool) -> Iterator[Batch]:
        """Yield a query's pages, newest first; the place is safe after each of them.

        Pages begin below an id, not at a token of X's: that still holds when a run has died.
        """
        place = places[query]
        if place.until is None:
            place = replace(place, top=id_at(self.now() - OVERLAP))
        batch = Batch((), None)
        while (start := max(place.since, self._reachable())) < (place.until or start + 1):
            batch, oldest = self._page(query, start, place.until)
            if oldest is None:
                break
            if oldest >= (place.until or oldest + 1):
                raise SourceError("x: the search does not go on where it was asked to")
            place = places[query] = replace(place, until=oldest)
            yield replace(batch, cursor=_written(places))
            batch = Batch((), None)
        places[query] = Place(max(place.since, place.top))
        gaps = _gap(query, place.since, start) if is_told else ()
        yield replace(batch, cursor=_written(places), gaps=gaps)

    def _page(self, query: str, start: int, until: int | None) -> tuple[Batch, int | None]:
        """A page of posts, and below which id the next one begins; None if there is none.

        X may give an empty page, and a token for the next: only without a token is it the end.
        """
        # In brackets, since OR binds weaker than what follows.
        wanted: dict[str, str | int] = {"query": f"({query}) -is:retweet", "max_results": PAGE}
        span = {"since_id": start} | ({} if until is None else {"until_id": until})
        turn: dict[str, str | int] = {}
        while True:
            reply = self._asked("/tweets/search/recent", wanted | span | turn, self.search_pace)
            answer = _answer(reply, "meta")
            found, token = found_in(answer), next_token(answer)
            if found.ids or not token:
                break
            turn = {"next_token": token}
        batch = Batch(found.posts, None, rejected=found.rejected, budget=reply.budget)
        return batch, min(found.ids, default=None) if token else None

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield posts in their newest version, and which are gone."""
        for start in range(0, len(external_ids), PAGE):
            yield self._look(external_ids[start : start + PAGE])

    def _look(self, ids: Sequence[str]) -> Batch:
        """Posts as they are now. An id stands for one version: of edited ones the newest is got."""
        found, reply = self._looked(ids)
        posts = [post for post in found.posts if post.external_id not in found.newest]
        rejected = found.rejected
        if found.newest:
            newest, reply = self._looked([str(number) for number in found.newest.values()])
            posts += newest.posts
            rejected += newest.rejected
        gone = tuple(one for one in found.gone if one in ids)
        return Batch(tuple(posts), None, gone, rejected, budget=reply.budget)

    def _looked(self, ids: Sequence[str]) -> tuple[Found, Reply]:
        reply = self._asked("/tweets", {"ids": ",".join(ids)}, self.lookup_pace)
        return found_in(_answer(reply, "data", "errors")), reply

    def owns(self, url: str) -> bool:
        """Whether it is the address of a post."""
        return _ADDRESS.fullmatch(url) is not None

    def find(self, url: str) -> Batch:
        """The post at an address."""
        found = _ADDRESS.fullmatch(url)
        if found is None:
            raise SourceError("x: this is no address of a post", permanent=True)
        batch = self._look([found["id"]])
        if not batch.posts:
            raise SourceError("x: nothing is there, or nothing that we may read", permanent=True)
        return replace(batch, deleted=())

    def _asked(self, path: str, params: Mapping[str, str | int], pace: Pace) -> Reply:
        if not self.bearer_token:
            raise SourceError(
                "x: X_BEARER_TOKEN is not set: set it, or remove [sources.x]", permanent=True
            )
        headers = {"Authorization": f"Bearer {self.bearer_token}"}
        return self.http.get(
            f"{self.api_url}{path}", params={**params, **FIELDS}, headers=headers, pace=pace
        )


def _answer(reply: Reply, *names: str) -> dict[str, Any]:
    """The answer as an object that has one of these fields."""
    answer = json_of(reply)
    if not isinstance(answer, dict) or not any(name in answer for name in names):
        raise SourceError("x: the answer is not in the shape that X documents")
    return answer


def _gap(query: str, wanted: int, start: int) -> tuple[Gap, ...]:
    """What lies between the place that was reached and the first that can be searched."""
    if wanted >= start:
        return ()
    period = Period(moment_of(wanted + 1), moment_of(start + 1))
    return (Gap(period, f"X searches the last 7 days only, so for: {query}"),)


def _places(cursor: str | None) -> dict[str, Place]:
    """What was kept; nothing if nothing was, or nothing that this version understands."""
    try:
        kept = json.loads(cursor or "")
        return {
            str(query): Place(int(p["since"]), p["until"] and int(p["until"]), int(p["top"]))
            for query, p in kept["places"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _written(places: Mapping[str, Place]) -> str:
    return json.dumps({"places": {query: asdict(place) for query, place in places.items()}})
