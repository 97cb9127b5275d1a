"""Hacker News: found through Algolia, checked against Firebase.

https://hn.algolia.com/api and https://github.com/HackerNews/API
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.model import Post
from bot.sources.base import Batch, NotAPost, Rejection
from bot.sources.hackernews.posts import is_gone, number_at, parse, parse_item

__all__ = ["HackerNews", "parse", "parse_item"]

ALGOLIA = "https://hn.algolia.com/api/v1"
FIREBASE = "https://hacker-news.firebaseio.com/v0"

HITS_MOST = 1_000
"""What Algolia gives of one query at most, and so what is asked for at once."""

FIRST_DAYS = 90
"""How far back the first run goes, if not told."""
OVERLAP = timedelta(hours=6)
"""Algolia takes in items late: each run begins this long before the last one's end."""
WATCHED = timedelta(days=3)
"""Posts of the last days are asked for again: for edits, scores and deletions."""
WATCHED_MOST = 200
"""What a run re-reads at most: the newest."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Read up to `until` (seconds), and the posts that are watched, oldest first."""

    until: int
    watched: tuple[tuple[int, int], ...] = ()
    """(id, created) of the recent posts, those included that were gone when last looked at."""

    @classmethod
    def read(cls, text: str | None) -> _Cursor | None:
        """What was kept; None if nothing was, or nothing that this version understands."""
        try:
            kept = json.loads(text or "")
            return cls(int(kept["until"]), tuple((int(a), int(b)) for a, b in kept["watched"]))
        except (ValueError, TypeError, KeyError):
            return None

    def written(self) -> str:
        return json.dumps({"until": self.until, "watched": self.watched})

    def moved(self, until: int, posts: Sequence[Post], now: datetime) -> _Cursor:
        """Further on, with these posts watched too, and without those that are too old by now."""
        since = int((now - WATCHED).timestamp())
        pairs = dict(self.watched)
        pairs |= {int(p.external_id): int(p.created_at.timestamp()) for p in posts}
        recent = sorted((pair for pair in pairs.items() if pair[1] >= since), key=lambda x: x[1])
        return _Cursor(max(self.until, until), tuple(recent[-WATCHED_MOST:]))


@dataclass(frozen=True, slots=True)
class HackerNews:
    """Stories and comments that hold one of the phrases in `queries`."""

    http: Http
    now: Callable[[], datetime]
    queries: tuple[str, ...]
    algolia_url: str = ALGOLIA
    firebase_url: str = FIREBASE
    name: str = "hackernews"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what was written since the last run, then what became of recent posts.

        The cursor moves with each window that has been read whole, from the oldest to the newest.
        Of posts that are watched Firebase alone has the say: Algolia lags behind it, and would
        bring back what was deleted.
        """
        now = self.now()
        kept = _Cursor.read(cursor)
        state = kept or _Cursor(_first(since, now))
        watched = {number for number, _ in state.watched}
        begin = state.until - int(OVERLAP.total_seconds()) if kept else state.until
        windows = [(begin, int(now.timestamp()) + 1)]
        while windows:
            start, end = windows.pop()
            hits = self._window(start, end)
            if hits is None:
                middle = (start + end) // 2
                windows += [(middle, end), (start, middle)]
                continue
            posts, rejected = _parsed(hits, start, end)
            fresh = tuple(post for post in posts if int(post.external_id) not in watched)
            state = state.moved(end - 1, fresh, now)
            yield Batch(fresh, state.written(), rejected=rejected)
        if kept and kept.watched:
            yield self._looked_at_again(kept.watched, state)

    def owns(self, url: str) -> bool:
        """Whether it is the address of a story or a comment."""
        return number_at(url) is not None

    def find(self, url: str) -> Batch:
        """The story or comment at an address, as Firebase has it."""
        number = number_at(url)
        item = self.http.get_json(f"{self.firebase_url}/item/{number}.json")
        if number is None or is_gone(item):
            raise SourceError("hackernews: nothing is at that address any more", permanent=True)
        try:
            return Batch((parse_item(item, number),), None)
        except NotAPost as error:
            raise SourceError(f"hackernews: no post is there ({error.reason})") from error

    def _window(self, start: int, end: int) -> list[Any] | None:
        """Every hit created in [start, end) for any query; None if there are too many to list."""
        found: list[Any] = []
        for query in self.queries:
            hits, whole = self._hits(query, start, end)
            if not whole and end - start > 1:
                return None
            found += hits
        return found

    def _hits(self, query: str, start: int, end: int) -> tuple[list[Any], bool]:
        """The hits of one query, and whether these are all.

        Only the first page is ever read: a post that is deleted between two pages would move the
        next page up by one, and hide a hit.
        """
        answer = self.http.get_json(
            f"{self.algolia_url}/search_by_date",
            params={
                "query": '"{}"'.format(query.replace('"', " ")),
                "advancedSyntax": "true",
                "tags": "(story,comment)",
                "numericFilters": f"created_at_i>={start},created_at_i<{end}",
                "hitsPerPage": HITS_MOST,
            },
        )
        hits = answer.get("hits") if isinstance(answer, dict) else None
        if not isinstance(hits, list):
            raise SourceError("hackernews: Algolia's answer is not in the shape of a search answer")
        # What Algolia agreed to list. Its nbHits is an estimate and proves nothing.
        size = answer.get("hitsPerPage")
        full = len(hits) >= (size if type(size) is int and size > 0 else HITS_MOST)
        # Hits from elsewhere only would fill every half anew.
        return hits, not (full and any(_is_within(hit, start, end) for hit in hits))

    def _looked_at_again(self, watched: Sequence[tuple[int, int]], state: _Cursor) -> Batch:
        """Recent posts as they are now, and which of them are gone."""
        posts, gone, rejected = [], [], []
        for number, _ in watched:
            item = self.http.get_json(f"{self.firebase_url}/item/{number}.json")
            try:
                if is_gone(item):
                    gone.append(str(number))
                else:
                    posts.append(parse_item(item, number))
            except NotAPost as error:
                rejected.append(error.at(f"hackernews item {number} at Firebase"))
        return Batch(tuple(posts), state.written(), tuple(gone), tuple(rejected))


def _first(since: datetime | None, now: datetime) -> int:
    return int((since or now - timedelta(days=FIRST_DAYS)).timestamp())


def _is_within(hit: object, start: int, end: int) -> bool:
    created = hit.get("created_at_i") if isinstance(hit, dict) else None
    return isinstance(created, int) and start <= created < end


def _parsed(
    hits: Sequence[object], start: int, end: int
) -> tuple[list[Post], tuple[Rejection, ...]]:
    """The posts of a window, each once, and what is none."""
    posts: dict[str, Post] = {}
    rejected = []
    for place, hit in enumerate(hits, 1):
        try:
            post = parse(hit)
            if not _is_within(hit, start, end):
                raise NotAPost("from another time than was asked for")  # noqa: TRY301 a hit like others
            posts[post.external_id] = post
        except NotAPost as error:
            rejected.append(error.at(f"hackernews hit {place} of {len(hits)} at Algolia"))
    return list(posts.values()), tuple(rejected)
