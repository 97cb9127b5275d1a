"""Words that somebody writes to the bot: a command, or a plain question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bot.deliveries import Message
from bot.rights import Right
from bot.slack.heard import nameless
from bot.speak.talk import question_data, question_of
from bot.text import cleaned
from handlers.commands import COMMANDS, SLASH, respond
from handlers.deciding import decide, is_deed
from handlers.desk import Asker, Desk, answered
from handlers.home import sources
from handlers.pasting import about, addresses, pasted
from handlers.replies import messages
from handlers.subscribing import alerts, subscribe, subscriptions, unsubscribe, watch
from handlers.triage import triage

Work = Callable[[Desk, Asker, str], Sequence[Message]]

OWN: dict[str, Work] = {
    "subscribe": subscribe,
    "alerts": alerts,
    "watch": watch,
    "subscriptions": subscriptions,
    "unsubscribe": unsubscribe,
    "triage": triage,
    "sources": sources,
}
"""Commands that need to know who asks and where, by their first word."""

NEEDS = {"add": Right.SOURCES}
"""What a command needs beside the right to ask."""


CHANGES = {"subscribe", "alerts", "watch", "unsubscribe", "add"}
"""Commands that change something, beside what is decided."""


def changes(words: str) -> bool:
    """Whether an answer to these words changes something, or reads a post that they name."""
    name, rest = _parted(words)
    if name in CHANGES or is_deed(name, rest):
        return True
    rota = name == "triage" and rest.split()[:1] == ["rota"]
    return rota or (name not in {*COMMANDS, *OWN} and bool(addresses(words)))


def reply(desk: Desk, asker: Asker, words: str, place: str = "") -> Sequence[Message]:
    """The answer to whatever somebody wrote; never none, and never an exception.

    In a named `place`, as a thread is, a question may go on from the one before.
    """
    return answered(partial(_reply, desk, asker, cleaned(words), place))


def _reply(desk: Desk, asker: Asker, words: str, place: str) -> Sequence[Message]:
    desk.demand(asker, Right.ASK)
    words = words.removeprefix(SLASH).strip()
    name, rest = _parted(words)
    if own := OWN.get(name):
        return own(desk, asker, rest)
    if is_deed(name, rest):
        return decide(desk, asker, name, rest)
    if needed := NEEDS.get(name):
        desk.demand(asker, needed)
    words = nameless(words)
    if name not in COMMANDS and (linked := pasted(desk, asker, words)):
        return about(desk, linked)
    if place and name not in COMMANDS and words:
        return _going_on(desk, words, place)
    return messages(respond(desk.pipeline, f"{SLASH} {words}"))


def _going_on(desk: Desk, words: str, place: str) -> Sequence[Message]:
    """The answer to a question that may go on from the last one there."""
    pipeline, talks = desk.pipeline, desk.pipeline.store.talks
    told = talks.last(place, pipeline.clock())
    before = question_of(told, pipeline.telling().standpoint()) if told else None
    answer = pipeline.ask(words, before)
    if answer.asked is not None:
        talks.keep(place, question_data(answer.asked), pipeline.clock())
    return messages(answer)


def _parted(words: str) -> tuple[str, str]:
    """The first word of a command, small, and the rest."""
    name, _, rest = words.removeprefix(SLASH).strip().partition(" ")
    return name.lower(), rest
