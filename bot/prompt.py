"""The local workspace's prompt: a line in, an answer out, as Slack will do it."""

from __future__ import annotations

from typing import TextIO

from rich.console import Group, RenderableType
from rich.text import Text

from bot.errors import GroundswellError
from bot.model import Answer, Coverage, Digest
from bot.pipeline import Pipeline
from bot.slack import console
from bot.terminal import stdout
from handlers.commands import (
    COMMANDS,
    SLASH,
    Help,
    HitList,
    Reply,
    ThemeList,
    Told,
    UntrackedList,
    respond,
)

LEAVE = {"exit", "quit", "/exit", "/quit", ":q"}


def converse(pipeline: Pipeline, lines: TextIO) -> None:
    """Answer line after line until there are none, or the person leaves."""
    stdout.print(_greeting())
    while True:
        if lines.isatty():
            stdout.print("\n[bold]you[/] > ", end="")
        line = lines.readline()
        if not line or line.strip().lower() in LEAVE:
            return
        if line.strip():
            stdout.print(answer(pipeline, line))


def answer(pipeline: Pipeline, line: str) -> RenderableType:
    """The drawing of the answer to one line; a foreseen failure is told, not raised."""
    try:
        return drawing(respond(pipeline, line))
    except GroundswellError as error:
        return Text(str(error), style="red")


def drawing(reply: Reply) -> RenderableType:
    """Any reply, drawn."""
    match reply:
        case Digest():
            return console.digest_drawing(reply)
        case Answer():
            return console.answer_drawing(reply)
        case ThemeList() | UntrackedList():
            return _themes(reply)
        case HitList():
            return console.hits_drawing(reply.hits)
        case Coverage():
            return console.coverage_drawing(reply)
        case Help() | Told():
            return _help(reply) if isinstance(reply, Help) else _told(reply)


def _greeting() -> Text:
    return Text.assemble(
        ("Groundswell, local workspace. ", "bold"),
        (f"Ask in plain words, or {SLASH} help. Leave with exit.", "dim"),
    )


def _themes(reply: ThemeList | UntrackedList) -> RenderableType:
    lost = isinstance(reply, UntrackedList)
    draw = console.untracked_drawing if lost else console.themes_drawing
    return draw(reply.themes)


def _told(reply: Told) -> Text:
    return Text(reply.text, style="" if reply.done else "red")


def _help(reply: Help) -> RenderableType:
    lines = [Text(f"Sorry: {reply.problem}.", style="red")] if reply.problem else []
    lines.append(Text("Ask in plain words: what are users complaining about this week?"))
    width = max(len(command.usage) for command in COMMANDS.values())
    lines += [
        Text.assemble(
            f"{SLASH} ", (command.usage.ljust(width), "bold"), (f"  {command.does}", "dim")
        )
        for command in COMMANDS.values()
    ]
    return Group(*lines)
