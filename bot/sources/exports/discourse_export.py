"""A Discourse forum's topics as JSON, one or many of `/t/ID.json`, or a user's own posts as CSV.

https://docs.discourse.org/ (Topics, Posts)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from bot.errors import SourceError
from bot.model import Post, Visibility
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.discourse.forum import Categories, Forum
from bot.sources.discourse.posts import LIKE, Topic, parse, withdrawn
from bot.sources.exports.csv_file import rows
from bot.sources.exports.form import Form, Item, Look, Told, json_items, json_names
from bot.sources.exports.packed import Pack, shown

TABLE, ABOUT = "user_archive.csv", "preferences.json"
_COLUMNS = {"topic_title", "categories", "is_pm", "url", "created_at"}
_NO = {"no", "false", "0"}
"""Of a message between people the archive says so in the forum's language: only a no is a no."""

_ADDRESS = re.compile(r"(https?://\S{1,200}?)/t/(?:[^/\s]+/)?([0-9]{1,15})/([0-9]{1,15})/?")


def _detects(look: Look) -> bool:
    header = look.head[:500].decode("utf-8-sig", "replace").partition("\n")[0]
    is_json = "post_stream" in look.first or "latest_posts" in look.first
    return is_json or TABLE in look.names or _COLUMNS.issubset(header.strip().split(","))


def _items(pack: Pack, told: Told) -> Iterator[Item]:
    if TABLE in pack.names or (len(pack.names) == 1 and not Look(pack).first):
        yield from _of_one_user(pack)
        return
    if told.site is None:
        raise SourceError(
            f"{pack.path}: which forum is it from? The export does not say; add the address, as in "
            "--site https://forum.example.org",
            permanent=True,
        )
    for name in json_names(pack):
        for where, value in json_items(pack, name):
            yield from _of_a_page(where, value, Forum(told.site))


def _of_a_page(where: str, value: object, forum: Forum) -> Iterator[Item]:
    """The posts of a topic, or of a page of the forum's newest ones."""
    row = value if isinstance(value, dict) else {}
    stream = row.get("post_stream")
    posts = stream.get("posts") if isinstance(stream, dict) else row.get("latest_posts")
    if not isinstance(posts, list):
        broken = value if isinstance(value, NotAPost) else NotAPost("not a topic")
        yield Item(where, broken, partial(_post, topic=row, forum=forum))
        return
    for number, post in enumerate(posts, 1):
        yield Item(f"{where}, post {number}", post, partial(_post, topic=row, forum=forum))


def _post(value: object, topic: fields.Row, forum: Forum) -> Post | None:
    """A post of a topic; None if it was withdrawn. Raises NotAPost."""
    row = fields.row(value)
    about = topic if "post_stream" in topic else {**row, "title": row.get("topic_title")}
    return None if withdrawn(row) else parse(row, Topic.of(about, Categories({})), forum)


def _of_one_user(pack: Pack) -> Iterator[Item]:
    """What one person wrote: the table that a forum gives everybody of their own posts."""
    name = TABLE if TABLE in pack.names else pack.names[0]
    read = rows(pack, name)
    _, header = next(read, (1, []))
    parse_here = partial(parse_row, author=_author(pack))
    for line, cells in read:
        yield Item(shown(pack, name, line), dict(zip(header, cells, strict=False)), parse_here)


def parse_row(row: Mapping[str, str], author: str | None) -> Post:
    """A row of a user's archive as a post. Raises NotAPost."""
    place = _ADDRESS.fullmatch(fields.address(row.get("url")) or "")
    if place is None:
        raise NotAPost("wrong type: url", "not the address of a post")
    likes = row.get("like_count", "")
    private = row.get("is_pm", "").lower() not in _NO
    topic = Topic(
        title=fields.line(row.get("topic_title")) or "",
        labels=tuple(filter(None, map(fields.line, row.get("categories", "").split("|")))),
        state=None,
        replies=None,
        visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
    )
    told: dict[str, Any] = {
        "topic_id": int(place[2]),
        "post_number": int(place[3]),
        "username": author,
        "raw": row.get("post_raw") or row.get("post"),
        "cooked": row.get("post_cooked"),
        "created_at": row.get("created_at", "").replace(" UTC", "Z"),
        "actions_summary": [{"id": LIKE, "count": int(likes)}] if likes.isdecimal() else None,
    }
    return parse(told, topic, Forum(place[1]))


def _author(pack: Pack) -> str | None:
    """Whose archive it is; None if it does not say."""
    for _, value in json_items(pack, ABOUT) if ABOUT in pack.names else ():
        row = value.get("user", value) if isinstance(value, dict) else {}
        return fields.named(row.get("username")) if isinstance(row, dict) else None
    return None


FORM = Form(_detects, _items)
