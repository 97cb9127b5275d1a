"""What Slack refuses, and what must never be live: an independent look at a message's blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.deliveries import Message

KINDS = {
    *("header", "section", "context", "divider", "rich_text", "actions", "image"),
    "context_actions",
}
PRESSED = {"actions": 25, "context_actions": 5}
"""Blocks of buttons, and how many they may hold."""
SINKS = {"plain_text", "text", "link"}
"""The elements that may hold words: in none of them is anything mark-up."""


FORM = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/issues/new\?title=[\w.%+&=*~-]*$")
"""GitHub's form for a new issue: the one address that is ours."""
LIVE = {"mrkdwn", "markdown", "user", "usergroup", "channel", "broadcast", "emoji"}


def faults(message: Message, addresses: set[str]) -> list[str]:
    """Everything that is wrong with a message; `addresses` are those that may be linked."""
    found = [*_limits(message), *_live(message, addresses)]
    if any(mark in message.text for mark in ("<!", "<@", "<#", "<http")):
        found.append("mark-up in the fallback")
    return found


def view_faults(view: dict[str, Any], addresses: set[str]) -> list[str]:
    """Everything that is wrong with a modal or a Home."""
    blocks = view["blocks"]
    shown = Message("a view", tuple(blocks))
    return [*_view(view), *_ids(blocks), *_live(shown, addresses), *_live(_head(view), addresses)]


def _head(view: dict[str, Any]) -> Message:
    """What stands around a view's blocks, as if it were in them."""
    named = (view[name] for name in ("title", "close", "submit") if name in view)
    return Message("a head", tuple({"type": "section", "text": text} for text in named))


VIEW = {
    "title": (24, True),
    "close": (24, True),
    "submit": (24, True),
    "private_metadata": (3_000, False),
    "callback_id": (255, False),
    "external_id": (255, False),
}
"""The most characters of what a view has beside its blocks, and whether that is a text object."""


def _view(view: dict[str, Any]) -> Iterator[str]:
    blocks, kind = view["blocks"], view["type"]
    if kind not in {"modal", "home"} or (kind == "modal" and "title" not in view):
        yield f"a view of kind {kind}"
    for name, (most, is_text) in VIEW.items():
        value = view.get(name, {"text": "x"} if is_text else "x")
        if not 1 <= len(value["text"] if is_text else value) <= most:
            yield f"a {name} too long"
    if not 1 <= len(blocks) <= 100:
        yield f"{len(blocks)} blocks in a view"
    fields = any(block["type"] == "input" for block in blocks)
    if fields and kind == "modal" and "submit" not in view:
        yield "fields, and nothing to send them with"
    if len(json.dumps(view, ensure_ascii=False)) > 240_000:
        yield "a view too long in all"
    for block in blocks:
        yield from _field(block) if block["type"] == "input" else _block(block)


def _field(block: dict[str, Any]) -> Iterator[str]:
    for name in ("label", "hint"):
        if name in block and not 1 <= len(block[name]["text"]) <= 2_000:
            yield f"a {name} too long"
    yield from _element(block["element"])


def _chosen(element: dict[str, Any]) -> Iterator[str]:
    """Lists of which one or some are chosen."""
    most = 10 if element["type"] == "checkboxes" else 100
    if not 1 <= len(element["options"]) <= most:
        yield f"{len(element['options'])} choices"
    values = [option["value"] for option in element["options"]]
    if len(values) != len(set(values)):
        yield "two choices with one value"
    for option in element["options"]:
        if not 1 <= len(option["text"]["text"]) <= 75 or not 1 <= len(option["value"]) <= 150:
            yield "a choice too long"
        if "description" in option and not 1 <= len(option["description"]["text"]) <= 75:
            yield "a description too long"
    first = element.get("initial_options") or [element.get("initial_option")]
    if any(one is not None and one not in element["options"] for one in first):
        yield "what is chosen first is no choice"


def _written(element: dict[str, Any]) -> Iterator[str]:
    most = element.get("max_length", 3_000)
    if not 1 <= most <= 3_000 or len(element.get("initial_value", "")) > most:
        yield "words that are longer than their field"


def _ids(blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(not 1 <= len(one) <= 255 for one in ids):
        yield "block ids that are long, or twice the same"


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
    yield from _ids(message.blocks)
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
    if "accessory" in block:
        yield from _element(block["accessory"])
    if kind == "context" and not 1 <= len(block["elements"]) <= 10:
        yield "a context of too many"
    if kind in PRESSED:
        if not 1 <= len(block["elements"]) <= PRESSED[kind]:
            yield "too many buttons"
        for element in block["elements"]:
            yield from _element(element)


def _element(element: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(element["action_id"]) <= 255:
        yield "an action id"
    if not 1 <= len(element.get("placeholder", {"text": "x"})["text"]) <= 150:
        yield "a placeholder too long"
    if look := _ELEMENTS.get(element["type"]):
        yield from look(element)


def _button(element: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(element["text"]["text"]) <= 75:
        yield "a button's text"
    if not ("url" in element or 1 <= len(element["value"]) <= 2_000):
        yield "a button's value"


def _judging(element: dict[str, Any]) -> Iterator[str]:
    for name in ("positive_button", "negative_button"):
        yield from _button(element[name])


def _overflow(element: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(element["options"]) <= 5:
        yield "a menu of too many"
    for option in element["options"]:
        if not 1 <= len(option["text"]["text"]) <= 75 or not 1 <= len(option["value"]) <= 150:
            yield "a choice too long"


_ELEMENTS = {
    "button": _button,
    "overflow": _overflow,
    "feedback_buttons": _judging,
    "static_select": _chosen,
    "checkboxes": _chosen,
    "plain_text_input": _written,
}


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
