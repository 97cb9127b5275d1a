"""An organisation's export from Zulip: a tar.gz of JSON files, or its folder.

https://zulip.com/help/export-your-organization
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.errors import SourceError
from bot.model import Post, Role, Visibility
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.exports.form import Form, Item, Look, Told
from bot.sources.exports.packed import Pack, shown
from bot.sources.exports.reading import tables
from bot.text import cleaned, one_line, plain_markdown

_MESSAGES = re.compile(r"messages-[0-9]+\.json")
_USERS = ("zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm")
_TABLES = (*_USERS, "zerver_realm", "zerver_stream", "zerver_recipient")

_TO_A_CHANNEL = 2
"""A recipient of this type is a channel; 1 and 3 are people who talk in private."""
_STAFF_MOST = 300
"""Roles up to this number are owners, administrators and moderators."""

_RESOLVED = re.compile(r"\s*✔\s*")
"""What Zulip puts before a topic that somebody marked as resolved."""
_MENTION = re.compile(r"@_?\*\*([^*|\n]{1,200})(?:\|[0-9]+)?\*\*|#\*\*([^*\n]{1,200})\*\*")


@dataclass(slots=True)
class _Realm:
    """What the messages point at."""

    name: str = ""
    site: str | None = None
    people: dict[int, tuple[str | None, Role]] = field(default_factory=dict)
    channels: dict[int, tuple[str, Visibility]] = field(default_factory=dict)
    """By the id that a message names as its recipient."""
    topics: dict[tuple[int, str], int] = field(default_factory=dict)
    """The number of each topic's first message, by channel and name in small letters."""

    def external_id(self, number: int) -> str:
        """`ORGANISATION/NUMBER`."""
        return f"{self.name}/{number}" if self.name else str(number)


def _detects(look: Look) -> bool:
    return "realm.json" in look.names and any(map(_MESSAGES.fullmatch, look.names))


def _items(pack: Pack, told: Told) -> Iterator[Item]:
    """The messages in the export's own order, which need not be that of time.

    They are gone through twice, for a topic begins with its first message, wherever that lies.
    """
    realm = _realm(pack)
    realm.site = told.site
    for _, row in _messages(pack):
        with suppress(NotAPost):
            channel, title, number = _place(fields.row(row))
            key = channel, title.lower()
            realm.topics[key] = min(number, realm.topics.get(key, number))
    for where, row in _messages(pack):
        yield Item(where, row, partial(parse, realm=realm))


def _messages(pack: Pack) -> Iterator[tuple[str, Any]]:
    """(where, message); where a file breaks off, the fault."""
    for name in filter(_MESSAGES.fullmatch, pack.names):
        number = 0
        with closing(pack.open(name)) as stream:
            try:
                for number, (_, row) in enumerate(tables(stream, {"zerver_message"}), 1):
                    yield shown(pack, name, number), row
            except NotAPost as error:
                yield shown(pack, name, number + 1), error


def _realm(pack: Pack) -> _Realm:
    """Raises SourceError if realm.json cannot be read: without it no message has a place."""
    realm, streams, recipients = _Realm(), dict[int, Any](), dict[int, int]()
    with closing(pack.open("realm.json")) as stream:
        try:
            for table, value in tables(stream, _TABLES):
                row = fields.row(value)
                key = fields.number(row, "id") or 0
                if table in _USERS:
                    realm.people[key] = _person(row, is_system=table == _USERS[-1])
                elif table == "zerver_stream":
                    streams[key] = row
                elif table == "zerver_realm":
                    realm.name = fields.named(row.get("string_id")) or ""
                elif row.get("type") == _TO_A_CHANNEL:
                    recipients[key] = fields.number(row, "type_id") or 0
        except NotAPost as error:
            raise SourceError(
                f"{shown(pack, 'realm.json')}: {error.reason} ({error.detail}); make the export "
                "again",
                permanent=True,
            ) from error
    realm.channels = {key: _channel(streams[to]) for key, to in recipients.items() if to in streams}
    return realm


def _person(row: fields.Row, *, is_system: bool) -> tuple[str | None, Role]:
    """Name and role. Zulip's own bots may go by an address, people never do."""
    name = fields.named(row.get("full_name"))
    if is_system or row.get("is_bot"):
        return name or fields.named(row.get("email")), Role.BOT
    rank = row.get("role")
    is_staff = isinstance(rank, int) and 0 < rank <= _STAFF_MOST
    return name, Role.TEAM if is_staff else Role.USER


def _channel(row: fields.Row) -> tuple[str, Visibility]:
    private = row.get("invite_only") is not False
    name = fields.named(row.get("name")) or "unnamed channel"
    return f"#{name}", Visibility.PRIVATE if private else Visibility.PUBLIC


def parse(value: object, realm: _Realm) -> Post | None:
    """A message to a channel as a post; the first of its topic opens it. None if it is private.

    Raises NotAPost.
    """
    row = fields.row(value)
    channel, title, number = _place(row)
    if channel not in realm.channels:
        return None
    venue, visibility = realm.channels[channel]
    author, role = realm.people.get(fields.number(row, "sender") or 0, (None, Role.USER))
    text = plain_markdown(_MENTION.sub(_name_alone, fields.text(row, "content")))
    if not text:
        raise NotAPost("no words")
    post = Post(
        source="zulip",
        external_id=realm.external_id(number),
        kind="message",
        title=title,
        text=text,
        created_at=_moment(row, "date_sent"),
        updated_at=_moment(row, "last_edit_time") if row.get("last_edit_time") else None,
        venue=venue,
        author=author,
        role=role,
        url=f"{realm.site}/#narrow/id/{number}" if realm.site else None,
        state="resolved" if _RESOLVED.match(fields.text(row, "subject")) else None,
        visibility=visibility,
    )
    first = realm.topics.get((channel, title.lower()), number)
    root = realm.external_id(first)
    return post if first == number else replace(post, title="", parent_id=root, root_id=root)


def _place(row: fields.Row) -> tuple[int, str, int]:
    """The recipient, the topic without the mark of a resolved one, and the number of a message."""
    recipient, number = fields.number(row, "recipient"), fields.number(row, "id")
    if recipient is None or number is None:
        raise NotAPost("missing field: id" if number is None else "missing field: recipient")
    topic = fields.text(row, "subject")
    resolved = _RESOLVED.match(topic)
    return recipient, one_line(cleaned(topic[resolved.end() :] if resolved else topic)), number


def _moment(row: fields.Row, name: str) -> datetime:
    """Seconds since 1970, with a fraction."""
    seconds = row.get(name)
    if not isinstance(seconds, int | float):
        raise NotAPost(f"missing field: {name}")
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAPost("date unreadable", f"{name} is {seconds}") from error


def _name_alone(match: re.Match[str]) -> str:
    """A mention as people read it: `@**Ann|12**` is @Ann, `#**help>start**` is #help>start."""
    return f"@{match[1]}" if match[1] else f"#{match[2]}"


FORM = Form(_detects, _items)
