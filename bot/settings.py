"""Settings: secrets from the environment, the rest from groundswell.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

CONFIG = "groundswell.toml"


def _address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("an address starts with http:// or https://")
    return value


Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HackerNewsSettings(_Part):
    """`[sources.hackernews]`: stories and comments that hold one of the phrases."""

    queries: tuple[Annotated[str, Field(min_length=2)], ...] = Field(min_length=1)
    algolia_url: Address = "https://hn.algolia.com/api/v1"
    firebase_url: Address = "https://hacker-news.firebaseio.com/v0"


class FeedSettings(_Part):
    """`[[sources.rss]]`: one RSS, Atom or JSON feed."""

    feed: Name = Field(alias="name")
    url: Address


class SourcesSettings(_Part):
    """`[sources]`: what is read. Nothing is read that is not named here."""

    hackernews: HackerNewsSettings | None = None
    rss: tuple[FeedSettings, ...] = ()

    def of(self, kind: str) -> tuple[BaseModel, ...]:
        """What is configured of one kind of source, one model a source."""
        found = getattr(self, kind)
        return found if isinstance(found, tuple) else (found,) if found else ()

    @field_validator("rss")
    @classmethod
    def _names_differ(cls, feeds: tuple[FeedSettings, ...]) -> tuple[FeedSettings, ...]:
        names = [feed.feed for feed in feeds]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two feeds are called {twice!r}; a name keys what was read")
        return feeds


class HttpSettings(_Part):
    """`[http]`: how we go out."""

    contact: str = ""
    """Who to write to about our requests: an address or a mail; sent with each of them."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts inside your own network that may be read; all other private addresses are refused."""


class FileSettings(_Part):
    """All of groundswell.toml."""

    database: str = "sqlite:///groundswell.db"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    http: HttpSettings = HttpSettings()
    sources: SourcesSettings = SourcesSettings()


class Secrets(BaseSettings):
    """What must not stand in a file that is shared: read from the environment or `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    groundswell_database: str | None = None


class Settings(_Part):
    """Everything that is set."""

    file: FileSettings
    secrets: Secrets
    path: Path | None
    """The file that was read; None if there is none."""

    @property
    def database(self) -> str:
        """The database's URL: the environment's word goes before the file's."""
        return self.secrets.groundswell_database or self.file.database


def load(path: Path | None = None) -> Settings:
    """Read the settings; with no path, groundswell.toml of the current folder if it is there.

    Raises:
        SettingsError: a file is missing or no text, is no TOML, or a key in it is wrong.
    """
    chosen = path or Path(CONFIG)
    if path is None and not chosen.exists():
        return Settings(file=FileSettings(), secrets=_secrets(), path=None)
    try:
        file = FileSettings.model_validate(_read(chosen))
    except ValidationError as error:
        raise SettingsError(_explained(chosen, error)) from error
    return Settings(file=file, secrets=_secrets(), path=chosen)


def _secrets() -> Secrets:
    try:
        return Secrets()
    except (OSError, UnicodeDecodeError) as error:
        # Its type alone: the message may hold what is in the file.
        raise SettingsError(f".env: cannot be read ({type(error).__name__})") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: {error.strerror}. Name your configuration with --config FILE, or copy "
            f"groundswell.toml.example to {CONFIG}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _explained(path: Path, error: ValidationError) -> str:
    """One line a fault: the file, the key, what is wrong, and how to mend it."""
    lines = []
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "there is no such key; groundswell.toml.example shows all there are"
        elif fault["type"] == "missing":
            message = "is missing; groundswell.toml.example shows what it looks like"
        lines.append(f"{path}: {key}: {message}")
    return "\n".join(lines)
