"""What X's API says of a post: https://docs.x.com/x-api/fundamentals/data-dictionary ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from bot.model import Post
from bot.sources import fields
from bot.sources.base import NotAPost, Rejection
from bot.sources.fields import Row
from bot.text import cleaned

FIELDS = {
    "tweet.fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id",
    "user.fields": "username",
}
"""What to ask for with every post, so that `parse` finds what it needs."""

_ID = re.compile(r"[0-9]{1,19}")
_OWN = re.compile(r"https?://(?:\w+\.)?(?:x|twitter)\.com/")
_FIRST_TIMED = 29_700_859_247
"""Ids before this one, of November 2010, do not tell when they were given out."""
_EPOCH_MS = 1_288_834_974_657
_GONE = ("/resource-not-found", "/not-authorized-for-resource")
"""Deleted, suspended or made private: X wants all of these removed."""


def id_at(moment: datetime) -> int:
    """Smaller than every id given out from that moment on, larger than every one before it."""
    return max(0, int(moment.timestamp() * 1000) - _EPOCH_MS << 22) - 1


def moment_of(number: int) -> datetime:
    """When an id was given out."""
    return datetime.fromtimestamp(((number >> 22) + _EPOCH_MS) // 1000, UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer holds, be it to a search or to a question about posts."""

    posts: tuple[Post, ...]
    ids: tuple[int, ...]
    """Of everything in it that has one."""
    newest: Mapping[str, int]
    """The id of the newest version of each post of which an older one came, by external id."""
    gone: tuple[str, ...]
    """Ids of what was asked for and is not there any more."""
    rejected: tuple[Rejection, ...]


def found_in(answer: Row) -> Found:
    """The posts of an answer, with their authors' names."""
    rows, authors = _list(answer, "data"), _names(answer.get("includes"))
    posts, ids, newest, rejected = [], [], {}, []
    for place, row in enumerate(rows, 1):
        try:
            ids.append(_number(fields.row(row).get("id")))
            posts.append(parse(row, authors))
            if (last := _versions(row)[-1]) != ids[-1]:
                newest[posts[-1].external_id] = last
        except NotAPost as error:
            rejected.append(error.at(f"x: post {place} of {len(rows)} in an answer"))
    gone = tuple(_gone(_list(answer, "errors")))
    return Found(tuple(posts), tuple(ids), newest, gone, tuple(rejected))


def next_token(answer: Row) -> str | None:
    """What to ask for the next page with; None if there is none."""
    meta = answer.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) else None


def _gone(errors: list[Any]) -> Iterator[str]:
    for error in errors:
        if isinstance(error, dict) and str(error.get("type")).endswith(_GONE):
            yield str(error.get("resource_id"))


def _versions(row: Row) -> list[int]:
    """The ids of a post and of its edits, oldest first: each edit gets a new one."""
    return sorted(_number(one) for one in _list(row, "edit_history_tweet_ids") or [row.get("id")])


def _names(includes: object) -> dict[str, str]:
    """The names of authors by their id."""
    users = _list(includes, "users")
    pairs = (
        (str(user.get("id")), fields.named(user.get("username")))
        for user in users
        if isinstance(user, dict)
    )
    return {user_id: name for user_id, name in pairs if name}


def parse(value: object, authors: Mapping[str, str]) -> Post:
    """A post as X tells it; an edited one keeps the id and the time of its first version."""
    row = fields.row(value)
    first, *edits = _versions(row)
    links = dict(_links(row))
    text = _text(row, links)
    author = authors.get(fields.text(row, "author_id"))
    written = _moment(row)
    replied_to = _replied_to(row)
    conversation = _number(row.get("conversation_id")) if replied_to else None
    counts = fields.row(row.get("public_metrics") or {})
    return Post(
        source="x",
        external_id=str(first),
        kind="reply" if replied_to else "post",
        title="",
        text=text,
        created_at=moment_of(first) if edits and first >= _FIRST_TIMED else written,
        updated_at=written if edits else None,
        venue="X",
        author=author,
        url=f"https://x.com/{author or 'i'}/status/{first}",
        parent_id=replied_to,
        root_id=str(conversation) if conversation else None,
        score=fields.number(counts, "like_count"),
        reply_count=fields.number(counts, "reply_count"),
        link=next((link for link in links.values() if not _OWN.match(link)), None),
    )


def _number(value: object) -> int:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise NotAPost("wrong type: id", "not a number")
    return int(value)


def _moment(row: Row) -> datetime:
    try:
        moment = datetime.fromisoformat(fields.text(row, "created_at"))
    except ValueError as error:
        raise NotAPost("date unreadable") from error
    if moment.tzinfo is None:
        raise NotAPost("date unreadable", "without a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise NotAPost("date unreadable") from error


def _text(row: Row, links: Mapping[str, str]) -> str:
    """The words with whole addresses; those of a long post stand apart."""
    text = fields.text(fields.row(row.get("note_tweet") or row), "text")
    for short, address in links.items():
        text = text.replace(short, address)
    if text := cleaned(unescape(text)):
        return text
    raise NotAPost("no words")


def _replied_to(row: Row) -> str | None:
    """The id of the post that this one answers; quoting is no answer."""
    for one in _list(row, "referenced_tweets"):
        if isinstance(one, dict) and one.get("type") == "replied_to":
            return str(_number(one.get("id")))
    return None


def _links(row: Row) -> Iterator[tuple[str, str]]:
    """X's short address of each link, and where it leads."""
    for part in (row, row.get("note_tweet")):
        entities = part.get("entities") if isinstance(part, dict) else None
        for url in _list(entities, "urls"):
            if isinstance(url, dict):
                short, long = fields.line(url.get("url")), fields.address(url.get("expanded_url"))
                if short and long and short.startswith("https://t.co/"):
                    yield short, long


def _list(row: object, name: str) -> list[Any]:
    """The field's list; empty if there is none."""
    value = row.get(name) if isinstance(row, dict) else None
    return value if isinstance(value, list) else []
