"""A sketch of every vector, a bit a dimension: small enough to be read and compared as a whole.

Two vectors whose signs agree in most dimensions point the same way. The signs of a thousand
posts are one row of the database, so that they come and go in the transaction of their posts, and
every process sees the same. A million posts of 384 dimensions are 50 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, and_, bindparam, func, insert, select, update

from bot.store.rows import CHUNK
from bot.store.schema import sketch, vector

SLOTS = 1_024
"""Posts of a block: a post's slot is what its id leaves when it is divided by this."""

WORD = 64
LOT = 10_000
"""Vectors that are held at once while all are sketched."""

Matrix = NDArray[np.float32]
Signs = NDArray[np.uint64]
Whole = NDArray[np.int64]


def signs(rows: Matrix) -> Signs:
    """(n, dims) to (n, words): a bit a dimension, set above zero; the last word filled up."""
    missing = -rows.shape[1] % WORD
    bits = np.pad(rows > 0, ((0, 0), (0, missing)))
    return np.packbits(bits, axis=1).view(np.uint64)


@dataclass(frozen=True, slots=True)
class Sketches:
    """All sketches of an embedder, as of one look at the database."""

    version: int
    row_ids: Whole
    """(n,) ascending."""
    words: Signs
    """(words, n): a row holds one word of every post, which is the order it is compared in."""

    def distances(self, row: Matrix) -> NDArray[np.uint16]:
        """(n,) in how many dimensions each post's sign is not that of the vector."""
        found = np.zeros(len(self.row_ids), dtype=np.uint16)
        for own, asked in zip(self.words, signs(row[None])[0], strict=False):
            found += np.bitwise_count(own ^ asked)
        return found


@dataclass(slots=True)
class Shelf:
    """The sketches of one process, brought up to date by reading the blocks that changed."""

    engine: Engine
    _lock: Lock = field(default_factory=Lock)
    _blocks: dict[str, dict[int, tuple[bytes, bytes]]] = field(default_factory=dict)
    _made: dict[str, Sketches] = field(default_factory=dict)

    def of(self, embedder: str) -> Sketches | None:
        """All sketches as they stand now, None if there are none. Safe between threads."""
        with self._lock:
            made = self._made.get(embedder)
            known = made.version if made else 0
            changed = self._changed(embedder, known)
            if not changed:
                return made
            blocks = self._blocks.setdefault(embedder, {})
            blocks |= {row.block: (row.held, row.rows) for row in changed}
            self._made[embedder] = laid_out(max(row.version for row in changed), blocks)
            return self._made[embedder]

    def _changed(self, embedder: str, known: int) -> Sequence[Any]:
        statement = select(sketch.c.block, sketch.c.version, sketch.c.held, sketch.c.rows).where(
            sketch.c.embedder == embedder, sketch.c.version > known
        )
        with self.engine.connect() as connection:
            return connection.execute(statement).all()


def laid_out(version: int, blocks: dict[int, tuple[bytes, bytes]]) -> Sketches:
    """The blocks as arrays, without the slots that hold nothing."""
    numbers = sorted(blocks)
    held = [np.flatnonzero(_unpacked(blocks[n][0])) for n in numbers]
    row_ids = [n * SLOTS + slots for n, slots in zip(numbers, held, strict=True)]
    rows = [_slots(blocks[n][1])[slots].T for n, slots in zip(numbers, held, strict=True)]
    return Sketches(version, np.concatenate(row_ids), np.concatenate(rows, axis=1))


def keep(connection: Connection, embedder: str, row_ids: Sequence[int], rows: Matrix) -> None:
    """Sketch some vectors, as part of the caller's transaction."""
    if not row_ids:
        return
    made, ids = signs(rows), np.asarray(row_ids, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    ids, made = ids[order], made[order]
    version = _next(connection, embedder)
    for block, start, end in _runs(ids // SLOTS):
        standing = _standing(connection, [block], embedder)
        if standing:
            held, words = _unpacked(standing[0].held).copy(), _slots(standing[0].rows).copy()
        else:
            held = np.zeros(SLOTS, dtype=np.uint8)
            words = np.zeros((SLOTS, made.shape[1]), dtype=np.uint64)
        slots = ids[start:end] % SLOTS
        held[slots], words[slots] = 1, made[start:end]
        _put(connection, (embedder, block), version, held, words, new=not standing)


def unsketch(connection: Connection, row_ids: Sequence[int]) -> None:
    """Blot out the sketches of some posts, of every embedder, in the caller's transaction."""
    ids = np.unique(np.asarray(row_ids, dtype=np.int64))
    by_block = {block: ids[start:end] % SLOTS for block, start, end in _runs(ids // SLOTS)}
    blocks, versions = list(by_block), dict[str, int]()
    for start in range(0, len(blocks), CHUNK):
        for row in _standing(connection, blocks[start : start + CHUNK]):
            held, words = _unpacked(row.held).copy(), _slots(row.rows).copy()
            slots = by_block[row.block]
            if not held[slots].any():
                continue
            if row.embedder not in versions:
                versions[row.embedder] = _next(connection, row.embedder)
            held[slots], words[slots] = 0, 0
            _put(connection, (row.embedder, row.block), versions[row.embedder], held, words)


def sketch_all(connection: Connection) -> None:
    """Sketch every vector that is stored: for a database from before there were sketches."""
    embedders = connection.execute(select(vector.c.embedder).distinct()).scalars().all()
    for embedder in embedders:
        for ids, rows in _stored(connection, embedder):
            keep(connection, embedder, ids, rows)


def _stored(connection: Connection, embedder: str) -> Iterator[tuple[list[int], Matrix]]:
    """Row ids and vectors in lots of whole blocks, so that no block is written often."""
    last = -1
    top = connection.execute(select(func.max(vector.c.post_id))).scalar() or 0
    while last < top:
        until = (last + 1) // SLOTS * SLOTS + LOT // SLOTS * SLOTS - 1
        statement = select(vector.c.post_id, vector.c.row).where(
            and_(vector.c.post_id > last, vector.c.post_id <= until),
            vector.c.embedder == embedder,
        )
        if found := connection.execute(statement.order_by(vector.c.post_id)).all():
            rows = np.frombuffer(b"".join(row.row for row in found), dtype="<f4")
            yield [row.post_id for row in found], rows.reshape(len(found), -1)
        last = until


def _next(connection: Connection, embedder: str) -> int:
    """A version that is newer than all: writers come one after the other."""
    newest = select(func.max(sketch.c.version)).where(sketch.c.embedder == embedder)
    return (connection.execute(newest).scalar() or 0) + 1


def _standing(
    connection: Connection, blocks: Sequence[int], embedder: str | None = None
) -> Sequence[Any]:
    statement = select(sketch).where(sketch.c.block.in_(blocks))
    if embedder is not None:
        statement = statement.where(sketch.c.embedder == embedder)
    return connection.execute(statement).all()


def _put(
    connection: Connection,
    key: tuple[str, int],
    version: int,
    held: NDArray[np.uint8],
    words: Signs,
    *,
    new: bool = False,
) -> None:
    embedder, block = key
    values = {
        "version": version,
        "held": np.packbits(held).tobytes(),
        "rows": words.astype("<u8").tobytes(),
    }
    if new:
        row = {"embedder": embedder, "block": block, **values}
        connection.execute(insert(sketch).values(row))
        return
    named = update(sketch).where(
        sketch.c.embedder == bindparam("its"), sketch.c.block == bindparam("number")
    )
    connection.execute(named, {"its": embedder, "number": block, **values})


def _runs(blocks: Whole) -> Iterable[tuple[int, int, int]]:
    """Each block of an ascending array, with the start and the end of its run."""
    start = 0
    for block, run in groupby(blocks.tolist()):
        end = start + sum(1 for _ in run)
        yield block, start, end
        start = end


def _unpacked(held: bytes) -> NDArray[np.uint8]:
    return np.unpackbits(np.frombuffer(held, dtype=np.uint8))


def _slots(rows: bytes) -> Signs:
    """(SLOTS, words)."""
    return np.frombuffer(rows, dtype="<u8").astype(np.uint64, copy=False).reshape(SLOTS, -1)
