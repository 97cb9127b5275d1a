"""Answers to what Slack told: each stands there once, whatever broke before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_sdk import WebClient

from bot.deliveries import Message
from bot.slack.poster import SlackPoster
from bot.slack.streaming import StreamPoster

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answering:
    """How an event is answered: each part once, even if that was begun before."""

    client: WebClient
    event: str
    again: bool
    team: str = ""

    def post(self, event: Body, said: Sequence[Message]) -> list[str]:
        """Below what was asked; returns Slack's names for the messages. Raises SlackError."""
        thread = event.get("thread_ts") or event["ts"]
        return [
            self._posted(event, message, f"{self.event}/{part}", thread)
            for part, message in enumerate(said)
        ]

    def _posted(self, event: Body, message: Message, mark: str, thread: str) -> str:
        """One message, which is looked for first if it was begun before."""
        channel, poster = event["channel"], self._poster(event)
        asked_at = datetime.fromtimestamp(float(event["ts"]), UTC)
        if self.again and (stands := poster.find(channel, mark, asked_at, thread)):
            return stands
        if self.again and isinstance(poster, StreamPoster):
            half = poster.half(channel, mark, asked_at, thread)
            if half:
                poster.complete(channel, half, message, mark)
                return half
        return poster.post(channel, message, mark, thread)

    def _poster(self, event: Body) -> SlackPoster | StreamPoster:
        """In a direct message, which is the agent's pane, an answer appears bit by bit."""
        if event.get("channel_type") != "im":
            return SlackPoster(self.client)
        return StreamPoster(self.client, event["user"], self.team)
