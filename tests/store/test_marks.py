"""What waits to be linked, and that no statement of the linking looks at all posts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.model import Post, Query, Role
from bot.pipeline.collecting import silent
from bot.pipeline.linking import Linking
from bot.store import Store, marks, open_store
from tests.builders import NOW, a_post, ago
from tests.store.test_readings import OLD_POST, at_version

PAGE = "https://blog.example/limits"


def link_all(store: Store) -> int:
    return Linking(store, NOW, silent).run()


def targets(store: Store) -> dict[str, str]:
    """What each post points at, by key, for posts with one link."""
    keys = {row_id: post.key for row_id, post, _ in store.posts.find(Query(), NOW)}
    return {keys[a]: keys[b] for a, b, _ in store.readings.links_among(sorted(keys))}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "other"},
        {"text": "other"},
        {"created_at": ago(3)},
        {"url": "https://example.org/other"},
        {"parent_id": "acme/tool#1"},
        {"root_id": "acme/tool#1"},
        {"duplicate_of": "acme/tool#1"},
        {"closes": ("acme/tool#1",)},
        {"link": PAGE},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edit_of_what_a_post_points_with_links_it_anew(store: Store, change: dict[str, Any]):
    post = a_post()
    store.posts.save([post])
    assert link_all(store) == 1

    store.posts.save([replace(post, **change)])

    assert len(store.marks.missing(NOW)) == 1
    assert link_all(store) == 1
    assert link_all(store) == 0


def test_what_says_nothing_of_links_leaves_them_alone(store: Store) -> None:
    first, post = a_post(link=PAGE, created_at=ago(3)), a_post(link=PAGE)
    store.posts.save([first, post])
    link_all(store)

    store.posts.save([replace(post, score=7, labels=("bug",), role=Role.TEAM)])
    store.posts.assign_roles({str(first.author): Role.TEAM})

    assert store.marks.missing(NOW) == []
    assert targets(store) == {post.key: first.key}


def test_a_duplicate_mark_that_comes_later_is_a_link(store: Store) -> None:
    issue, copy = a_post(), a_post()
    store.posts.save([issue, copy])
    link_all(store)

    store.posts.save([replace(copy, duplicate_of=issue.external_id)])
    link_all(store)

    assert targets(store) == {copy.key: issue.key}


def test_what_waits_comes_oldest_first_and_only_up_to_now(store: Store) -> None:
    posts = [a_post(title=f"{days}", created_at=ago(days)) for days in (1, 3, 2)]
    store.posts.save(posts)

    waiting = store.posts.by_rows(store.marks.missing(NOW))
    found = [waiting[row_id][0].title for row_id in store.marks.missing(ago(2))]
    assert len(waiting) == 3
    assert found == ["3", "2"]


def test_posts_that_an_older_groundswell_stored_wait(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at_version(path, "0006")
    with sqlite3.connect(path) as old:
        old.execute(OLD_POST)
    old.close()

    store = open_store(f"sqlite:///{path}")

    assert store.marks.missing(NOW) == [1]
    store.close()


def test_a_name_that_many_bear_costs_a_newcomer_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.posts.save([a_post(link=PAGE, created_at=ago(9 - n)) for n in range(9)])
    link_all(store)
    first, *_, last = store.posts.by_rows(range(10)).values()
    resolved: list[int] = []
    found = marks._links

    def counted(connection: Any, row_ids: Sequence[int], evidence: Sequence[str]) -> Any:
        resolved.extend(row_ids)
        return found(connection, row_ids, evidence)

    monkeypatch.setattr(marks, "_links", counted)
    new = a_post(link=PAGE, created_at=ago(0))
    store.posts.save([new])
    link_all(store)
    assert len(resolved) == 1
    assert targets(store)[new.key] == first[0].key

    resolved.clear()
    gone = last[0]
    store.posts.save([], deleted=[(gone.source, gone.external_id)])
    link_all(store)
    assert resolved == []


def test_no_statement_of_the_linking_looks_at_all_posts_marks_or_links(store: Store) -> None:
    ran: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, given: Any, _x: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE")):
            ran.append((statement, given[0] if many else given))

    issue = a_post(url="https://github.com/acme/tool/issues/7", external_id="acme/tool#7")
    reply = a_post(external_id="acme/tool#8-1", parent_id="acme/tool#8", text="Duplicate of #7.")
    thread = a_post(external_id="acme/tool#8", link=PAGE, text='"Nobody may upload large files"')
    titled = a_post(title="Nobody may upload large files", link=PAGE, created_at=ago(3))
    store.posts.save([issue, reply, thread, titled])
    link_all(store)
    event.listen(store.engine, "before_cursor_execute", note)
    store.posts.save([replace(issue, url=None), replace(reply, text="No.")])
    store.posts.save([], deleted=[(titled.source, titled.external_id)])
    link_all(store)
    event.remove(store.engine, "before_cursor_execute", note)

    with store.engine.connect() as connection:
        plans = {
            (statement, row[-1])
            for statement, given in ran
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        }
    assert {"mark", "link"} <= {table for s, _ in plans for table in re.findall(r"FROM (\w+)", s)}
    assert [plan for plan in plans if re.match(r"SCAN (post|mark|link)(_\d+)?\b", plan[1])] == []


def test_marks_hold_no_words(store: Store) -> None:
    post = a_post(title="the walrus sings at midnight again", url="https://walrus.example/1")
    store.posts.save([post])
    link_all(store)

    with store.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT how, name FROM mark").all()
    assert {how for how, _ in kept} == {"key", "address", "title"}
    assert all(isinstance(name, int) for _, name in kept)


def unmarked(post: Post) -> tuple[Any, ...]:
    raise RuntimeError("power loss")


def test_posts_that_are_gone_meanwhile_are_left_out(store: Store) -> None:
    post = a_post()
    store.posts.save([post])
    waiting = store.marks.missing(NOW)
    store.posts.save([], deleted=[(post.source, post.external_id)])

    store.marks.link(waiting, unmarked, ())

    assert store.marks.missing(NOW) == []
