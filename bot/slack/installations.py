"""The workspaces that installed the app: a folder each, with its token beside what else it has."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.errors import SettingsError

TEAM = r"^T[A-Z0-9]{2,20}$"
"""What the id of a workspace looks like. It names a folder, so nothing else may pass for one."""
FILE = "installation.json"

Person = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")]


class Installation(BaseModel):
    """What Slack told when a workspace installed the app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    team: Annotated[str, Field(pattern=TEAM)]
    name: str
    """What the workspace is called: a stranger's words."""
    token: SecretStr
    """The bot's."""
    bot_user: Person
    scopes: tuple[str, ...]
    installed_by: Person
    installed_at: AwareDatetime


def is_team(name: str) -> bool:
    """Whether this may be the id of a workspace."""
    return re.fullmatch(TEAM, name) is not None


@dataclass(frozen=True, slots=True)
class Installations:
    """The folder of all workspaces. What is in it only its owner can read."""

    folder: Path

    def home(self, team: str) -> Path:
        """The folder of one workspace. Raises ValueError if that is no workspace's id."""
        if not is_team(team):
            raise ValueError("no workspace has such an id")
        return self.folder / team

    def of(self, team: str) -> Installation | None:
        """What a workspace installed, if it did. Raises SettingsError if it cannot be read."""
        path = self.home(team) / FILE
        try:
            found = Installation.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
        except ValidationError:
            # Without the fault itself: it quotes the file, and with that the token.
            raise _broken(path) from None
        if found.team != team:
            raise _broken(path)
        return found

    def has(self, team: str) -> bool:
        """Whether a workspace installed it."""
        return (self.home(team) / FILE).exists()

    def teams(self) -> list[str]:
        """The workspaces that installed it, whether or not that can be read."""
        found = self.folder.glob(f"*/{FILE}")
        return sorted(path.parent.name for path in found if is_team(path.parent.name))

    def prepare(self, team: str) -> Path:
        """The folder of a workspace, made if need be, that only its owner may look into.

        Raises:
            SettingsError: it cannot be made.
        """
        home = self.home(team)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            home.mkdir(mode=0o700, exist_ok=True)
            home.chmod(0o700)
        except OSError as error:
            raise SettingsError(f"{home}: cannot be made: {error.strerror}") from error
        return home

    def save(self, one: Installation) -> None:
        """Keep it whole or not at all, in place of an earlier one.

        Raises:
            SettingsError: it cannot be written.
        """
        told = one.model_dump(mode="json") | {"token": one.token.get_secret_value()}
        write_whole(self.prepare(one.team) / FILE, json.dumps(told, indent=2) + "\n")

    def forget(self, team: str) -> None:
        """Delete the token; all else that the workspace has stays. Raises SettingsError."""
        path = self.home(team) / FILE
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise SettingsError(f"{path}: cannot be deleted: {error.strerror}") from error


def write_whole(path: Path, text: str) -> None:
    """Put a file that only its owner can read where it belongs, or leave all as it was.

    Raises:
        SettingsError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error


def _broken(path: Path) -> SettingsError:
    return SettingsError(
        f"{path}: is not what was written there. Delete it, and have the app installed again."
    )
