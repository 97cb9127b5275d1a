"""The terminal's manners: JSON alone on stdout when asked for; progress and logs on stderr."""

from __future__ import annotations

import getpass
import json
import logging
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import stamina
import structlog
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.pipeline import Progress as Report

stdout = Console(soft_wrap=False, highlight=False)
stderr = Console(stderr=True, highlight=False)


def emit(data: Any, drawing: RenderableType, *, as_json: bool) -> None:  # noqa: ANN401 whatever JSON holds
    """Print a result: `data` as JSON, or its drawing for people."""
    if as_json:
        escaped = (sys.stdout.encoding or "utf-8").lower() != "utf-8"
        sys.stdout.write(json.dumps(data, ensure_ascii=escaped, indent=2) + "\n")
    else:
        stdout.print(drawing)


def forgive_encodings() -> None:
    """Let a stdout that cannot hold a character hold `?` instead of ending the command."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def complain(message: str) -> None:
    """Tell a person, on stderr, what went wrong."""
    sys.stderr.write(f"groundswell: {message}\n")


def tell(message: str, *, whole: bool = False) -> None:
    """Tell a person, on stderr, what is going on; `whole` lines are not broken: to be copied."""
    stderr.print(message, markup=False, style="dim", soft_wrap=whole)


def started_as() -> str:
    """The words that this command was started with, as a shell takes them."""
    program = sys.argv[0]
    if Path(program).name == "__main__.py":
        return shlex.join([sys.executable, "-m", Path(program).parent.name])
    found = shutil.which(Path(program).name)
    same = found is not None and Path(found).absolute() == Path(program).absolute()
    return Path(program).name if same else shlex.quote(program)


def logged_in() -> str:
    """Who runs this, by the name they are logged in with."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in a container
        return "somebody"


@contextmanager
def progress_bars(*, quiet: bool) -> Iterator[Report]:
    """A bar a step, on stderr, gone when all is done; none of it when quiet."""
    with Progress(
        TextColumn("{task.description:>24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=stderr,
        transient=True,
        disable=quiet or not stderr.is_terminal,
    ) as bars:
        tasks: dict[str, Any] = {}

        def report(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield report


def set_up_logs(level: str) -> None:
    """Structured lines on stderr, from this level up."""
    # A retry is no news: what fails in the end is told, and says why.
    stamina.instrumentation.set_on_retry_hooks([])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
