"""What every post must be like, whatever it says and wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from bot.model import SOURCES_KNOWN, Post, Role
from bot.store.schema import post as table
from bot.text import cleaned, one_line

NEEDED = ("source", "external_id", "kind", "venue")
OPTIONAL = ("author", "url", "parent_id", "state", "duplicate_of", "link")


def flaws(post: Post) -> list[str]:
    """What is wrong with a post as a post; nothing, for one that may be stored and shown."""
    return [*_of_texts(post), *_of_figures(post)]


def _of_texts(post: Post) -> Iterator[str]:
    for name in NEEDED:
        yield from _of_line(name, getattr(post, name))
    for name in OPTIONAL:
        if (value := getattr(post, name)) is not None:
            yield from _of_line(name, value)
    for label in post.labels:
        yield from _of_line("label", label)
    if post.title != one_line(cleaned(post.title)) or post.text != cleaned(post.text):
        yield f"words are untidy: {post.title!r} {post.text!r}"
    if not post.title and not post.text:
        yield "there are no words"
    if post.source not in SOURCES_KNOWN:
        yield f"unknown source {post.source}"


def _of_line(name: str, value: object) -> Iterator[str]:
    """A text on one line that is not empty and fits its column."""
    if not isinstance(value, str):
        yield f"{name} is no text: {value!r}"
    elif not value or value != one_line(cleaned(value)):
        yield f"{name} is empty or untidy: {value!r}"
    elif name in {"url", "link"} and not _is_web(value):
        yield f"{name} is no web address: {value!r}"
    elif len(value) > _room(name):
        yield f"{name} is too long for its column: {len(value)}"


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://")) and bool(urlsplit(address).hostname)


def _room(name: str) -> int:
    """How many characters the column of that name holds."""
    column = table.c.get(name)
    return getattr(column.type, "length", None) or 2**31 if column is not None else 2**31


def _of_figures(post: Post) -> Iterator[str]:
    for name in ("created_at", "updated_at"):
        moment = getattr(post, name)
        if (moment or name == "created_at") and moment.utcoffset() != timedelta(0):
            yield f"{name} is not in UTC: {moment!r}"
    for name in ("score", "reply_count"):
        value = getattr(post, name)
        if value is not None and not (type(value) is int and -(2**63) <= value < 2**63):
            yield f"{name} is no count: {value!r}"
    if not isinstance(post.role, Role):
        yield f"unknown role {post.role!r}"
