"""`groundswell init`: what it writes is sound, and what is there stays."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.cli.setting_up import keep_secrets, keep_settings
from bot.errors import CadenceError, SettingsError
from bot.rights import Right
from bot.settings import load
from bot.slack.manifest import address, manifest, scopes
from tests.cli import groundswell, set_nothing

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def nothing_set(tmp_path, monkeypatch):
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)


def test_it_shows_where_to_make_the_app_and_writes_a_sound_configuration():
    done = groundswell(
        "init", "--repo", "acme/tool", "--zone", "Europe/Berlin", "--contact", "a@b.c"
    )
    assert done.code == 0, done.err
    assert "https://api.slack.com/apps?" in done.out
    settings = load()
    assert settings.file.slack.zone == "Europe/Berlin"
    assert settings.file.http.contact == "a@b.c"
    rights = settings.file.slack.rights.rights()
    assert rights.may("U1", Right.DECIDE)
    assert not rights.may("U1", Right.SOURCES)
    (github,) = settings.file.sources.of("github")
    assert github.model_dump()["repos"] == ("acme/tool",)


def test_a_configuration_that_is_there_is_left_as_it_is(tmp_path):
    path = tmp_path / "groundswell.toml"
    path.write_text('log_level = "info"\n')
    assert keep_settings(path, ["acme/tool"], "", "UTC") is False
    assert path.read_text() == 'log_level = "info"\n'


@pytest.mark.parametrize("repo", ["tool", 'acme/"tool', "https://github.com/acme/tool", "a/b/c"])
def test_what_is_no_repository_is_told_and_nothing_is_written(tmp_path, repo):
    with pytest.raises(SettingsError, match="owner/name"):
        keep_settings(tmp_path / "groundswell.toml", [repo], "", "UTC")
    assert not (tmp_path / "groundswell.toml").exists()


def test_a_zone_that_is_none_is_told(tmp_path):
    with pytest.raises(CadenceError, match="Europe/Berlin"):
        keep_settings(tmp_path / "groundswell.toml", [], "", "Mars/Olympus")


def test_secrets_are_for_their_owner_alone_and_those_there_stay(tmp_path):
    path = tmp_path / ".env"
    assert keep_secrets(path, {"SLACK_BOT_TOKEN": "xoxb-1"}) == ["SLACK_BOT_TOKEN"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    given = {"SLACK_BOT_TOKEN": "xoxb-2", "GITHUB_TOKEN": "t"}
    assert keep_secrets(path, given) == ["GITHUB_TOKEN"]
    assert path.read_text() == "SLACK_BOT_TOKEN=xoxb-1\nGITHUB_TOKEN=t\n"


def test_the_address_holds_the_manifest_and_the_manifest_is_the_one_of_the_repository():
    (told,) = parse_qs(urlsplit(address()).query)["manifest_json"]
    assert json.loads(told) == manifest() == json.loads((ROOT / "manifest.json").read_text())
    assert len(address()) < 8_000


def test_every_scope_is_explained():
    page = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    assert [scope for scope in sorted(scopes()) if f"`{scope}`" not in page] == []


def test_the_manifest_asks_for_what_the_handlers_take():
    told = manifest()
    assert told["settings"]["socket_mode_enabled"] is True
    events = set(told["settings"]["event_subscriptions"]["bot_events"])
    assert {"app_mention", "message.im", "app_home_opened"} <= events
    assert [one["command"] for one in told["features"]["slash_commands"]] == ["/groundswell"]
    assert "agent_view" in told["features"]
