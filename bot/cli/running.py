"""The commands about Groundswell itself: how it stands, what is wrong, and what keeps running."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from bot import app, checks, prompt, reports
from bot.cli.call import FAILED, Call, Json, said
from bot.errors import SettingsError
from bot.model import Audience
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.terminal import emit, tell

NOBODY = (
    "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are missing, and there is no terminal to answer in: "
    "put both into .env (docs/slack.md), or run this in a terminal"
)


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
    """Be the bot in Slack; without Slack's tokens, a prompt that takes what Slack will take."""
    call: Call = context.obj
    secrets = call.settings.secrets
    if call.settings.file.slack.oauth:
        raise SettingsError("[slack.oauth] is set: its workspaces are served by groundswell serve")
    if not secrets.slack_bot_token and not secrets.slack_app_token:
        # A closed stdin is None, or a file that no more can be read from.
        if sys.stdin is None or sys.stdin.closed or not prompt.converse(call.pipeline(), sys.stdin):
            raise SettingsError(NOBODY)
        return
    if not secrets.slack_bot_token or not secrets.slack_app_token:
        missing = "SLACK_APP_TOKEN" if secrets.slack_bot_token else "SLACK_BOT_TOKEN"
        raise SettingsError(f"{missing} is missing: Slack needs both; see docs/slack.md")
    if wrong := secrets.misshapen():
        raise SettingsError(f"{'; '.join(wrong)}: copy it anew from the app's page into .env")
    _be_in_slack(call, secrets.slack_bot_token, secrets.slack_app_token)


def _be_in_slack(call: Call, bot_token: SecretStr, app_token: SecretStr) -> None:
    from bot import workspace  # noqa: PLC0415 Bolt is slow to import, and nothing else needs it

    asked = call.settings.file.slack
    tokens = bot_token.get_secret_value(), app_token.get_secret_value()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    workspace.run(
        app.in_slack(call.pipeline(), call.settings),
        asked.rights.rights(),
        workspace.Access(
            tokens[0],
            asked.api_url,
            tokens[1],
            capture=asked.capture,
            alerts_an_hour=asked.alerts_an_hour,
        ),
        call.reading(),
        stop,
        tell,
    )


def mcp(
    context: typer.Context,
    private: Annotated[
        bool, typer.Option("--private", help="Also what not everybody could read.")
    ] = False,
) -> None:
    """Answer agents over MCP, on stdin and stdout: to ask, never to change anything."""
    from bot.agents import server  # noqa: PLC0415 slow to import, and nothing else needs it

    pipeline = context.obj.pipeline()
    server(pipeline if private else replace(pipeline, audience=Audience())).run()


def preview(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS", show_default=False)],
    html: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")],
) -> None:
    """Write a page that shows what Slack would show for a command, a question, or `home`.

    A command that would change something is carried out on a copy: nothing is changed.
    """
    from handlers.asking import changes  # noqa: PLC0415 heavy, and seldom asked for

    call, asked = context.obj, said(words)
    wants = changes(asked)
    # That somebody looked at their Home is kept, too.
    if wants or _is_home(asked):
        copy = app.build_copy(call.settings, call.database, call.clock)
        pipeline = context.with_resource(copy)
    else:
        pipeline = call.pipeline()
    reports.write_page(html, _page(replace(pipeline, audience=Audience()), asked))
    tell(f"Wrote {html}")
    if wants:
        tell("Nothing was changed.")


def _page(pipeline: Pipeline, asked: str) -> str:
    from bot.slack import home  # noqa: PLC0415 see below
    from bot.slack.preview import preview as page  # noqa: PLC0415 heavy, and seldom asked for
    from bot.slack.preview import view_preview  # noqa: PLC0415 see above
    from handlers.asking import reply  # noqa: PLC0415 see above
    from handlers.desk import Asker, Desk  # noqa: PLC0415 see above
    from handlers.home import sight  # noqa: PLC0415 see above

    desk = Desk(pipeline, Rights({right: frozenset({EVERYBODY}) for right in Right}))
    if _is_home(asked):
        return view_preview(home.home(sight(desk, "you", "D0")), "Home")
    return page(reply(desk, Asker("you", "D0", direct=True), asked), asked)


def _is_home(asked: str) -> bool:
    return asked.strip().lower() == "home"


def demo(
    context: typer.Context,
    archive: Annotated[Path | None, typer.Argument(metavar="[ARCHIVE]")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the page here.")] = None,
) -> None:
    """Show the main job on an invented community, or on an archive of your own."""
    from bot import demonstration  # noqa: PLC0415 heavy: it makes a page

    call: Call = context.obj
    demonstration.show(call.settings, call.database, archive, html)
