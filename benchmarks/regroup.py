"""Grouping 100,000 posts anew: how long ours takes, and BERTopic's way, on the same vectors.

    python -m benchmarks.regroup [SIZE]

Vectors are those of real posts and, past them, of posts near these (`benchmarks.scale`). BERTopic's
way gets no seed, so that it may use every core. The words that ours looks at are part of its time;
BERTopic's own words (c-TF-IDF) are not part of BERTopic's.
"""

from __future__ import annotations

import resource
import sys
from itertools import islice
from time import perf_counter

import numpy as np

from benchmarks.peers import bertopic
from benchmarks.scale import SEED, Made, Vectors, real, stream
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM, words_of

SIZE = 100_000


def gathered(size: int) -> tuple[Vectors, list[str]]:
    """So many vectors, and the words of their posts."""
    posts = real()
    vectors = MiniLM().encode([words_of(post) for post in posts])
    told = list(islice(stream(posts), max(size - len(posts), 0)))
    made = Made(vectors, told).encode([words_of(post) for post in told])
    whole = np.concatenate((vectors, made))[:size]
    return whole, [words_of(post) for post in (*posts, *told)][:size]


def told(name: str, labels: Vectors, seconds: float) -> None:
    themes = len(set(labels.tolist()) - {-1})
    share = float((labels < 0).mean())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:24}{seconds:9.1f} s{themes:8,} groups, {share:.0%} noise; "
        f"peak so far {peak:,.0f} MB",
        flush=True,
    )


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    vectors, texts = gathered(size)
    print(f"{len(vectors):,} vectors, seed {SEED}", flush=True)
    start = perf_counter()
    ours = AverageTree().clusters(vectors, texts)
    middle = perf_counter()
    told("ours", ours, middle - start)
    theirs = bertopic(vectors, None, smallest=10)
    end = perf_counter()
    told("BERTopic's way", theirs, end - middle)
    print(f"  BERTopic's way takes {(end - middle) / (middle - start):.1f} times as long")


if __name__ == "__main__":
    main()
