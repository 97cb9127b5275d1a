"""Hacker News: found through Algolia, checked against Firebase.

https://hn.algolia.com/api and https://github.com/HackerNews/API
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.model import Post
from bot.sources.base import Batch, NotAPost, Rejection
from bot.text import cleaned, excerpt, one_line, plain

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

NAME_MOST = 256
NUMBER_MOST = 2**53
"""Past these it is no name and no number, but a fault."""

_ID = re.compile(r"[0-9]{1,15}")


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
            posts, rejected = _parsed(hits)
            fresh = tuple(post for post in posts if int(post.external_id) not in watched)
            state = state.moved(end - 1, fresh, now)
            yield Batch(fresh, state.written(), rejected=rejected)
        if kept and kept.watched:
            yield self._looked_at_again(kept.watched, state)

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
        # The size that Algolia agreed to. Its nbHits is an estimate and proves nothing.
        size = answer.get("hitsPerPage", HITS_MOST) if isinstance(answer, dict) else None
        if not isinstance(hits, list) or not isinstance(size, int):
            raise SourceError(
                "hackernews: Algolia answered in a shape that is not its search answer"
            )
        return hits, len(hits) < size

    def _looked_at_again(self, watched: Sequence[tuple[int, int]], state: _Cursor) -> Batch:
        """Recent posts as they are now, and which of them are gone."""
        posts, gone, rejected = [], [], []
        for number, _ in watched:
            item = self.http.get_json(f"{self.firebase_url}/item/{number}.json")
            try:
                if _is_gone(item):
                    gone.append(str(number))
                else:
                    posts.append(parse_item(item, number))
            except NotAPost as error:
                rejected.append(error.at(f"hackernews item {number} at Firebase"))
        return Batch(tuple(posts), state.written(), tuple(gone), tuple(rejected))


def _first(since: datetime | None, now: datetime) -> int:
    return int((since or now - timedelta(days=FIRST_DAYS)).timestamp())


def _parsed(hits: Sequence[Any]) -> tuple[list[Post], tuple[Rejection, ...]]:
    """The posts among the hits, each once, and what is none."""
    posts: dict[str, Post] = {}
    rejected = []
    for place, hit in enumerate(hits, 1):
        try:
            post = parse(hit)
            posts[post.external_id] = post
        except NotAPost as error:
            rejected.append(error.at(f"hackernews hit {place} of {len(hits)} at Algolia"))
    return list(posts.values()), tuple(rejected)


def _is_gone(item: object) -> bool:
    """Whether Firebase says that there is no such item any more: null, deleted, or dead."""
    if isinstance(item, dict):
        return item.get("deleted") is True or item.get("dead") is True
    if item is not None:
        raise SourceError("hackernews: Firebase answered in a shape that is not an item")
    return True


def parse(hit: object) -> Post:
    """A hit of Algolia's as a post. Raises NotAPost."""
    row = _object(hit)
    digits = _text(row, "objectID")
    if not _ID.fullmatch(digits):
        raise NotAPost("wrong type: objectID", "not a number")
    is_comment = row.get("comment_text") is not None
    return _post(
        int(digits),
        title="" if is_comment else _text(row, "title"),
        text=_text(row, "comment_text" if is_comment else "story_text"),
        created=_number(row, "created_at_i"),
        author=_text(row, "author"),
        link="" if is_comment else _text(row, "url"),
        parent=_number(row, "parent_id") if is_comment else None,
        points=_number(row, "points"),
        comments=None if is_comment else _number(row, "num_comments"),
    )


def parse_item(item: object, number: int) -> Post:
    """The item of that number at Firebase as a post. Raises NotAPost."""
    row = _object(item)
    if row.get("type") not in ("story", "comment", "job", "poll"):
        raise NotAPost("not an item", "neither story nor comment")
    is_comment = row["type"] == "comment"
    return _post(
        number,
        title="" if is_comment else _text(row, "title"),
        text=_text(row, "text"),
        created=_number(row, "time"),
        author=_text(row, "by"),
        link=_text(row, "url"),
        parent=_number(row, "parent") if is_comment else None,
        points=_number(row, "score"),
        comments=_number(row, "descendants"),
    )


def _post(  # noqa: PLR0913 an item has that many fields, in two APIs
    number: int,
    *,
    title: str,
    text: str,
    created: int | None,
    author: str,
    link: str,
    parent: int | None,
    points: int | None,
    comments: int | None,
) -> Post:
    title, text = one_line(cleaned(title)), plain(text)
    if not title and not text:
        raise NotAPost("no words")
    return Post(
        source="hackernews",
        external_id=str(number),
        kind="story" if parent is None else "comment",
        title=title,
        text=text,
        created_at=_moment(created),
        venue="Hacker News",
        author=excerpt(cleaned(author), NAME_MOST) or None,
        url=f"https://news.ycombinator.com/item?id={number}",
        parent_id=None if parent is None else str(parent),
        score=points,
        reply_count=comments,
        link=one_line(cleaned(link)) if link.startswith(("http://", "https://")) else None,
    )


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotAPost("not an object", f"a JSON {type(value).__name__}")
    return value


def _text(row: Mapping[str, Any], name: str) -> str:
    """The field's text, empty if it is null or not there."""
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise NotAPost(f"wrong type: {name}", f"{type(value).__name__}, not text")
    return value or ""


def _number(row: Mapping[str, Any], name: str) -> int | None:
    """The field's number, None if it is null or not there."""
    value = row.get(name)
    if value is not None and (type(value) is not int or abs(value) >= NUMBER_MOST):
        raise NotAPost(f"wrong type: {name}", f"{type(value).__name__}, not a number that can be")
    return value


def _moment(seconds: int | None) -> datetime:
    if seconds is None:
        raise NotAPost("missing field: time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAPost("date unreadable", f"{seconds} seconds") from error
