from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.commands import COMMANDS
from tests.cli import groundswell, remembering, set_nothing

NOW = "2026-03-02T12:00:00Z"
WEAKNESS = {
    "id": "1",
    "source": "github",
    "project": "acme/tool",
    "kind": "issue",
    "title": "SQL injection in the search box",
    "body": "Anybody can read all tables.",
    "author": "ann",
    "url": "https://example.org/1",
    "created_at": "2026-03-01T12:00:00Z",
}


@pytest.fixture
def world(tmp_path: Path, minilm, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setattr("bot.app.MiniLM", lambda: remembering(minilm))
    set_nothing(monkeypatch, tmp_path)
    (tmp_path / "some.jsonl").write_text(json.dumps(WEAKNESS), encoding="utf-8")
    call = ("--database", f"sqlite:///{tmp_path}/t.db", "--now", NOW)
    assert groundswell(*call, "import", tmp_path / "some.jsonl").code == 0
    return call


def test_security_lists_where_and_by_which_words(world: tuple[str, ...]) -> None:
    groundswell(*world, "understand")

    assert groundswell(*world, "security", "--json").json == [
        {"key": "github:1", "url": "https://example.org/1", "words": "SQL injection"}
    ]
    assert "https://example.org/1" in groundswell(*world, "security").out
    status = groundswell(*world, "status").out.replace("\n", " ")
    assert "1 post withheld for security." in status
    assert "groundswell security shows what is withheld" in status


def test_security_says_when_there_is_nothing(world: tuple[str, ...]) -> None:
    assert "Nothing read looks like" in groundswell(*world, "security").out


def test_no_channel_can_ask_for_it() -> None:
    assert "security" not in COMMANDS
