"""Themes against their peers on a labelled stream: the same posts, vectors, machine and run.

    python -m benchmarks.themes [STREAM]

STREAM is a file of JSON lines {"text", "label"}, gzipped, where noise labels start with "noise-";
by default ../shared/corpus/labelled/stream_dev.jsonl.gz. Needs the `bench` dependency group.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import corpus
from bot.understand.cluster import DensityTree
from bot.understand.embed import MiniLM

SEED = 7
Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """How well found themes match true ones; see `score` for the definitions."""

    themes: int
    good: float
    found: float
    b_cubed: float
    noise_out: float

    @property
    def theme_f(self) -> float:
        """The harmonic mean of `good` and `found`."""
        return 2 * self.good * self.found / ((self.good + self.found) or 1)


def score(labels: Labels, truth: Sequence[str], half: frozenset[str]) -> Score:
    """The figures of a partition of all posts, told for the true labels in `half` only.

    good: share of found themes (those whose commonest label is in `half`) that are at least 60 %
    one true theme; found: share of true themes of 3 posts or more held at least half in one found
    theme that is at least half pure; theme F: their harmonic mean; signal B-cubed: F1 over the
    posts that have a true theme; noise kept out: share of the noise that is in no theme.
    """
    groups = _groups(labels)
    majority = {g: _commonest(truth[i] for i in posts) for g, posts in groups.items()}
    mine = [g for g, (label, _) in majority.items() if label in half]
    good = [
        g for g in mine if not _noise(majority[g][0]) and majority[g][1] / len(groups[g]) >= 0.6
    ]
    noise = [i for i, label in enumerate(truth) if _noise(label) and label in half]
    return Score(
        themes=len(mine),
        good=len(good) / max(len(mine), 1),
        found=_found(groups, truth, half),
        b_cubed=_b_cubed(labels, truth, half),
        noise_out=float(np.mean(labels[noise] < 0)),
    )


def _found(groups: dict[int, list[int]], truth: Sequence[str], half: frozenset[str]) -> float:
    size = Counter(truth)
    true_themes = {t for t, n in size.items() if n >= 3 and t in half and not _noise(t)}
    held = {
        label
        for posts in groups.values()
        for label, n in Counter(truth[i] for i in posts).items()
        if 2 * n >= size[label] and 2 * n >= len(posts)
    }
    return len(true_themes & held) / max(len(true_themes), 1)


def _b_cubed(labels: Labels, truth: Sequence[str], half: frozenset[str]) -> float:
    signal = [i for i, label in enumerate(truth) if not _noise(label)]
    group = {i: int(labels[i]) if labels[i] >= 0 else -1 - i for i in signal}
    in_group = Counter(group.values())
    in_theme = Counter(truth[i] for i in signal)
    both = Counter((truth[i], group[i]) for i in signal)
    mine = [i for i in signal if truth[i] in half]
    precision = np.mean([both[truth[i], group[i]] / in_group[group[i]] for i in mine])
    recall = np.mean([both[truth[i], group[i]] / in_theme[truth[i]] for i in mine])
    return float(2 * precision * recall / (precision + recall))


def _groups(labels: Labels) -> dict[int, list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for i, label in enumerate(labels.tolist()):
        if label >= 0:
            groups[label].append(i)
    return dict(groups)


def _commonest(labels: Iterable[str]) -> tuple[str, int]:
    counts = Counter(labels)
    return min(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _noise(label: str) -> bool:
    return label.startswith("noise-")


def hdbscan(vectors: Vectors) -> Labels:
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415  (only here)

    return np.asarray(HDBSCAN(min_cluster_size=3, copy=True).fit_predict(vectors), dtype=np.int64)


def one_pass(vectors: Vectors, threshold: float) -> Labels:
    """Each post to the nearest leader, the first post of its theme, or a leader of its own."""
    leaders, labels = np.empty_like(vectors), np.empty(len(vectors), dtype=np.int64)
    count = 0
    for i, vector in enumerate(vectors):
        near = leaders[:count] @ vector
        if count and near.max() >= threshold:
            labels[i] = near.argmax()
        else:
            leaders[count], labels[i] = vector, count
            count += 1
    return np.where(np.bincount(labels)[labels] >= 3, labels, -1)


METHODS: dict[str, Callable[[Vectors], Labels]] = {
    "ours (density tree, cohesion 0.45)": DensityTree().clusters,
    "HDBSCAN, min cluster 3": hdbscan,
    "one-pass leader, cosine 0.55": lambda vectors: one_pass(vectors, 0.55),
    "one-pass leader, cosine 0.60": lambda vectors: one_pass(vectors, 0.60),
}


def halves(truth: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The labels in two random halves: thresholds are chosen on the first."""
    names = np.random.default_rng(SEED).permutation(sorted(set(truth))).tolist()
    return frozenset(names[: len(names) // 2]), frozenset(names[len(names) // 2 :])


def _row(name: str, result: Score, seconds: float) -> str:
    figures = (result.theme_f, result.good, result.found, result.b_cubed, result.noise_out)
    return f"{name:36}{result.themes:7}" + "".join(f"{x:8.3f}" for x in figures) + f"{seconds:8.2f}"


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else corpus("labelled", "stream_dev.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    truth = [row["label"] for row in rows]
    embedder = MiniLM()
    start = perf_counter()
    vectors = embedder.encode([row["text"] for row in rows])
    print(f"{path.name}: {len(rows)} posts, {embedder.name}, {perf_counter() - start:.1f} s")
    tuning, held_out = halves(truth)
    partitions = {}
    for name, method in METHODS.items():
        start = perf_counter()
        labels = method(vectors)
        partitions[name] = labels, perf_counter() - start
    parts = {"first half (tuned on)": tuning, "second half (held out)": held_out}
    for title, half in {**parts, "all labels": tuning | held_out}.items():
        columns = "themes theme_F   good  found  B-cubed noise_out seconds"
        print(f"\n{title}: {len(half)} labels, seed {SEED}\n{'':36} {columns}")
        for name, (labels, seconds) in partitions.items():
            print(_row(name, score(labels, truth, half), seconds))


if __name__ == "__main__":
    main()
