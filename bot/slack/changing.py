"""Messages that stand in Slack, changed where what they show changed or is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from bot.deliveries import FALLBACK, Message
from bot.slack.cards import ISSUE, LINK
from bot.slack.kit import LABEL, Block, context, seen, words

GONE = "This was removed at its source."
NAMELESS = "(its name was removed at its source)"

HEADLINE, FIRST = "headline", "s0"
"""The blocks of a digest and of an answer that say what the text of the message says."""


def without(message: Message, block_ids: Collection[str]) -> Message:
    """The message with a note in place of the blocks whose words are gone at their source.

    A theme's card stays, without its name. Where the text of the message shows such words, it and
    the block that says the same go.
    """
    cards = {what.block_id for what in message.shows if what.block_id == what.theme}
    changes: dict[str, Callable[[Block], Block]] = dict.fromkeys(block_ids, _gone)
    changes |= dict.fromkeys(cards.intersection(block_ids), _nameless)
    changes |= {f"{card}/do": _unfilled for card in cards.intersection(block_ids)}
    text = message.text
    if any(one.startswith(FALLBACK) for one in block_ids):
        text, changes = GONE, {**changes, HEADLINE: _gone, FIRST: _gone}
    shows = tuple(
        replace(what, post=None) if what.block_id in block_ids else what for what in message.shows
    )
    return replace(with_blocks(message, changes), text=text, shows=shows)


def _gone(block: Block) -> Block:
    return {**context(GONE), "block_id": block["block_id"]}


def _nameless(head: Block) -> Block:
    """A card without its name, which what was decided may say, too."""
    if head["type"] != "rich_text":
        return _gone(head)
    name = str(head["elements"][0]["elements"][0]["text"])
    return dict(_with_texts(head, lambda text: text.replace(name, NAMELESS)))


def _unfilled(buttons: Block) -> Block:
    """A card's buttons without the form for an issue, which is filled in with the name."""
    return _without_actions(buttons, {ISSUE})


def _without_actions(buttons: Block, actions: Collection[str]) -> Block:
    left = [one for one in buttons.get("elements", ()) if one.get("action_id") not in actions]
    return {**buttons, "elements": left}


def _with_texts(part: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 whatever a block holds
    """A part of a block with each of its texts changed."""
    if isinstance(part, Mapping):
        return {
            key: change(value)
            if key == "text" and isinstance(value, str)
            else _with_texts(value, change)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_with_texts(one, change) for one in part]
    return part


def noted(message: Message, theme: str, label: str, note: str, *, linked: bool = False) -> Message:
    """The message with a theme's card under its present name, and a note on what was decided.

    An empty note takes the last one away. A theme that was `linked` needs no issue any more.
    """
    changes: dict[str, Callable[[Block], Block]] = {theme: lambda head: _noted(head, label, note)}
    if linked:
        changes[f"{theme}/do"] = lambda buttons: _without_actions(buttons, {ISSUE, LINK})
    return with_blocks(message, changes)


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
