"""Discourse's shapes: a post, and the topic it stands in.

https://docs.discourse.org/ (Posts, Topics)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.model import Post, Role, Visibility
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.discourse.forum import Categories, Forum
from bot.text import plain, plain_markdown

LIKE = 2
"""The id of a like among the actions on a post."""
SHOWN = (None, 1, 2)
"""Post types that are words for everybody: regular, and a moderator's. The others are notices of
what was done to the topic, and whispers among staff."""
MACHINES = {"system", "discobot"}

_QUOTE = re.compile(r"\[quote\b[^\]\n]{0,300}\](?:(?!\[quote\b).)*?\[/quote\]", re.DOTALL)
"""What somebody else said: the innermost of quotes inside quotes."""
_NESTED_MOST = 5


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic says of the posts in it."""

    title: str
    labels: tuple[str, ...]
    state: str | None
    """solved, closed or open; None where the forum did not say."""
    replies: int | None
    visibility: Visibility

    @classmethod
    def of(cls, row: fields.Row, categories: Categories) -> Topic:
        """From a topic as a list of topics, or its own page, has it. Raises NotAPost."""
        category, posts = fields.number(row, "category_id"), fields.number(row, "posts_count")
        tags = row.get("tags")
        # Newer forums give tags as objects, older ones as names.
        listed = tags if isinstance(tags, list) else ()
        named = [tag.get("name") if isinstance(tag, dict) else tag for tag in listed]
        labels = (fields.line(label) for label in (categories.names.get(category or 0), *named))
        return cls(
            title=fields.line(row.get("title")) or "",
            labels=tuple(dict.fromkeys(label for label in labels if label)),
            state=_state(row),
            replies=None if posts is None else max(0, posts - 1),
            visibility=categories.visibility(category),
        )


def _state(row: fields.Row) -> str | None:
    """The solved plugin's mark has had a name of its own in every place and version."""
    marks = ("has_accepted_answer", "accepted_answer", "accepted_answers", "topic_accepted_answer")
    if any(row.get(mark) for mark in marks):
        return "solved"
    if row.get("closed") or row.get("archived"):
        return "closed"
    return "open" if row.get("closed") is False else None


def withdrawn(row: fields.Row) -> bool:
    """Whether a post that is still listed has lost its words: deleted, or hidden after flags."""
    unsaid = row.get("hidden") or row.get("user_deleted") or row.get("deleted_at")
    return bool(unsaid) or row.get("post_type") not in SHOWN


def where(row: fields.Row) -> tuple[int, int]:
    """(topic, number of the post in it). Raises NotAPost."""
    topic, number = fields.number(row, "topic_id"), fields.number(row, "post_number")
    if not topic or not number or topic < 0 or number < 0:
        raise NotAPost("missing field: topic_id or post_number")
    return topic, number


def parse(row: fields.Row, topic: Topic, forum: Forum) -> Post:
    """A post as any of the API's answers has it. Raises NotAPost."""
    topic_id, number = where(row)
    opens = number == 1
    title, text = topic.title if opens else "", _words(row)
    if not title and not text:
        raise NotAPost("no words")
    answers = fields.number(row, "reply_to_post_number") or 1
    version = fields.number(row, "version") or 1
    author = fields.named(row.get("username"))
    return Post(
        source="discourse",
        external_id=forum.key(topic_id, number),
        kind="topic" if opens else "reply",
        title=title,
        text=text,
        created_at=written(row),
        updated_at=_moment(row, "updated_at") if version > 1 else None,
        venue=forum.host,
        author=author,
        role=_role(row, author),
        url=f"{forum.url}/t/{topic_id}" + ("" if opens else f"/{number}"),
        parent_id=None if opens else forum.key(topic_id, answers),
        root_id=None if opens else forum.key(topic_id, 1),
        score=_likes(row),
        reply_count=topic.replies if opens else fields.number(row, "reply_count"),
        state=topic.state if opens else None,
        labels=topic.labels,
        visibility=topic.visibility,
    )


def written(row: fields.Row) -> datetime:
    """When the post was written. Raises NotAPost."""
    return _moment(row, "created_at")


def _moment(row: fields.Row, name: str) -> datetime:
    """An ISO time in UTC."""
    try:
        moment = datetime.fromisoformat(fields.text(row, name))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise NotAPost("date unreadable", name) from error


def _words(row: fields.Row) -> str:
    """What the author wrote without what is quoted, unless the quote is all there is."""
    raw = fields.text(row, "raw")
    own = raw
    for _ in range(_NESTED_MOST):
        own = _QUOTE.sub("\n", own)
    return plain_markdown(own) or plain_markdown(raw) or plain(fields.text(row, "cooked"))


def _role(row: fields.Row, author: str | None) -> Role:
    if (fields.number(row, "user_id") or 0) < 0 or (author or "").lower() in MACHINES:
        return Role.BOT
    staff = any(row.get(mark) is True for mark in ("staff", "admin", "moderator"))
    return Role.TEAM if staff else Role.USER


def _likes(row: fields.Row) -> int | None:
    """An action that nobody took is left out, so a list without likes means none."""
    actions: Any = row.get("actions_summary")
    if not isinstance(actions, list):
        return None
    likes = (a for a in actions if isinstance(a, dict) and a.get("id") == LIKE)
    return next((fields.number(like, "count") for like in likes), None) or 0
