"""Learns which groups of posts are themes: makes bot/understand/data/theme_odds.npz.

    python -m benchmarks.learn_odds

Streams of labelled posts are drawn and grouped as `AverageTree` does; a group is right that is at
least 60 % one theme and holds at least half of it. Boosted trees learn to tell these by their
traits. The labels and the noise of stream_dev's second half are not looked at: `benchmarks.themes`
reports on them. Half of the streams have posts with chatter behind what they are about. What is
kept are limits on about thirty numbers and not a word of any post.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.streams import SEED, Pool, Stream, labelled
from bot.understand.cluster import ground
from bot.understand.embed import MiniLM
from bot.understand.forest import Forest
from bot.understand.measures import is_noise
from bot.understand.odds import FILE, VERSION
from bot.understand.traits import TRAITS, traits

STREAMS = 96
SMALLEST = 3
PURE, HELD = 0.6, 0.5
FALLING = {"outer", "outer alike", "outside", "outside here", "spread"}
FREE = {
    "size",
    "balance",
    "sibling",
    "tighter half",
    "distinct",
    "first word elsewhere",
    "second word elsewhere",
}
"""Where more of a trait may only lower the odds, and where it may do either; of all others more may
only raise them. It keeps the odds sane on posts that are unlike those that they are learned of."""

Settings = Mapping[str, Any]
SETTINGS: Settings = {
    "max_depth": 4,
    "max_iter": 100,
    "learning_rate": 0.1,
    "l2_regularization": 5,
    "min_samples_leaf": 40,
    "max_features": 0.5,
}
"""See `benchmarks.choose_odds`."""

TARGET = Path(__file__).resolve().parents[1] / "bot" / "understand" / "data" / FILE


def examples(stream: Stream) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The traits of every group of a stream, and whether it is right."""
    index, on = ground(stream.vectors, stream.texts)
    nodes, found = traits(on, SMALLEST)
    return found, right(on.forest, nodes, index, stream.labels)


def right(
    forest: Forest, nodes: NDArray[np.int64], index: NDArray[np.int64], labels: list[str]
) -> NDArray[np.bool_]:
    size = Counter(labels)
    of_row: list[list[str]] = [[] for _ in range(forest.leaves)]
    for row, label in zip(index.tolist(), labels, strict=True):
        of_row[row].append(label)
    found = []
    for node in nodes:
        start, end = forest.start[node], forest.start[node] + forest.rows[node]
        counted = Counter(label for row in forest.order[start:end] for label in of_row[row])
        [(label, most)] = counted.most_common(1)
        real = not is_noise(label) and size[label] >= SMALLEST
        found.append(real and most >= PURE * counted.total() and most >= HELD * size[label])
    return np.array(found, dtype=bool)


def learned(
    rows: NDArray[np.float64],
    truth: NDArray[np.bool_],
    names: Sequence[str],
    settings: Settings = SETTINGS,
    seed: int = SEED,
) -> HistGradientBoostingClassifier:
    """Odds of groups by their traits, which `names` says in the order of the columns."""
    model = HistGradientBoostingClassifier(
        monotonic_cst=[0 if t in FREE else -1 if t in FALLING else 1 for t in names],
        random_state=seed,
        **settings,
    )
    return model.fit(rows, truth)


def flattened(model: HistGradientBoostingClassifier) -> dict[str, Any]:
    """The trees of a fitted model as `Odds` keeps them."""
    root: list[int] = []
    parts: dict[str, list[NDArray[Any]]] = {
        k: [] for k in ("trait", "limit", "left", "right", "value")
    }
    for [tree] in model._predictors:  # noqa: SLF001 scikit-learn has no public way
        nodes, begin = tree.nodes, sum(map(len, parts["value"]))
        leaf = nodes["is_leaf"].astype(bool)
        root.append(begin)
        parts["trait"].append(np.where(leaf, -1, nodes["feature_idx"]))
        parts["limit"].append(np.where(leaf, 0.0, nodes["num_threshold"]))
        parts["left"].append(np.where(leaf, 0, nodes["left"] + begin))
        parts["right"].append(np.where(leaf, 0, nodes["right"] + begin))
        parts["value"].append(np.where(leaf, nodes["value"], 0.0))
    arrays = {name: np.concatenate(found) for name, found in parts.items()}
    whole = {name: arrays[name].astype(np.int64) for name in ("trait", "left", "right")}
    return {**arrays, **whole, "root": np.array(root, dtype=np.int64)}


def main() -> None:
    texts, labels = labelled("stream_dev")
    print("embedding the labelled sets, a few minutes", flush=True)
    pool = Pool.without(texts, labels, MiniLM())
    rows, targets = [], []
    for number, stream in enumerate(pool.streams(STREAMS, SEED), 1):
        found, truth = examples(stream)
        rows.append(found)
        targets.append(truth)
        if number % 16 == 0:
            print(f"{number} of {STREAMS} streams, {sum(map(len, rows))} groups", flush=True)
    x, y = np.concatenate(rows), np.concatenate(targets)
    model = learned(x, y, TRAITS)
    kept = flattened(model)
    prior = float(model._baseline_prediction.ravel()[0])  # noqa: SLF001 as above
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        TARGET, allow_pickle=False, version=VERSION, prior=prior, traits=np.array(TRAITS), **kept
    )
    print(
        f"{TARGET.name}: {len(kept['root'])} trees of {len(y)} groups, {y.sum()} right, seed {SEED}"
    )


if __name__ == "__main__":
    main()
