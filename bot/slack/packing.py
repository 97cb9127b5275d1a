"""Blocks into messages that Slack takes: split between items, never inside one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bot.deliveries import Message, Shown
from bot.slack.kit import Block, escaped

BLOCKS = 50
"""Blocks in a message."""
CHARACTERS = 11_500
"""Characters in all blocks of a message together: Slack refuses somewhat above 13,000."""
TEXT = 3_000
"""Characters of the fallback."""


@dataclass(frozen=True, slots=True)
class Item:
    """Blocks that belong together, and what they show."""

    blocks: tuple[Block, ...]
    shows: tuple[Shown, ...] = ()

    @property
    def characters(self) -> int:
        """How much it counts against `CHARACTERS`."""
        return sum(map(weight, self.blocks))


def pack(text: str, items: Iterable[Item], *, room: int = 10**9) -> tuple[Message, ...]:
    """Messages that hold every item in order; all but the first belong into its thread.

    What `text` shows is said by an item: only the first message has it, so only that is changed.
    `room` is how many blocks the first may have, so that what is most worth reading stands alone.
    An item must fit into a message by itself.
    """
    fallback, filled = escaped(text, TEXT), list(_filled(items, room))
    return tuple(
        Message(
            fallback if not place else f"Continued ({place + 1} of {len(filled)})",
            tuple(chain.from_iterable(item.blocks for item in held)),
            tuple(chain.from_iterable(item.shows for item in held)),
            in_thread=bool(place),
        )
        for place, held in enumerate(filled)
    )


def _filled(items: Iterable[Item], room: int) -> Iterable[Sequence[Item]]:
    held: list[Item] = []
    most = min(room, BLOCKS)
    for item in items:
        blocks = sum(len(one.blocks) for one in held) + len(item.blocks)
        characters = sum(one.characters for one in held) + item.characters
        if held and (blocks > most or characters > CHARACTERS):
            yield held
            held, most = [], BLOCKS
        held.append(item)
    if held:
        yield held


def weight(value: Any) -> int:  # noqa: ANN401 whatever JSON holds
    """The characters of every text, address and value in some part of a block."""
    if isinstance(value, dict):
        return sum(map(weight, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(weight, value))
    return len(value) if isinstance(value, str) else 0
