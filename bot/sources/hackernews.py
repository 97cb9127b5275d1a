"""Hacker News: found through Algolia, checked against Firebase.

https://hn.algolia.com/api and https://github.com/HackerNews/API
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.model import Post
from bot.sources.base import Batch, Rejection
from bot.text import cleaned, one_line, plain

ALGOLIA = "https://hn.algolia.com/api/v1"
FIREBASE = "https://hacker-news.firebaseio.com/v0"

HITS_MOST = 1_000
"""What Algolia gives of one query at most: a window with more is halved."""
PAGE = 200

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
    """Read up to `until` (seconds), and the ids that are still watched, newest last."""

    until: int
    watched: tuple[tuple[int, int], ...] = ()
    """(id, created) of the recent posts."""

    @classmethod
    def read(cls, text: str) -> _Cursor:
        kept = json.loads(text)
        return cls(kept["until"], tuple((a, b) for a, b in kept["watched"]))

    def written(self) -> str:
        return json.dumps({"until": self.until, "watched": self.watched})

    def without(self, gone: Sequence[str]) -> _Cursor:
        """Watch no longer what is gone."""
        return _Cursor(self.until, tuple(p for p in self.watched if str(p[0]) not in gone))

    def with_posts(self, posts: Sequence[Post], now: datetime) -> _Cursor:
        """Watch these posts too, and let go of those that are too old."""
        since = int((now - WATCHED).timestamp())
        pairs = dict(self.watched)
        pairs |= {int(p.external_id): int(p.created_at.timestamp()) for p in posts}
        recent = sorted((pair for pair in pairs.items() if pair[1] >= since), key=lambda x: x[1])
        return _Cursor(self.until, tuple(recent[-WATCHED_MOST:]))


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

        The window's end is fixed before the first request: Algolia lists the newest first, so
        that pages would shift under a moving end. The cursor moves only when a whole window has
        been read.
        """
        now = self.now()
        kept = _Cursor.read(cursor) if cursor else None
        begin = kept.until - int(OVERLAP.total_seconds()) if kept else _first(since, now)
        state = kept or _Cursor(begin)
        if state.watched:
            posts, gone = self._watched(state.watched)
            state = state.without(gone)
            yield Batch(tuple(posts), state.written(), deleted=gone)
        windows = [(begin, int(now.timestamp()) + 1)]
        while windows:
            start, end = windows.pop()
            hits = self._window(start, end)
            if hits is None:
                middle = (start + end) // 2
                windows += [(middle, end), (start, middle)]
                continue
            posts, rejected = _parsed(hits)
            state = _Cursor(max(state.until, end - 1), state.watched).with_posts(posts, now)
            yield Batch(tuple(posts), state.written(), rejected=tuple(rejected))

    def _window(self, start: int, end: int) -> list[Mapping[str, Any]] | None:
        """Every hit created in [start, end) for any query; None if there are too many to list."""
        found: dict[str, Mapping[str, Any]] = {}
        for query in self.queries:
            hits = self._hits(query, start, end)
            if hits is None:
                return None
            found |= {str(hit.get("objectID")): hit for hit in hits}
        return list(found.values())

    def _hits(self, query: str, start: int, end: int) -> list[Mapping[str, Any]] | None:
        found: list[Mapping[str, Any]] = []
        for page in range(HITS_MOST // PAGE):
            answer = self.http.get_json(
                f"{self.algolia_url}/search_by_date",
                params={
                    "query": '"{}"'.format(query.replace('"', " ")),
                    "advancedSyntax": "true",
                    "tags": "(story,comment)",
                    "numericFilters": f"created_at_i>={start},created_at_i<{end}",
                    "hitsPerPage": PAGE,
                    "page": page,
                },
            )
            hits, total = _page(answer)
            if total >= HITS_MOST and end - start > 1:
                return None
            found += hits
            if len(hits) < PAGE:
                break
        return found

    def _watched(self, watched: Sequence[tuple[int, int]]) -> tuple[list[Post], tuple[str, ...]]:
        """What became of recent posts: as they are now, and the ids of those that are gone."""
        posts, gone = [], []
        for number, _ in watched:
            item = self.http.get_json(f"{self.firebase_url}/item/{number}.json")
            if not isinstance(item, dict) or item.get("deleted") or item.get("dead"):
                gone.append(str(number))
            elif post := _of_item(item):
                posts.append(post)
        return posts, tuple(gone)


def _first(since: datetime | None, now: datetime) -> int:
    return int((since or now - timedelta(days=FIRST_DAYS)).timestamp())


def _page(answer: Any) -> tuple[list[Mapping[str, Any]], int]:  # noqa: ANN401 whatever JSON holds
    """The hits of one page and their total. Raises SourceError for another shape."""
    hits = answer.get("hits") if isinstance(answer, dict) else None
    total = answer.get("nbHits") if isinstance(answer, dict) else None
    if not isinstance(hits, list) or not isinstance(total, int):
        raise SourceError("hackernews: Algolia answered in a shape that is not its search answer")
    return [hit for hit in hits if isinstance(hit, dict)], total


def _parsed(hits: Sequence[Mapping[str, Any]]) -> tuple[list[Post], list[Rejection]]:
    posts, rejected = [], []
    for hit in hits:
        try:
            posts.append(parse(hit))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            where = f"hackernews item {hit.get('objectID')}"
            rejected.append(Rejection(where, "not an item", f"{type(error).__name__}: {error}"))
    return posts, rejected


def parse(hit: Mapping[str, Any]) -> Post:
    """A hit of Algolia's as a post. Raises KeyError, TypeError or ValueError if it is none."""
    number = str(int(hit["objectID"]))
    is_comment = hit.get("comment_text") is not None
    return _post(
        number,
        title="" if is_comment else hit["title"] or "",
        text=(hit.get("comment_text") if is_comment else hit.get("story_text")) or "",
        created=int(hit["created_at_i"]),
        author=hit.get("author"),
        link=None if is_comment else hit.get("url"),
        parent=hit.get("parent_id") if is_comment else None,
        points=hit.get("points"),
        comments=None if is_comment else hit.get("num_comments"),
    )


def _of_item(item: Mapping[str, Any]) -> Post | None:
    """An item of Firebase's as a post; None for a kind that is neither story nor comment."""
    if item.get("type") not in {"story", "comment"} or "time" not in item:
        return None
    is_comment = item["type"] == "comment"
    return _post(
        str(item["id"]),
        title="" if is_comment else item.get("title", ""),
        text=item.get("text") or "",
        created=int(item["time"]),
        author=item.get("by"),
        link=item.get("url"),
        parent=item.get("parent") if is_comment else None,
        points=item.get("score"),
        comments=item.get("descendants"),
    )


def _post(  # noqa: PLR0913 an item has that many fields, in two APIs
    number: str,
    *,
    title: str,
    text: str,
    created: int,
    author: str | None,
    link: str | None,
    parent: int | None,
    points: int | None,
    comments: int | None,
) -> Post:
    return Post(
        source="hackernews",
        external_id=number,
        kind="story" if parent is None else "comment",
        title=one_line(cleaned(title)),
        text=plain(text),
        created_at=datetime.fromtimestamp(created, UTC),
        venue="Hacker News",
        author=author or None,
        url=f"https://news.ycombinator.com/item?id={number}",
        parent_id=None if parent is None else str(parent),
        score=points,
        reply_count=comments,
        link=link if link and link.startswith(("http://", "https://")) else None,
    )
