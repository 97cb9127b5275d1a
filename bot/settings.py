"""Settings: secrets from the environment, the rest from groundswell.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.cadence import zone_of
from bot.errors import CadenceError, SettingsError
from bot.model import Role
from bot.rights import EVERYBODY, Right, Rights
from bot.slack.installations import TEAM
from bot.source_settings import Part, SourcesSettings

CONFIG = "groundswell.toml"
PLACEHOLDER = "you@example.org"
"""The contact that the examples show: nobody's."""


def _zone(name: str) -> str:
    """A zone's name, if there is one of it; pydantic tells a ValueError with the key."""
    try:
        return zone_of(name).key
    except CadenceError as error:
        raise ValueError(str(error)) from error


Zone = Annotated[str, AfterValidator(_zone)]
OPENAI = "https://api.openai.com/v1"


class HttpSettings(Part):
    """`[http]`: how we go out."""

    contact: str = ""
    """Who to write to about our requests: an address or a mail; sent with each of them."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts inside your own network that may be read; all other private addresses are refused."""


class PeopleSettings(Part):
    """`[people]`: who is not a user, in any source. Names as the sources write them."""

    team: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()

    def roles(self) -> dict[str, Role]:
        """The roles by lower-case name."""
        return {
            name.lower(): role
            for role, names in ((Role.TEAM, self.team), (Role.BOT, self.bots))
            for name in names
        }


class UnderstandSettings(Part):
    """`[understand]`: how posts become themes. `groundswell eval` compares two of these."""

    least: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Odds of being a theme from which a group is one: higher finds fewer, surer themes."""
    smallest: Annotated[int, Field(ge=2, le=1_000)] = 3
    """Posts that a theme has at least."""


class WriterSettings(Part):
    """`[writer]`: the language model that may phrase answers, and where it stops."""

    model: str = ""
    """Its name, as the server knows it. Empty: rules alone write."""
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+[^\s?#@]*$")] = OPENAI
    price_in: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    price_out: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    """Of a million tokens, read and written, in any one currency. 0: money is not counted."""
    day_tokens: Annotated[int, Field(ge=0, le=10**12)] = 200_000
    day_money: Annotated[float, Field(ge=0, le=10**9)] = 1.0
    answer_tokens: Annotated[int, Field(ge=2_000, le=1_000_000)] = 8_000
    """Tokens that an answer may take, read and written."""
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds that an answer may take."""
    private: bool = False
    """Whether posts that not everybody could read may be sent to the model."""


class RightsSettings(Part):
    """`[slack.rights]`: who may do what, by Slack's ids of people; `*` is everybody."""

    ask: tuple[str, ...] = (EVERYBODY,)
    subscribe: tuple[str, ...] = ()
    decide: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    security: tuple[str, ...] = ()

    @field_validator("security")
    @classmethod
    def _named(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        if EVERYBODY in people:
            raise ValueError("name people: what nobody knows yet is not told to everybody")
        return people

    def rights(self) -> Rights:
        """As values."""
        return Rights({right: frozenset(getattr(self, right.value)) for right in Right})


def _reached(url: str) -> str:
    """An address without the last slash; without TLS only where nothing leaves the machine."""
    if not re.fullmatch(
        r"https://[^\s/?#@]+[^\s?#@]*|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?/?", url
    ):
        raise ValueError(
            f"{url!r}: write where Slack reaches you, as in https://groundswell.example.org"
        )
    return url.rstrip("/")


def _at_home(folder: Path) -> Path:
    """A folder whose `~` is somebody's, if there is somebody of that name."""
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{folder}: nobody has a home of that name") from error


class OAuthSettings(Part):
    """`[slack.oauth]`: one app that several workspaces install, in one `groundswell serve`."""

    url: Annotated[str, AfterValidator(_reached)]
    """Where Slack and people reach it, without the last slash."""
    folder: Annotated[Path, AfterValidator(_at_home)] = Path("workspaces")
    """Holds a folder a workspace: its token, its configuration, its database."""
    teams: tuple[Annotated[str, Field(pattern=TEAM)], ...] = ()
    """The workspaces that may install it, by their ids. Nobody else can."""


class SlackSettings(Part):
    """`[slack]`: the bot in Slack."""

    zone: Zone = "UTC"
    """The time zone of whoever names none, such as Europe/Berlin."""
    collect_minutes: Annotated[int, Field(ge=1, le=1_440)] = 15
    """How often the sources are read."""
    api_url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+/$")] = "https://slack.com/api/"
    """Where Slack is: another for GovSlack."""
    capture: Annotated[str, Field(pattern=r"^[a-z0-9_+'-]{0,100}$")] = "inbox_tray"
    """The reaction that files a message, by its emoji's name without colons. Empty: none does."""
    alerts_an_hour: Annotated[int, Field(ge=1, le=60)] = 6
    """How many alerts a channel gets; what is more waits, and is told together."""
    rights: RightsSettings = RightsSettings()
    oauth: OAuthSettings | None = None


class FileSettings(Part):
    """All of groundswell.toml."""

    database: str = "sqlite:///groundswell.db"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    http: HttpSettings = HttpSettings()
    people: PeopleSettings = PeopleSettings()
    understand: UnderstandSettings = UnderstandSettings()
    writer: WriterSettings = WriterSettings()
    sources: SourcesSettings = SourcesSettings()
    slack: SlackSettings = SlackSettings()


class Secrets(BaseSettings):
    """What must not stand in a file that is shared: read from the environment or `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: SecretStr | None = None
    slack_client_secret: SecretStr | None = None
    groundswell_database: str | None = None
    github_token: SecretStr | None = None
    github_webhook_secret: SecretStr | None = None
    reddit_client_id: SecretStr | None = None
    reddit_client_secret: SecretStr | None = None
    discourse_api_key: SecretStr | None = None
    stackexchange_key: SecretStr | None = None
    x_bearer_token: SecretStr | None = None
    mail_password: SecretStr | None = None
    openai_api_key: SecretStr | None = None

    def misshapen(self) -> list[str]:
        """What of Slack's tokens has not a token's form; a line each, without the token."""
        return [
            f"{name.upper()} is not one word that begins with {start}"
            for name, start in (("slack_bot_token", "xoxb-"), ("slack_app_token", "xapp-"))
            if (token := getattr(self, name))
            and not re.fullmatch(rf"{start}[!-~]*", token.get_secret_value())
        ]

    def of(self, kind: str) -> dict[str, str | None]:
        """The secrets of one kind of source, without its name in front: `token` for GitHub."""
        start = f"{kind}_"
        secrets = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            name.removeprefix(start): value.get_secret_value() if value else None
            for name, value in secrets.items()
            if name.startswith(start)
        }


class Settings(Part):
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


def changed(loaded: Settings, changes: Sequence[str]) -> Settings:
    """The settings with some values put in place of others, each as in `understand.least=0.3`.

    Raises:
        SettingsError: that is not how a change is written, or a key or a value in it is wrong.
    """
    made = loaded.file.model_dump(by_alias=True)
    for change in changes:
        key, equals, value = change.partition("=")
        *tables, name = key.strip().split(".")
        if not equals or not tables:
            raise SettingsError(f"{change!r}: write it like understand.least=0.3")
        table = made
        for part in tables:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise SettingsError(f"{change!r}: {part} holds no keys")
        table[name] = _value(value.strip())
    try:
        file = FileSettings.model_validate(made)
    except ValidationError as error:
        raise SettingsError(_explained("--set", error)) from error
    return loaded.model_copy(update={"file": file})


def _value(written: str) -> object:
    """A value as in TOML; what is none is a text, so that its quotes may be left out."""
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return written


def _secrets() -> Secrets:
    try:
        return Secrets()
    except (OSError, UnicodeDecodeError) as error:
        # Its type alone: the message may hold what is in the file.
        raise SettingsError(f".env: cannot be read ({type(error).__name__})") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"{path}: {error.strerror}. Name your configuration with --config FILE, or copy "
            f"groundswell.toml.example to {CONFIG}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _explained(path: Path | str, error: ValidationError) -> str:
    """One line a fault: the file, the key, what is wrong, and how to mend it."""
    lines = []
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "there is no such key; groundswell.toml.example shows all there are"
        elif fault["type"] == "missing":
            message = "is missing; groundswell.toml.example shows what it looks like"
        elif fault["type"] == "tuple_type" and isinstance(fault["input"], dict):
            message = f"there may be several: write [[{key}]], in two brackets, over each"
        elif fault["type"] == "tuple_type":
            message = 'is a list, as in ["one", "two"]'
        lines.append(f"{path}: {key}: {message}")
    return "\n".join(lines)
