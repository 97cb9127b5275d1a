from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import changed, load
from bot.sources import SOURCES
from tests.cli import set_nothing

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    set_nothing(monkeypatch, tmp_path)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_without_a_file_there_are_defaults():
    settings = load()
    assert settings.path is None
    assert settings.database == "sqlite:///groundswell.db"


def test_a_copy_of_the_example_reads_no_source_that_is_invented():
    settings = load(ROOT / "groundswell.toml.example")
    assert not any(settings.file.sources.of(kind) for kind in SOURCES)
    assert settings.file.http.contact == ""


def test_the_file_of_the_folder_is_read(tmp_path):
    shutil.copy(ROOT / "groundswell.toml.example", tmp_path / "groundswell.toml")
    assert load().path == Path("groundswell.toml")


def test_the_environment_s_database_goes_before_the_file_s(monkeypatch):
    monkeypatch.setenv("GROUNDSWELL_DATABASE", "sqlite:///other.db")
    assert load().database == "sqlite:///other.db"


def test_secrets_are_never_printed(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-eyes")
    settings = load()
    assert "not-for-eyes" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_secrets_come_from_the_env_file_too_and_the_environment_goes_before_it(
    tmp_path, monkeypatch
):
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN=xapp-file\n# ...\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-environment")
    secrets = load().secrets
    assert secrets.slack_bot_token
    assert secrets.slack_app_token
    assert secrets.slack_bot_token.get_secret_value() == "xoxb-environment"
    assert secrets.slack_app_token.get_secret_value() == "xapp-file"


def test_an_env_file_that_is_no_text_is_told_without_its_contents(tmp_path):
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=xoxb-not-for-\xff-eyes")
    with pytest.raises(SettingsError, match=r"^\.env: ") as caught:
        load()
    assert "xoxb" not in str(caught.value)


def test_a_secret_in_the_shared_file_is_refused_and_not_repeated(tmp_path):
    path = written(tmp_path, 'slack_bot_token = "xoxb-not-for-eyes"')
    with pytest.raises(SettingsError, match="slack_bot_token: there is no such key") as caught:
        load(path)
    assert "not-for-eyes" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("databse = 'x'", "databse: there is no such key"),
        ("[sources.hackernews]\nqueries = []", "sources.hackernews.queries:"),
        ("[sources.hackernews]", "sources.hackernews.queries: is missing"),
        ("[[sources.rss]]\nname = 'blog'", "sources.rss.0.url: is missing"),
        ("[[sources.rss]]\nname = 'a b'\nurl = 'https://x'", "sources.rss.0.name:"),
        ("[[sources.rss]]\nname = 'a'\nurl = 'ftp://x'", "starts with http:// or https://"),
        ("log_level = 'loud'", "log_level:"),
        ("database = 7", "database:"),
        ("[http]\ncontcat = 'me'", "http.contcat: there is no such key"),
        ("[sources.usenet]\nserver = 'x'", "sources.usenet: there is no such key"),
        ("[sources.hackernews]\nqueries = 'one'", "sources.hackernews.queries: is a list, as in"),
        ("[sources.discourse]\nname = 'a'", "write [[sources.discourse]], in two brackets"),
        ("[sources.hackernews]\nqueries = ['a']", "sources.hackernews.queries.0:"),
        ("[understand]\nleast = 1", "understand.least: Input should be less than 1"),
        ("[understand]\nsmallest = 1", "understand.smallest: Input should be greater than or"),
        ("[understand]\nlargest = 9", "understand.largest: there is no such key"),
        ("[slack.rights]\nsecurity = ['*']", "slack.rights.security: name people"),
        ("[slack.oauth]\nteams = []", "slack.oauth.url: is missing"),
        (
            "[slack.oauth]\nurl = 'http://bot.example'",
            "slack.oauth.url: 'http://bot.example': write",
        ),
        ("[slack.oauth]\nurl = 'https://a.example?x=1'", "slack.oauth.url:"),
        ("[slack.oauth]\nurl = 'https://me@a.example'", "slack.oauth.url:"),
        ("[slack.oauth]\nurl = 'https://a b'", "slack.oauth.url:"),
        ("[slack.oauth]\nurl = 'https://a.example'\nteams = ['acme']", "slack.oauth.teams.0:"),
        ("[slack.oauth]\nurl = 'https://a.example'\nteams = ['../T0ACME']", "slack.oauth.teams.0:"),
        ("[slack.oauth]\nurl = 'https://a.example'\nteams = ['*']", "slack.oauth.teams.0:"),
        ("[slack.oauth]\nurl = 'https://a.example'\nteams = 'T0ACME'", "teams: is a list, as in"),
        ("a = [", "not TOML"),
        (
            "[[sources.rss]]\nname='a'\nurl='http://x'\n[[sources.rss]]\nname='a'\nurl='http://y'",
            "two feeds are called 'a'",
        ),
    ],
)
def test_a_fault_names_the_file_the_key_and_the_mend(tmp_path, text, says):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example:8443/bot/", "https://a.example:8443/bot"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_an_app_of_several_workspaces_is_reached_by_tls_or_on_loopback(tmp_path, url, reached):
    oauth = load(written(tmp_path, f"[slack.oauth]\nurl = '{url}'")).file.slack.oauth
    assert oauth
    assert (oauth.url, oauth.folder, oauth.teams) == (reached, Path("workspaces"), ())


def test_the_folder_of_several_workspaces_may_be_in_somebody_s_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    table = "[slack.oauth]\nurl = 'https://a.example'\nfolder = '{}/teams'"
    oauth = load(written(tmp_path, table.format("~"))).file.slack.oauth
    assert oauth
    assert oauth.folder == tmp_path / "ann" / "teams"
    with pytest.raises(SettingsError, match=r"slack\.oauth\.folder: ~no-such-person/teams: nobody"):
        load(written(tmp_path, table.format("~no-such-person")))


def test_without_it_there_is_one_workspace(tmp_path):
    assert load(written(tmp_path, "[slack]\nzone = 'UTC'")).file.slack.oauth is None


def test_every_fault_of_a_file_is_told_at_once_a_line_each(tmp_path):
    path = written(tmp_path, "databse = 'x'\nlog_level = 'loud'\n[http]\ncontcat = 'me'")
    with pytest.raises(SettingsError) as caught:
        load(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: ") for line in lines)


def test_a_missing_file_is_told():
    with pytest.raises(SettingsError, match=r"groundswell\.toml\.example"):
        load(Path("nowhere.toml"))


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b"database = '\xe9'")
    for path in (tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(SettingsError) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}: ")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "notepad.toml"
    path.write_bytes(b"\xef\xbb\xbflog_level = 'info'\r\n")
    assert load(path).file.log_level == "info"


# Changes to what is set


def test_a_change_is_read_as_toml_and_its_quotes_may_be_left_out():
    made = changed(load(), ["understand.least=0.3", "http.contact=me@example.org"]).file
    assert (made.understand.least, made.understand.smallest) == (0.3, 3)
    assert made.http.contact == "me@example.org"


def test_a_change_leaves_the_rest_as_it_stands_in_the_file():
    before = load(ROOT / "groundswell.toml.example")
    after = changed(before, ["understand.smallest=5"])
    assert after.file.understand.smallest == 5
    assert after.file.sources == before.file.sources
    assert before.file.understand.smallest == 3
