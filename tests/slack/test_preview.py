"""A message as a web page: what a stranger wrote is text there too."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bot.model import Query
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.slack import blocks
from bot.slack.home import home
from bot.slack.preview import preview, view_preview
from bot.store import Store
from bot.understand.cluster import AverageTree
from handlers.asking import reply
from handlers.desk import Asker, Desk
from tests.builders import NOW, a_post, ago
from tests.cli import groundswell, set_nothing
from tests.fakes import WordHashing
from tests.slack.anything import Anything

SEEDS = range(40)
SEEN = range(1, 6)
"""Days ago on which somebody said the same."""


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


@pytest.fixture
def kept(tmp_path, monkeypatch, store: Store) -> Store:
    """A database in which something was decided and somebody is told something."""
    set_nothing(monkeypatch, tmp_path)
    store.posts.save(a_post(title=f"Push fails on big files {n}", created_at=ago(n)) for n in SEEN)
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    pipeline.understand()
    desk = Desk(pipeline, Rights({right: frozenset({EVERYBODY}) for right in Right}))
    for words in ("subscribe daily 09:00", "acknowledge T1"):
        assert not reply(desk, Asker("you", "D0", direct=True), words)[0].text.startswith("Sorry")
    return store


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("mute T1", "is left out of digests"),
        ("/groundswell rename T1 Pushes", "Pushes"),
        ("merge T1 T1", "cannot go into itself"),
        ("undo", "Taken back"),
        ("subscribe weekly mon 09:00", "Done: #2"),
        ("alerts on:bursts", "Done: #2"),
        ('watch "big files"', "Done: #2"),
        ("unsubscribe 1", "Done: #1"),
        ("triage rota <@U0ANN> <@U0BOB> weekly mon", "Done: "),
    ],
)
def test_a_command_is_carried_out_on_a_copy(kept, tmp_path, words, shown):
    before, path = _held(kept), tmp_path / "page.html"
    done = groundswell("--database", kept.url, "preview", "--html", path, words)
    assert done.code == 0
    assert "Nothing was changed." in done.err
    assert shown in unescape(re.sub("<[^>]*>", "", path.read_text(encoding="utf-8")))
    assert _held(kept) == before


@pytest.mark.parametrize("words", ["themes", "home", "off by one?", "triage", "triage mine"])
def test_what_changes_nothing_is_not_said_to(kept, tmp_path, words):
    done = groundswell("--database", kept.url, "preview", "--html", tmp_path / "page.html", words)
    assert done.code == 0
    assert "Nothing was changed." not in done.err


def test_looking_at_home_in_a_page_is_not_looking_at_it(kept, tmp_path):
    database = ("--database", kept.url)
    assert groundswell(*database, "preview", "--html", tmp_path / "page.html", "home").code == 0
    assert kept.looks.at("you", NOW) is None


def _held(store: Store) -> object:
    """All that a command could change."""
    return (
        store.decisions.all(),
        store.subscriptions.all(),
        store.rotas.standing(NOW),
        store.posts.count(NOW, Query()),
    )
