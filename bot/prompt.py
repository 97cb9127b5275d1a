"""The local workspace's prompt: a line in, an answer out, as Slack will do it."""

from __future__ import annotations

from typing import TextIO

from rich.console import Group, RenderableType
from rich.text import Text

from bot.errors import GroundswellError
from bot.model import Answer, Coverage, Digest, Question
from bot.pipeline import Pipeline
from bot.slack import console
from bot.terminal import stdout
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
    respond,
)

OFFERED = 3
"""So many corrections fit on a line."""

LEAVE = {"exit", "quit", "/exit", "/quit", ":q"}


def converse(pipeline: Pipeline, lines: TextIO) -> None:
    """Answer line after line until there are none, or the person leaves."""
    stdout.print(_greeting())
    asked: Question | None = None
    while True:
        if lines.isatty():
            stdout.print("\n[bold]you[/] > ", end="")
        line = lines.readline()
        if not line or line.strip().lower() in LEAVE:
            return
        if line.strip():
            drawn, asked = heard(pipeline, line, asked, hinting=True)
            stdout.print(drawn)


def answer(pipeline: Pipeline, line: str) -> RenderableType:
    """The drawing of the answer to one line; a foreseen failure is told, not raised."""
    return heard(pipeline, line, None)[0]


def heard(
    pipeline: Pipeline, line: str, previous: Question | None, *, hinting: bool = False
) -> tuple[RenderableType, Question | None]:
    """The drawing of the answer to one line, and the question that the next may go on from.

    With `hinting` it tells what may be said by whoever meant something else.
    """
    words = cleaned(line)
    try:
        command = words.startswith("/")
        reply = respond(pipeline, words) if command else pipeline.ask(words, previous)
    except GroundswellError as error:
        return Text(str(error), style="red"), previous
    if not isinstance(reply, Answer):
        return drawing(reply), previous
    hint = _otherwise(reply) if hinting else []
    return Group(drawing(reply), *hint), reply.asked or previous


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


def _otherwise(answer: Answer) -> list[Text]:
    """What may be said next by whoever meant something else."""
    said = " · ".join(one.said for one in answer.corrections[:OFFERED])
    return [Text(f"Not what you meant? Say: {said}", style="dim")] if said else []


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
