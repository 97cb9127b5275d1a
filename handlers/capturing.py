"""A message of Slack filed as a signal: sure ones join a theme, middling ones are asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.model import OPERATOR, Visibility
from bot.pipeline.capturing import Captured
from bot.rights import Right
from bot.slack import heard, kit
from bot.slack.packing import Item, pack
from bot.sources.manual import WORDS_MOST, Note
from bot.text import cleaned
from handlers.desk import Asker, Desk
from handlers.pasting import ATTACH, Pasted, is_bare, pasted, pasted_item

__all__ = ["ATTACH", "SHORTCUT", "Filed", "attach", "capture", "keep", "told"]

SHORTCUT = "file_signal"


@dataclass(frozen=True, slots=True)
class Filed:
    """What was said where, by whom."""

    words: str
    author: str | None
    ts: str
    url: str | None = None
    public: bool = False
    """Whether everybody in the workspace could read it."""
    channel: str = ""
    key: str = ""
    """Of the post that it is where its channel is read."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of it."""

    found: Captured | None
    """Where it stands; None for a message that was nothing but addresses."""
    links: Sequence[Pasted] = ()
    """The threads that it names, as far as they were read."""
    read: bool = False
    """Whether its channel is read, so that it stands here by itself."""


def capture(desk: Desk, asker: Asker, filed: Filed) -> Sequence[Message]:
    """Keep a message, understand it, and tell where it stands."""
    return told(keep(desk, asker, filed))


def keep(
    desk: Desk, asker: Asker, filed: Filed, brought: Callable[[str], None] = lambda _: None
) -> Kept:
    """Keep a message and what it links to; a new post's key is told to `brought` at once.

    Raises:
        GroundswellError: there is nothing to keep.
    """
    desk.demand(asker, Right.SOURCES)
    words = cleaned(heard.plain(filed.words))[:WORDS_MOST].strip()
    if not words:
        raise GroundswellError("there are no words in that message to file")
    links = pasted(desk, asker, words)
    if links and is_bare(words):
        return Kept(None, links)
    if _is_read(desk, filed.key):
        return Kept(desk.pipeline.captured(filed.key), links, read=True)
    note = _note(desk, filed, words)
    key = f"{note.name}:{note.external_id}"
    if desk.pipeline.note(note).new:
        brought(key)
    desk.pipeline.understand()
    return Kept(desk.pipeline.captured(key), links)


def _is_read(desk: Desk, key: str) -> bool:
    """Whether a message is a post already; a reply, which stands in no theme, is filed anyway."""
    known = desk.pipeline.store.cited.posts([key], desk.pipeline.clock(), OPERATOR) if key else []
    return any(post.opens for post in known)


def _note(desk: Desk, filed: Filed, words: str) -> Note:
    return Note(
        words,
        desk.pipeline.clock(),
        author=desk.named(filed.author) if filed.author else None,
        at=datetime.fromtimestamp(float(filed.ts), UTC),
        venue=f"Slack #{filed.channel}" if filed.channel else None,
        url=filed.url,
        visibility=Visibility.PUBLIC if filed.public else Visibility.PRIVATE,
    )


def told(kept: Kept) -> Sequence[Message]:
    """Where it stands; for what is not sure, the question and its buttons."""
    did = "Read already" if kept.read else "Filed"
    text = _text(did, kept.found) if kept.found else "Filed what it links to."
    rows = [kit.rich(kit.words(text))]
    if kept.found and kept.found.proposed and not kept.found.theme:
        yes = kit.button("Yes, it is", ATTACH, f"{kept.found.proposed} {kept.found.key}")
        rows.append(kit.actions(yes))
    return pack(text, [Item(tuple(rows)), *map(pasted_item, kept.links)])


def _text(did: str, found: Captured) -> str:
    if found.theme:
        return f"{did}: it joins “{found.label}” ({found.theme})."
    if found.proposed:
        return f"{did}. Is it about “{found.label}” ({found.proposed})?"
    return f"{did}: nobody said so before. It makes a theme once three people do."


def attach(desk: Desk, asker: Asker, value: str) -> Sequence[Message]:
    """Let what was filed stand in the theme that was proposed."""
    desk.demand(asker, Right.DECIDE)
    theme, _, key = value.partition(" ")
    desk.pipeline.theme(theme)
    desk.pipeline.deciding(f"slack:{asker.user}").move(key, theme)
    return pack("Done.", [Item((kit.section(f"Done: it stands in {theme} from now on."),))])
