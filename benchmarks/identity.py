"""Do themes keep their posts from week to week? Eight weekly runs over real posts, beside peers.

    python -m benchmarks.identity

Of the posts that stood in a theme at the end of one week, the share that stands in the theme of the
same id at the end of the next: those that left it for another theme, or for none, count against.
Posts whose theme was merged into another count as kept only where the id is the same. Ours is told
where posts stood, as `understand` tells it; it stands beside itself without that. BERTopic's way is
fitted anew each week, with the ids that it gives (by size) and with ours carried over for it. The
one-pass rule keeps its leaders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks import peers
from benchmarks.arriving import Standing, arriving, carried
from benchmarks.corpora import corpus
from benchmarks.streams import SEED
from bot.model import Post
from bot.sources.archive import Archive
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM, words_of
from bot.understand.themes import number_of

WEEKS = 8
CORPORA = {"claude_code.jsonl.gz": "2025-12-16", "redash_discourse.jsonl.gz": "2021-06-01"}
"""Each with the end of its last week."""

Labels = NDArray[np.int64]
Grouping = Callable[[NDArray[np.float32], list[str]], Labels]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Posts that open a thread, in time order, with what grouping needs of them."""

    posts: list[Post]
    texts: list[str]
    vectors: NDArray[np.float32]

    def until(self, end: datetime) -> int:
        """How many were written before."""
        return sum(post.created_at < end for post in self.posts)


def read(name: str, end: datetime) -> Corpus:
    archive = Archive(corpus(name), datetime.now(UTC))
    posts = [post for batch in archive.fetch(None, None) for post in batch.posts if post.opens]
    posts = sorted(
        (post for post in posts if post.created_at < end), key=lambda p: (p.created_at, p.key)
    )
    texts = [words_of(post) for post in posts]
    return Corpus(posts, texts, MiniLM().encode(texts))


def weekly(found: Corpus, end: datetime) -> list[int]:
    """How many posts there are at the end of each week."""
    return [found.until(end - timedelta(weeks=week)) for week in range(WEEKS, -1, -1)]


def ours(found: Corpus, counts: Sequence[int]) -> Iterator[Standing]:
    """As `understand` does it: told where posts stood."""
    borders = pairwise([0, *counts])
    lots = [np.arange(first, last) for first, last in borders]
    return arriving(AverageTree(), found.vectors, found.texts, lots)


def anew(found: Corpus, counts: Sequence[int], grouping: Grouping) -> Iterator[Standing]:
    """Every post grouped anew each week, ids carried over."""
    standing: Standing = {}
    number = 1
    for count in counts:
        labels = grouping(found.vectors[:count], found.texts[:count])
        standing, number = carried(standing, np.arange(count), labels, number)
        yield standing


def by_size(found: Corpus, counts: Sequence[int], grouping: Grouping) -> Iterator[Standing]:
    """Ids as BERTopic gives them: the largest topic is 0."""
    for count in counts:
        labels = grouping(found.vectors[:count], found.texts[:count])
        sizes = np.bincount(labels[labels >= 0])
        rank = np.empty(len(sizes), dtype=np.int64)
        rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
        yield {row: f"T{rank[labels[row]]}" for row in np.flatnonzero(labels >= 0).tolist()}


def leaders(found: Corpus, counts: Sequence[int], threshold: float) -> Iterator[Standing]:
    """The one-pass rule, whose ids are its leaders."""
    for count in counts:
        labels = peers.one_pass(found.vectors[:count], SEED, threshold)
        yield {row: f"T{labels[row]}" for row in np.flatnonzero(labels >= 0).tolist()}


def kept(runs: Sequence[Standing]) -> tuple[float, float]:
    """The share of posts that stayed, over all weeks, and that of the worst week."""
    stayed = [
        (sum(after.get(row) == theme for row, theme in before.items()), len(before))
        for before, after in pairwise(runs)
    ]
    return sum(s for s, _ in stayed) / sum(n for _, n in stayed), min(s / n for s, n in stayed)


def main() -> None:
    bertopic = partial(peers.bertopic, seed=SEED, smallest=10)
    for name, day in CORPORA.items():
        end = datetime.fromisoformat(day).replace(tzinfo=UTC)
        found = read(name, end)
        counts = weekly(found, end)
        print(f"{name}: {counts[0]} to {counts[-1]} threads in {WEEKS} weeks to {day}, seed {SEED}")
        ways = {
            "ours": ours(found, counts),
            "ours, not told where posts stood": anew(found, counts, AverageTree().clusters),
            "BERTopic's way, its own ids": by_size(found, counts, lambda v, _: bertopic(v)),
            "BERTopic's way, ids carried over": anew(found, counts, lambda v, _: bertopic(v)),
            "one-pass leader, cosine 0.60": leaders(found, counts, 0.6),
        }
        for title, way in ways.items():
            runs = list(way)
            share, worst = kept(runs)
            themes = len({number_of(theme) for theme in runs[-1].values()})
            print(
                f"  {title:36}{share:7.3f} kept, {worst:.3f} in the worst week, "
                f"{themes} themes of {len(runs[-1])} posts",
                flush=True,
            )


if __name__ == "__main__":
    main()
