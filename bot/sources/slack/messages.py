"""Slack's messages: a stretch of a channel, a thread, and single ones by their timestamps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from bot.sources.base import Batch
from bot.sources.slack.api import Api, Refused, items, next_cursor
from bot.sources.slack.directory import Directory
from bot.sources.slack.posts import Channel, batch_of
from bot.sources.slack.stamps import by_stamp, is_stamp

_GONE = {"thread_not_found", "message_not_found"}


@dataclass(frozen=True, slots=True)
class Messages:
    """Asks for messages; the directory knows who wrote them."""

    api: Api
    directory: Directory

    def history(self, channel: Channel, **params: str) -> dict[str, Any]:
        """A page of what stands in the channel itself, replies not among it, the newest first."""
        limit = self.api.page
        return self.api.call(
            "conversations.history", channel=channel.id, inclusive="true", limit=limit, **params
        )

    def replies(self, channel: Channel, ts: str, oldest: str = "") -> list[Any]:
        """The thread that a message opened; the message alone if it is a reply; none if gone."""
        where = {"channel": channel.id, "ts": ts, "oldest": oldest, "inclusive": "true"}
        pages = self.api.listed("conversations.replies", "messages", limit=self.api.page, **where)
        try:
            return [message for page in pages for message in page]
        except Refused as refused:
            if refused.error not in _GONE:
                raise
            return []

    def as_they_are(self, channel: Channel, asked: Collection[str]) -> Batch:
        """The messages with these timestamps; what stands nowhere any more is deleted."""
        found = self._in_channel(channel, asked)
        for ts in sorted(asked):
            if ts not in found:
                found |= self._in_thread(channel, ts, asked)
        messages = list(found.values())
        batch = batch_of(messages, channel, self.directory.people(messages))
        gone = (channel.external_id(ts) for ts in sorted(set(asked) - found.keys()))
        return replace(batch, deleted=(*batch.deleted, *gone))

    def _in_channel(self, channel: Channel, asked: Collection[str]) -> dict[str, Any]:
        """Those that stand in the channel itself: few requests where they lie close together."""
        found: dict[str, Any] = {}
        rest = sorted(asked)
        while rest:
            answer = self.history(channel, oldest=rest[0], latest=rest[-1])
            page = by_stamp(items(answer, "messages", "conversations.history"))
            found |= {ts: message for ts, message in page.items() if ts in asked}
            reached = min(page, default=rest[-1]) if next_cursor(answer) else rest[0]
            rest = [ts for ts in rest[:-1] if ts < reached]
        return found

    def _in_thread(self, channel: Channel, ts: str, asked: Collection[str]) -> dict[str, Any]:
        """A reply, and whichever of the others stand in the same thread."""
        replies = by_stamp(self.replies(channel, ts))
        root = replies.get(ts, {}).get("thread_ts")
        if is_stamp(root) and root != ts:
            replies |= by_stamp(self.replies(channel, root, ts))
        return {ts: message for ts, message in replies.items() if ts in asked}
