"""An answer that appears piece by piece, and stands there once whatever breaks.

Slack ends a stream by itself after some minutes, and takes the mark of a delivery only when it is
stopped. So the first block carries the mark as its id from the beginning: whoever finds such a
message without the other mark puts the whole answer in its place.
https://docs.slack.dev/reference/methods/chat.startStream
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.deliveries import Message
from bot.errors import SlackError
from bot.slack.kit import BLOCK_ID
from bot.slack.poster import MARK, SlackPoster

PIECE = 6
"""Blocks that appear at once."""


@dataclass(frozen=True, slots=True)
class StreamPoster(SlackPoster):
    """Posts to one person in a direct message."""

    user: str = ""
    team: str = ""

    def post(self, channel: str, message: Message, mark: str, thread: str | None) -> str:
        """See `Poster.post`; what is short, or cannot be streamed, is posted as ever."""
        if thread is None or message.picture or len(message.blocks) <= PIECE:
            return SlackPoster.post(self, channel, message, mark, thread)
        first, *rest = pieces(message, mark)
        try:
            begun = self._asked(
                "chat.startStream",
                channel=channel,
                thread_ts=thread,
                recipient_user_id=self.user or None,
                recipient_team_id=self.team or None,
                chunks=[first],
            )
        except SlackError as error:
            if error.uncertain:
                raise
            # Slack has no streams here, or asks to wait with more of them.
            return SlackPoster.post(self, channel, message, mark, thread)
        ts = str(begun["ts"])
        try:
            self._go_on(channel, ts, rest, mark)
        except SlackError:
            self.complete(channel, ts, message, mark)
        return ts

    def half(self, channel: str, mark: str, since: datetime, thread: str) -> str | None:
        """Slack's name for what was begun under a mark and never ended; None if it is not there."""
        for message in self._messages(channel, since, thread):
            ids = {block.get("block_id") for block in message.get("blocks") or ()}
            if _block_id(mark) in ids:
                return str(message["ts"])
        return None

    def complete(self, channel: str, ts: str, message: Message, mark: str) -> None:
        """Put the whole in place of what was begun. Raises SlackError.

        Slack changes no message while it is streamed.
        """
        try:
            self._asked("chat.stopStream", channel=channel, ts=ts)
        except SlackError as error:
            if not error.permanent:
                raise
        whole = _named(message, mark)
        self._asked(
            "chat.update",
            channel=channel,
            ts=ts,
            text=whole.text,
            blocks=list(whole.blocks),
            metadata=_metadata(mark),
        )

    def _go_on(self, channel: str, ts: str, rest: list[dict[str, Any]], mark: str) -> None:
        """Add the pieces one by one; with the last the stream ends."""
        *middle, last = rest
        for piece in middle:
            self._asked("chat.appendStream", channel=channel, ts=ts, chunks=[piece])
        self._asked(
            "chat.stopStream", channel=channel, ts=ts, chunks=[last], metadata=_metadata(mark)
        )


def pieces(message: Message, mark: str) -> Iterator[dict[str, Any]]:
    """A message as chunks of a stream, the first of which carries the mark."""
    blocks = _named(message, mark).blocks
    for start in range(0, len(blocks), PIECE):
        yield {"type": "blocks", "blocks": list(blocks[start : start + PIECE])}


def _named(message: Message, mark: str) -> Message:
    """The message with its first block under the mark."""
    first, *rest = message.blocks
    return replace(message, blocks=({**first, "block_id": _block_id(mark)}, *rest))


def _block_id(mark: str) -> str:
    return f"stream/{mark}"[:BLOCK_ID]


def _metadata(mark: str) -> dict[str, Any]:
    return {"event_type": MARK, "event_payload": {"delivery_id": mark}}
