"""The command line: people and scripts lean on it, so its JSON and exit codes only grow.

Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from bot.cli import asking, deciding, measuring, running, serving, setting_up, taking_in
from bot.cli.call import FAILED, WRONG_USAGE, options
from bot.errors import GroundswellError, QueryError
from bot.terminal import complain, forgive_encodings

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: dict[str, Callable[..., None]] = {
    "init": setting_up.init,
    "import": taking_in.import_,
    "collect": taking_in.collect,
    "add": taking_in.add,
    "forget": taking_in.forget,
    "feeds": taking_in.feeds,
    "understand": taking_in.understand,
    "themes": asking.themes,
    "untracked": asking.untracked,
    "triage": asking.triage,
    "untold": asking.untold,
    "search": asking.search,
    "ask": asking.ask,
    "digest": asking.digest,
    "backtest": asking.backtest,
    "eval": measuring.eval_,
    "status": running.status,
    "security": running.security,
    "check": running.check,
    "mcp": running.mcp,
    "preview": running.preview,
    "run": running.run,
    "serve": serving.serve,
    "demo": running.demo,
}
"""Every command by its word, in the order in which the help shows them."""

cli = typer.Typer(
    name="groundswell",
    help="Reads what a software community says and finds the themes that keep coming back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.callback()(options)
for word, command in COMMANDS.items():
    cli.command(word)(command)
cli.add_typer(deciding.group)


def main() -> None:
    """Run a command; a foreseen failure is one line on stderr and an exit code."""
    forgive_encodings()
    try:
        cli(standalone_mode=True)
    except QueryError as error:
        complain(str(error))
        sys.exit(WRONG_USAGE)
    except GroundswellError as error:
        complain(str(error))
        sys.exit(FAILED)
