"""Messages that stand in Slack, changed where what they show changed or is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.deliveries import Message

GONE = "This was removed at its source."


def without(message: Message, block_ids: Collection[str]) -> Message:
    """The message with a note in place of the blocks whose words are gone at their source."""
    note = {"type": "plain_text", "text": GONE, "emoji": False}
    blocks = tuple(
        {"type": "context", "block_id": block["block_id"], "elements": [note]}
        if block.get("block_id") in block_ids
        else block
        for block in message.blocks
    )
    shows = tuple(
        replace(what, post=None) if what.block_id in block_ids else what for what in message.shows
    )
    return replace(message, blocks=blocks, shows=shows)


def with_blocks(message: Message, changed: Mapping[str, Sequence[dict[str, Any]]]) -> Message:
    """The message with some blocks, by their ids, each replaced by others or by none."""
    blocks: list[dict[str, Any]] = []
    for block in message.blocks:
        blocks += changed.get(str(block.get("block_id")), (block,))
    return replace(message, blocks=tuple(blocks))
