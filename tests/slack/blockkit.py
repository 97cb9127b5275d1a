"""What Slack refuses, and what must never be live: an independent look at a message's blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.deliveries import Message

KINDS = {"header", "section", "context", "divider", "rich_text", "actions", "image"}
SINKS = {"plain_text", "text", "link"}
"""The elements that may hold words: in none of them is anything mark-up."""


FORM = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/issues/new\?title=[\w.%+&=*-]*$")
"""GitHub's form for a new issue: the one address that is ours."""
LIVE = {"mrkdwn", "markdown", "user", "usergroup", "channel", "broadcast", "emoji"}


def faults(message: Message, addresses: set[str]) -> list[str]:
    """Everything that is wrong with a message; `addresses` are those that may be linked."""
    found = [*_limits(message), *_live(message, addresses)]
    if any(mark in message.text for mark in ("<!", "<@", "<#", "<http")):
        found.append("mark-up in the fallback")
    return found


def _limits(message: Message) -> Iterator[str]:
    if not 1 <= len(message.text) <= 3_000:
        yield f"a fallback of {len(message.text)} characters"
    if not 1 <= len(message.blocks) <= 50:
        yield f"{len(message.blocks)} blocks"
    if len(json.dumps(message.blocks, ensure_ascii=False)) > 40_000:
        yield "too long in all"
    characters = sum(len(text) for _, text in _texts(message.blocks))
    if characters > 12_000:
        yield f"{characters} characters in all blocks"
    ids = [block["block_id"] for block in message.blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(not 1 <= len(one) <= 255 for one in ids):
        yield "block ids that are long, or twice the same"
    for block in message.blocks:
        yield from _block(block)


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind not in KINDS:
        yield f"a block of kind {kind}"
    if kind == "header" and not 1 <= len(block["text"]["text"]) <= 150:
        yield "a header too long"
    if kind == "section" and not 1 <= len(block["text"]["text"]) <= 3_000:
        yield "a section too long"
    if kind == "context" and not 1 <= len(block["elements"]) <= 10:
        yield "a context of too many"
    if kind == "actions":
        if not 1 <= len(block["elements"]) <= 25:
            yield "too many buttons"
        for element in block["elements"]:
            yield from _element(element)


def _element(element: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(element["action_id"]) <= 255:
        yield "an action id"
    if element["type"] == "button":
        if not 1 <= len(element["text"]["text"]) <= 75:
            yield "a button's text"
        if not ("url" in element or 1 <= len(element["value"]) <= 2_000):
            yield "a button's value"
    if element["type"] == "overflow":
        if not 1 <= len(element["options"]) <= 5:
            yield "a menu of too many"
        for option in element["options"]:
            if not 1 <= len(option["text"]["text"]) <= 75 or not 1 <= len(option["value"]) <= 150:
                yield "a choice too long"


def _live(message: Message, addresses: set[str]) -> Iterator[str]:
    for kind, text in _texts(message.blocks):
        if kind not in SINKS:
            yield f"words in {kind}"
        if not text:
            yield f"an empty {kind}"
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            yield "half a character"
    for element in _dicts(message.blocks):
        if element.get("type") in LIVE:
            yield f"a live {element['type']}"
        if element.get("type") == "plain_text" and element.get("emoji") is not False:
            yield "emoji are drawn"
        url = element.get("url")
        if url is not None and url not in addresses and not FORM.match(url):
            yield f"an address of nobody: {element['url']}"


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    for element in _dicts(value):
        if isinstance(element.get("text"), str):
            yield str(element.get("type")), element["text"]


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _dicts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _dicts(inner)
