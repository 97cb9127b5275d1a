"""A message filed by a reaction, and taken back when the reaction is.

Slack tells of reactions in every channel that the bot is in: those that mean nothing here are let
go at the door. https://docs.slack.dev/reference/events/reaction_added
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from slack_sdk import WebClient

from bot.deliveries import Message
from bot.errors import SlackError
from bot.rights import Right
from bot.slack import blocks
from bot.slack.poster import SlackPoster
from bot.slack.spoken import Spoken, spoken
from bot.store import Capture
from handlers.capturing import Filed, keep, told
from handlers.desk import Asker, Desk, answered

EVENTS = ("reaction_added", "reaction_removed")

_log = structlog.get_logger()

Post = Callable[[str, str, Sequence[Message]], str | None]
"""Answers in a channel's thread, once; returns Slack's name for the first message."""


def concerns(desk: Desk, event: Mapping[str, Any]) -> bool:
    """Whether an event means something here.

    A reaction does if it files a message, or if Slack's channels are read, where it counts.
    """
    return event.get("type") not in EVENTS or "slack" in desk.pipeline.sources or files(desk, event)


def files(desk: Desk, event: Mapping[str, Any]) -> bool:
    """Whether a reaction files a message: the one named, by somebody who may add posts."""
    item = event.get("item") or {}
    ours = bool(desk.reaction) and event.get("reaction") == desk.reaction
    may = desk.rights.may(str(event.get("user") or ""), Right.SOURCES)
    return ours and may and item.get("type") == "message"


def file(desk: Desk, client: WebClient, event: Mapping[str, Any], post: Post) -> None:
    """Keep the message, and tell in its thread where it stands. Raises SlackError."""
    channel, ts, user = _place(event)
    captures, now = desk.pipeline.store.captures, desk.pipeline.clock()
    if not captures.begin(channel, ts, user, now):
        return
    found = spoken(client, channel, ts)
    if found is None or user not in found.reactions.get(desk.reaction, ()):
        _end(desk, client, channel, ts)  # gone, ours, or taken back before we looked
        return
    brought: list[str] = []
    said = answered(lambda: _kept(desk, Asker(user, channel), found, brought))
    answer = post(channel, found.thread, said)
    if not captures.answered(channel, ts, answer or ts):
        # It was taken back meanwhile, by whoever could not know of this answer.
        _let_go(desk, client, Capture(channel, ts, user, next(iter(brought), None), answer))


def _kept(desk: Desk, asker: Asker, found: Spoken, brought: list[str]) -> Sequence[Message]:
    key = f"slack:{found.channel}/{found.ts}"
    filed = Filed(found.text, found.user, found.ts, found.url, found.public, found.name, key)

    def new(post: str) -> None:
        brought.append(post)
        desk.pipeline.store.captures.brought(found.channel, found.ts, post)

    return told(keep(desk, asker, filed, new))


def take_back(desk: Desk, client: WebClient, event: Mapping[str, Any]) -> None:
    """Let go of a message that whoever took the reaction away had filed. Raises SlackError."""
    channel, ts, user = _place(event)
    captures = desk.pipeline.store.captures
    filed = captures.of(channel, ts)
    if filed is None or filed.made_by != user:
        return
    _end(desk, client, channel, ts)


def _end(desk: Desk, client: WebClient, channel: str, ts: str) -> None:
    """It is filed no more. Raises SlackError, and may be begun again then."""
    captures = desk.pipeline.store.captures
    while filed := captures.of(channel, ts):
        _let_go(desk, client, filed)
        if captures.end(filed, desk.pipeline.clock()):
            return


def _let_go(desk: Desk, client: WebClient, filed: Capture) -> None:
    """Take out the post that was brought, and say so where it was answered. Raises SlackError."""
    if filed.post is not None:
        desk.pipeline.unnote(filed.post)
    if filed.answer is None or filed.answer == filed.ts:
        return
    text = "Taken back: what this filed is gone again; what stood here without it stays."
    (message,) = blocks.plain_messages(text)
    try:
        SlackPoster(client).update(filed.channel, filed.answer, message)
    except SlackError as error:
        if not error.permanent:
            raise
        _log.warning("an answer could not be changed", channel=filed.channel, error=str(error))


def _place(event: Mapping[str, Any]) -> tuple[str, str, str]:
    """The channel and the timestamp of the message, and who reacted."""
    item = event["item"]
    return str(item["channel"]), str(item["ts"]), str(event["user"])
