"""The commands about Groundswell itself: how it stands, what is wrong, and what keeps running."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import checks, prompt, reports
from bot.cli.call import FAILED, Call, Json
from bot.terminal import emit, tell


def status(context: typer.Context, json: Json = False) -> None:
    """Show the sources, the counts and what has been read."""
    found = context.obj.pipeline().status()
    emit(reports.status_data(found), reports.status_drawing(found), as_json=json)


def security(context: typer.Context, json: Json = False) -> None:
    """List what looks like an undisclosed vulnerability: for the security contact alone."""
    found = context.obj.pipeline().security()
    emit(reports.security_data(found), reports.security_text(found), as_json=json)


def check(context: typer.Context, json: Json = False) -> None:
    """Check configuration, tokens and reachability: what is wrong and how to mend it."""
    call: Call = context.obj
    found = checks.check_all(call.settings, call.database, call.clock)
    emit(checks.checks_data(found), checks.checks_drawing(found), as_json=json)
    if not all(one.ok for one in found):
        raise typer.Exit(FAILED)


def run(context: typer.Context) -> None:
    """Open the local workspace: a prompt that takes what Slack will take."""
    call: Call = context.obj
    if call.settings.secrets.slack_bot_token:
        tell("Slack tokens are set, but this version speaks in the terminal only.")
    prompt.converse(call.pipeline(), sys.stdin)


def demo(
    context: typer.Context,
    archive: Annotated[Path | None, typer.Argument(metavar="[ARCHIVE]")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the page here.")] = None,
) -> None:
    """Show the main job on an invented community, or on an archive of your own."""
    from bot import demonstration  # noqa: PLC0415 heavy: it makes a page

    call: Call = context.obj
    demonstration.show(call.settings, call.database, archive, html)
