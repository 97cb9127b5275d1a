"""Whatever the bot can say, at random out of hostile words: valid, and nothing in it alive."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from benchmarks.slack.running import load
from bot.deliveries import Message
from bot.slack import kit
from tests.services.test_block_kit import MODULES, Check, checking, said, schema_of
from tests.slack.anything import HOSTILE, Anything
from tests.slack.blockkit import faults

ROUNDS, STRINGS = 5_000, 50_000
"""A round says one of everything: a digest and an answer, so 10,000 of these, and all the rest."""


def strings(count: int) -> Iterator[str]:
    """Hostile words, alone and in every pair and triple, as many as are wanted."""
    number = 0
    for length in (1, 2, 3, 4):
        for parts in product(HOSTILE, repeat=length):
            if number == count:
                return
            number += 1
            yield ("" if number % 2 else " ").join(parts)


def said_wrong(text: str) -> list[str]:
    """What is wrong with a text as the parts of a message hold it."""
    linked = {"https://example.org/1"}
    shown = kit.rich(kit.words(text), kit.words(" "), kit.link(*linked, text))
    press = kit.actions(kit.button(text, "press", "1"), kit.overflow("menu", [(text, "1")]))
    fallback = kit.escaped(text)
    return [
        *faults(Message(fallback, (shown, kit.header(text), press)), linked),
        *faults(Message(fallback, (kit.section(text), kit.context(text))), linked),
    ]


def types() -> Check | None:
    """A check by Slack's own types; None where they are not installed."""
    if not MODULES:
        return None
    with tempfile.TemporaryDirectory() as folder:
        return checking(schema_of(Path(folder)), "Spoken")


def main(rounds: int = ROUNDS, count: int = STRINGS) -> None:
    """Print how many messages were made, and every fault."""
    check, start, messages, found = types(), time.monotonic(), 0, Counter[str]()
    for seed in range(rounds):
        any_ = Anything(seed)
        for message in said(any_, seed):
            messages += 1
            found.update(faults(message, any_.addresses))
            found.update(_refused(check, message))
    middle = time.monotonic()
    for text in strings(count):
        found.update(said_wrong(text))
    end = time.monotonic()
    by = (
        "Slack's types and limits" if check else "limits alone (GROUNDSWELL_SLACK_TYPES is not set)"
    )
    print(f"{rounds:,} rounds, seeds 0 to {rounds - 1:,}, against {by}; {load()}")
    print(f"  {messages:9,} messages   {middle - start:6.0f} s")
    print(f"  {count:9,} strings    {end - middle:6.0f} s")
    print(f"  {found.total():9,} faults")
    for fault, times in found.most_common(10):
        print(f"    {times:6,} {fault[:80]}")


def _refused(check: Check | None, message: Message) -> list[str]:
    if check is None:
        return []
    try:
        check({"blocks": list(message.blocks)})
    except ValueError as error:
        return [f"refused by the types: {error}"]
    return []
