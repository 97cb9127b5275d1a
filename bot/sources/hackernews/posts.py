"""What Hacker News' two APIs say as posts, and where its items stand.

https://hn.algolia.com/api and https://github.com/HackerNews/API
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from bot.errors import SourceError
from bot.model import Post
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.text import cleaned, one_line, plain

SITE = "news.ycombinator.com"

_ID = re.compile(r"[0-9]{1,15}")


def number_at(url: str) -> int | None:
    """The number of the item at an address, by its form alone."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    ours = parts.scheme in {"http", "https"} and parts.netloc.lower() == SITE
    number = dict(parse_qsl(parts.query)).get("id", "")
    return int(number) if ours and parts.path == "/item" and _ID.fullmatch(number) else None


def is_gone(item: object) -> bool:
    """Whether Firebase says that there is no such item any more: null, deleted, or dead."""
    if isinstance(item, dict):
        return item.get("deleted") is True or item.get("dead") is True
    if item is not None:
        raise SourceError("hackernews: Firebase's answer is not in the shape of an item")
    return True


def parse(hit: object) -> Post:
    """A hit of Algolia's as a post. Raises NotAPost."""
    row = fields.row(hit)
    digits = fields.text(row, "objectID")
    if not _ID.fullmatch(digits):
        raise NotAPost("wrong type: objectID", "not a number")
    is_comment = row.get("comment_text") is not None
    return _post(
        int(digits),
        title="" if is_comment else fields.text(row, "title"),
        text=fields.text(row, "comment_text" if is_comment else "story_text"),
        created=fields.moment(row, "created_at_i"),
        author=fields.text(row, "author"),
        link=None if is_comment else row.get("url"),
        parent=fields.number(row, "parent_id") if is_comment else None,
        points=fields.number(row, "points"),
        comments=None if is_comment else fields.number(row, "num_comments"),
    )


def parse_item(item: object, number: int) -> Post:
    """The item of that number at Firebase as a post. Raises NotAPost."""
    row = fields.row(item)
    if row.get("type") not in ("story", "comment", "job", "poll"):
        raise NotAPost("not an item", "neither story nor comment")
    is_comment = row["type"] == "comment"
    return _post(
        number,
        title="" if is_comment else fields.text(row, "title"),
        text=fields.text(row, "text"),
        created=fields.moment(row, "time"),
        author=fields.text(row, "by"),
        link=row.get("url"),
        parent=fields.number(row, "parent") if is_comment else None,
        points=fields.number(row, "score"),
        comments=fields.number(row, "descendants"),
    )


def _post(  # noqa: PLR0913 an item has that many fields, in two APIs
    number: int,
    *,
    title: str,
    text: str,
    created: datetime,
    author: str,
    link: object,
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
        created_at=created,
        venue="Hacker News",
        author=fields.named(author),
        url=f"https://{SITE}/item?id={number}",
        parent_id=None if parent is None else str(parent),
        score=points,
        reply_count=comments,
        link=fields.address(link),
    )
