"""`groundswell init`: from nothing to a bot in Slack."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from bot.cadence import zone_of
from bot.errors import SettingsError
from bot.rights import EVERYBODY
from bot.settings import CONFIG, PLACEHOLDER, OAuthSettings, load
from bot.slack.manifest import EVENTS, INSTALL, address
from bot.terminal import started_as, stdout, tell

ENV = ".env"
Said = TypeVar("Said")

_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_MEMBER = re.compile(r"[UW][A-Z0-9]+|\*", re.ASCII)
TOKENS = (
    ("SLACK_BOT_TOKEN", "xoxb-", "Bot User OAuth Token (OAuth & Permissions)"),
    ("SLACK_APP_TOKEN", "xapp-", "App-Level Token with connections:write (Basic Information)"),
    ("GITHUB_TOKEN", "", "GitHub token, if there is one"),
)
SECRETS = (
    ("SLACK_CLIENT_ID", "Client ID"),
    ("SLACK_CLIENT_SECRET", "Client Secret"),
    ("SLACK_SIGNING_SECRET", "Signing Secret"),
)
_CONTACT = "Your mail or page, told to the sites that are read"
_MEMBER_ASKED = (
    "Who may decide and have channels told: your Slack member id (profile > Copy member ID), "
    "empty for everybody in the workspace"
)
_FIRST_RIGHTS = """\
# Who may do what, by Slack's ids of people; "*" is everybody, and nobody may what is not given.
[slack.rights]
ask = ["*"]
# To have channels told, and to decide on themes (assign, mute, merge, undo):
{hidden}subscribe = ["{who}"]
{hidden}decide = ["{who}"]
# To add posts and sources:
# sources = ["U012AB3CD"]
# Who is told, in direct messages, what looks like an undisclosed vulnerability:
# security = ["U012AB3CD"]
"""
_FIRST_OAUTH = """\
# One app for several workspaces, served by groundswell serve: docs/slack.md. What is read for each,
# and who may do what in it, stands in a groundswell.toml of its own.
[slack.oauth]
url = "{url}"
# The workspaces that may install it, by their ids; nobody else can.
teams = []
"""


def init(
    repo: Annotated[
        list[str] | None,
        typer.Option(metavar="OWNER/NAME", help="A GitHub repository to read; several times."),
    ] = None,
    contact: Annotated[str, typer.Option(help=f"{_CONTACT}.")] = "",
    zone: Annotated[str, typer.Option(help="Your time zone, such as Europe/Berlin.")] = "UTC",
    member: Annotated[
        str, typer.Option(metavar="ID", help="Who may decide: a Slack member id, * for everybody.")
    ] = "",
    oauth: Annotated[
        str,
        typer.Option(metavar="URL", help="For several workspaces, which install it from there."),
    ] = "",
) -> None:
    """Set the bot up: how to make the app in Slack, then .env and groundswell.toml."""
    if oauth:
        if repo or contact or member or zone != "UTC":
            raise SettingsError(
                "--oauth goes alone: what is read for a workspace, and who may do what in it, "
                "stands in a groundswell.toml of its own"
            )
        _for_several(oauth)
        return
    path, repos = Path(CONFIG), [_repo(one) for one in repo or ()]
    contact, member, zone = _contact(contact), _member(member), zone_of(zone).key
    if there := path.exists():
        _read_already(path, repos)
    stdout.print("1. Make the app in your workspace, as this address proposes it (Create), and")
    stdout.print("   install it (Install to Workspace; an admin may have to approve):\n")
    sys.stdout.write(f"{address()}\n\n")
    stdout.print("2. Copy its two tokens (what is left empty can be put into .env later).\n")
    kept: list[str] = []
    if asked := sys.stdin.isatty():
        given = {name: _asked(name, start, what) for name, start, what in TOKENS}
        kept = keep_secrets(Path(ENV), {name: value for name, value in given.items() if value})
    if asked and not there:
        repos = repos or _prompted("GitHub repositories to read (owner/name, ...)", _repos)
        contact = contact or _prompted(_CONTACT, _contact)
        member = member or _prompted(_MEMBER_ASKED, _member) or EVERYBODY
    made = keep_settings(path, repos, contact, zone, member)
    _told(", ".join(kept), made=made, given=bool(member))
    stdout.print(f"\n3. {started_as()} check\n4. {started_as()} run", markup=False)


def _for_several(url: str) -> None:
    """The same where several workspaces install the app from an address of ours."""
    url, path = _url(url), Path(CONFIG)
    stdout.print("1. Make the app, as this address proposes it (Create); then, on its page, Manage")
    stdout.print("   Distribution > Activate Public Distribution:\n")
    sys.stdout.write(f"{address(url)}\n\n")
    stdout.print("2. Copy its secrets (what is left empty can be put into .env later).\n")
    kept: list[str] = []
    if sys.stdin.isatty():
        given = {name: _asked(name, "", f"{what} (Basic Information)") for name, what in SECRETS}
        kept = keep_secrets(Path(ENV), {name: value for name, value in given.items() if value})
    made = not path.exists()
    if made:
        _write(path, _FIRST_OAUTH.format(url=url))
    elif not load(path).file.slack.oauth:
        tell(f'Add to {path}: [slack.oauth], and below it url = "{url}" and teams = []')
    _told(", ".join(kept), made=made, given=True)
    sys.stdout.write(
        f"\n3. Name the workspaces under [slack.oauth] in {CONFIG}\n4. {started_as()} serve\n"
        f"5. On the app's page, Event Subscriptions: have {url}{EVENTS} verified\n"
        f"6. In each workspace: open {url}{INSTALL}\n"
    )


def _url(said: str) -> str:
    try:
        return OAuthSettings(url=said).url
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise SettingsError(f"--oauth: {why}") from error


def _told(kept: str, *, made: bool, given: bool) -> None:
    tell(f"{ENV}: {kept or 'nothing new'}; {CONFIG}: {'made' if made else 'left as it is'}")
    if made and not given:
        tell(f"Nobody may subscribe or decide yet: fill in [slack.rights] in {CONFIG}")


def _read_already(path: Path, repos: Sequence[str]) -> None:
    """Raises SettingsError, saying what to add, if a file does not name a repository."""
    kept = load(path).file.sources.github
    named = kept.repos if kept else ()
    held = {name.lower() for name in named}
    owners = {name.lower() for name in kept.orgs} if kept else set()
    new = [
        one for one in repos if one.lower() not in held and one.split("/")[0].lower() not in owners
    ]
    if new:
        listed = ", ".join(f'"{one}"' for one in [*named, *new])
        raise SettingsError(
            f"{path} is there already and was not changed; add under [sources.github]: "
            f"repos = [{listed}]"
        )


def _prompted(words: str, sound: Callable[[str], Said]) -> Said:
    """What a person answers, asked again until it is sound."""
    while True:
        said: str = typer.prompt(words, default="", show_default=False)
        try:
            return sound(said.strip())
        except SettingsError as error:
            tell(str(error))


def _repos(said: str) -> list[str]:
    return [_repo(one.strip()) for one in said.split(",") if one.strip()]


def _repo(said: str) -> str:
    if not _REPO.fullmatch(said):
        raise SettingsError(f"{said!r} is no repository: write owner/name")
    return said


def _contact(said: str) -> str:
    if any(sign in said for sign in '"\\\n'):
        raise SettingsError(f"{said!r}: write a mail or an address, without quotes")
    if said == PLACEHOLDER:
        raise SettingsError(f"{said} is the example's: write your own mail or address")
    return said


def _member(said: str) -> str:
    if said and not _MEMBER.fullmatch(said):
        raise SettingsError(f"{said!r} is no Slack member id: it looks like U012AB3CD")
    return said


def _asked(name: str, start: str, what: str) -> str:
    while True:
        value: str = typer.prompt(
            f"{name}: {what}", default="", hide_input=True, show_default=False
        ).strip()
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


def keep_settings(
    path: Path, repos: Sequence[str], contact: str, zone: str, member: str = ""
) -> bool:
    """Make a configuration where there is none; whether it was made.

    `member` may subscribe and decide; if it is empty nobody may, and the lines wait in comments.

    Raises:
        SettingsError: it cannot be written.
    """
    if path.exists():
        return False
    listed = ", ".join(f'"{repo}"' for repo in repos)
    hidden = "" if contact else "# "
    rights = _FIRST_RIGHTS.format(hidden="" if member else "# ", who=member or "U012AB3CD")
    parts = [
        f'[http]\n# {_CONTACT}.\n{hidden}contact = "{contact or PLACEHOLDER}"\n',
        f'[slack]\nzone = "{zone}"\n',
        rights,
        f"[sources.github]\nrepos = [{listed}]\n" if repos else "",
    ]
    _write(path, "\n".join(filter(None, parts)))
    return True


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error
