"""`/groundswell ...` and plain questions: words in, something to show out.

Plain functions over the pipeline, so that Slack, the terminal and a test call the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import GroundswellError
from bot.model import Answer, Coverage, Digest, Hit, ThemeView
from bot.pipeline import Pipeline
from bot.speak.values import nearest
from bot.text import cleaned

SLASH = "/groundswell"
SEARCH_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Help:
    """What can be asked, by example; `problem` is what could not be understood."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class ThemeList:
    """Themes, strongest first, with the query they answer."""

    themes: tuple[ThemeView, ...]
    query: str


@dataclass(frozen=True, slots=True)
class UntrackedList:
    """Themes with nothing but the complaints that no issue stands for, most voices first."""

    themes: tuple[ThemeView, ...]
    query: str


@dataclass(frozen=True, slots=True)
class HitList:
    """Posts found, best first, with the query they answer."""

    hits: tuple[Hit, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Told:
    """One plain sentence; `done` is whether what was asked for was done."""

    text: str
    done: bool = True


Reply = Digest | Answer | ThemeList | UntrackedList | HitList | Coverage | Help | Told


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `/groundswell`."""

    usage: str
    does: str
    run: Callable[[Pipeline, str], Reply]


def digest(pipeline: Pipeline, query: str) -> Reply:
    """What moved in the last week, or in the query's period."""
    return pipeline.digest(query)


def themes(pipeline: Pipeline, query: str) -> Reply:
    """The themes, strongest first."""
    pipeline.check(query)
    return ThemeList(tuple(pipeline.themes(query)), query)


def untracked(pipeline: Pipeline, query: str) -> Reply:
    """The complaints that no issue stands for."""
    return UntrackedList(tuple(pipeline.untracked(query)), query)


def search(pipeline: Pipeline, query: str) -> Reply:
    """Posts by words and meaning."""
    if not query:
        return Help("search for what?")
    return HitList(tuple(pipeline.search(query, SEARCH_LIMIT)), query)


def ask(pipeline: Pipeline, question: str) -> Reply:
    """An answer to a plain question."""
    return pipeline.ask(question) if question else Help("ask what?")


def sources(pipeline: Pipeline, _: str) -> Reply:
    """What has been read, up to when."""
    return pipeline.coverage()


def add(pipeline: Pipeline, url: str) -> Reply:
    """One post by its address, as somebody pastes it; Slack puts addresses into `<...>`."""
    if not url:
        return Help("add which post? Paste its address")
    try:
        added = pipeline.add(url.strip("<>").partition("|")[0])
    except GroundswellError as error:
        return Told(str(error), done=False)
    if added.error or added.rejected:
        return Told(added.error or added.rejected[0].reason, done=False)
    return Told("Added." if added.new else "Known already, and now as it stands there.")


def show_help(_pipeline: Pipeline, _words: str) -> Reply:
    """What can be asked."""
    return Help()


COMMANDS = {
    "digest": Command("digest since:2w", "what is new, growing, back, steady and fading", digest),
    "ask": Command("ask what hurts most on Reddit?", "an answer with its sources", ask),
    "themes": Command("themes kind:complaint", "what keeps coming back, strongest first", themes),
    "untracked": Command(
        "untracked source:reddit", "complaints that no issue stands for", untracked
    ),
    "search": Command('search "exact words" source:github', "posts, best first", search),
    "sources": Command("sources", "what was read, up to when, and what was not", sources),
    "add": Command("add https://news.ycombinator.com/item?id=1", "one post by its address", add),
    "help": Command("help", "this", show_help),
}


OTHERS = (
    *("subscribe", "alerts", "watch", "subscriptions", "unsubscribe", "triage"),
    *("mute", "quiet", "off", "rename", "merge", "acknowledge", "assign", "link", "kind", "undo"),
)
"""Commands that need a channel or a person, and are answered where those are known."""

ARGUMENT = re.compile(
    r'-?[a-z]+:\S|"|#?\d+\s*$|https?://|t\d+\b|(?:daily|weekly|weekdays|hourly|mine|rota)\b',
    re.IGNORECASE,
)
"""How what stands behind a command begins, and no plain question goes on."""


def respond(pipeline: Pipeline, words: str) -> Reply:
    """Answer a slash command, or anything else as a plain question.

    Raises:
        QueryError: a query in it is wrong; the message says where.
    """
    words = cleaned(words)
    if not words:
        return Help()
    if not words.startswith("/"):
        return ask(pipeline, words)
    slash, rest = first_word(words)
    if slash.lower() != SLASH:
        return Help(f"there is no {slash}; there is {SLASH}")
    if not rest:
        return Help()
    name, rest = first_word(rest)
    command = COMMANDS.get(name.lower())
    return command.run(pipeline, rest) if command else _unknown(pipeline, name, rest)


def _unknown(pipeline: Pipeline, name: str, rest: str) -> Reply:
    """A question; or, where only a command goes on so, which one was probably meant."""
    near = nearest(name, (*COMMANDS, *OTHERS)) if not rest or ARGUMENT.match(rest) else None
    if near is not None and near != name.lower():
        return Told(f"There is no {name}; did you mean {SLASH} {near}?", done=False)
    return ask(pipeline, f"{name} {rest}".strip())


def first_word(words: str) -> tuple[str, str]:
    """The first word and the rest; people part them by line breaks, too."""
    first, *rest = words.split(maxsplit=1)
    return first, "".join(rest)
