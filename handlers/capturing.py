"""A message of Slack filed as a signal: sure ones join a theme, middling ones are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.model import Visibility
from bot.pipeline.capturing import Captured
from bot.rights import Right
from bot.slack import kit
from bot.slack.packing import Item, pack
from bot.sources.manual import WORDS_MOST, Note
from bot.text import cleaned
from handlers.desk import Asker, Desk

SHORTCUT, ATTACH = "file_signal", "attach_signal"


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


def capture(desk: Desk, asker: Asker, filed: Filed) -> Sequence[Message]:
    """Keep a message, understand it, and tell where it stands."""
    desk.demand(asker, Right.SOURCES)
    words = cleaned(filed.words)[:WORDS_MOST].strip()
    if not words:
        raise GroundswellError("there are no words in that message to file")
    note = Note(
        words,
        desk.pipeline.clock(),
        author=filed.author,
        at=datetime.fromtimestamp(float(filed.ts), UTC),
        venue=f"Slack #{filed.channel}" if filed.channel else None,
        url=filed.url,
        visibility=Visibility.PUBLIC if filed.public else Visibility.PRIVATE,
    )
    desk.pipeline.note(note)
    desk.pipeline.understand()
    return told(desk.pipeline.captured(f"{note.name}:{note.external_id}"))


def told(found: Captured) -> Sequence[Message]:
    """Where it stands; for what is not sure, the question and its buttons."""
    if found.theme:
        text = f"Filed: it joins “{found.label}” ({found.theme})."
        return pack(text, [Item((kit.rich(kit.words(text)),))])
    if found.proposed:
        text = f"Filed. Is it about “{found.label}” ({found.proposed})? Near to {found.score:.2f}."
        yes = kit.button("Yes, it is", ATTACH, f"{found.proposed} {found.key}")
        return pack(text, [Item((kit.rich(kit.words(text)), kit.actions(yes)))])
    text = "Filed: nobody said so before. It makes a theme once three people do."
    return pack(text, [Item((kit.section(text),))])


def attach(desk: Desk, asker: Asker, value: str) -> Sequence[Message]:
    """Let what was filed stand in the theme that was proposed."""
    desk.demand(asker, Right.DECIDE)
    theme, _, key = value.partition(" ")
    desk.pipeline.theme(theme)
    desk.pipeline.deciding(f"slack:{asker.user}").move(key, theme)
    return pack("Done.", [Item((kit.section(f"Done: it stands in {theme} from now on."),))])
