"""Labelled sets without noise, the number of themes not given: ours beside BERTopic's way and EVoC.

    python -m benchmarks.clean

The mean B-cubed F1 of all posts of a set, those put in no theme counted as single ones: of 20,000
titles (stackoverflow), 3,080 questions to a bank (banking77, its test split), 2,472 tweets
(tweet89) and one community's issues with its known duplicates (openclaw, B-cubed over the issues of
the known groups alone: of the others nobody knows). The same MiniLM vectors for all, each method as
it comes, in ORDERS orders of arrival. Figures are told for the halves of the labels by SEED:
whatever of ours may be chosen is chosen on the first.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks import duplicates, peers
from benchmarks.corpora import corpus
from benchmarks.streams import SEED, halves
from benchmarks.themes import Grouping
from bot.understand.cluster import AverageTree
from bot.understand.embed import Embedder, MiniLM, words_of

SETS = ("stackoverflow", "banking77", "tweet89")
ORDERS = 3
CHUNK = 2_000

METHODS: dict[str, Grouping] = {
    "ours": lambda vectors, texts, _: AverageTree().clusters(vectors, texts),
    "BERTopic's way, defaults": lambda vectors, _, seed: peers.bertopic(vectors, seed, smallest=10),
    "EVoC, defaults": lambda vectors, _, seed: peers.evoc(vectors, seed, smallest=5),
}


@dataclass(frozen=True, slots=True)
class Clean:
    """A set of posts, each with its true label; None where nobody knows."""

    name: str
    texts: list[str]
    labels: list[str | None]


def labelled(name: str) -> Clean:
    """A labelled set; of one that has splits the test split, which published figures are of."""
    with gzip.open(corpus("labelled", f"{name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [row for row in rows if row.get("split", "test") == "test"]
    return Clean(name, [row["text"] for row in rows], [row["label"] for row in rows])


def openclaw() -> Clean:
    """Issues with the group of known duplicates that each is of."""
    known = duplicates.read(corpus("openclaw.jsonl.gz"), corpus("gold", "duplicates.tsv"))
    linked = {post for link in known.links for post in link}
    labels = [str(known.group[i]) if i in linked else None for i in range(len(known.posts))]
    return Clean("openclaw", [words_of(post) for post in known.posts], labels)


def embedded(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    """The vectors, with a line of progress for each few thousand."""
    found = []
    for start in range(0, len(texts), CHUNK):
        found.append(embedder.encode(texts[start : start + CHUNK]))
        if len(texts) > 2 * CHUNK:
            print(f"  embedded {start + len(found[-1]):,} of {len(texts):,}", flush=True)
    return np.concatenate(found)


def b_cubed(found: NDArray[np.int64], labels: Sequence[str | None], half: frozenset[str]) -> float:
    """F1 over the posts whose label is in `half`, measured among all that have a label."""
    groups = [number if number >= 0 else -1 - i for i, number in enumerate(found.tolist())]
    known = [pair for pair in zip(labels, groups, strict=True) if pair[0] is not None]
    of_label, of_group = Counter(label for label, _ in known), Counter(n for _, n in known)
    both = Counter(known)
    mine = [pair for pair in known if pair[0] in half]
    exact = np.mean([both[pair] / of_group[pair[1]] for pair in mine])
    whole = np.mean([both[pair] / of_label[pair[0]] for pair in mine])
    return float(2 * exact * whole / (exact + whole))


def measured(clean: Clean, embedder: Embedder) -> dict[str, tuple[list[float], list[float]]]:
    """For each method the B-cubed of both halves and of all, and what it took; printed too."""
    start = perf_counter()
    vectors = embedded(clean.texts, embedder)
    names = [label for label in clean.labels if label is not None]
    parts = (*halves(names), frozenset(names))
    print(
        f"\n{clean.name}: {len(clean.texts):,} posts, {len(names):,} with one of "
        f"{len(parts[2])} labels; embedded in {perf_counter() - start:.0f} s"
    )
    print(
        f"{'':28}{'first half':>12}{'second half':>12}{'all':>8}{'themes':>8}{'alone':>8}{'s':>8}"
    )
    told = {}
    for name, method in METHODS.items():
        rows = [_once(method, vectors, clean, parts, seed) for seed in range(ORDERS)]
        first, second, every, themes, alone, seconds = np.mean(rows, axis=0).tolist()
        told[name] = [first, second, every], [seconds]
        print(
            f"{name:28}{first:12.3f}{second:12.3f}{every:8.3f}{themes:8.0f}{alone:8.2f}{seconds:8.1f}",
            flush=True,
        )
    return told


def _once(
    method: Grouping,
    vectors: NDArray[np.float32],
    clean: Clean,
    parts: Sequence[frozenset[str]],
    seed: int,
) -> list[float]:
    order = np.random.default_rng((SEED, seed)).permutation(len(vectors))
    found = np.empty(len(vectors), dtype=np.int64)
    start = perf_counter()
    found[order] = method(vectors[order], [clean.texts[i] for i in order], seed)
    seconds = perf_counter() - start
    scores = map(partial(b_cubed, found, clean.labels), parts)
    return [*scores, len(set(found[found >= 0].tolist())), float(np.mean(found < 0)), seconds]


def main() -> None:
    embedder = MiniLM()
    print(f"{embedder.name}, seed {SEED}, {ORDERS} orders; B-cubed F1, noise as single posts")
    sets = (*map(labelled, SETS), openclaw())
    told = {clean.name: measured(clean, embedder) for clean in sets}
    columns = f"{'first half':>12}{'second half':>12}{'all':>8}{'s':>8}"
    print(f"\nmean over {len(told)} sets\n{'':28}{columns}")
    for name in METHODS:
        scores = np.mean([told[clean][name][0] for clean in told], axis=0)
        seconds = sum(told[clean][name][1][0] for clean in told)
        print(f"{name:28}{scores[0]:12.3f}{scores[1]:12.3f}{scores[2]:8.3f}{seconds:8.1f}")


if __name__ == "__main__":
    main()
