from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from bot.model import Decision, Deed, Intent, Part, Reading, Touched
from bot.store import Name, Placement, Store, migrations, open_store
from tests.builders import NOW, a_post


def a_theme_of(store: Store, number: int, *titles: str) -> list[Touched]:
    """A theme of these posts, as a decision would touch them to move them to T1."""
    posts = [a_post(title=title, author=f"by {title}") for title in titles]
    store.posts.save(posts)
    ids = store.readings.missing(NOW)
    store.readings.save((i, Reading(Intent.BUG, strength=1)) for i in ids)
    name = f"T{number}"
    store.themes.save([Placement(i, name, 0.5) for i in ids], [Name(name, name, ())], {}, NOW)
    return [
        Touched(s.row_id, s.key, Part.IN, "T1", s.theme, s.centrality)
        for s in store.standings.in_themes([name])
    ]


def a_merge(*touched: Touched) -> Decision:
    return Decision(0, NOW, "ann", Deed.MERGE, "T2", into="T1", touched=touched)


def there(touched: list[Touched]) -> list[Placement]:
    return [Placement(one.row_id, one.theme, 0.9) for one in touched]


def test_a_decision_comes_back_as_it_was_written(store):
    [post] = a_theme_of(store, 1, "push fails")
    written = [
        Decision(0, NOW, "ann", Deed.RENAME, "T1", label="Uploads"),
        Decision(0, NOW, "bo", Deed.MUTE, "T1", until=NOW, weekly=5),
        Decision(0, NOW, "bo", Deed.CONFIRM, "T1", touched=(replace(post, right=True),)),
        Decision(0, NOW, "ann", Deed.ACKNOWLEDGE, "T1", weekly=5, called="Ann"),
        Decision(0, NOW, "ann", Deed.ASSIGN, "T1", to="slack:U0BOB", called="Bob"),
        Decision(0, NOW, "ann", Deed.LINK, "T1", issue="https://tracker.example/7"),
        Decision(
            0, NOW, "ann", Deed.LINK, "T1", touched=(Touched(post.row_id, post.key, Part.ISSUE),)
        ),
        Decision(
            0, NOW, "bo", Deed.KIND, kind=Intent.PRAISE, touched=(replace(post, part=Part.KIND),)
        ),
    ]
    taken = [store.decisions.record(one) for one in written]
    assert taken == [replace(one, id=n) for n, one in enumerate(written, 1)]
    assert store.decisions.all() == taken


def test_the_version_grows_with_every_decision_and_every_undo(store):
    a_theme_of(store, 1, "push fails")
    versions = [store.decisions.version()]
    named = Decision(0, NOW, "ann", Deed.RENAME, "T1", label="Uploads")
    for _ in range(2):
        taken = store.decisions.record(named)
        versions.append(store.decisions.version())
    assert store.decisions.undo(taken, "bo", NOW, [])
    versions.append(store.decisions.version())
    assert versions == sorted(set(versions))


def test_it_is_undone_once(store):
    a_theme_of(store, 1, "push fails")
    taken = store.decisions.record(Decision(0, NOW, "ann", Deed.RENAME, "T1", label="Uploads"))
    assert store.decisions.undo(taken, "bo", NOW, [])
    assert not store.decisions.undo(taken, "cy", NOW, [])
    [kept] = store.decisions.all()
    assert (kept.undone_by, kept.undone_at, kept.stands) == ("bo", NOW, False)


def test_what_was_made_of_themes_that_changed_since_is_not_written(store):
    ones, twos = a_theme_of(store, 1, "push fails"), a_theme_of(store, 2, "key expires")
    a_theme_of(store, 2, "key is lost")
    assert store.decisions.record(a_merge(*ones, *twos), there(twos)) is None
    assert (store.decisions.all(), store.themes.sizes()) == ([], {"T1": 1, "T2": 2})


def test_what_was_made_of_a_post_that_stood_elsewhere_is_not_written(store):
    ones, [two] = a_theme_of(store, 1, "push fails"), a_theme_of(store, 2, "key expires")
    moved = Decision(0, NOW, "ann", Deed.MOVE, "T1", touched=(replace(two, stood=None),))
    assert store.decisions.record(moved, there([two])) is None
    gone = Decision(0, NOW, "ann", Deed.RENAME, "T3", label="nothing there")
    assert store.decisions.record(gone) is None
    assert store.themes.sizes() == {"T1": len(ones), "T2": 1}


def test_a_run_that_knows_no_decision_taken_since_saves_nothing(store):
    [one] = a_theme_of(store, 1, "push fails")
    seen = store.decisions.version()
    store.decisions.record(Decision(0, NOW, "ann", Deed.RENAME, "T1", label="Uploads"))
    elsewhere = [Placement(one.row_id, None, 0.0)]
    assert not store.themes.save(elsewhere, [], {}, NOW, obeying=seen)
    assert store.themes.sizes() == {"T1": 1}
    assert store.themes.save(elsewhere, [], {}, NOW, obeying=store.decisions.version())
    assert store.themes.sizes() == {}


@pytest.mark.parametrize("way", ["forget", "delete"])
def test_a_post_that_is_purged_leaves_the_log_and_the_decision_stays(tmp_path: Path, way):
    path = tmp_path / "kept.db"
    store = open_store(f"sqlite:///{path}")
    ones, twos = a_theme_of(store, 1, "push fails"), a_theme_of(store, 2, "walrus", "key expires")
    taken = store.decisions.record(a_merge(*ones, *twos), there(twos))
    gone, stays = (one.key for one in twos)
    if way == "forget":
        assert store.posts.forget("by walrus", NOW) == 1
    else:
        source, _, external_id = gone.partition(":")
        store.posts.save([], deleted=[(source, external_id)])
    [kept] = store.decisions.all()
    assert {one.key for one in kept.touched} == {stays, *(one.key for one in ones)}
    assert store.decisions.undo(kept, "bo", NOW, [Placement(twos[1].row_id, "T2", 0.5)])
    assert store.themes.sizes() == {"T1": 1, "T2": 1}
    store.close()
    assert taken
    assert taken.id == kept.id
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"walrus" not in path.read_bytes().lower()
    assert gone.encode() not in path.read_bytes()


def test_a_merge_undone_when_the_posts_of_the_theme_are_gone_leaves_no_lineage(store):
    ones, twos = a_theme_of(store, 1, "push fails"), a_theme_of(store, 2, "key expires")
    taken = store.decisions.record(a_merge(*ones, *twos), there(twos))
    assert store.standings.lineage("T2").merged_into == "T1"
    store.posts.forget("by key expires", NOW)
    assert store.decisions.undo(taken, "bo", NOW, [])
    assert store.standings.lineage("T2").merged_into is None
    assert store.standings.lineage("T3") is None


def test_a_database_from_before_gets_a_log_and_keeps_its_themes(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/old.db"
    old = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql(
            "INSERT INTO theme (number, label, keywords, made_at) VALUES (7, 'kept', '[]', '2026')"
        )
    old.dispose()
    store = open_store(url)
    assert (store.decisions.all(), store.themes.next_number()) == ([], 8)
    assert store.themes.names()["T7"].label == "kept"
    store.close()
