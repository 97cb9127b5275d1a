"""Vectors of posts: float32 rows in the database, matrices outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from bot.model import Query
from bot.store.posts import joined
from bot.store.rows import CHUNK, replace_rows
from bot.store.schema import post, vector

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors by post, each with the name of the embedder that made it."""

    engine: Engine

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
