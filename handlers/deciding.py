"""What people decide in Slack: told back in one sentence, with a way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.pipeline.deciding import Decided, Deciding
from bot.rights import Right
from bot.slack import blocks, kit
from bot.slack.packing import Item, pack
from bot.speak.deciding import sentence
from handlers.desk import Asker, Desk

UNDO = "undo"
WEEKS = timedelta(weeks=4)

_THEME = re.compile(r"[Tt]\d{1,9}")
_NAMED = re.compile(r"^[Tt]\d{1,9}|(?<= )[Tt]\d{1,9}$")
"""The themes at either end of what was written: those that a decision is about."""


def decide(desk: Desk, asker: Asker, deed: str, text: str) -> Sequence[Message]:
    """Take a decision: `mute T12`, `rename T12 Words`, `merge T12 T9`, `undo 5` ..."""
    desk.demand(asker, Right.DECIDE)
    for theme in _NAMED.findall(text) if deed != "undo" else ():
        desk.pipeline.theme(theme)  # what may not be read cannot be decided about
    deciding = desk.pipeline.deciding(f"slack:{asker.user}")
    taken = DEEDS[deed](deciding, text.strip())
    names = f"theme:{','.join(taken.labels)}" if taken.labels else ""
    known = {v.theme.id: v.theme.label for v in desk.pipeline.themes(names)} if names else {}
    said = sentence(taken.decision, known)
    if theme := taken.decision.theme:
        note = "" if taken.decision.undone_at else said
        desk.spread(theme, known.get(theme, ""), note)
    return told(taken, said)


def told(taken: Decided, said: str) -> Sequence[Message]:
    """What was decided, and a button that takes it back."""
    block = kit.rich(kit.words(said))
    if taken.decision.undone_at is not None:
        return pack(said, [Item((kit.rich(kit.words(f"Taken back: {said}")),))])
    undo = kit.actions(kit.button("Undo", UNDO, str(taken.decision.id)))
    more = [kit.context(f"{len(taken.alike)} more posts look like it.")] if taken.alike else []
    return pack(said, [Item((block, *more, undo))])


def _mute(deciding: Deciding, text: str) -> Decided:
    return deciding.mute(_theme(text), until=deciding.now + WEEKS)


def _quiet(deciding: Deciding, text: str) -> Decided:
    return deciding.mute(_theme(text), until_grows=True)


def _off(deciding: Deciding, text: str) -> Decided:
    return deciding.not_us(_theme(text))


def _rename(deciding: Deciding, text: str) -> Decided:
    theme, _, words = text.partition(" ")
    return deciding.rename(_theme(theme), words)


def _merge(deciding: Deciding, text: str) -> Decided:
    theme, _, into = text.partition(" ")
    return deciding.merge(_theme(theme), _theme(into.removeprefix("into ").strip()))


def _undo(deciding: Deciding, text: str) -> Decided:
    if text and not text.isdecimal():
        raise GroundswellError(
            f"{text!r} is no number of a decision; plain undo takes the last one"
        )
    return deciding.undo(int(text[:9]) if text else None)


DEEDS: dict[str, Callable[[Deciding, str], Decided]] = {
    "mute": _mute,
    "quiet": _quiet,
    "off": _off,
    "rename": _rename,
    "merge": _merge,
    "undo": _undo,
}
"""By the word that asks for it, in a command or from a menu."""


def why(desk: Desk, theme: str) -> Sequence[Message]:
    """What makes a theme one, and why it stands where it stands."""
    view = desk.pipeline.theme(_theme(theme))
    return blocks.why_messages(view)


def posts(desk: Desk, theme: str, most: int = 20) -> Sequence[Message]:
    """The posts of a theme."""
    query = f"theme:{_theme(theme)}"
    return blocks.hits_messages(desk.pipeline.search(query, most), query)


def _theme(text: str) -> str:
    if not _THEME.fullmatch(text):
        raise GroundswellError(f"which theme? Name it like T12{f', not {text!r}' if text else ''}")
    return text.upper()
