from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import load

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "GROUNDSWELL_DATABASE"):
        monkeypatch.delenv(name, raising=False)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_without_a_file_there_are_defaults():
    settings = load()
    assert settings.path is None
    assert settings.database == "sqlite:///groundswell.db"


def test_the_example_is_sound_and_names_every_key():
    settings = load(ROOT / "groundswell.toml.example")
    assert settings.file.sources.hackernews
    assert [feed.feed for feed in settings.file.sources.rss] == ["blog", "releases"]
    text = (ROOT / "groundswell.toml.example").read_text()
    top, parts = type(settings.file), ("http", "sources")
    keys = [k for k in top.model_fields if k not in parts] + list(
        type(settings.file.http).model_fields
    )
    assert [key for key in keys if key not in text] == []


def test_the_file_of_the_folder_is_read(tmp_path):
    shutil.copy(ROOT / "groundswell.toml.example", tmp_path / "groundswell.toml")
    assert load().path == Path("groundswell.toml")


def test_the_environment_s_database_goes_before_the_file_s(monkeypatch):
    monkeypatch.setenv("GROUNDSWELL_DATABASE", "sqlite:///other.db")
    assert load().database == "sqlite:///other.db"


def test_secrets_are_never_printed(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-eyes")
    assert "not-for-eyes" not in repr(load())


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


def test_a_missing_file_is_told():
    with pytest.raises(SettingsError, match=r"groundswell\.toml\.example"):
        load(Path("nowhere.toml"))
