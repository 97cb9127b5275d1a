"""Links by row id: what is found, what stays hidden, and that an index finds it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.model import Intent, Post, Query, Reading, Role
from bot.store import Links, Name, Placement, Saved, Store, open_store
from bot.store.rows import ADDED, COLUMNS, fingerprint, to_row
from tests.builders import NOW, a_post, ago
from tests.store.test_readings import at_version


def rows_of(store: Store) -> dict[str, int]:
    """Row ids by key."""
    ever = NOW.replace(year=2100)
    return {post.key: row_id for row_id, post, _ in store.posts.find(Query(), ever)}


def kept(store: Store, *posts: Post, **readings: Reading) -> list[int]:
    """Row ids of posts, saved and read; a reading is given by the post's title."""
    store.posts.save(posts)
    rows = rows_of(store)
    store.readings.save(
        (rows[post.key], readings.get(post.title, Reading(Intent.BUG, 1))) for post in posts
    )
    return [rows[post.key] for post in posts]


def test_links_are_found_by_either_end_and_by_their_evidence(store: Store) -> None:
    posts = [a_post() for _ in range(4)]
    a, b, c, d = kept(store, *posts)
    store.readings.save_links([(a, b, "url"), (c, b, "closes"), (c, d, "mention")])

    (leaving,) = store.links.leaving([a], ["url", "closes"], NOW)
    assert (leaving.source, leaving.target) == (a, b)
    assert (leaving.link.source_key, leaving.link.target_key) == (posts[0].key, posts[1].key)
    assert leaving.link.how == "url"
    assert [edge.source for edge in store.links.reaching([b], ["url", "closes"], NOW)] == [a, c]
    assert [edge.source for edge in store.links.reaching([b], ["closes"], NOW)] == [c]
    assert store.links.leaving([b], ["url"], NOW) == ()
    assert store.links.leaving([], ["url"], NOW) == ()


def test_a_link_from_or_to_what_came_later_does_not_exist_yet(store: Store) -> None:
    early, late = a_post(created_at=ago(5)), a_post(created_at=ago(1))
    a, b = kept(store, early, late)
    store.readings.save_links([(a, b, "url"), (b, a, "url")])

    assert store.links.leaving([a, b], ["url"], ago(2)) == ()
    assert len(store.links.leaving([a, b], ["url"], NOW)) == 2


def test_what_is_sensitive_or_not_read_yet_is_not_named(store: Store) -> None:
    shown, weak = a_post(title="shown"), a_post(title="weak")
    a, b = kept(store, shown, weak, weak=Reading(Intent.BUG, 3, sensitive="reads all"))
    unread = a_post()
    store.posts.save([unread])

    found = store.links.posts([a, b, rows_of(store)[unread.key]], NOW)
    assert {row_id: one.post for row_id, one in found.items()} == {a: shown}
    assert store.links.posts([a], ago(30)) == {}


def test_the_posts_of_themes_come_with_whether_they_complain(store: Store) -> None:
    posts = [a_post(title=t, created_at=ago(n)) for n, t in enumerate(["c", "b", "a"])]
    rows = kept(store, *posts, b=Reading(Intent.DISCUSSION), c=Reading(Intent.SPAM, 2))
    places = [
        Placement(row, theme, 1.0) for row, theme in zip(rows, ["T1", "T1", "T2"], strict=True)
    ]
    store.themes.save(places, [Name("T1", "x", ()), Name("T2", "y", ())], {}, NOW)

    found = store.links.of_themes(["T1", "T2", "T3", "nonsense"], NOW)
    assert {theme: [one.post.title for one in of_theme] for theme, of_theme in found.items()} == {
        "T1": ["b", "c"],
        "T2": ["a"],
    }
    complaints = {
        one.post.title for of_theme in found.values() for one in of_theme if one.complains
    }
    assert complaints == {"a"}


def test_replies_are_found_by_their_thread_or_by_what_they_answer(store: Store) -> None:
    opener = a_post(text="words")
    own = {"role": Role.TEAM, "text": "we fixed it"}
    deep = a_post(root_id=opener.external_id, parent_id="acme/tool#1-5", **own)
    flat = a_post(parent_id=opener.external_id, **own)
    elsewhere = a_post(parent_id="acme/tool#1", **own)
    user = a_post(parent_id=opener.external_id)
    other = a_post(source="reddit", parent_id=opener.external_id, **own)
    late = a_post(parent_id=opener.external_id, created_at=NOW.replace(year=2027), **own)
    store.posts.save([opener, deep, flat, elsewhere, user, other, late])

    found = store.links.replies([opener], Role.TEAM, NOW)
    assert {post.key for post in found} == {deep.key, flat.key}
    assert {post.text for post in found} == {""}


def test_the_releases_of_one_repository_are_found_by_its_name(store: Store) -> None:
    def release(external_id: str, **fields: Any) -> Post:
        return a_post(**({"external_id": external_id, "kind": "release"} | fields))

    mine = release("acme/tool@v1.0", created_at=ago(9)), release("acme/tool@v1.1")
    store.posts.save(
        [
            *mine,
            release("acme/toolbox@v1.0"),
            release("acme/tool@v2.0", created_at=NOW.replace(year=2027)),
            a_post(external_id="acme/tool#7"),
        ]
    )

    found = store.links.releases("acme/tool", NOW)
    assert [post.external_id for post in found.values()] == ["acme/tool@v1.0", "acme/tool@v1.1"]


def test_the_newest_threads_come_first_and_no_more_than_asked_for(store: Store) -> None:
    posts = [a_post(created_at=ago(n)) for n in range(4)]
    reply = a_post(parent_id=posts[0].external_id, created_at=ago(0.5))
    store.posts.save([*posts, reply])

    assert [p.key for p in store.links.newest(ago(1), 2)] == [posts[1].key, posts[2].key]


ASKED: dict[str, Callable[[Links], object]] = {
    "members": lambda links: links.of_themes(["T1"], NOW),
    "posts": lambda links: links.posts([1, 2], NOW),
    "leaving": lambda links: links.leaving([1, 2], ["url", "closes"], NOW),
    "reaching": lambda links: links.reaching([1, 2], ["closes"], NOW),
    "replies": lambda links: links.replies([a_post()], Role.TEAM, NOW),
    "releases": lambda links: links.releases("acme/tool", NOW),
    "newest": lambda links: links.newest(NOW, 10),
}


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_is_found_by_reading_all_posts_or_all_links(store: Store, asked: str) -> None:
    """However many there are: the plan may search by an index, and scan none of the tables."""
    statements: list[tuple[str, Any]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    ASKED[asked](store.links)
    event.remove(store.engine, "before_cursor_execute", note)

    with store.engine.connect() as connection:
        plans = [
            row[3]
            for statement, values in statements
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert plans
    read_whole = [line for line in plans if line.startswith("SCAN")]
    # The newest posts are read along the index of times, and no further than was asked for.
    walked = ["SCAN post USING INDEX ix_post_created_at"] if asked == "newest" else []
    assert [line for line in read_whole if line not in walked] == []


# When a thread was closed


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Store]:
    """A database of the version before, with one closed issue and one open one."""
    path = tmp_path / "old.db"
    at_version(path, "0004")
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO post (id, source, external_id, kind, title, text, created_at, venue, role,"
            " state, labels, closes, visibility, fingerprint) VALUES (?, 'github', ?, 'issue', 't',"
            " '', '2026-01-01 00:00:00', 'a', 'user', ?, '[]', '[]', 'public', '')",
            [(1, "a#1", "closed"), (2, "a#2", "open")],
        )
    connection.close()
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


def test_an_older_database_learns_when_threads_were_closed_as_they_are_told_again(
    old: Store,
) -> None:
    found = {post.external_id: post for _, post, _ in old.posts.find(Query(), NOW)}
    assert {post.closed_at for post in found.values()} == {None}

    old.posts.save([replace(found["a#1"], closed_at=ago(3))])
    assert {p.external_id: p.closed_at for _, p, _ in old.posts.find(Query(), NOW)} == {
        "a#1": ago(3),
        "a#2": None,
    }


def test_a_post_that_tells_no_more_than_before_is_no_edit(store: Store) -> None:
    post = a_post(external_id="a#1", state="closed")
    assert store.posts.save([post]).new == 1
    assert store.posts.save([post]) == Saved()
    assert store.posts.save([replace(post, closed_at=ago(2))]) == Saved(updated=1)
    assert store.posts.save([replace(post, closed_at=ago(2))]) == Saved()
    assert store.posts.save([replace(post, closed_at=ago(1))]) == Saved(updated=1)


def test_the_fingerprint_of_a_post_without_it_is_as_it_was_before_there_was_the_field() -> None:
    row = to_row(a_post())
    said = repr([row[name] for name in COLUMNS if name not in ADDED])
    before = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    assert fingerprint(row) == before
