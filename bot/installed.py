"""What each workspace that installed the app has of its own: a configuration and a database."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from bot.errors import SettingsError
from bot.settings import CONFIG, FileSettings, Secrets, Settings, load
from bot.slack.installations import Installation, write_whole
from bot.source_settings import SourcesSettings

DATABASE = "groundswell.db"
NEEDED = ("SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")

FIRST_CONFIG = """\
# What is read for this workspace, and who may do what in it: read when Groundswell starts.
# groundswell.toml.example shows all there is. The database stands beside this file.
[slack.rights]
ask = ["*"]
# To have channels told, to decide on themes, and to add posts and sources ({by} installed it):
# subscribe = ["{by}"]
# decide = ["{by}"]
# sources = ["{by}"]
"""


def secret(secrets: Secrets, name: str) -> str:
    """A secret by its name in the environment; empty if it is not set."""
    value: SecretStr | None = getattr(secrets, name.lower())
    return value.get_secret_value().strip() if value else ""


def missing(secrets: Secrets) -> list[str]:
    """What keeps several workspaces from being served with these secrets, a line each."""
    beside = "is set beside [slack.oauth], where each workspace has a token of its own: remove it"
    lacks = "is missing: copy it from api.slack.com/apps > Basic Information into .env"
    return [
        *(f"{n} {beside}" for n in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN") if secret(secrets, n)),
        *(f"{name} {lacks}" for name in NEEDED if not secret(secrets, name)),
    ]


def unheeded(file: FileSettings) -> list[str]:
    """The keys of the process's own file that hold for no workspace."""
    apart = file.model_fields_set - {"log_level", "slack"}
    in_slack = file.slack.model_fields_set - {"api_url", "oauth"}
    return sorted([*apart, *(f"slack.{name}" for name in in_slack)])


def database_of(home: Path) -> str:
    """The URL of a workspace's database: in its folder, whatever else is set."""
    return f"sqlite:///{home / DATABASE}"


def prepare(home: Path, one: Installation) -> None:
    """Make a first configuration where there is none. Raises SettingsError if it cannot be."""
    path = home / CONFIG
    if not path.exists():
        write_whole(path, FIRST_CONFIG.format(by=one.installed_by))


def own_settings(shared: Settings, home: Path, one: Installation) -> Settings:
    """What a workspace's own file says; of the process's own hold its secrets and where Slack is.

    Raises:
        SettingsError: the file is missing or not sound, or says what only the process's may say.
    """
    path = home / CONFIG
    loaded = load(path)
    if loaded.file.slack.oauth:
        raise SettingsError(f"{path}: slack.oauth: belongs in the process's own file alone")
    if "database" in loaded.file.model_fields_set:
        raise SettingsError(f"{path}: database: take it out, it is always {home / DATABASE}")
    _demand_whole_paths(path, loaded.file.sources)
    secrets = shared.secrets.model_copy(update={"slack_bot_token": one.token})
    slack = loaded.file.slack.model_copy(update={"api_url": shared.file.slack.api_url})
    file = loaded.file.model_copy(update={"slack": slack})
    return loaded.model_copy(update={"file": file, "secrets": secrets})


def _demand_whole_paths(path: Path, sources: SourcesSettings) -> None:
    """Seen from where the process works, `mail` is one and the same for all that write so."""
    for box in (one.path for one in sources.mail if one.path):
        if not (box.is_absolute() or str(box).startswith("~")):
            mend = f"write all of it, as in {(path.parent / box).absolute()}"
            raise SettingsError(f"{path}: sources.mail.path: {box}: {mend}")
