"""A message as a web page: what a stranger wrote is text there too."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bot.slack import blocks
from bot.slack.home import home
from bot.slack.preview import preview, view_preview
from tests.cli import groundswell, set_nothing
from tests.slack.anything import Anything

SEEDS = range(40)


def test_nothing_that_a_stranger_wrote_is_live_in_the_page():
    for seed in SEEDS:
        any_ = Anything(seed)
        said = (*blocks.digest_messages(any_.digest()), *blocks.answer_messages(any_.answer()))
        views = (home(any_.sight()), *any_.modals())
        for page in (
            preview(said, any_.words()),
            *(view_preview(view, any_.words()) for view in views),
        ):
            assert _odd_tags(page) == ["<html", "<head", "<meta", "<title", "<style", "<body"]
            links = {unescape(url) for url in re.findall(r'<a href="([^"]*)"', page)}
            assert links <= any_.addresses


def test_a_window_shows_its_title_its_fields_and_its_buttons():
    for view in Anything(7).modals():
        page = unescape(view_preview(view, "a form"))
        assert view["title"]["text"] in page
        fields = [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]
        assert all(field in page for field in fields)


def _odd_tags(page: str) -> list[str]:
    usual = "b|i|a|br|h2|hr|div|span|code|small|blockquote|main|details|summary"
    return re.findall(rf"<(?!/?(?:{usual})\b)\w+", page)


def test_a_command_writes_what_slack_would_show(tmp_path, monkeypatch):
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "help.html"
    done = groundswell("preview", "--html", path, "help")
    assert (done.code, done.out) == (0, "")
    assert "/groundswell subscribe daily 09:00" in path.read_text(encoding="utf-8")


def test_home_is_shown_as_well(tmp_path, monkeypatch):
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "home.html"
    assert groundswell("preview", "--html", path, "home").code == 0
    assert "What people say today" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ["themes sorce:reddit", "mute T99"])
def test_what_is_wrong_is_shown_as_slack_would(tmp_path, monkeypatch, words):
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "wrong.html"
    assert groundswell("preview", "--html", path, *words.split()).code == 0
    assert "Sorry: " in path.read_text(encoding="utf-8")
