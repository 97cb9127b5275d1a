"""Vectors of posts: float32 rows in the database, matrices outside, the nearest by sketches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from bot.model import Query
from bot.store.narrowing import all_fulfilling, allowed, among, fulfilling
from bot.store.posts import joined
from bot.store.rows import CHUNK, replace_rows
from bot.store.schema import post, vector
from bot.store.sketches import Shelf, Sketches, keep

Matrix = NDArray[np.float32]

Whole = NDArray[np.int64]

CLOSE, ONE_MORE_IN = 1_000, 1_000
"""Vectors that are compared number by number, of the posts whose sketches differ least: the more
posts there are, the more of them look near."""

ENOUGH = 5
"""If of the closest not one in so many fulfils a query, more are asked whether they do, ..."""

FURTHER = 5
"""... first so many times as many, then all posts."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors by post, each with the name of the embedder that made it."""

    engine: Engine
    shelf: Shelf

    @classmethod
    def at(cls, engine: Engine) -> Vectors:
        """Those of a database."""
        return cls(engine, Shelf(engine))

    def missing(self, embedder: str, now: datetime) -> list[int]:
        """Row ids of the posts without a vector of this embedder, in the order of their keys."""
        # Not an outer join: that would go to the row of every vector.
        made = select(vector.c.post_id).where(vector.c.embedder == embedder)
        statement = (
            select(post.c.id)
            .where(post.c.id.not_in(made), post.c.created_at <= now)
            .order_by(post.c.source, post.c.external_id)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def save(self, embedder: str, row_ids: Sequence[int], rows: Matrix) -> None:
        """Keep one vector a post, in place of an older one."""
        made = [
            {"post_id": row_id, "embedder": embedder, "row": row.astype("<f4").tobytes()}
            for row_id, row in zip(row_ids, rows, strict=True)
        ]
        with self.engine.execution_options(writes=True).begin() as connection:
            replace_rows(connection, vector, made)
            keep(connection, embedder, row_ids, rows)

    def matrix(self, embedder: str, query: Query, now: datetime) -> tuple[list[int], Matrix]:
        """Row ids and vectors, (n, dims), of the posts that fulfil the query, in id order."""
        made = joined(select(post.c.id, vector.c.row), query, now)
        statement = (
            made.join(vector, vector.c.post_id == post.c.id)
            .where(vector.c.embedder == embedder)
            .order_by(post.c.id)
        )
        with self.engine.connect() as connection:
            found = connection.execute(statement).all()
        return [row.id for row in found], stacked([row.row for row in found])

    def nearest(
        self, embedder: str, asked: Matrix, query: Query, now: datetime, limit: int
    ) -> list[tuple[int, float]]:
        """Row ids of the posts nearest to a vector, with their cosines, nearest first.

        Only posts that fulfil the query are compared, its words aside. Exact where no more than
        CLOSE of them do; else the CLOSE whose sketches differ least are compared, which hold
        nearly all of the nearest 200 (docs/search.md).
        """
        sketches = self.shelf.of(embedder)
        if sketches is None or not len(sketches.row_ids):
            return []
        with self.engine.connect() as connection:
            ids, rows = _closest(connection, embedder, sketches, asked, query, now)
        return _ordered(ids, rows, asked, limit)

    def close(
        self, embedder: str, asked: Matrix, query: Query, now: datetime, limit: int
    ) -> list[int]:
        """Row ids of posts that fulfil a query and are near to a vector, nearest first.

        As `nearest`, but where none of the CLOSE is one, none is found: what is not even among
        them is not close.
        """
        sketches = self.shelf.of(embedder)
        if sketches is None:
            return []
        some = sketches.row_ids[least(sketches.distances(asked), CLOSE)]
        with self.engine.connect() as connection:
            ids, rows = _read(connection, embedder, some, query, now)
        return [row_id for row_id, _ in _ordered(ids, rows, asked, limit)]

    def near(
        self, embedder: str, row_ids: Sequence[int], among: Sequence[int], each: int
    ) -> list[int]:
        """Row ids of posts near to some, `among` others, up to `each` a post, by sketches alone.

        One that is near to several comes as often.
        """
        sketches = self.shelf.of(embedder)
        if sketches is None:
            return []
        others = np.isin(sketches.row_ids, among)
        few = Sketches(sketches.version, sketches.row_ids[others], sketches.words[:, others])
        rows = self.of(embedder, row_ids).values()
        return [int(few.row_ids[n]) for row in rows for n in least(few.distances(row), each)]

    def of(self, embedder: str, row_ids: Sequence[int]) -> dict[int, Matrix]:
        """The vectors of some posts by row id; those without one are left out."""
        found: dict[int, Matrix] = {}
        for start in range(0, len(row_ids), CHUNK):
            statement = select(vector.c.post_id, vector.c.row).where(
                vector.c.embedder == embedder,
                vector.c.post_id.in_(row_ids[start : start + CHUNK]),
            )
            with self.engine.connect() as connection:
                rows = connection.execute(statement)
                found |= {row.post_id: np.frombuffer(row.row, dtype="<f4") for row in rows}
        return found


def stacked(rows: Sequence[bytes]) -> Matrix:
    """Rows under one another, without a copy of each."""
    joined_rows = np.frombuffer(b"".join(rows), dtype="<f4")
    return joined_rows.reshape(len(rows), -1) if rows else np.empty((0, 0), dtype=np.float32)


def _ordered(ids: Whole, rows: Matrix, asked: Matrix, limit: int) -> list[tuple[int, float]]:
    """The nearest of some posts, with their cosines, nearest first."""
    cosines = rows @ asked if len(ids) else np.empty(0, dtype=np.float32)
    order = np.lexsort((ids, -cosines))[:limit]
    return list(zip(ids[order].tolist(), cosines[order].tolist(), strict=True))


def _closest(
    connection: Connection,
    embedder: str,
    sketches: Sketches,
    asked: Matrix,
    query: Query,
    now: datetime,
) -> tuple[Whole, Matrix]:
    """Row ids and vectors of the posts that fulfil the query, those whose sketches differ least.

    In this order because most queries leave most posts: to ask all of them would take seconds.
    """
    distances, ids = sketches.distances(asked), sketches.row_ids
    wanted = CLOSE + len(ids) // ONE_MORE_IN
    order = least(distances, FURTHER * wanted)
    found = _read(connection, embedder, ids[order[:wanted]], query, now)
    if len(found[0]) >= wanted // ENOUGH or len(ids) <= wanted:
        return found
    fit = fulfilling(connection, ids[order].tolist(), query, now)
    if len(fit) < wanted // ENOUGH and len(order) < len(ids):
        fit = all_fulfilling(connection, query, now)
    places = _places(ids, fit)
    kept = ids[places[least(distances[places], wanted)]]
    return _read(connection, embedder, kept, Query(), now)


def _places(ids: Whole, some: Whole) -> Whole:
    """Where some stand among ascending ids; those that do not are left out."""
    some = np.sort(some)
    places = np.minimum(np.searchsorted(ids, some), len(ids) - 1)
    found: Whole = places[ids[places] == some]
    return found


def _read(
    connection: Connection, embedder: str, row_ids: Whole, query: Query, now: datetime
) -> tuple[Whole, Matrix]:
    """Of some posts those that fulfil the query, words aside, with their vectors."""
    statement = (
        allowed(query, now, vector.c.row)
        .join(vector, vector.c.post_id == post.c.id)
        .where(among(row_ids), vector.c.embedder == embedder)
    )
    found = connection.execute(statement).all()
    ids = np.fromiter((row.id for row in found), dtype=np.int64, count=len(found))
    return ids, stacked([row.row for row in found])


def least(distances: NDArray[np.uint16], count: int) -> NDArray[np.int64]:
    """The places of the `count` least distances, least first; equal ones in order of place."""
    if len(distances) > count:
        # Counting sorts: a million distances have a few hundred different values.
        below = np.cumsum(np.bincount(distances))
        places = np.flatnonzero(distances <= np.searchsorted(below, count))
    else:
        places = np.arange(len(distances))
    return places[np.argsort(distances[places], kind="stable")][:count]
