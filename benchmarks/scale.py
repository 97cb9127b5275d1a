"""What a post costs as history grows: 1,000 to 500,000 posts stored before it.

    python -m benchmarks.scale [SIZE ...]

Into a store of each size the same NEW posts are imported and understood, by the commands that
people run, three times over, each into a copy of its own; told are the medians of the whole
processes and of each step. Up to 100,000 posts the store itself is filled by commands too, the
embedder's work and all, and told with its time and peak memory; from there on it grows by posts
whose vectors are made. Posts are real ones, told again and again with a third of their words
changed, each time three months earlier.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import corpus
from benchmarks.cost import Run, groundswell
from bot.model import Post
from bot.pipeline.collecting import silent
from bot.pipeline.understanding import Understanding
from bot.sources.archive import Archive
from bot.store import open_store
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM, words_of

SEED = 7
SIZES = (1_000, 10_000, 100_000, 500_000)
BY_COMMANDS = 100_000
NEW, TIMES = 500, 3
CHANGED = 1 / 3
NEARNESS = 0.03
"""Of the noise in a made vector, a dimension: a third of the words changed moves one as far."""
BACK = timedelta(days=91)
STEPS = ("embed", "classify", "link", "theme")

Vectors = NDArray[np.float32]


def real() -> list[Post]:
    """Posts that open a thread, the newest first."""
    found = [
        post
        for name in ("claude_code.jsonl.gz", "redash_discourse.jsonl.gz", "openclaw.jsonl.gz")
        for batch in Archive(corpus(name), datetime.now(UTC)).fetch(None, None)
        for post in batch.posts
        if post.opens
    ]
    return sorted(found, key=lambda post: (post.created_at, post.key), reverse=True)


def told_again(posts: Sequence[Post], number: int) -> Iterator[Post]:
    """The posts with other words, ids and authors, earlier by `number` times BACK."""
    lots = np.random.default_rng((SEED, number))
    words = sorted({word for post in posts[:500] for word in post.title.split() if word.isalpha()})
    for place, post in enumerate(posts):
        yield replace(
            post,
            external_id=f"told/again#{number}{place:05}",
            title=_changed(post.title, words, lots),
            text=_changed(post.text[:600], words, lots),
            author=f"{post.author}-{number}",
            url=f"https://example.org/{number}/{place}",
            created_at=post.created_at - number * BACK,
            updated_at=None,
            closed_at=None,
            duplicate_of=None,
            closes=(),
            link=None,
        )


def _changed(text: str, words: Sequence[str], lots: np.random.Generator) -> str:
    own = text.split(" ")
    for place in np.flatnonzero(lots.random(len(own)) < CHANGED).tolist():
        own[place] = words[int(lots.integers(len(words)))]
    return " ".join(own)


def stream(posts: Sequence[Post]) -> Iterator[Post]:
    """As many posts as are wanted, from now back."""
    number = 1
    while True:
        yield from told_again(posts, number)
        number += 1


class Made:
    """An embedder that makes vectors near those of the posts that a text was made of."""

    name, dims = MiniLM.name, MiniLM.dims

    def __init__(self, vectors: Vectors, posts: Sequence[Post]) -> None:
        self._vectors, self._lots = vectors, np.random.default_rng(SEED)
        self._places = {words_of(post): int(post.external_id[-5:]) for post in posts}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.encode`."""
        rows = self._vectors[[self._places[text] for text in texts]]
        rows = rows + NEARNESS * self._lots.standard_normal(rows.shape, dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def line_of(post: Post) -> str:
    told = {
        "source": post.source,
        "kind": post.kind,
        "id": post.external_id,
        "url": post.url,
        "title": post.title,
        "body": post.text,
        "author": post.author,
        "created_at": post.created_at.isoformat(),
        "labels": list(post.labels),
        "project": post.venue,
    }
    return json.dumps(told) + "\n"


def write(path: Path, posts: Sequence[Post]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(line_of, posts))
    return path


def fill(database: Path, posts: Sequence[Post], folder: Path) -> tuple[Run, Run]:
    """Import and understand by commands."""
    path = write(folder / "fill.jsonl", posts)
    return groundswell(database, "import", str(path)), groundswell(database, "understand")


def grow(database: Path, posts: Sequence[Post], vectors: Vectors) -> None:
    """The same in here, with vectors that are made."""
    store, now = open_store(f"sqlite:///{database}"), datetime.now(UTC)
    for start in range(0, len(posts), 25_000):
        lot = posts[start : start + 25_000]
        store.posts.save(lot)
        Understanding(store, Made(vectors, lot), AverageTree(), now, silent).run()
        print(f"    {start + len(lot):,} more", flush=True)
    store.close()


def measured(database: Path, new: Path, folder: Path) -> tuple[list[float], float]:
    """Seconds of import, of understanding and of its steps, and the peak memory in MB."""
    rows, peak = [], 0.0
    for number in range(TIMES):
        copy = folder / f"copy{number}.db"
        shutil.copy(database, copy)
        imported = groundswell(copy, "import", str(new))
        understood = groundswell(copy, "understand")
        told = json.loads(understood.output)
        assert told["posts"] == NEW, told
        steps = [told["seconds"][step] for step in STEPS]
        rows.append([imported.seconds, understood.seconds, *steps])
        peak = max(peak, imported.peak_mb, understood.peak_mb)
        copy.unlink()
    return [median(column) for column in zip(*rows, strict=True)], peak


def main() -> None:
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    posts = real()
    vectors = MiniLM().encode([words_of(post) for post in posts])
    source = stream(posts)
    fresh = [replace(p, created_at=p.created_at + 2 * BACK) for p in islice(source, NEW)]
    fresh = [replace(p, created_at=min(p.created_at, datetime.now(UTC))) for p in fresh]
    print(f"{len(posts):,} real posts, seed {SEED}; {NEW} new ones into each store")
    print(f"{'posts':>9}{'import':>9}{'underst.':>9}" + "".join(f"{s:>9}" for s in STEPS) + "   MB")
    totals: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, held = folder / "scale.db", 0
        new = write(folder / "new.jsonl", fresh)
        for size in sizes:
            more = list(islice(source, size - held))
            if size <= BY_COMMANDS:
                imported, understood = fill(database, more, folder)
                filled = (
                    f"    filled with {len(more):,}: import {imported.seconds:.0f} s, understand "
                    f"{understood.seconds:.0f} s, peak {understood.peak_mb:.0f} MB"
                )
                print(filled, flush=True)
            else:
                grow(database, more, vectors)
            held = size
            seconds, peak = measured(database, new, folder)
            totals[size] = seconds[0] + seconds[1]
            print(f"{size:9,}" + "".join(f"{s:9.2f}" for s in seconds) + f"{peak:6.0f}", flush=True)
    first = 10_000 if 10_000 in totals else min(totals)
    for size, total in totals.items():
        print(
            f"  a new post at {size:,}: {1_000 * total / NEW:.1f} ms, "
            f"{total / totals[first]:.2f} times that at {first:,}"
        )


if __name__ == "__main__":
    main()
