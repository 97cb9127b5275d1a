"""`groundswell init`: what it writes is sound, and what is there stays."""

from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.cli.setting_up import init, keep_secrets, keep_settings
from bot.rights import Right
from bot.settings import load
from bot.slack.manifest import ENDS, address, manifest, scopes
from tests.cli import groundswell, set_nothing

ROOT = Path(__file__).parents[1]


class Keyboard(StringIO):
    def isatty(self) -> bool:
        return True


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
    assert "3. groundswell check" in done.out
    settings = load()
    assert settings.file.slack.zone == "Europe/Berlin"
    assert settings.file.http.contact == "a@b.c"
    (github,) = settings.file.sources.of("github")
    assert github.model_dump()["repos"] == ("acme/tool",)


@pytest.mark.parametrize(
    ("member", "may"),
    [("", set()), ("U1", {"U1"}), ("*", {"U1", "U2"})],
    ids=["nobody", "one", "everybody"],
)
def test_nobody_decides_but_who_is_named_and_the_choice_stands_in_the_file(tmp_path, member, may):
    done = groundswell("init", *(("--member", member) if member else ()))
    rights = load().file.slack.rights.rights()
    for right in (Right.SUBSCRIBE, Right.DECIDE):
        assert {user for user in ("U1", "U2") if rights.may(user, right)} == may
    assert rights.may("U2", Right.ASK)
    assert not rights.may("U1", Right.SOURCES)
    text = (tmp_path / "groundswell.toml").read_text()
    assert 'decide = ["' in text
    assert ("Nobody may subscribe" in done.err) is (not may)


def test_without_a_contact_the_file_shows_where_one_goes(tmp_path):
    groundswell("init")
    assert '# contact = "you@example.org"' in (tmp_path / "groundswell.toml").read_text()
    assert load().file.http.contact == ""


@pytest.mark.parametrize(
    ("said", "member", "decides"), [("", "", "U2"), ("bad, acme/tool", "U1", "U1")]
)
def test_whoever_is_at_the_keyboard_is_asked_for_repositories_a_contact_and_who_decides(
    monkeypatch, said, member, decides
):
    answers: dict[str, list[str]] = {
        "SLACK": [""],
        "GITHUB": [""],
        "repositories": [said, "acme/tool"],
        "mail or page": ["you@example.org", "a@b.c"],
        "member id": ["ann", member],
    }
    asked = []

    def prompt(words: str, **_: object) -> str:
        asked.append(words)
        left = next(answer for key, answer in answers.items() if key in words)
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr("bot.cli.setting_up.typer.prompt", prompt)
    monkeypatch.setattr("sys.stdin", Keyboard())
    init()
    file = load().file
    assert file.http.contact == "a@b.c"
    assert file.slack.rights.rights().may(decides, Right.DECIDE)
    assert (file.sources.github.repos if file.sources.github else ()) == (
        ("acme/tool",) if said else ()
    )
    assert any("Copy member ID" in words for words in asked)


def test_a_configuration_that_is_there_is_left_as_it_is(tmp_path):
    path = tmp_path / "groundswell.toml"
    path.write_text('log_level = "info"\n')
    assert keep_settings(path, ["acme/tool"], "", "UTC") is False
    assert groundswell("init").code == 0
    assert path.read_text() == 'log_level = "info"\n'


@pytest.mark.parametrize(
    ("before", "add"),
    [
        ("", '"acme/tool"'),
        ('[sources.github]\nrepos = ["acme/other"]\n', '"acme/other", "acme/tool"'),
    ],
)
def test_a_repository_that_the_file_lacks_is_told_with_what_to_add(tmp_path, before, add):
    path = tmp_path / "groundswell.toml"
    path.write_text(before)
    done = groundswell("init", "--repo", "acme/tool")
    assert (done.code, done.out) == (1, "")
    assert "was not changed; add under [sources.github]: repos = [" + add + "]" in done.err
    assert path.read_text() == before


@pytest.mark.parametrize("named", ['repos = ["Acme/Tool"]', 'orgs = ["acme"]'])
def test_a_repository_that_is_read_already_needs_nothing(tmp_path, named):
    (tmp_path / "groundswell.toml").write_text(f"[sources.github]\n{named}\n")
    assert groundswell("init", "--repo", "acme/tool").code == 0


@pytest.mark.parametrize("repo", ["tool", 'acme/"tool', "https://github.com/acme/tool", "a/b/c"])
def test_what_is_no_repository_is_told_first_and_nothing_is_written(tmp_path, repo):
    done = groundswell("init", "--repo", repo)
    assert (done.code, done.out) == (1, "")
    assert f"{repo!r} is no repository: write owner/name" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--contact", 'a"b', "without quotes"),
        ("--contact", "you@example.org", "your own"),
        ("--member", "ann", "U012AB3CD"),
        ("--zone", "Mars/Olympus", "Europe/Berlin"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_asked(tmp_path, option, value, says):
    done = groundswell("init", option, value)
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert list(tmp_path.iterdir()) == []


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


# Several workspaces


@pytest.mark.parametrize(
    "more", [("--repo", "acme/tool"), ("--member", "*"), ("--zone", "Europe/Berlin")]
)
def test_what_is_of_one_workspace_is_not_left_out_in_silence_for_several(more):
    done = groundswell("init", "--oauth", "https://bot.example", *more)
    assert done.code == 1
    assert "--oauth goes alone" in done.err
    assert not Path("groundswell.toml").exists()


def test_for_several_workspaces_the_app_is_told_where_it_is_reached():
    done = groundswell("init", "--oauth", "https://bot.example/")
    assert done.code == 0, done.err
    (where,) = (line for line in done.out.splitlines() if line.startswith("https://api.slack"))
    (told,) = parse_qs(urlsplit(where).query)["manifest_json"]
    made = json.loads(told)
    assert made["oauth_config"]["redirect_urls"] == ["https://bot.example/slack/oauth_redirect"]
    events = made["settings"]["event_subscriptions"]
    addresses = {
        events["request_url"],
        made["settings"]["interactivity"]["request_url"],
        made["features"]["slash_commands"][0]["url"],
    }
    assert addresses == {"https://bot.example/slack/events"}
    assert set(events["bot_events"]) >= ENDS
    assert made["settings"]["socket_mode_enabled"] is False
    assert len(where) < 8_000
    assert "open https://bot.example/slack/install" in done.out
    oauth = load().file.slack.oauth
    assert oauth
    assert (oauth.url, oauth.teams) == ("https://bot.example", ())


def test_for_one_workspace_the_manifest_names_no_address():
    assert "url" not in json.dumps(manifest())
    assert manifest()["settings"]["socket_mode_enabled"] is True


@pytest.mark.parametrize("url", ["bot.example", "http://bot.example", "https://bot.example?x"])
def test_what_is_no_address_for_several_is_told_first_and_nothing_is_written(tmp_path, url):
    done = groundswell("init", "--oauth", url)
    assert (done.code, done.out) == (1, "")
    assert "--oauth: " in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_configuration_that_is_there_is_told_what_several_workspaces_need(tmp_path):
    path = tmp_path / "groundswell.toml"
    path.write_text('log_level = "info"\n')
    done = groundswell("init", "--oauth", "https://bot.example")
    assert "[slack.oauth], and below it url" in " ".join(done.err.split())
    assert path.read_text() == 'log_level = "info"\n'


def test_the_secrets_of_several_workspaces_are_asked_for_at_the_keyboard(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.cli.setting_up.typer.prompt", lambda words, **_: words[:12])
    monkeypatch.setattr("sys.stdin", Keyboard())
    init(oauth="https://bot.example")
    kept = (tmp_path / ".env").read_text().splitlines()
    names = ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"]
    assert [line.partition("=")[0] for line in kept] == names
