"""Block Kit's parts as small functions. Strangers' words go into plain or rich text alone.

There nothing in them is mark-up: no mention, no link, no emoji. A link is an element of its own and
leads to a stored address. https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

Block = dict[str, Any]
Element = dict[str, Any]

LABEL = 300
"""Characters of a theme's name that are shown."""

HEADER, SECTION, BUTTON, OPTION, VALUE, URL, BLOCK_ID = 150, 3_000, 75, 75, 2_000, 3_000, 255
"""Characters that Slack takes at most."""

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What shows nothing, turns the direction of what is read around it, or is half a character."""


def seen(text: str, most: int = SECTION) -> str:
    """A text without what cannot be seen, cut to so many characters; never empty."""
    kept = _UNSEEN.sub("", text)
    return (kept if len(kept) <= most else kept[: most - 1] + "…") or "…"


def sound(text: str) -> bool:
    """Whether a text says something, and nothing that cannot be seen."""
    return bool(text) and not _UNSEEN.search(text)


def escaped(text: str, most: int = SECTION) -> str:
    """A text for the fallback of a message, which Slack reads as mark-up: as it stands."""
    whole = seen(text, most)
    cut = whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return cut if len(cut) <= most else escaped(text, most // 2)


def plain(text: str, most: int = SECTION) -> Element:
    """A text object in which nothing is mark-up, not even `:smile:`."""
    return {"type": "plain_text", "text": seen(text, most), "emoji": False}


def words(text: str, *, bold: bool = False, italic: bool = False, code: bool = False) -> Element:
    """Words in rich text."""
    style = {name: True for name, on in (("bold", bold), ("italic", italic), ("code", code)) if on}
    made: Element = {"type": "text", "text": seen(text)}
    return made | ({"style": style} if style else {})


def link(url: str | None, text: str) -> Element:
    """A link to a stored address; only its words where that is none that Slack takes."""
    sound = address(url)
    return {"type": "link", "url": sound, "text": seen(text)} if sound else words(text)


def address(url: str | None) -> str | None:
    """An address that may be linked: whole, over HTTP, without anything that is mark-up."""
    if not url or len(url) > URL or re.search(r"[\s<>|\"'`\\\x00-\x1f\x7f]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def header(text: str) -> Block:
    """A heading, in words of our own."""
    return {"type": "header", "text": plain(text, HEADER)}


def section(text: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": plain(text)}


def context(text: str) -> Block:
    """A line in small type."""
    return {"type": "context", "elements": [plain(text)]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def rich(*parts: Element, block_id: str = "") -> Block:
    """A paragraph of words and links."""
    return _named({"type": "rich_text", "elements": [_section(parts)]}, block_id)


def quote(*parts: Element, block_id: str = "") -> Block:
    """Somebody's words, set off."""
    inner = {"type": "rich_text_quote", "elements": list(parts)}
    return _named({"type": "rich_text", "elements": [inner]}, block_id)


def lines(*rows: Sequence[Element], block_id: str = "") -> Block:
    """Several lines of words and links; empty ones are left out."""
    parts: list[Element] = []
    for row in filter(None, rows):
        parts += [words("\n")] if parts else []
        parts += row
    return rich(*parts, block_id=block_id)


def button(text: str, action: str, value: str, *, style: str = "") -> Element:
    """A button; `value` comes back with the press."""
    made: Element = {
        "type": "button",
        "text": plain(text, BUTTON),
        "action_id": action,
        "value": value[:VALUE],
    }
    return made | ({"style": style} if style else {})


def link_button(text: str, action: str, url: str) -> Element:
    """A button that opens an address; Slack tells of the press all the same."""
    return {"type": "button", "text": plain(text, BUTTON), "action_id": action, "url": url}


def overflow(action: str, options: Iterable[tuple[str, str]]) -> Element:
    """A menu of further choices, each a text and the value that comes back."""
    made = [{"text": plain(text, OPTION), "value": value} for text, value in options]
    return {"type": "overflow", "action_id": action, "options": made}


def feedback(action: str, value: str) -> Block:
    """Two small buttons for how an answer is found; what comes back begins with `good` or `bad`."""
    buttons = (("positive_button", "Good", "good"), ("negative_button", "Not good", "bad"))
    made = {
        name: {"text": plain(text), "value": f"{found} {seen(value)}"[:VALUE]}
        for name, text, found in buttons
    }
    element = {"type": "feedback_buttons", "action_id": action, **made}
    return {"type": "context_actions", "elements": [element]}


def actions(*elements: Element, block_id: str = "") -> Block:
    """A row of buttons."""
    return _named({"type": "actions", "elements": list(elements)}, block_id)


def _section(parts: Iterable[Element]) -> Element:
    return {"type": "rich_text_section", "elements": list(parts)}


def _named(block: Block, block_id: str) -> Block:
    return block | ({"block_id": block_id[:BLOCK_ID]} if block_id else {})
