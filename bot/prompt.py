"""The local workspace's prompt: a line in, an answer out, as Slack will do it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TextIO

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.errors import GroundswellError
from bot.model import Answer, Coverage, Digest, Question
from bot.pipeline import Pipeline
from bot.slack import console
from bot.speak.triage import Queue
from bot.terminal import logged_in, stdout
from bot.text import cleaned
from handlers.commands import (
    COMMANDS,
    SLASH,
    Help,
    HitList,
    Reply,
    ThemeList,
    Told,
    UntrackedList,
)

OFFERED = 3
"""So many corrections fit on a line."""

PROMPT = "you > "

LEAVE = {"exit", "quit", "/exit", "/quit", ":q"}


def converse(pipeline: Pipeline, lines: TextIO) -> bool:
    """Answer line after line until there are none, or the person leaves.

    Returns whether there was anybody: a terminal, or at least one line.
    """
    first = "" if lines.isatty() else lines.readline()
    if not first and not lines.isatty():
        return False
    stdout.print(_greeting())
    asked: Question | None = None
    for line in _said(lines, first):
        if line.strip():
            drawn, asked = heard(pipeline, line, asked, hinting=True)
            stdout.print(drawn)
    return True


def _said(lines: TextIO, first: str) -> Iterator[str]:
    line = first or _next(lines)
    while line and line.strip().lower() not in LEAVE:
        yield line
        line = _next(lines)


def _next(lines: TextIO) -> str:
    """The next line with its end; empty where there is none."""
    if not lines.isatty():
        return lines.readline()
    stdout.print()
    if lines is not sys.stdin:
        stdout.print(PROMPT, end="")
        return lines.readline()
    with suppress(ImportError):  # where there is none, lines are typed without a way back
        import readline  # noqa: F401, PLC0415 from then on arrow keys bring back what was typed
    try:
        return f"{input(PROMPT)}\n"
    except EOFError:
        return ""


def answer(pipeline: Pipeline, line: str) -> RenderableType:
    """The drawing of the answer to one line; a foreseen failure is told, not raised."""
    return heard(pipeline, line, None)[0]


def heard(
    pipeline: Pipeline, line: str, previous: Question | None, *, hinting: bool = False
) -> tuple[RenderableType, Question | None]:
    """The drawing of the answer to one line, and the question that the next may go on from.

    With `hinting` it tells what may be said by whoever meant something else.
    """
    from handlers.local import said_here  # noqa: PLC0415 Slack's models are slow to import

    words = cleaned(line)
    try:
        reply = said_here(pipeline, words, logged_in())
        reply = pipeline.ask(words, previous) if reply is None else reply
    except GroundswellError as error:
        return Text(str(error), style="red"), previous
    if not isinstance(reply, Answer):
        return drawing(reply), previous
    hint = _otherwise(reply) if hinting else []
    return Group(drawing(reply), *hint), reply.asked or previous


def drawing(reply: Reply | Queue) -> RenderableType:
    """Any reply, drawn."""
    match reply:
        case Digest():
            return console.digest_drawing(reply)
        case Answer():
            return console.answer_drawing(reply)
        case Queue():
            return console.queue_drawing(reply)
        case Coverage():
            return console.coverage_drawing(reply)
        case Help() | Told():
            return _help(reply) if isinstance(reply, Help) else _told(reply)
        case _:
            return _listed(reply)


def _greeting() -> Text:
    return Text.assemble(
        ("Groundswell, local workspace. ", "bold"),
        (f"Ask in plain words, or {SLASH} help. Leave with exit.", "dim"),
    )


def _otherwise(answer: Answer) -> list[Text]:
    """What may be said next by whoever meant something else."""
    said = " · ".join(one.said for one in answer.corrections[:OFFERED])
    return [Text(f"Not what you meant? Say: {said}", style="dim")] if said else []


def _listed(reply: ThemeList | UntrackedList | HitList) -> RenderableType:
    if isinstance(reply, HitList):
        return console.hits_drawing(reply.hits)
    lost = isinstance(reply, UntrackedList)
    draw = console.untracked_drawing if lost else console.themes_drawing
    return draw(reply.themes)


def _told(reply: Told) -> Text:
    return Text(reply.text, style="" if reply.done else "red")


def _help(reply: Help) -> RenderableType:
    from handlers.local import USAGES  # noqa: PLC0415 see above

    sorry = [Text(f"Sorry: {reply.problem}.", style="red")] if reply.problem else []
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)  # to be copied
    table.add_column()
    for usage, does in (*((c.usage, c.does) for c in COMMANDS.values()), *USAGES):
        table.add_row(Text.assemble(f"{SLASH} ", (usage, "bold")), Text(does, style="dim"))
    asking = Text("Ask in plain words: what are users complaining about this week?")
    return Group(*sorry, asking, table)
