"""Slack's events as batches: what a handler has to save. Nothing in here asks anybody.

https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

from dataclasses import replace

from bot.sources.base import Batch
from bot.sources.fields import Row
from bot.sources.slack.posts import Channel, People, batch_of
from bot.sources.slack.stamps import is_stamp

REACTIONS = ("reaction_added", "reaction_removed")
EVENTS = ("message", *REACTIONS)
"""The types of events that may bring something."""


def happened(event: object, channel: Channel, people: People | None = None) -> Batch:
    """What an event of type `message` brings, whatever its subtype: new, changed or deleted.

    A changed message that does not tell its reactions has an unknown score. An event that holds
    no message as it is now, a reaction, brings nothing: `told_of` names what to read again.
    """
    row = event if isinstance(event, dict) else {}
    if row.get("type") != "message":
        return Batch((), None)
    if row.get("subtype") == "message_deleted":
        gone = row.get("deleted_ts")
        return Batch((), None, (channel.external_id(gone),) if is_stamp(gone) else ())
    message = spoken_in(row)
    batch = batch_of([message], channel, people or {})
    if message is row or "reactions" in message:
        return batch
    return replace(batch, posts=tuple(replace(post, score=None) for post in batch.posts))


def spoken_in(event: object) -> Row:
    """The message that an event is about: itself, unless it tells of a change to another."""
    row = event if isinstance(event, dict) else {}
    inner = row.get("message")
    return inner if isinstance(inner, dict) else row


def told_of(event: object) -> tuple[str, str | None]:
    """The channel that an event is about, and the message to read again to know what it means.

    Empty where it is about none; None where the event itself holds all there is.
    """
    row = event if isinstance(event, dict) else {}
    item = row.get("item")
    if row.get("type") in REACTIONS and isinstance(item, dict):
        ts = item.get("ts")
        return (str(item.get("channel")), ts) if is_stamp(ts) else ("", None)
    channel = row.get("channel")
    return (channel if isinstance(channel, str) else "", None)
