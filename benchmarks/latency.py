"""How long search and answers take over 100,000 and 1,000,000 posts, and what memory they need.

    python -m benchmarks.latency [SIZE ...]
    python -m benchmarks.latency FILE.db ...

Without a file the posts are made: words drawn as often as words are in English (Zipf), 8 in a title
and 40 in a text, half a million of them different, one post in ten with a piece of code; vectors
around 2,000 centres; a month's worth of days for each thousandth; one post in three in a theme of
ten. A file is a database as `benchmarks.scale` makes it, and is not changed but for its schema.

QUERIES searches, of one to four words, half of them with a filter, and ANSWERS questions of eleven
kinds, most about a word or two of stored titles. Told are wall and processor
time, since other work on the machine moves the one and not the other: the first search of a process
and the middle and the 95th percentile of the rest, then the same for answers, beside plain FTS5 of
the same words (any of them, the filters asked of each match) and a scan over all vectors as they
lie in the database. BLAS gets one thread.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from bot.app import thrifty
from bot.model import Intent, Post, Query, Reading
from bot.pipeline.searching import Searching
from bot.pipeline.telling import Telling
from bot.store import Name, Placement, Store, open_store
from bot.store.filters import conditions, index
from bot.store.index import _RANK, _matching
from bot.store.schema import placement, post, reading
from bot.store.words import match_any
from bot.understand.embed import MiniLM
from bot.understand.keywords import STOP_WORDS

SEED = 7
SIZES = (100_000, 1_000_000)
QUERIES, ANSWERS, SCANS = 100, 100, 3
LOT = 20_000
CENTRES, NOISE = 2_000, 0.035
WORDS = 500_000
TIMES = ("", "in the last 90 days", "", "last week", "in the last year", "")
FRAMES = (
    "what hurts most {time}?",
    "is there a problem with {subject} {time}?",
    "complaints about {subject} {time}",
    "what is new {time}?",
    "what do people say about {subject} {time}",
    "is {subject} fixed?",
    "who is hit by {subject} {time}?",
    "how many people mention {subject} {time}?",
    "what changed {time}?",
    "show me the posts about {subject} {time}",
    "what is unanswered about {subject} {time}?",
)
CODE = ("torch.compile", "E0502", "useState()", "--no-cache", "2.4.1", "max_retries", "src/app.py")

Rows = NDArray[np.float32]
Figures = tuple[float, float]
"""Wall and processor time, in milliseconds."""


def word(number: int) -> str:
    """A made word for each number, of two to six letters' syllables."""
    syllables = (
        "ka",
        "lo",
        "mi",
        "ne",
        "ru",
        "sa",
        "to",
        "vi",
        "pe",
        "du",
        "ga",
        "shi",
        "no",
        "ba",
        "ke",
    )
    said = ""
    while True:
        said += syllables[number % 15]
        number //= 15
        if not number:
            return said


def drawn(lots: np.random.Generator, count: int) -> list[str]:
    """Words as often as in English: the n-th commonest one n-th as often as the first."""
    numbers = np.exp(lots.random(count) * np.log(WORDS)).astype(int)
    return [word(number) for number in numbers.tolist()]


def made(start: int, count: int, size: int, now: datetime) -> Iterator[Post]:
    lots = np.random.default_rng((SEED, start))
    words = drawn(lots, 48 * count)
    for place in range(count):
        number, own = start + place, words[48 * place : 48 * place + 48]
        code = f" {CODE[number % len(CODE)]} fails." if lots.random() < 0.1 else ""
        yield Post(
            source=("github", "reddit", "discourse")[number % 3],
            external_id=f"made#{number:08}",
            kind="issue",
            title=" ".join(own[:8]),
            text=" ".join(own[8:28]) + f".{code} " + " ".join(own[28:]),
            created_at=now - timedelta(days=1_000) * ((size - number) / size),
            venue=f"place/{number % 40}",
            author=f"person{int(lots.integers(size // 4))}",
            url=f"https://example.org/{number}",
            state=("open", "closed")[number % 2],
        )


def grow(store: Store, size: int, now: datetime) -> None:
    """Posts, readings, vectors and themes, all made."""
    centres = np.random.default_rng(SEED).standard_normal((CENTRES, MiniLM.dims), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    for start in range(0, size, LOT):
        count = min(LOT, size - start)
        store.posts.save(made(start, count, size, now))
        ids = list(range(start + 1, start + count + 1))
        lots = np.random.default_rng((SEED, start, 1))
        near = centres[lots.integers(CENTRES, size=count)]
        rows = near + NOISE * lots.standard_normal(near.shape, dtype=np.float32)
        store.vectors.save(MiniLM.name, ids, rows / np.linalg.norm(rows, axis=1, keepdims=True))
        read = (Reading(Intent.BUG, 1), Reading(Intent.QUESTION))
        store.readings.save((i, read[i % 2]) for i in ids)
        themes = [None if i % 3 else f"T{i // 30 + 1}" for i in ids]
        names = [Name(name, name, ("made",)) for name in dict.fromkeys(filter(None, themes))]
        places = [Placement(i, t, 0.9) for i, t in zip(ids, themes, strict=True)]
        store.themes.save(places, names, {}, now)
        store.readings.settle()
        print(f"    {start + count:,} made", end="\r", file=sys.stderr, flush=True)


def queries(store: Store, now: datetime) -> list[Query]:
    """Words of stored posts, a quarter with a piece of code; every other one with a filter."""
    lots = np.random.default_rng(SEED)
    most = store.posts.count(now)
    found = store.posts.by_rows(lots.integers(1, most, size=2 * QUERIES).tolist())
    titles = [words for p, _ in found.values() if len(words := p.title.split()) > 3]
    filters = (
        {"since": now - timedelta(days=30)},
        {"sources": ("github",)},
        {"kinds": ("complaint",)},
        {"since": now - timedelta(days=365), "sources": ("reddit",)},
    )
    made: list[Query] = []
    for number, title in enumerate(titles[:QUERIES]):
        words = lots.permutation(title)[: 1 + number % 4].tolist()
        words += [CODE[number % len(CODE)]] if number % 4 == 0 else []
        narrowed = filters[number // 2 % 4] if number % 2 else {}
        made.append(replace(Query(words=tuple(words)), **narrowed))
    return made


def questions(store: Store, now: datetime) -> list[str]:
    """Of each kind as many, half of them about one word and half about two, now and then.

    The words are of stored titles, without those that are so common as to tell nothing: as many
    of the made ones as English has stop words.
    """
    lots, found = np.random.default_rng(SEED), list[str]()
    common = STOP_WORDS | {word(number) for number in range(len(STOP_WORDS))}
    rows = lots.integers(1, store.posts.count(now), size=4 * ANSWERS).tolist()
    for post_, _ in store.posts.by_rows(rows).values():
        words = [w for w in post_.title.casefold().split() if w.isalpha() and w not in common]
        if len(words) > 1 and len(found) < ANSWERS:
            number = len(found)
            subject = " ".join(lots.permutation(words)[: 1 + number % 2].tolist())
            frame, time = FRAMES[number % len(FRAMES)], TIMES[number // len(FRAMES) % len(TIMES)]
            found.append(" ".join(frame.format(subject=subject, time=time).split()))
    return found


def plain_fts5(store: Store, query: Query, now: datetime) -> int:
    tables = post.join(index, index.c.rowid == post.c.id).outerjoin(reading).outerjoin(placement)
    statement = (
        select(post.c.id)
        .select_from(tables)
        .where(_matching(match_any(query.words)), *conditions(query, now))
        .order_by(_RANK)
        .limit(10)
    )
    with store.engine.connect() as connection:
        return len(connection.execute(statement).all())


def scan(store: Store, embedder: MiniLM, query: Query, now: datetime) -> int:
    wordless = replace(query, words=())
    ids, rows = store.vectors.matrix(embedder.name, wordless, now)
    asked = embedder.encode([" ".join(query.words)])[0]
    return len(np.argsort(-(rows @ asked))[:10]) if ids else 0


def timed(call: Callable[[], object]) -> Figures:
    wall, own = perf_counter(), process_time()
    call()
    return 1_000 * (perf_counter() - wall), 1_000 * (process_time() - own)


def told(name: str, figures: Sequence[Figures]) -> None:
    walls, owns = np.array(figures).T
    middle, high = np.percentile(walls, (50, 95))
    line = f"{middle:9.0f}{high:9.0f}{np.percentile(owns, 50):9.0f}{np.percentile(owns, 95):9.0f}"
    print(f"  {name:26}{line}{memory():9.0f}", flush=True)


def memory() -> float:
    """The most that this process held at once, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def measure(url: str, now: datetime) -> None:
    thrifty()
    embedder = MiniLM()
    loaded = timed(lambda: embedder.encode(["a word"]))
    with closing(open_store(url)) as store:
        asked = queries(store, now)
        searching = Searching(store, embedder, now)
        print(f"{store.posts.count(now):,} posts; {len(asked)} queries; seed {SEED}")
        print(
            f"  {'milliseconds':26}{'p50':>9}{'p95':>9}{'CPU p50':>9}{'CPU p95':>9}{'peak MB':>9}"
        )
        told("loading the model", [loaded])
        told("the first search", [timed(lambda: searching.search(asked[0], 10))])
        told("search", [timed(lambda q=q: searching.search(q, 10)) for q in asked[1:]])  # type: ignore[misc] a lambda's default has no type
        told("plain FTS5", [timed(lambda q=q: plain_fts5(store, q, now)) for q in asked])  # type: ignore[misc] see above
        telling = partial(Telling, store, embedder, now)
        each = [timed(lambda q=q: telling().ask(q)) for q in questions(store, now)]  # type: ignore[misc] see above
        told("an extractive answer", each)
        scans = asked[:SCANS]
        told(
            "a scan of all vectors",
            [timed(lambda q=q: scan(store, embedder, q, now)) for q in scans],
        )  # type: ignore[misc] see above


def main() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for one in sys.argv[1:] or map(str, SIZES):
        if not one.isdigit():
            measure(f"sqlite:///{one}", now)
            continue
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder)}/latency.db"
            with closing(open_store(url)) as store:
                grow(store, int(one), now)
            measure(url, now)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
