"""What the local prompt takes beside the commands of everybody: decisions, and the queue."""

from __future__ import annotations

from bot.errors import GroundswellError
from bot.pipeline import Pipeline
from bot.pipeline.deciding import Decided, Deciding
from bot.speak.deciding import sentence
from bot.speak.triage import Queue, rota_text
from handlers.commands import ARGUMENT, COMMANDS, SLASH, Reply, ThemeList, Told, first_word, respond
from handlers.deciding import DEEDS, NOBODY, UNDO, is_deed

IN_SLACK = ("subscribe", "alerts", "watch", "subscriptions", "unsubscribe")
"""Commands that need a channel to tell."""

NOTHING_MINE = "Nothing is assigned to you. To take something: assign T12 me"
NO_TURNS = "Nobody takes turns yet; who does is set in Slack: see docs/triage.md."

ALIASES = {"?": "help", "status": "sources"}

USAGES = (
    ("triage", "what waits; triage mine, triage rota"),
    ("mute T12", "leave a theme out of digests; also quiet, off, rename, merge, undo"),
    ("acknowledge T12", "I have seen it; also assign T12 me, link T12 #123"),
)
"""What can be written here beside COMMANDS, and what it does."""


def said_here(pipeline: Pipeline, words: str, by: str) -> Reply | Queue | None:
    """The reply to a command of somebody, with or without the slash; None for a plain question.

    Raises:
        GroundswellError: what it asks for cannot be done; the message says why.
    """
    slash, bare = first_word(words) if words.startswith("/") else ("", words)
    if slash.lower() not in {"", SLASH}:
        return respond(pipeline, words)
    name, rest = first_word(bare) if bare.strip() else ("help", "")
    name = name.lower()
    if _decides(name, rest, slashed=bool(slash)):
        return _decided(pipeline.deciding(by), name, rest)
    command = None
    if slash or not rest or ARGUMENT.match(rest):
        command = _command(pipeline, name if rest else ALIASES.get(name, name), rest, by)
    return respond(pipeline, words) if slash and command is None else command


def _decides(name: str, rest: str, *, slashed: bool) -> bool:
    if slashed:
        return is_deed(name, rest) or (name in DEEDS and not rest)
    plain = name == UNDO and bool(rest) and not rest.isdecimal()
    return is_deed(name, rest) and not plain


def _command(pipeline: Pipeline, name: str, rest: str, by: str) -> Reply | Queue | None:
    if name == "triage":
        return _triage(pipeline, rest, by)
    if name in IN_SLACK:
        where = f"{SLASH} {name} works in Slack, where there is a channel to tell"
        return Told(f"{where}: see docs/slack.md.", done=False)
    return COMMANDS[name].run(pipeline, rest) if name in COMMANDS else None


def _triage(pipeline: Pipeline, text: str, by: str) -> Reply | Queue:
    """What waits; what somebody was given; or whose turn it is, which is set in Slack."""
    word, rest = first_word(text) if text else ("", "")
    if word.lower() == "mine" and not rest:
        given = tuple(pipeline.assigned(by))
        return ThemeList(given, "") if given else Told(NOTHING_MINE)
    if word.lower() != "rota":
        return pipeline.triage(text)
    if rest:
        return Told("who takes turns is set in Slack: see docs/triage.md.", done=False)
    now = pipeline.clock()
    standing = pipeline.store.rotas.standing(now)
    return Told(rota_text(standing, now) if standing else NO_TURNS)


def _decided(deciding: Deciding, name: str, rest: str) -> Told:
    taken = _assigned(deciding, rest) if name == "assign" else DEEDS[name](deciding, rest, str)
    made = taken.decision
    said = sentence(made, taken.labels)
    if not made.stands:
        return Told(f"Taken back: {said}")
    return Told(f"Decision {made.id}: {said} To take it back: undo {made.id}")


def _assigned(deciding: Deciding, text: str) -> Decided:
    """Somebody is given a theme, by name: there is no list of people here."""
    theme, who = first_word(text) if text else ("", "")
    if not who:
        raise GroundswellError("to whom? As in: assign T12 me, or a name, or nobody")
    to = deciding.by if who.lower() == "me" else who
    return deciding.assign(theme, None if who.lower() in NOBODY else to)
