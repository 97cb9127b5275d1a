"""The App Home: what I am told, what waits for me, what people say, and how the sources are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.deliveries import Asks, Message, Subscription
from bot.model import Coverage, Digest, ThemeView
from bot.slack import kit
from bot.slack.cards import theme_item, theme_line
from bot.slack.kit import Block
from bot.slack.packing import Item, pack
from bot.slack.triage import GIVE_BACK
from bot.slack.views import Held, View, fitting
from bot.speak.coverage import line
from bot.speak.digest import MOVING
from bot.speak.subscribing import subscription_text
from bot.speak.words import counted

STOP, RETIME, ADD, SET, SOURCE = (
    "home_stop",
    "home_change",
    "home_add_source",
    "home_settings",
    "home_source",
)
"""What the buttons are called."""

TOLD, MINE, TODAY, MOVED, SOURCES = 6, 6, 5, 6, 15
"""Rows of each part: more nobody reads here, and a view holds a hundred blocks."""
ROW = 400
"""Characters of a line."""
CHANNELS = {"C", "G"}
"""How the ids begin of conversations that are not somebody's own."""

MOVES = tuple(status.value.capitalize() for status in MOVING)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as Home shows it."""

    name: str
    state: str
    """How far it was read, and where it comes from."""
    fault: str = ""
    """What stands in the way."""


@dataclass(frozen=True, slots=True)
class AddedRow:
    """Something that is read because somebody said so in Slack."""

    name: str
    """What it is kept under."""
    text: str
    on: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """All that somebody sees in their Home."""

    told: Sequence[Subscription]
    mine: Sequence[ThemeView]
    """The themes that are assigned to them."""
    today: Sequence[ThemeView]
    coverage: Coverage
    sources: Sequence[SourceRow] = ()
    looked: datetime | None = None
    """When they looked last, in their own time; None for the first time."""
    moved: Digest | None = None
    """What moved since."""
    added: Sequence[AddedRow] = ()
    admin: bool = False
    """Whether they may add sources."""
    channel: str = ""
    """Where they speak with the bot alone, as far as Slack told it."""
    subscriber: bool = True
    """Whether they may say what a channel is told."""


def home(sight: Sight) -> View:
    """The view."""
    parts = (_told, _mine, _since, _today, _sources)
    blocks = [block for part in parts for block in part(sight)]
    return {
        "type": "home",
        "blocks": fitting(blocks, "/groundswell themes, /groundswell sources"),
        "private_metadata": Held(channel=sight.channel).written(),
    }


def sources_messages(rows: Sequence[SourceRow], coverage: Coverage) -> tuple[Message, ...]:
    """Every source with how it is, for who asks for that alone."""
    items = [Item((_row(one),)) for one in rows]
    return pack(line(coverage), [*items, Item((kit.context(line(coverage)),))])


def _told(sight: Sight) -> Iterator[Block]:
    yield kit.header("What you are told")
    if not sight.told:
        yield kit.section("Nothing yet. Write to me: subscribe daily 09:00")
    for its in sight.told[:TOLD]:
        yield kit.section(kit.seen(subscription_text(its), ROW))
        if its.asks is Asks.SECURITY:
            yield kit.context("Whoever runs the bot names the security contacts.")
            continue
        if its.channel[:1] in CHANNELS and not sight.subscriber:
            yield kit.context("Whoever may subscribe a channel can change it or stop it there.")
            continue
        yield kit.actions(
            kit.button("Change…", RETIME, str(its.id)),
            kit.button("Stop", STOP, str(its.id)),
            block_id=f"told/{its.id}",
        )
    yield from _more(len(sight.told) - TOLD, "subscription", "/groundswell subscriptions")


def _mine(sight: Sight) -> Iterator[Block]:
    if not sight.mine:
        return
    yield kit.header("Your queue")
    for view in sight.mine[:MINE]:
        *card, buttons = _card(view)
        back = kit.button("Give back", GIVE_BACK, view.theme.id)
        yield from card
        yield {**buttons, "elements": [back, *buttons["elements"]]}
    yield from _more(len(sight.mine) - MINE, "theme", "/groundswell triage mine")


def _since(sight: Sight) -> Iterator[Block]:
    if sight.looked is None or sight.moved is None:
        return
    yield kit.header(f"Since you last looked, {sight.looked:%a %d %b %H:%M}")
    sections = [one for one in sight.moved.sections if one.title in MOVES]
    moved = [(one.title, view) for one in sections for view in one.shown]
    if not moved:
        yield kit.section("Nothing new, growing or back.")
    for title, view in moved[:MOVED]:
        (block,) = theme_line(view).blocks
        (card,) = block["elements"]
        first = kit.words(f"{title}: ", italic=True)
        yield kit.rich(first, *card["elements"], block_id=f"since/{view.theme.id}")
    left = len(moved) - MOVED + sum(one.left_out for one in sections)
    yield from _more(left, "theme", "/groundswell digest")


def _today(sight: Sight) -> Iterator[Block]:
    yield kit.header("What people say today")
    if not sight.today:
        yield kit.section("Nothing that keeps coming back.")
    for view in sight.today[:TODAY]:
        yield from _card(view)
    yield from _more(len(sight.today) - TODAY, "theme", "/groundswell themes since:1d")


def _sources(sight: Sight) -> Iterator[Block]:
    yield kit.header("Sources")
    if not sight.sources:
        yield kit.section("None is set up yet.")
    for one in sight.sources[:SOURCES]:
        yield _row(one)
    yield from _more(len(sight.sources) - SOURCES, "source", "/groundswell sources")
    if sight.admin:
        yield from _administering(sight.added)
    yield kit.context(line(sight.coverage))


def _row(one: SourceRow) -> Block:
    return kit.lines(
        [kit.words(kit.seen(one.name, ROW), bold=True), kit.words(f"  {kit.seen(one.state, ROW)}")],
        [kit.words(kit.seen(one.fault, ROW), italic=True)] if one.fault else [],
    )


def _administering(added: Sequence[AddedRow]) -> Iterator[Block]:
    for one in added[:SOURCES]:
        off = "" if one.on else " (off)"
        choices = (
            [("Switch off", f"off {one.name}")] if one.on else [("Switch on", f"on {one.name}")]
        )
        menu = kit.overflow(SOURCE, [*choices, ("Remove", f"gone {one.name}")])
        yield {**kit.section(kit.seen(f"Added in Slack: {one.text}{off}", ROW)), "accessory": menu}
    yield from _more(len(added) - SOURCES, "source", "/groundswell sources")
    yield kit.actions(
        kit.button("Add a source…", ADD, "add"),
        kit.button("Settings…", SET, "set"),
        block_id="admin",
    )


def _card(view: ThemeView) -> Iterator[Block]:
    """A theme without quotes: Home is for an overview."""
    yield from theme_item(replace(view, quotes=(), dissent=None)).blocks


def _more(left: int, what: str, where: str) -> Iterator[Block]:
    if left > 0:
        yield kit.context(f"… and {counted(left, f'more {what}')}: {where}")
