"""Views: modals and their fields, as small functions beside `kit`.

What somebody fills in is found again by a field's name, which is its block's id.
https://docs.slack.dev/reference/views
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack import kit
from bot.slack.kit import Block, Element
from bot.slack.packing import CHARACTERS, weight

View = dict[str, Any]

BLOCKS, TITLE, LABEL, HINT, HELD = 100, 24, 2_000, 2_000, 3_000
"""Blocks of a view, and characters of its title, of a field's label and hint, and of what it
carries with it."""

CHOICES, TICKS, PLACEHOLDER, FALLEN = 100, 10, 150, 150
"""Choices of a list and of a row of ticks; characters of a placeholder, and of a choice's value."""

INPUT = "in"
"""The one element of each field."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a view carries with it from one request to the next. It decides no right."""

    theme: str = ""
    channel: str = ""
    """Where it was asked for; a person is answered there."""
    thread: str = ""
    page: int = 0
    ticked: tuple[str, ...] = ()
    """What is ticked on other pages."""
    what: str = ""
    """Which subscription or source it is about."""

    def written(self) -> str:
        """As a view carries it."""
        told = {
            "theme": self.theme,
            "channel": self.channel,
            "thread": self.thread,
            "page": self.page,
            "ticked": " ".join(self.ticked),
            "what": self.what,
        }
        return json.dumps({k: v for k, v in told.items() if v}, separators=(",", ":"))


def held(written: str) -> Held:
    """What a view carried; nothing where that cannot be read."""
    try:
        told = json.loads(written or "{}")
    except ValueError:
        return Held()
    if not isinstance(told, dict):
        return Held()
    page = told.get("page")
    return Held(
        theme=str(told.get("theme") or ""),
        channel=str(told.get("channel") or ""),
        thread=str(told.get("thread") or ""),
        page=page if isinstance(page, int) and page > 0 else 0,
        ticked=tuple(str(told.get("ticked") or "").split()),
        what=str(told.get("what") or ""),
    )


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str = "",
    callback: str = "",
    carries: Held | None = None,
    external: str = "",
) -> View:
    """A modal; with `submit`, a form that comes back under `callback`."""
    made: View = {
        "type": "modal",
        "title": kit.plain(title, TITLE),
        "close": kit.plain("Close" if not submit else "Cancel", TITLE),
        "blocks": list(blocks[:BLOCKS]),
    }
    made |= {"submit": kit.plain(submit, TITLE)} if submit else {}
    made |= {"callback_id": callback} if callback else {}
    made |= {"private_metadata": carries.written()} if carries else {}
    return made | ({"external_id": external} if external else {})


def fitting(blocks: Iterable[Block], otherwise: str) -> list[Block]:
    """As many blocks as a view takes, and how to see the rest; no two with the same id.

    Slack tells no limit for all words of a view together, so that of messages is kept.
    """
    shown: list[Block] = []
    taken: set[str] = set()
    left = CHARACTERS
    for block in blocks:
        left -= weight(block)
        if left < 0 or len(shown) == BLOCKS - 1:
            return [*shown, kit.context(f"… and more: {otherwise}")]
        name = str(block.get("block_id") or "")
        shown.append({k: v for k, v in block.items() if k != "block_id" or name not in taken})
        taken.add(name)
    return shown


def choice(text: str, value: str, description: str = "") -> Element:
    """One of several: its words, and the value that comes back."""
    made: Element = {"text": kit.plain(text, kit.OPTION), "value": value}
    return made | ({"description": kit.plain(description, kit.OPTION)} if description else {})


def field(
    name: str,
    label: str,
    element: Element,
    *,
    hint: str = "",
    optional: bool = False,
    tells: bool = False,
) -> Block:
    """A field of a form. With `tells`, each choice is told at once."""
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": kit.plain(label, LABEL),
        "element": {**element, "action_id": f"{name}_{INPUT}" if tells else INPUT},
        "optional": optional,
    }
    made |= {"dispatch_action": True} if tells else {}
    return made | ({"hint": kit.plain(hint, HINT)} if hint else {})


def written_in(
    initial: str = "", *, most: int = kit.SECTION, placeholder: str = "", many_lines: bool = False
) -> Element:
    """A field for words."""
    made: Element = {"type": "plain_text_input", "max_length": most, "multiline": many_lines}
    made |= {"placeholder": kit.plain(placeholder, PLACEHOLDER)} if placeholder else {}
    return made | ({"initial_value": kit.seen(initial, most)} if initial else {})


def one_of(choices: Sequence[Element], chosen: str = "", *, placeholder: str = "Choose") -> Element:
    """A list of which one is chosen."""
    shown = list(choices[:CHOICES])
    made: Element = {
        "type": "static_select",
        "placeholder": kit.plain(placeholder, PLACEHOLDER),
        "options": shown,
    }
    first = next((one for one in shown if one["value"] == chosen), None)
    return made | ({"initial_option": first} if first else {})


def some_of(choices: Sequence[Element], ticked: Collection[str] = ()) -> Element:
    """Up to ten things to tick."""
    shown = list(choices[:TICKS])
    before = [one for one in shown if one["value"] in ticked]
    return {"type": "checkboxes", "options": shown} | (
        {"initial_options": before} if before else {}
    )


def somebody(chosen: str = "") -> Element:
    """A member of the workspace."""
    made: Element = {"type": "users_select", "placeholder": kit.plain("Choose somebody")}
    return made | ({"initial_user": chosen} if chosen else {})


def row(text: str, accessory: Element, block_id: str = "") -> Block:
    """A paragraph with a button at its side."""
    made = {**kit.section(text), "accessory": accessory}
    return made | ({"block_id": block_id} if block_id else {})


def filled(view: Mapping[str, Any]) -> dict[str, str]:
    """What somebody filled in, by the field's name; what was left empty is missing."""
    found: dict[str, str] = {}
    for name, inputs in ((view.get("state") or {}).get("values") or {}).items():
        for given in inputs.values():
            value = given.get("value") or given.get("selected_user")
            value = value or (given.get("selected_option") or {}).get("value")
            if isinstance(value, str) and value.strip():
                found[name] = value.strip()
    return found


def ticked(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of all that is ticked, in the order of the form."""
    values: Iterable[Any] = ((view.get("state") or {}).get("values") or {}).values()
    return tuple(
        str(one["value"])
        for inputs in values
        for given in inputs.values()
        for one in given.get("selected_options") or ()
    )
