"""Other ways of grouping vectors, each with the settings that it is tried with.

Labels below 0 are noise; groups of fewer than three are noise for all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]
Method = Callable[[Vectors, int], Labels]
"""Vectors and a seed, for those that draw lots."""


def hdbscan(vectors: Vectors, seed: int, smallest: int, samples: int | None = None) -> Labels:  # noqa: ARG001 draws no lots
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 slow to import

    found = HDBSCAN(min_cluster_size=smallest, min_samples=samples, copy=True).fit_predict(vectors)
    return np.asarray(found, dtype=np.int64)


def bertopic(vectors: Vectors, seed: int | None, smallest: int, neighbours: int = 15) -> Labels:
    """UMAP to five dimensions and HDBSCAN, with the settings that BERTopic gives them.

    Without a seed UMAP uses every core, as it does in BERTopic, and no two runs are alike.
    """
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 slow to import
    from umap import UMAP  # noqa: PLC0415 slow to import

    way = UMAP(
        n_neighbors=neighbours,
        n_components=5,
        min_dist=0.0,
        metric="cosine",
        low_memory=False,
        random_state=seed,
        n_jobs=1 if seed is not None else -1,
    )
    flat = way.fit_transform(vectors)
    return np.asarray(
        HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(flat), dtype=np.int64
    )


def evoc(vectors: Vectors, seed: int, smallest: int, noise: float = 0.5) -> Labels:
    from evoc import EVoC  # noqa: PLC0415 slow to import

    way = EVoC(base_min_cluster_size=smallest, noise_level=noise, random_state=seed)
    return np.asarray(way.fit_predict(vectors), dtype=np.int64)


def leiden(vectors: Vectors, seed: int, resolution: float, least: float) -> Labels:
    """Leiden with the constant Potts model on the 15 nearest neighbours that are close enough."""
    import igraph  # noqa: PLC0415 slow to import
    import leidenalg  # noqa: PLC0415 slow to import

    from bot.understand.forest import nearest  # noqa: PLC0415 slow to import

    near = nearest(vectors, 15)
    own = np.repeat(np.arange(len(vectors)), near.row.shape[1])
    kept = near.similarity.ravel() > least
    graph = igraph.Graph(
        len(vectors), np.stack((own[kept], near.row.ravel()[kept]), axis=1).tolist()
    )
    graph.es["weight"] = near.similarity.ravel()[kept].tolist()
    graph.simplify(combine_edges="max")
    found = leidenalg.find_partition(
        graph,
        leidenalg.CPMVertexPartition,
        weights="weight",
        resolution_parameter=resolution,
        seed=seed,
    )
    return _noticed(np.array(found.membership, dtype=np.int64))


def one_pass(vectors: Vectors, seed: int, threshold: float) -> Labels:  # noqa: ARG001 draws no lots
    """The rule of obsei: each post to the nearest founder of a theme, or it founds one itself."""
    leaders, labels = np.empty_like(vectors), np.empty(len(vectors), dtype=np.int64)
    count = 0
    for i, vector in enumerate(vectors):
        near = leaders[:count] @ vector
        if count and near.max() >= threshold:
            labels[i] = near.argmax()
        else:
            leaders[count], labels[i] = vector, count
            count += 1
    return _noticed(labels)


def _noticed(labels: Labels) -> Labels:
    return np.where(np.bincount(labels)[labels] >= 3, labels, -1)


UNTUNED: dict[str, Method] = {
    "BERTopic's way, defaults": partial(bertopic, smallest=10),
    "BERTopic's way, min cluster 3": partial(bertopic, smallest=3),
    "EVoC, defaults": partial(evoc, smallest=5),
    "HDBSCAN, min cluster 3": partial(hdbscan, smallest=3),
}
"""As they come."""

TUNED: dict[str, dict[str, Method]] = {
    "BERTopic's way": {
        f"min cluster {s}, neighbours {n}": partial(bertopic, smallest=s, neighbours=n)
        for s, n in product((3, 5), (5, 15))
    },
    "EVoC": {
        f"min cluster {s}, noise {n}": partial(evoc, smallest=s, noise=n)
        for s, n in product((3, 5), (0.3, 0.5, 0.8))
    },
    "HDBSCAN": {
        f"min cluster {s}, samples {m}": partial(hdbscan, smallest=s, samples=m)
        for s, m in product((3, 4, 5), (1, 2, 3))
    },
    "Leiden": {
        f"resolution {r}, edges over {e}": partial(leiden, resolution=r, least=e)
        for r, e in product((0.2, 0.3, 0.4, 0.5), (0.4, 0.5, 0.6))
    },
    "one-pass leader": {
        f"cosine {t:.2f}": partial(one_pass, threshold=t) for t in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
    },
}
"""By name, the settings to choose from."""
