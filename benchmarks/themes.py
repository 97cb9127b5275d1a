"""Themes against their peers on a labelled stream: the same posts, vectors, machine and run.

    python -m benchmarks.themes [STREAM]

STREAM is a file of JSON lines {"text", "label"}, gzipped, where noise labels start with "noise-";
by default stream_dev. Whatever has settings is tried with several (`benchmarks/peers.py`) and told
with those that gave the best theme F on the first half of the labels; of ours, the odds were
learned and their limit chosen without the second half (`benchmarks/learn_odds.py`). Ours stands
beside itself with posts that come a day at a time, DAY posts each, from the first day on. All
figures are means over ORDERS orders of arrival, of posts and of lots.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks import peers
from benchmarks.arriving import arriving, as_labels
from benchmarks.corpora import corpus
from benchmarks.streams import SEED, halves
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM
from bot.understand.measures import Score, score

ORDERS = 5
DAY = 100

Labels = NDArray[np.int64]
Grouping = Callable[[NDArray[np.float32], list[str], int], Labels]
"""Vectors, texts and a seed to labels."""


def in_orders(method: Grouping, vectors: NDArray[np.float32], texts: list[str]) -> list[Labels]:
    """The labels of all posts, for each order in which they may have come."""
    found = []
    for seed in range(ORDERS):
        order = np.random.default_rng((SEED, seed)).permutation(len(texts))
        labels = np.empty(len(texts), dtype=np.int64)
        labels[order] = method(vectors[order], [texts[i] for i in order], seed)
        found.append(labels)
    return found


def day_by_day(vectors: NDArray[np.float32], texts: list[str], _: int) -> Labels:
    """Ours at the end, when posts came a day at a time, in order."""
    lots = np.split(np.arange(len(texts)), range(DAY, len(texts), DAY))
    *_, last = arriving(AverageTree(), vectors, texts, lots)
    return as_labels(last, len(texts))


def mean(scores: Sequence[Score]) -> Score:
    """Means of the figures."""
    rows = [(s.themes, s.good, s.found, s.b_cubed, s.noise_out) for s in scores]
    themes, *rest = np.mean(rows, axis=0).tolist()
    return Score(round(themes), *rest)


def tuned(
    settings: dict[str, peers.Method], vectors: NDArray[np.float32], truth: list[str]
) -> tuple[str, peers.Method]:
    """The settings with the best theme F on the first half."""
    first, _ = halves(truth)
    tried = {
        name: score(method(vectors, 0), truth, first).theme_f for name, method in settings.items()
    }
    best = max(tried, key=lambda name: tried[name])
    return best, settings[best]


def methods(vectors: NDArray[np.float32], truth: list[str]) -> dict[str, Grouping]:
    """Ours, the peers as they come, and the peers at their best."""
    ours = AverageTree()
    found: dict[str, Grouping] = {
        "ours": lambda vectors, texts, _: ours.clusters(vectors, texts),
        f"ours, {DAY} posts a day": day_by_day,
        **{name: _alone(method) for name, method in peers.UNTUNED.items()},
    }
    for name, settings in peers.TUNED.items():
        chosen, method = tuned(settings, vectors, truth)
        found[f"{name}: {chosen}"] = _alone(method)
    return found


def _alone(method: peers.Method) -> Grouping:
    return lambda vectors, _, seed: method(vectors, seed)


def _row(name: str, result: Score, seconds: float) -> str:
    figures = (result.theme_f, result.good, result.found, result.b_cubed, result.noise_out)
    return f"{name:48}{result.themes:7}" + "".join(f"{x:8.3f}" for x in figures) + f"{seconds:8.2f}"


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else corpus("labelled", "stream_dev.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts, truth = [row["text"] for row in rows], [row["label"] for row in rows]
    start, embedder = perf_counter(), MiniLM()
    vectors = embedder.encode(texts)
    print(f"{path.name}: {len(rows)} posts, {embedder.name}, {perf_counter() - start:.1f} s")
    first, second = halves(truth)
    parts = {"first half (tuned on)": first, "second half (held out)": second}
    every = {**parts, "all labels": first | second}
    titles = {f"{name}: seed {SEED}, {ORDERS} orders": part for name, part in every.items()}
    table(methods(vectors, truth), vectors, texts, truth, titles)


def table(
    tried: dict[str, Grouping],
    vectors: NDArray[np.float32],
    texts: list[str],
    truth: list[str],
    parts: dict[str, frozenset[str]],
) -> None:
    """Print the figures of each method over some labels under a title, and over others."""
    partitions = {}
    for name, method in tried.items():
        start = perf_counter()
        labels = in_orders(method, vectors, texts)
        partitions[name] = labels, (perf_counter() - start) / ORDERS
        print(f"  {name}: {partitions[name][1]:.1f} s", flush=True)
    for title, half in parts.items():
        columns = " themes theme_F    good   found B-cubed   noise seconds"
        print(f"\n{title}; {len(half)} labels\n{'':48}{columns}")
        for name, (found, seconds) in partitions.items():
            print(_row(name, mean([score(labels, truth, half) for labels in found]), seconds))


if __name__ == "__main__":
    main()
