"""Slack's messages as posts: nothing in here asks anybody.

https://docs.slack.dev/messaging and https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Post, Role, Visibility
from bot.sources import fields
from bot.sources.base import Batch, NotAPost
from bot.sources.fields import Row
from bot.sources.slack.stamps import moment_of, stamp
from bot.sources.slack.text import mentioned, plain_mrkdwn

SAID = {"", "bot_message", "file_comment", "file_share", "me_message", "thread_broadcast"}
"""Subtypes of what somebody said; the others (joins, topics, pins ...) tell what happened."""
SLACKBOT = "USLACKBOT"

_USER = re.compile(r"[A-Z][A-Z0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Person:
    """What users.info says of somebody."""

    name: str
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that is read."""

    id: str
    name: str
    private: bool = False
    workspace: str | None = None
    """The workspace's address, with a closing slash."""
    ours: frozenset[str] = frozenset()
    """Our own ids, as a user and as a bot: what we say is nobody's voice."""

    def external_id(self, ts: str) -> str:
        """`CHANNEL/TS`."""
        return f"{self.id}/{ts}"


People = Mapping[str, Person]


def people_in(messages: Iterable[object]) -> set[str]:
    """The ids of those who wrote these messages and of those whom they mention."""
    rows = [message for message in messages if isinstance(message, dict)]
    texts = (row.get("text") for row in rows)
    named = {user for text in texts if isinstance(text, str) for user in mentioned(text)}
    writers = {row["user"] for row in rows if isinstance(row.get("user"), str)}
    return {user for user in named | writers if _USER.fullmatch(user)}


def person_of(row: Row, user: str) -> Person:
    """Somebody by the name that Slack shows: what they chose, or else what they are called."""
    profile = row.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (profile.get("display_name"), profile.get("real_name"), row.get("real_name"))
    name = next(filter(None, map(fields.named, (*names, row.get("name")))), user)
    return Person(name, bot=row.get("is_bot") is True)


def parse(message: object, channel: Channel, people: People | None = None) -> Post:
    """A message, as history or an event has it, as a post. Raises NotAPost."""
    row, people = fields.row(message), people or {}
    ts = stamp(row)
    root = stamp(row, "thread_ts") if row.get("thread_ts") else ts
    names = {user: person.name for user, person in people.items()}
    text = plain_mrkdwn(fields.text(row, "text"), names)
    if not text:
        raise NotAPost("no words")
    author, role = _by(row, people)
    return Post(
        source="slack",
        external_id=channel.external_id(ts),
        kind="message" if root == ts else "reply",
        title="",
        text=text,
        created_at=moment_of(ts),
        venue=f"#{channel.name}",
        author=author,
        role=role,
        url=_permalink(channel, ts, root),
        parent_id=None if root == ts else channel.external_id(root),
        root_id=None if root == ts else channel.external_id(root),
        updated_at=_edited(row),
        score=_reactions(row),
        reply_count=fields.number(row, "reply_count") or 0 if root == ts else None,
        visibility=Visibility.PRIVATE if channel.private else Visibility.PUBLIC,
    )


def _by(row: Row, people: People) -> tuple[str | None, Role]:
    """Who wrote it; an app under the name that it gave itself, if it gave one."""
    user = fields.text(row, "user")
    person = people.get(user)
    is_app = bool(row.get("bot_id")) or row.get("subtype") == "bot_message" or user == SLACKBOT
    if is_app or (person and person.bot):
        profile = row.get("bot_profile")
        own = row.get("username") or (profile.get("name") if isinstance(profile, dict) else None)
        return fields.named(own) or (person.name if person else fields.named(user)), Role.BOT
    return person.name if person else fields.named(user), Role.USER


def _permalink(channel: Channel, ts: str, root: str) -> str | None:
    if channel.workspace is None:
        return None
    thread = "" if root == ts else f"?thread_ts={root}&cid={channel.id}"
    return f"{channel.workspace}archives/{channel.id}/p{ts.replace('.', '')}{thread}"


def _edited(row: Row) -> datetime | None:
    edited = row.get("edited")
    return moment_of(stamp(edited)) if isinstance(edited, dict) else None


def _reactions(row: Row) -> int:
    """All reactions together: Slack leaves the field out where there are none."""
    reactions = row.get("reactions") or []
    if not isinstance(reactions, list):
        raise NotAPost("wrong type: reactions", "not a list")
    return sum(fields.number(fields.row(reaction), "count") or 0 for reaction in reactions)


def batch_of(
    messages: Sequence[object], channel: Channel, people: People, cursor: str | None = None
) -> Batch:
    """The messages as a batch: what somebody said, and what is not there any more.

    A deleted message that has replies stays in history as a tombstone. One without words, a bare
    picture, is no post; if it had words once, they are gone.
    """
    posts, deleted, rejected = [], [], []
    for number, message in enumerate(messages, 1):
        try:
            row = fields.row(message)
            if _is_gone(row):
                deleted.append(channel.external_id(stamp(row)))
            elif _is_said(row, channel):
                posts.append(parse(row, channel, people))
        except NotAPost as error:
            rejected.append(error.at(f"slack {channel.id}, message {number} of {len(messages)}"))
    return Batch(tuple(posts), cursor, tuple(deleted), tuple(rejected))


def _is_gone(row: Row) -> bool:
    subtype = fields.text(row, "subtype")
    return subtype == "tombstone" or (subtype in SAID and not fields.text(row, "text"))


def _is_said(row: Row, channel: Channel) -> bool:
    ours = {fields.text(row, "bot_id"), fields.text(row, "user")} & channel.ours
    return fields.text(row, "subtype") in SAID and not ours
