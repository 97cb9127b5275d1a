"""The queue as messages: a card each, with what whoever is on duty can do at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.deliveries import Message, Shown
from bot.model import ThemeView
from bot.slack import kit
from bot.slack.cards import CHOICES, MENU, SHOW, issue_buttons, theme_item
from bot.slack.packing import Item, pack
from bot.speak.coverage import line
from bot.speak.quotes import quotes
from bot.speak.triage import Queue, parts_of, queue_line
from bot.speak.words import counted

ACKNOWLEDGE, TAKE, GIVE_BACK = "triage_acknowledge", "triage_take", "triage_give_back"
MOST = 10
"""Themes that are shown at once: what is more comes up when these are dealt with."""


def queue_messages(queue: Queue) -> tuple[Message, ...]:
    """What waits, what presses first; each card with buttons to see it off or to take it."""
    items = [Item((kit.section(queue_line(queue)), *_duty(queue)))]
    room = MOST
    for title, views in parts_of(queue):
        shown = views[:room]
        room -= len(shown)
        for place, view in enumerate(shown):
            item = _card(view, (ACKNOWLEDGE, "Acknowledge"), (TAKE, "Assign to me"))
            head = kit.rich(kit.words(title.upper(), bold=True))
            items.append(item if place else replace(item, blocks=(head, *item.blocks)))
    waiting = len(queue.high) + len(queue.moving)
    if waiting > MOST:
        items.append(
            Item((kit.context(f"… and {waiting - MOST} more, once these are dealt with"),))
        )
    items.append(Item((kit.context(line(queue.coverage)),)))
    return pack(queue_line(queue), items)


def mine_messages(views: Sequence[ThemeView]) -> tuple[Message, ...]:
    """What was given to somebody, with a button to give it back."""
    if not views:
        return pack(
            "Nothing is assigned to you.", [Item((kit.section("Nothing is assigned to you."),))]
        )
    text = f"{counted(len(views), 'theme')} assigned to you"
    items = [_card(view, (GIVE_BACK, "Give back")) for view in views[:MOST]]
    rest = [f"… and {len(views) - MOST} more"] if len(views) > MOST else []
    return pack(
        text, [Item((kit.section(text),)), *items, *(Item((kit.context(r),)) for r in rest)]
    )


def _duty(queue: Queue) -> tuple[kit.Block, ...]:
    return (kit.context(queue.duty),) if queue.duty else ()


def _card(view: ThemeView, *deeds: tuple[str, str]) -> Item:
    """A theme's card, with buttons for what is to be decided in front of the usual ones."""
    its = view.theme.id
    item = theme_item(replace(view, quotes=view.quotes or quotes(view.theme)), buttons=False)
    buttons = kit.actions(
        *(kit.button(text, action, its) for action, text in deeds),
        kit.button(f"Show {counted(view.crowd.posts, 'post')}", SHOW, its),
        *issue_buttons(view),
        kit.overflow(MENU, [(text, f"{what} {its}") for text, what in CHOICES]),
        block_id=f"{its}/do",
    )
    shown = Shown(f"{its}/do", its)
    return Item((*item.blocks, buttons), (*item.shows, shown))
