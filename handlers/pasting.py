"""Addresses that people paste: fetched where they may, and told which theme they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.model import Post
from bot.pipeline.capturing import Captured
from bot.rights import Right
from bot.slack import kit
from bot.slack.cards import theme_item
from bot.slack.packing import Item, pack
from bot.speak.words import day
from bot.understand.addresses import canonical, urls_in
from handlers.desk import WHO_MAY, Asker, Desk

MOST = 3
"""Addresses of one message that are looked at."""
BARE = 2
"""So many words beside its addresses say nothing more than "look here"."""
TITLE = 200
"""Characters of a title that are shown."""

ATTACH = "attach_signal"
"""The button that lets a post stand in the theme that was proposed."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A thread at an address, and where it stands."""

    url: str
    post: Post | None = None
    found: Captured | None = None
    problem: str = ""
    """Why it was not read; empty if it was."""


def addresses(words: str) -> list[str]:
    """The different pages that words name, as they are written, the first few."""
    return list({canonical(url): url for url in reversed(urls_in(words))}.values())[::-1][:MOST]


def is_bare(words: str) -> bool:
    """Whether a message is nothing but addresses."""
    for url in urls_in(words):
        words = words.replace(url, " ")
    return len(words.split()) <= BARE


def pasted(desk: Desk, asker: Asker, words: str) -> list[Pasted]:
    """The threads at the addresses that words name; other pages are left out."""
    found = [_pasted(desk, asker, url) for url in addresses(words)]
    return [one for one in found if one is not None]


def _pasted(desk: Desk, asker: Asker, url: str) -> Pasted | None:
    pipeline = desk.pipeline
    owned, may = pipeline.owns(url), desk.rights.may(asker.user, Right.SOURCES)
    if not owned and pipeline.named(url) is None:
        return None
    problem = ""
    if owned and may:
        problem = _add(desk, url)
    post = pipeline.named(url)
    if post is None:
        return Pasted(url, problem=problem or _why(may=may))
    opener = post.key if post.opens else f"{post.source}:{post.root_id or post.parent_id}"
    return Pasted(url, post, pipeline.captured(opener))


def _add(desk: Desk, url: str) -> str:
    """Take in what is there as it is now; why that failed, if it did."""
    try:
        added = desk.pipeline.add(url)
    except GroundswellError as error:
        return str(error)
    if added.new or added.updated:
        desk.pipeline.understand()
    return added.error or (added.rejected[0].reason if added.rejected else "")


def _why(*, may: bool) -> str:
    if not may:
        return f"it has not been read, and you may not {WHO_MAY[Right.SOURCES]} here"
    return "it was read, and not everybody may read it, or nothing can be told of it"


def about(desk: Desk, found: Sequence[Pasted]) -> Sequence[Message]:
    """Where what was pasted stands, with the card of each theme."""
    themes = dict.fromkeys(one.found.theme for one in found if one.found and one.found.theme)
    cards = [theme_item(desk.pipeline.theme(theme)) for theme in themes]
    items = [pasted_item(one) for one in found]
    return pack(text_of(found[0]), [*items, *cards])


def pasted_item(one: Pasted) -> Item:
    """What was pasted, where it stands, and for what is not sure a button."""
    title = one.post.title or one.post.text if one.post else ""
    where = f"  {one.post.venue}, {day(one.post.created_at)}" if one.post else ""
    url = one.post.url or one.url if one.post else one.url
    head = [kit.link(url, kit.seen(title or one.url, TITLE)), kit.words(kit.seen(where, TITLE))]
    rows = [kit.lines(head if where else head[:1], [kit.words(text_of(one))])]
    if one.found and one.found.proposed:
        value = f"{one.found.proposed} {one.found.key}"
        rows.append(kit.actions(kit.button("Yes, it is", ATTACH, value)))
    return Item(tuple(rows))


def text_of(one: Pasted) -> str:
    """Which theme it belongs to, in one sentence."""
    found = one.found
    if found is None:
        return f"That was not read: {one.problem}."
    if found.theme:
        return f"It belongs to “{found.label}” ({found.theme})."
    if found.proposed:
        return f"Is it about “{found.label}” ({found.proposed})?"
    return "It is in no theme: it may tell of something else."
