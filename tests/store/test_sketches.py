from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from bot.model import Query
from bot.store import Store, open_store
from bot.store.sketches import SLOTS, Sketches, keep, laid_out, signs, sketch_all
from bot.store.vectors import least
from tests.builders import NOW, a_post, ago


def unit(count: int, dims: int = 96, seed: int = 7) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dims), dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def on_the_shelf(store: Store) -> Sketches:
    found = store.vectors.shelf.of("e")
    assert found is not None
    return found


def filled(store, count: int, **fields):
    posts = [a_post(external_id=f"p{n:05}", **fields) for n in range(count)]
    store.posts.save(posts)
    ids = store.vectors.missing("e", NOW)
    rows = unit(count, dims=384)
    store.vectors.save("e", ids, rows)
    return ids, rows


def test_a_distance_counts_the_dimensions_whose_signs_differ():
    rows = np.array([[1, 1, -1], [1, -1, 1], [-1, -1, -1]], dtype=np.float32)
    sketches = Sketches(1, np.arange(3), signs(rows).T)
    assert sketches.distances(rows[0]).tolist() == [0, 2, 2]


def test_the_least_distances_come_first_and_equal_ones_in_order_of_place():
    distances = np.array([5, 2, 9, 2, 5, 1], dtype=np.uint16)
    assert least(distances, 4).tolist() == [5, 1, 3, 0]
    assert least(distances, 9).tolist() == [5, 1, 3, 0, 4, 2]


def test_the_nearest_by_sketches_are_the_nearest(store):
    ids, rows = filled(store, 4_000)
    for asked in rows[:5]:
        found = [i for i, _ in store.vectors.nearest("e", asked, Query(), NOW, 20)]
        exact = [ids[i] for i in np.argsort(-(rows @ asked), kind="stable")[:20]]
        # Of vectors drawn at random, the hardest: none of them is much nearer than others.
        assert len(set(found) & set(exact)) >= 16
        assert found[0] == exact[0]


@pytest.mark.parametrize("share", [2, 50, 2_000])
def test_a_filter_holds_before_the_ranking_however_few_posts_fulfil_it(store, share):
    posts = [
        a_post(external_id=f"p{n:05}", author="ann" if n % share == 0 else "bo")
        for n in range(4_000)
    ]
    store.posts.save(posts)
    ids, rows = store.vectors.missing("e", NOW), unit(4_000)
    store.vectors.save("e", ids, rows)
    found = store.vectors.nearest("e", rows[1], Query(authors=("ann",)), NOW, 10)
    anns = [n for n in range(4_000) if n % share == 0]
    exact = sorted(anns, key=lambda n: -float(rows[n] @ rows[1]))[:10]
    assert len(found) == min(10, len(anns))
    assert len({i for i, _ in found} & {ids[n] for n in exact}) >= len(found) - 1


def test_what_is_not_even_among_the_nearest_is_not_close(store):
    posts = [a_post(external_id=f"p{n:05}", author="ann" if n == 7 else "bo") for n in range(4_000)]
    store.posts.save(posts)
    ids, rows = store.vectors.missing("e", NOW), unit(4_000)
    store.vectors.save("e", ids, rows)
    anns = Query(authors=("ann",))
    assert store.vectors.close("e", rows[7], anns, NOW, 10) == [ids[7]]
    assert store.vectors.close("e", -rows[7], anns, NOW, 10) == []
    assert store.vectors.close("another", rows[7], anns, NOW, 10) == []
    everybody = store.vectors.close("e", rows[7], Query(), NOW, 3)
    assert everybody == [i for i, _ in store.vectors.nearest("e", rows[7], Query(), NOW, 3)]


def test_posts_after_now_are_not_near(store):
    store.posts.save([a_post(external_id="old", created_at=ago(5)), a_post(external_id="young")])
    ids = store.vectors.missing("e", NOW)
    store.vectors.save("e", ids, unit(2))
    assert [i for i, _ in store.vectors.nearest("e", unit(2)[1], Query(), ago(3), 5)] == ids[:1]


def test_a_purged_post_is_gone_from_the_sketches_and_from_the_file(tmp_path: Path):
    path = tmp_path / "kept.db"
    store = open_store(f"sqlite:///{path}")
    post = a_post(author="ann")
    store.posts.save([post, a_post()])
    ids, rows = store.vectors.missing("e", NOW), unit(2, dims=384)
    place = next(i for i, p in store.posts.by_rows(ids).items() if p[0].key == post.key)
    own = signs(rows)[ids.index(place)].tobytes()
    store.vectors.save("e", ids, rows)
    assert on_the_shelf(store).row_ids.tolist() == sorted(ids)

    store.posts.forget("ann", NOW)
    assert place not in on_the_shelf(store).row_ids.tolist()
    store.close()
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert own not in path.read_bytes()


def test_an_edited_post_has_no_sketch_until_it_has_a_vector_again(store):
    post = a_post(title="before")
    store.posts.save([post])
    [row_id] = store.vectors.missing("e", NOW)
    store.vectors.save("e", [row_id], unit(1))
    store.posts.save([a_post(external_id=post.external_id, title="after")])
    assert on_the_shelf(store).row_ids.tolist() == []
    store.vectors.save("e", [row_id], unit(1))
    assert on_the_shelf(store).row_ids.tolist() == [row_id]


def test_another_process_sees_what_came_and_what_went(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/both.db"
    one, other = open_store(url), open_store(url)
    post = a_post()
    one.posts.save([post])
    ids = one.vectors.missing("e", NOW)
    one.vectors.save("e", ids, unit(1))
    assert [i for i, _ in other.vectors.nearest("e", unit(1)[0], Query(), NOW, 5)] == ids
    one.posts.save([], deleted=[(post.source, post.external_id)])
    assert other.vectors.nearest("e", unit(1)[0], Query(), NOW, 5) == []
    assert on_the_shelf(other).row_ids.tolist() == []
    one.close()
    other.close()


def test_only_blocks_that_changed_are_read_again(store, monkeypatch):
    filled(store, SLOTS + 10)
    before = store.vectors.shelf.of("e")
    assert store.vectors.shelf.of("e") is before
    post = a_post(external_id="zz")
    store.posts.save([post])
    read = []

    def reading(version, blocks):
        read.append(version)
        return laid_out(version, blocks)

    monkeypatch.setattr("bot.store.sketches.laid_out", reading)
    store.vectors.save("e", store.vectors.missing("e", NOW), unit(1, dims=384))
    assert len(on_the_shelf(store).row_ids) == SLOTS + 11
    assert len(read) == 1


def test_a_crash_while_vectors_are_saved_leaves_neither_vector_nor_sketch(store, monkeypatch):
    store.posts.save([a_post()])
    ids = store.vectors.missing("e", NOW)

    def die(*_: object) -> None:
        raise RuntimeError("power loss")

    monkeypatch.setattr("bot.store.vectors.keep", die)
    with pytest.raises(RuntimeError, match="power loss"):
        store.vectors.save("e", ids, unit(1))
    assert store.vectors.missing("e", NOW) == ids
    assert store.vectors.shelf.of("e") is None
    monkeypatch.undo()
    store.vectors.save("e", ids, unit(1))
    assert on_the_shelf(store).row_ids.tolist() == ids


def test_sketches_made_afterwards_are_those_made_with_the_vectors(store):
    filled(store, SLOTS * 2 + 5)
    made = on_the_shelf(store)
    with store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("DELETE FROM sketch")
        sketch_all(connection)
    again = open_store(store.engine.url.render_as_string(hide_password=False))
    found = on_the_shelf(again)
    assert found.row_ids.tolist() == made.row_ids.tolist()
    assert np.array_equal(found.words, made.words)
    again.close()


def test_nothing_is_sketched_for_no_vectors(store):
    with store.engine.execution_options(writes=True).begin() as connection:
        keep(connection, "e", [], np.empty((0, 3), dtype=np.float32))
    assert store.vectors.shelf.of("e") is None
    assert store.vectors.nearest("e", unit(1)[0], Query(), NOW, 5) == []
