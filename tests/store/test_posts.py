from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.model import Intent, Query, Reading, Role
from bot.store import Name, Placement, Saved, Store, open_store
from bot.store.schema import metadata
from tests.builders import NOW, a_post, ago


def keys(store: Store, query: Query, now: datetime = NOW) -> set[str]:
    return {post.key for _, post, _ in store.posts.find(query, now)}


def test_a_post_comes_out_as_it_went_in(store):
    post = a_post(
        text="body",
        role=Role.TEAM,
        updated_at=ago(0),
        score=0,
        labels=("bug", "area:core"),
        state="open",
        link="https://example.org/story",
    )
    store.posts.save([post])
    [(_, found, intent)] = store.posts.find(Query(), NOW)
    assert found == post
    assert intent is None


def test_unknown_stays_unknown_and_zero_stays_zero(store):
    store.posts.save([a_post(external_id="a", score=None), a_post(external_id="b", score=0)])
    scores = {post.external_id: post.score for _, post, _ in store.posts.find(Query(), NOW)}
    assert scores == {"a": None, "b": 0}


def test_saving_again_changes_nothing(store):
    posts = [a_post() for _ in range(1200)]
    assert store.posts.save(posts) == Saved(new=1200)
    assert store.posts.save(posts) == Saved()
    assert store.posts.count(NOW) == 1200


def test_an_edit_updates_and_a_duplicate_in_one_batch_keeps_the_later(store):
    post = a_post(title="before")
    store.posts.save([post])
    edits = [replace(post, title="between"), replace(post, title="after")]
    assert store.posts.save(edits) == Saved(updated=1)
    [(_, found, _)] = store.posts.find(Query(), NOW)
    assert found.title == "after"


def test_a_new_score_keeps_what_was_understood_but_new_words_do_not(store):
    post = a_post(score=1)
    store.posts.save([post])
    [row_id] = store.readings.missing(NOW)
    store.readings.save([(row_id, Reading(Intent.BUG, strength=1))])
    store.vectors.save("e", [row_id], np.ones((1, 2), dtype=np.float32))

    store.posts.save([replace(post, score=2)])
    assert store.readings.missing(NOW) == []
    store.posts.save([replace(post, score=2, title="other words")])
    assert len(store.readings.missing(NOW)) == len(store.vectors.missing("e", NOW)) == 1


def test_posts_and_cursor_are_saved_together_or_not_at_all(store, monkeypatch):
    def die(*_: object) -> None:
        raise RuntimeError("power loss")

    monkeypatch.setattr("bot.store.posts.keep_cursor", die)
    with pytest.raises(RuntimeError, match="power loss"):
        store.posts.save([a_post()], place=("feed", "1"))
    assert store.posts.count(NOW) == 0
    monkeypatch.undo()
    store.posts.save([a_post()], place=("feed", "1"))
    assert store.posts.count(NOW) == 1
    assert store.sources.state("feed").cursor == "1"


def test_a_deletion_takes_everything_that_hung_on_the_post(store):
    gone, stays = a_post(title="zebra crossing"), a_post(title="zebra stripes")
    store.posts.save([gone, stays])
    ids = store.readings.missing(NOW)
    store.readings.save((i, Reading(Intent.BUG, strength=1)) for i in ids)
    store.readings.save_links([(ids[0], ids[1], "url")])
    store.vectors.save("e", ids, np.ones((2, 2), dtype=np.float32))
    store.themes.save(
        [Placement(i, "T1", 1.0) for i in ids], [Name("T1", "zebra", ("zebra",))], {}, NOW
    )

    assert store.posts.save([], deleted=[(gone.source, gone.external_id)]) == Saved(deleted=1)
    assert keys(store, Query()) == {stays.key}
    assert [row for row, _ in store.index.best(["zebra"], Query(), NOW, 9)] == [ids[1]]
    assert store.vectors.matrix("e", Query(), NOW)[0] == [ids[1]]
    assert store.links.leaving(ids, ["url"], NOW) == ()
    [theme] = store.themes.load(Query(), NOW)
    assert [member.key for member in theme.members] == [stays.key]


def test_the_index_follows_an_edit(store):
    post = a_post(title="giraffe")
    store.posts.save([post])
    store.posts.save([replace(post, title="elephant")])
    assert store.index.best(["giraffe"], Query(), NOW, 9) == []
    assert len(store.index.best(["elephant"], Query(), NOW, 9)) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(), "abcd"),
        (Query(sources=("reddit",)), "b"),
        (Query(sources=("Reddit", "GITHUB")), "abcd"),
        (Query(kinds=("issue",)), "acd"),
        (Query(authors=("ANN",)), "a"),
        (Query(labels=("bug",)), "ac"),
        (Query(states=("open",)), "c"),
        (Query(venues=("r/tool",)), "b"),
        (Query(since=ago(3)), "abd"),
        (Query(until=ago(3)), "c"),
        (Query(since=ago(3), until=ago(1)), "b"),
        (Query(phrases=("100% of _files",)), "d"),
        (Query(without=("crash",)), "bcd"),
        (Query(words=("crashes",)), "a"),
        (Query(words=('crash" OR "tool',)), ""),
        (Query(themes=("T9",)), ""),
        (Query(themes=("nonsense",)), ""),
    ],
)
def test_each_part_of_a_query_narrows(store, query, found):
    store.posts.save(
        [
            a_post(external_id="a", title="Crash on start", author="ann", labels=("bug",)),
            a_post(
                external_id="b", source="reddit", kind="post", venue="r/tool", created_at=ago(2)
            ),
            a_post(external_id="c", state="open", labels=("bug",), created_at=ago(5)),
            a_post(external_id="d", text="it eats 100% of _files here"),
        ]
    )
    assert {post.external_id for _, post, _ in store.posts.find(query, NOW)} == set(found)


def test_kind_also_means_what_was_understood(store):
    store.posts.save([a_post(external_id="a"), a_post(external_id="b")])
    rows = {post.external_id: row for row, post, _ in store.posts.find(Query(), NOW)}
    store.readings.save(
        [
            (rows["a"], Reading(Intent.BUG, strength=1)),
            (rows["b"], Reading(Intent.PRAISE)),
        ]
    )
    assert keys(store, Query(kinds=("praise",))) == {"github:b"}
    assert keys(store, Query(kinds=("complaint",))) == {"github:a"}


def test_posts_after_now_do_not_exist(store):
    store.posts.save(
        [
            a_post(external_id="past", created_at=ago(2)),
            a_post(external_id="edge", created_at=ago(1)),
            a_post(external_id="later", created_at=NOW),
        ]
    )
    assert keys(store, Query(), ago(1)) == {"github:past", "github:edge"}
    assert keys(store, Query(until=NOW), ago(1)) == {"github:past", "github:edge"}
    assert store.posts.count(ago(1)) == 2
    assert len(store.readings.missing(ago(1))) == 2
    assert sum(source.posts for source in store.sources.coverage(ago(1))) == 2


def test_what_is_written_survives_reopening(tmp_path):
    url = f"sqlite:///{tmp_path}/again.db"
    first = open_store(url)
    first.posts.save([a_post()], place=("feed", "7"))
    first.close()
    second = open_store(url)
    assert second.posts.count(NOW) == 1
    assert second.sources.state("feed").cursor == "7"
    second.close()


def test_sqlite_is_set_to_lose_nothing(store):
    with store.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no database URL"),
        ("oracledb9://x/y", "no database URL"),
        ("sqlite:////no/such/folder/x.db", "Check that the folder exists"),
    ],
)
def test_a_wrong_database_is_told_with_its_mend(url, says):
    with pytest.raises(StoreError, match=says):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be looked at as if it were one" * 20)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path}/new.db"
    store = open_store(url)
    with store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match="upgrade Groundswell"):
        open_store(url)


def test_the_migrations_make_what_the_code_expects(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: (
                    kind != "table" or not name.startswith("post_index")
                )
            },
        )
        assert compare_metadata(context, metadata) == []


texts = st.text(max_size=60)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(title=texts, text=texts, word=texts.filter(lambda w: "\x00" not in w))
def test_no_word_breaks_a_search(store, title: str, text: str, word: str):
    clean: dict[str, Any] = {
        "title": title.encode("utf-8", "replace").decode().replace("\x00", ""),
        "text": text.encode("utf-8", "replace").decode().replace("\x00", ""),
    }
    store.posts.save([a_post(external_id="x", **clean)])
    asked = word.encode("utf-8", "replace").decode()
    if asked.strip():
        store.index.best([asked], Query(), NOW, 5)
        store.posts.find(Query(words=(asked,), phrases=(asked,), without=(asked,)), NOW)
    assert store.posts.count(NOW) == 1


def test_any_number_of_posts_and_themes_can_be_asked_for_at_once(store):
    """Databases take at most so many values in one statement, SQLite 250,000 or fewer."""
    store.posts.save([a_post(external_id="one")])
    (row_id,) = store.posts.row_ids(Query(), NOW)
    found = store.posts.by_rows(range(300_000))
    assert [post.external_id for post, _ in found.values()] == ["one"]
    assert list(found) == [row_id]
    many = Query(themes=tuple(f"T{number}" for number in range(1, 300_000)))
    assert store.posts.find(many, NOW) == []
