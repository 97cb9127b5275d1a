"""What stands around every command: the options before it, and what commands share."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__, app, settings
from bot.pipeline import Pipeline
from bot.speak.moments import iso
from bot.terminal import set_up_logs
from bot.text import cleaned

if TYPE_CHECKING:
    from bot.replay import Tape
    from bot.schedule import Reading

FAILED, WRONG_USAGE = 1, 2

Json = Annotated[bool, typer.Option("--json", help="Print JSON, alone, on stdout.")]


@dataclass(frozen=True, slots=True)
class Call:
    """The options that stand before the command."""

    context: typer.Context
    settings: settings.Settings
    database: str | None
    clock: app.Clock

    def reading(self) -> Reading:
        """Reading the sources as these options have it, beside this process."""
        from bot.schedule import Reading  # noqa: PLC0415 slow to import, seldom needed

        options = [
            *(["--database", self.database] if self.database else []),
            *(["--config", str(self.settings.path)] if self.settings.path else []),
        ]
        every = timedelta(minutes=self.settings.file.slack.collect_minutes)
        return Reading(every, [sys.executable, "-m", "bot", *options, "--leash"])

    def pipeline(self, tape: Tape | None = None) -> Pipeline:
        """The pipeline these options ask for, closed when the command ends."""
        return self.context.with_resource(app.build(self.settings, self.database, self.clock, tape))


def said(words: Iterable[str]) -> str:
    """Arguments as one text, in the form that posts are stored in: what is typed may not be."""
    return cleaned(" ".join(words))


def _now(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = iso(value)
    if moment is None:
        raise typer.BadParameter(f"{value!r} is no ISO time, such as 2026-11-24T09:00:00Z")
    return moment


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"groundswell {__version__}\n")
        raise typer.Exit


def _end_with_stdin() -> None:
    """End at once when whoever began us has ended: every command may be stopped at any point."""
    while os.read(0, 1):  # Python's own stdin would be locked when the command ends first
        pass
    os._exit(FAILED)


def options(
    context: typer.Context,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="As in sqlite:///groundswell.db")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead of ./groundswell.toml")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="Speak as of that time: later posts do not exist."),
    ] = None,
    leash: Annotated[
        bool, typer.Option("--leash", hidden=True, help="End when standard input does.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,  # noqa: ARG001 the callback has it
) -> None:
    """Read the options that stand before every command."""
    moment = _now(now)
    if leash:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    loaded = settings.load(config)
    set_up_logs(loaded.file.log_level)
    context.obj = Call(context, loaded, database, (lambda: moment) if moment else app.wall_clock)
