"""Alerts as messages: several themes at one look are one message, each with its buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.alarms import Alerts, FirstReport, Found
from bot.deliveries import Message, Shown
from bot.model import Sensitive, ThemeView
from bot.slack import kit
from bot.slack.cards import NAME, QUOTE, hit_item, said_of, theme_item
from bot.slack.packing import Item, pack
from bot.speak.alerting import alerts_text, first_text, held_text, kept_back_text
from bot.speak.bursts import burst_text
from bot.speak.quotes import quotes
from bot.speak.words import counted, listed

SEEN, SNOOZE, UNSEE = "alert_seen", "alert_snooze", "alert_undo"
DO = "/do"
"""How the block of its buttons is called, after the block that they are of."""


def alert_messages(found: Found, alerts: Alerts, most: int) -> tuple[Message, ...]:
    """What bursts, what came back and what was reported first, most pressing first."""
    reports = (_report(number, one) for number, one in enumerate(found.first, 1))
    bursts = (_theme(view, burst_text(alarm.burst)) for alarm, view in found.bursts)
    back = (_theme(view, "Came back after a long silence") for view in found.back)
    kept = [Item((kit.section(kept_back_text(found.kept_back)),))] if found.kept_back else []
    foot = [kit.context(f"Told when: {alerts_text(alerts)}.")]
    foot += [kit.context(held_text(most))] if found.held else []
    items = (*kept, *reports, *bursts, *back, Item(tuple(foot)))
    named = said_of(view.theme.id for view in _views(found))
    return pack(_said(found), (Item((kit.header(_title(found)),), named), *items))


def watched_messages(found: Found, words: str, most: int) -> tuple[Message, ...]:
    """New posts that a query found."""
    text = f"{counted(len(found.watched), 'new post')} for {words or 'everything'}"
    items = [hit_item(number, hit) for number, hit in enumerate(found.watched, 1)]
    held = [Item((kit.context(held_text(most)),))] if found.held else []
    return pack(text, [Item((kit.section(text),)), *items, *held])


def entrusted_messages(found: Sequence[Sensitive], number: int) -> tuple[Message, ...]:
    """Some of so many posts that look like an undisclosed vulnerability, for a contact alone."""
    looks = "looks" if number == 1 else "look"
    text = f"{counted(number, 'post')} {looks} like an undisclosed vulnerability"
    items = [_entrusted(place, one) for place, one in enumerate(found, 1)]
    left = number - len(found)
    foot = "Told to security contacts alone: no digest, answer or search shows such a post."
    foot += f" {left:,} more follow in a few minutes." if left else ""
    return pack(text, [Item((kit.header(text),)), *items, Item((kit.context(foot),))])


def _entrusted(place: int, one: Sensitive) -> Item:
    """Where it stands, and the words by which it was noticed."""
    block = kit.lines(
        [kit.link(one.url, kit.seen(one.key, NAME))],
        [kit.words(f"Noticed by: {kit.seen(one.words, QUOTE)}", italic=True)],
        block_id=f"p{place}",
    )
    return Item((block,), (Shown(f"p{place}", post=one.key),))


def _title(found: Found) -> str:
    """What there is, in words of ours."""
    parts = [_reported(found.first)] if found.first else []
    if found.bursts:
        parts.append(f"suddenly many on {counted(len(found.bursts), 'theme')}")
    parts += [f"{counted(len(found.back), 'theme')} back"] if found.back else []
    text = listed(parts or ["something that no channel is shown"])
    return text[:1].upper() + text[1:]


def _reported(reports: Sequence[FirstReport]) -> str:
    """`2 first reports (crash, data loss)`."""
    met = dict.fromkeys(one.value for report in reports for one in report.criteria)
    return f"{counted(len(reports), 'first report')} ({', '.join(met)})"


def _said(found: Found) -> str:
    """The title and the themes that it is about, for a notification.

    Of posts no words but the names of themes: one that is a title goes with its post.
    """
    about = ", ".join(f"“{kit.seen(view.theme.label, NAME)}”" for view in _views(found))
    return f"{_title(found)}: {about}" if about else _title(found)


def _views(found: Found) -> Iterator[ThemeView]:
    yield from (view for _, view in found.bursts)
    yield from found.back


def _theme(view: ThemeView, why: str) -> Item:
    """A card with what speaks for it above."""
    item = theme_item(replace(view, quotes=view.quotes or quotes(view.theme)))
    *card, buttons = item.blocks
    its = view.theme.id
    buttons = {**buttons, "elements": [*_answers(its, theme=True), *buttons["elements"]]}
    return replace(item, blocks=(kit.rich(kit.words(why, bold=True)), *card, buttons))


def _report(number: int, report: FirstReport) -> Item:
    """A post with the criteria that it meets and the theme that it stands in."""
    item = hit_item(number, report.hit)
    (block,), name = item.blocks, f"p{number}"
    where = f"In {report.theme}: {kit.seen(report.label, NAME)}" if report.theme else ""
    head = kit.rich(kit.words(first_text(report), bold=True))
    what = report.theme or report.hit.post.key
    buttons = kit.actions(*_answers(what, theme=bool(report.theme)), block_id=f"{name}{DO}")
    named = [{**kit.context(where), "block_id": f"in/{name}"}] if where else []
    blocks = (head, block, *named, buttons)
    # The theme is told by the post's card and has none of its own: it was not alerted of.
    shown = [Shown(f"in/{name}")] if where else []
    return Item(blocks, (Shown(name, post=report.hit.post.key), *shown))


def _answers(what: str, *, theme: bool) -> Sequence[kit.Element]:
    """What a person can say to an alert."""
    seen = kit.button("Seen", SEEN, what)
    return [seen, kit.button("Snooze for a day", SNOOZE, what)] if theme else [seen]
