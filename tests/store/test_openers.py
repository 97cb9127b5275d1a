"""What waits for its vector or its place is found without reading the vectors of all posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event

from bot.store import Store
from tests.builders import NOW, a_post

EMBEDDER = "some"
Asked = Callable[[Store], list[int]]


def missing(store: Store) -> list[int]:
    return store.vectors.missing(EMBEDDER, NOW)


def unplaced(store: Store) -> list[int]:
    return store.openers.unplaced(EMBEDDER, NOW)


def newest(store: Store) -> list[int]:
    return store.openers.newest(EMBEDDER, NOW, 10)


def a_store_with_vectors(store: Store) -> list[int]:
    saved = store.posts.save([a_post(external_id=str(n)) for n in range(50)])
    rows = np.zeros((50, 384), dtype=np.float32)
    assert saved.new == 50
    row_ids = store.vectors.missing(EMBEDDER, NOW)
    store.vectors.save(EMBEDDER, row_ids[:40], rows[:40])
    return row_ids


def test_what_is_missing_is_what_has_no_vector(store: Store) -> None:
    row_ids = a_store_with_vectors(store)
    assert missing(store) == row_ids[40:]
    assert set(unplaced(store)) == set(row_ids[:40])
    assert set(newest(store)) <= set(row_ids[:40])


@pytest.mark.parametrize("asked", [missing, unplaced, newest])
def test_the_vectors_themselves_are_not_read(store: Store, asked: Asked) -> None:
    a_store_with_vectors(store)
    ran: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, given: Any, _x: Any, _many: bool) -> None:
        ran.append((statement, given))

    event.listen(store.engine, "before_cursor_execute", note)
    asked(store)
    event.remove(store.engine, "before_cursor_execute", note)

    with store.engine.connect() as connection:
        plan = [
            row[-1]
            for statement, given in ran
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    of_vectors = [step for step in plan if " vector " in f"{step} "]
    assert of_vectors
    assert [step for step in of_vectors if "COVERING INDEX" not in step] == []
