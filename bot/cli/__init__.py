"""The command line: people and scripts lean on it, so its JSON and exit codes only grow.

Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections import UserDict
from pkgutil import resolve_name
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from bot.cli.call import FAILED, WRONG_USAGE, options
from bot.errors import GroundswellError, QueryError
from bot.terminal import complain, forgive_encodings

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS = {
    "init": "bot.cli.setting_up:init",
    "import": "bot.cli.taking_in:import_",
    "collect": "bot.cli.taking_in:collect",
    "add": "bot.cli.taking_in:add",
    "forget": "bot.cli.taking_in:forget",
    "feeds": "bot.cli.taking_in:feeds",
    "understand": "bot.cli.taking_in:understand",
    "themes": "bot.cli.asking:themes",
    "untracked": "bot.cli.asking:untracked",
    "triage": "bot.cli.asking:triage",
    "untold": "bot.cli.asking:untold",
    "search": "bot.cli.asking:search",
    "ask": "bot.cli.asking:ask",
    "digest": "bot.cli.asking:digest",
    "backtest": "bot.cli.asking:backtest",
    "eval": "bot.cli.measuring:eval_",
    "status": "bot.cli.running:status",
    "security": "bot.cli.running:security",
    "check": "bot.cli.running:check",
    "mcp": "bot.cli.running:mcp",
    "preview": "bot.cli.running:preview",
    "run": "bot.cli.running:run",
    "serve": "bot.cli.serving:serve",
    "demo": "bot.cli.running:demo",
    "theme": "bot.cli.deciding:group",
}
"""Every command by its word, in the order in which the help shows them, and where it is: loaded
only when it is called."""


class _Loaded(UserDict[str, Any]):
    """The commands by their words, each made when it is looked up."""

    def __getitem__(self, word: str) -> Any:  # noqa: ANN401 typer names the type for itself alone
        found = resolve_name(self.data[word])
        if isinstance(found, typer.Typer):
            return get_group(found)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(word)(found)
        return get_command(alone)


class Commands(TyperGroup):
    """The commands of COMMANDS: to make all of them is a tenth of a start."""

    def __init__(self, **made: Any) -> None:  # noqa: ANN401 as typer makes a group
        super().__init__(**made)
        self.commands = _Loaded(COMMANDS)


cli = typer.Typer(
    name="groundswell",
    cls=Commands,
    help="Reads what a software community says and finds the themes that keep coming back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.callback()(options)


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
