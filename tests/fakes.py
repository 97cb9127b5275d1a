"""Hand-written stand-ins where the real part is slow or out of reach."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.deliveries import Message
from bot.errors import SourceError
from bot.sources.base import Batch
from bot.understand.embed import Embedder
from tests.builders import NOW


@dataclass
class Clock:
    """A clock on the wall: it shows what the test says."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Repositories:
    """A source that names repositories and reads none of them."""

    repos: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    name: str = "github"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        return iter(())


class WordHashing:
    """An embedder of words: texts that share words lie close. Fast, exact, and knows nothing."""

    name = "word-hashing"
    dims = 256

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split() or [""]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=4).digest()
                row[int.from_bytes(digest) % self.dims] += 1
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / length, dtype=np.float32)


class Remembering:
    """An embedder that asks another for each text once: real vectors, many times over."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dims = embedder.name, embedder.dims
        self._embedder = embedder
        self._rows: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._rows]
        self._rows |= dict(zip(fresh, self._embedder.encode(fresh), strict=True))
        rows = [self._rows[text] for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dims), dtype=np.float32)


@dataclass
class Scripted:
    """A source that gives these batches, then fails if told to."""

    name: str
    batches: tuple[Batch, ...] = ()
    fails: SourceError | None = None
    cursors: list[str | None] = field(default_factory=list)

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        self.cursors.append(cursor)
        yield from self.batches
        if self.fails:
            raise self.fails


@dataclass
class Postbox:
    """A poster that keeps what it is given, each under the mark it came with."""

    posted: list[tuple[str, str, Message]] = field(default_factory=list)
    """Channel, mark and message."""

    def post(self, channel: str, message: Message, mark: str, thread: str | None) -> str:
        self.posted.append((channel, mark, message))
        return f"{len(self.posted)}.0"

    def find(self, channel: str, mark: str, since: datetime, thread: str | None) -> str | None:
        marks = [one for _, one, _ in self.posted]
        return f"{marks.index(mark) + 1}.0" if mark in marks else None

    def update(self, channel: str, ts: str, message: Message) -> None:
        at = int(float(ts)) - 1
        self.posted[at] = (*self.posted[at][:2], message)
