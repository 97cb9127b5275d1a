from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import bot.store
from bot.model import Criterion, Ground, Intent, Post, Query, Reading, Sensitive
from bot.store import Name, Placement, Store, open_store
from tests.builders import NOW, a_post

CRASH = Ground(Criterion.CRASH, "crashes")


def read(store: Store, readings: dict[str, Reading]) -> dict[str, Post]:
    """Posts of these titles, saved and read."""
    posts = {title: a_post(title=title) for title in readings}
    store.posts.save(posts.values())
    rows = {post.title: row_id for row_id, post, _ in store.posts.find(Query(), NOW)}
    store.readings.save((rows[title], one) for title, one in readings.items())
    return posts


def titles(store: Store, query: Query) -> set[str]:
    return {post.title for _, post, _ in store.posts.find(query, NOW)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(criteria=("crash",)), {"it crashes"}),
        (Query(criteria=("crash", "data loss")), {"it crashes", "all gone"}),
        (Query(strength=2), {"it crashes", "all gone"}),
        (Query(strength=3), {"all gone"}),
        (Query(kinds=("complaint",)), {"it crashes", "all gone", "a bit slow"}),
        (Query(kinds=("announcement",)), {"it is out"}),
        (Query(languages=("de",)), {"a bit slow"}),
        (Query(languages=("zh", "de")), {"a bit slow", "all gone"}),
        (Query(languages=("en",)), {"it is out"}),
    ],
)
def test_posts_are_found_by_criterion_strength_kind_and_language(
    store: Store, query: Query, found: set[str]
) -> None:
    read(
        store,
        {
            "it crashes": Reading(Intent.BUG, 2, grounds=(CRASH,)),
            "all gone": Reading(
                Intent.BUG, 3, grounds=(Ground(Criterion.DATA_LOSS, "gone"),), language="zh"
            ),
            "a bit slow": Reading(Intent.DISCUSSION, 1, language="de"),
            "it is out": Reading(Intent.ANNOUNCEMENT, language="en"),
            "called spam by a person": Reading(Intent.SPAM, 3),
        },
    )

    assert titles(store, query) == found


def test_what_looks_like_a_weakness_is_in_no_answer_of_the_store(store: Store) -> None:
    posts = read(store, {"anybody reads all": Reading(Intent.BUG, 3, sensitive="reads all")})

    assert titles(store, Query()) == set()
    assert store.index.best(["anybody"], Query(), NOW, 5) == []
    assert store.posts.count(NOW, Query()) == 0
    assert store.posts.count(NOW) == 1
    post = posts["anybody reads all"]
    assert store.readings.sensitive(NOW) == (Sensitive(post.key, post.url, "reads all"),)


def test_a_weakness_leaves_its_theme_which_loses_its_name(store: Store) -> None:
    read(store, {"anybody reads all": Reading(Intent.BUG), "it is slow": Reading(Intent.BUG)})
    rows = {post.title: row_id for row_id, post, _ in store.posts.find(Query(), NOW)}
    placed = [Placement(row_id, "T1", 1.0) for row_id in rows.values()]
    store.themes.save(placed, [Name("T1", "anybody reads all", ("anybody",))], {}, NOW)

    row_id = rows["anybody reads all"]
    store.readings.save([(row_id, Reading(Intent.BUG, sensitive="reads all"))])

    (theme,) = store.themes.load(Query(), NOW)
    assert [member.title for member in theme.members] == ["it is slow"]
    assert theme.label == ""
    assert row_id not in store.themes.standing(NOW)


def test_a_member_of_a_theme_knows_what_it_meets_and_its_language(store: Store) -> None:
    read(store, {"it crashes": Reading(Intent.BUG, 2, grounds=(CRASH,), language="ja")})
    ((row_id, _, _),) = store.posts.find(Query(), NOW)
    store.themes.save([Placement(row_id, "T1", 1.0)], [Name("T1", "x", ())], {}, NOW)

    (theme,) = store.themes.load(Query(), NOW)

    assert theme.members[0].reading.grounds == (CRASH,)
    assert theme.members[0].reading.language == "ja"


def test_the_words_of_a_criterion_go_with_the_post(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    store = open_store(f"sqlite:///{path}")
    met = Ground(Criterion.CRASH, "walrus crashes")
    posts = read(store, {"a walrus": Reading(Intent.BUG, 2, "the walrus", (met,))})
    store.posts.forget(str(posts["a walrus"].author), NOW)
    store.close()

    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"walrus" not in path.read_bytes()


def test_an_edit_makes_what_was_read_stale(store: Store) -> None:
    posts = read(store, {"it crashes": Reading(Intent.BUG, 2, grounds=(CRASH,))})
    store.posts.save([a_post(external_id=posts["it crashes"].external_id, title="never mind")])

    assert titles(store, Query(criteria=("crash",))) == set()
    assert len(store.readings.missing(NOW)) == 1


OLD_POST = (
    "INSERT INTO post (id, source, external_id, kind, title, text, created_at, venue, role,"
    " labels, closes, visibility, fingerprint)"
    " VALUES (1, 'github', 'a#1', 'issue', 't', '', '2026-01-01 00:00:00', 'a', 'user',"
    " '[]', '[]', 'public', '')"
)
"""A post in a database of any version."""


def at_version(path: Path, version: str) -> None:
    """A database as an older Groundswell left it."""
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def test_an_older_database_is_read_anew_and_keeps_what_people_decided(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at_version(path, "0003")
    with sqlite3.connect(path) as old:
        old.execute(OLD_POST)
        old.execute("INSERT INTO reading VALUES (1, 'other', 0)")
        old.execute(
            "INSERT INTO decision (id, at, by, deed, arguments) VALUES"
            " (1, '2026-01-02 00:00:00', 'ann', 'kind', ?)",
            (json.dumps({"kind": "other"}),),
        )
        old.execute(
            "INSERT INTO decided_post (decision_id, post_id, part, centrality, intent)"
            " VALUES (1, 1, 'kind', 0, 'other')"
        )
    old.close()

    store = open_store(f"sqlite:///{path}")

    assert store.readings.missing(NOW) == [1]
    assert [decision.kind for decision in store.decisions.all()] == [Intent.DISCUSSION]
    store.readings.save([(1, Reading(Intent.BUG))])
    store.decisions.hold_kinds()
    assert store.posts.by_rows([1])[1][1] is Intent.DISCUSSION
    store.close()


def test_what_was_read_before_languages_were_told_is_in_none(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at_version(path, "0005")
    with sqlite3.connect(path) as old:
        old.execute(OLD_POST)
        old.execute(
            "INSERT INTO reading (post_id, intent, strength, about, basis)"
            " VALUES (1, 'bug', 1, '', 'label')"
        )
    old.close()

    store = open_store(f"sqlite:///{path}")

    assert store.readings.missing(NOW) == []
    assert titles(store, Query(kinds=("bug",))) == {"t"}
    assert titles(store, Query(languages=("en",))) == set()
    store.close()
