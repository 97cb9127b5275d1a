"""Messages that stand in Slack, changed where what they show changed or is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from bot.deliveries import Message
from bot.slack.kit import LABEL, Block, context, seen, words

GONE = "This was removed at its source."


def without(message: Message, block_ids: Collection[str]) -> Message:
    """The message with a note in place of the blocks whose words are gone at their source."""

    def gone(block: Block) -> Block:
        return {**context(GONE), "block_id": block["block_id"]}

    changed = with_blocks(message, dict.fromkeys(block_ids, gone))
    shows = tuple(
        replace(what, post=None) if what.block_id in block_ids else what for what in message.shows
    )
    return replace(changed, shows=shows)


def noted(message: Message, theme: str, label: str, note: str) -> Message:
    """The message with a theme's card under its present name, and a note on what was decided.

    An empty note takes the last one away.
    """
    return with_blocks(message, {theme: lambda head: _noted(head, label, note)})


def _noted(head: Block, label: str, note: str) -> Block:
    if head["type"] != "rich_text":  # what it showed is gone
        return head
    card, *_ = head["elements"]
    name, *rest = card["elements"]
    name = {**name, "text": seen(label, LABEL)} if label else name
    below = [{"type": "rich_text_section", "elements": [words(note, italic=True)]}] if note else []
    return {**head, "elements": [{**card, "elements": [name, *rest]}, *below]}


def with_blocks(message: Message, changes: Mapping[str, Callable[[Block], Block]]) -> Message:
    """The message with some blocks, by their ids, changed."""
    blocks = (
        changes[str(block["block_id"])](block) if block.get("block_id") in changes else block
        for block in message.blocks
    )
    return replace(message, blocks=tuple(blocks))
