"""`groundswell init`: from nothing to a bot in Slack."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cadence import zone_of
from bot.errors import SettingsError
from bot.rights import Right
from bot.settings import CONFIG
from bot.slack.manifest import address
from bot.terminal import stdout, tell

ENV = ".env"
FIRST_RIGHTS = (Right.ASK, Right.SUBSCRIBE, Right.DECIDE)
"""What everybody in the workspace may do to begin with; a line of the file each, to be narrowed."""

_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
TOKENS = (
    ("SLACK_BOT_TOKEN", "xoxb-", "Bot User OAuth Token (OAuth & Permissions)"),
    ("SLACK_APP_TOKEN", "xapp-", "App-Level Token with connections:write (Basic Information)"),
    ("GITHUB_TOKEN", "", "GitHub token, if there is one"),
)


def init(
    repo: Annotated[
        list[str] | None,
        typer.Option(metavar="OWNER/NAME", help="A GitHub repository to read; several times."),
    ] = None,
    contact: Annotated[
        str, typer.Option(help="Your mail or page, told to the sites that are read.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Your time zone, such as Europe/Berlin.")] = "UTC",
) -> None:
    """Set the bot up: how to make the app in Slack, then .env and groundswell.toml."""
    stdout.print(
        "1. Make the app in your workspace, as this address proposes it, and install it:\n"
    )
    sys.stdout.write(f"{address()}\n\n")
    stdout.print("2. Copy its two tokens (what is left empty can be put into .env later).\n")
    asked = sys.stdin.isatty()
    given = {name: _asked(name, start, what) for name, start, what in TOKENS} if asked else {}
    if asked and not repo:
        repo = typer.prompt("GitHub repositories to read (owner/name, ...)", default="").split(",")
    kept = keep_secrets(Path(ENV), {name: value for name, value in given.items() if value})
    made = keep_settings(Path(CONFIG), [r.strip() for r in repo or () if r.strip()], contact, zone)
    new = ", ".join(kept) or "nothing new"
    tell(f"{ENV}: {new}; {CONFIG}: {'made' if made else 'left as it is'}")
    stdout.print("\n3. groundswell check\n4. groundswell run")


def _asked(name: str, start: str, what: str) -> str:
    while True:
        value: str = typer.prompt(f"{name}: {what}", default="", hide_input=True).strip()
        if not value or value.startswith(start):
            return value
        tell(f"{name} begins with {start}")


def keep_secrets(path: Path, given: dict[str, str]) -> list[str]:
    """Add secrets that a file does not hold yet; returns the names of those added.

    Only its owner can read the file. Raises SettingsError if it cannot be written.
    """
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        held = {line.partition("=")[0].strip() for line in before.splitlines()}
        new = {name: value for name, value in given.items() if name not in held}
        if not new:
            return []
        gap = "" if not before or before.endswith("\n") else "\n"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
            file.write(gap + "".join(f"{name}={value}\n" for name, value in new.items()))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error
    return list(new)


def keep_settings(path: Path, repos: list[str], contact: str, zone: str) -> bool:
    """Make a configuration where there is none; whether it was made.

    Raises:
        SettingsError: a value is wrong, or it cannot be written.
    """
    if path.exists():
        return False
    for repo in repos:
        if not _REPO.fullmatch(repo):
            raise SettingsError(f"{repo!r} is no repository; write it like owner/name")
    if any(sign in contact for sign in '"\\\n'):
        raise SettingsError(f"{contact!r}: write a mail or an address, without quotes")
    zone, listed = zone_of(zone).key, ", ".join(f'"{repo}"' for repo in repos)
    parts = [
        f'[http]\ncontact = "{contact}"\n' if contact else "",
        f'[slack]\nzone = "{zone}"\n',
        "".join(["[slack.rights]\n", *(f'{right} = ["*"]\n' for right in FIRST_RIGHTS)]),
        f"[sources.github]\nrepos = [{listed}]\n" if repos else "",
    ]
    try:
        path.write_text("\n".join(filter(None, parts)), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error
    return True
