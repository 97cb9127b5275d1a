from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from bot.model import Query
from bot.store import Name, Placement, Store, open_store
from tests.builders import NOW, a_post
from tests.store.test_readings import at_version


def themes_of(store: Store, **areas: str | None) -> dict[str, str]:
    """Makes a theme of one post for each, about that area; returns the posts' keys by theme."""
    posts = {theme: a_post() for theme in areas}
    store.posts.save(posts.values())
    rows = {post.key: row_id for row_id, post, _ in store.posts.find(Query(), NOW)}
    store.themes.save(
        [Placement(rows[post.key], theme, 1.0) for theme, post in posts.items()],
        [Name(theme, f"theme {theme}", (), area) for theme, area in areas.items()],
        {},
        NOW,
    )
    return {theme: post.key for theme, post in posts.items()}


def test_an_area_is_kept_with_its_theme_and_taken_away_with_it(store: Store):
    themes_of(store, T1="MCP", T2=None)
    assert {t.id: t.area for t in store.themes.load(Query(), NOW)} == {"T1": "MCP", "T2": None}

    store.themes.save([], [replace(store.themes.names()["T1"], area=None)], {}, NOW)

    assert store.themes.names()["T1"] == Name("T1", "theme T1", ())


def test_an_area_is_asked_for_in_any_case_of_plain_letters(store: Store):
    keys = themes_of(store, T1="Slash commands", T2="Ärger", T3=None)

    def found(*areas: str) -> set[str]:
        return {post.key for _, post, _ in store.posts.find(Query(areas=areas), NOW)}

    assert found("SLASH commands") == {keys["T1"]}
    assert found("slash commands", "Ärger") == {keys["T1"], keys["T2"]}
    assert found("slash") == set()


def test_with_a_post_that_is_gone_goes_the_area_that_may_be_its_word(store: Store):
    keys = themes_of(store, T1="MCP", T2="Charts")

    store.posts.save([], deleted=[("github", keys["T1"].removeprefix("github:"))])

    assert {t: name.area for t, name in store.themes.names().items()} == {
        "T1": None,
        "T2": "Charts",
    }


def test_an_older_database_gets_room_for_areas_and_keeps_its_themes(tmp_path: Path):
    path = tmp_path / "old.db"
    at_version(path, "0009")
    with sqlite3.connect(path) as old:
        old.execute("INSERT INTO theme (number, label, keywords, made_at) VALUES (7, 'x', '[]', 1)")
    old.close()

    store = open_store(f"sqlite:///{path}")

    assert store.themes.names() == {"T7": Name("T7", "x", ())}
    store.close()
