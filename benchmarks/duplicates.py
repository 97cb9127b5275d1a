"""Known duplicates among a community's issues: ours beside BM25 alone and cosine alone.

    python -m benchmarks.duplicates

A later issue looks for the earlier ones that tell its story. Groups of known duplicates are split
in halves by SEED: the weights of `bot/understand/duplicates.py` are what `fit` gives on the first,
and which likenesses there are was chosen there; the second is told as it comes. The third table
tells each half with the weights that `fit` gives on the other. The links were found by text
("duplicate of #1"), so a pair without one is no negative: every precision is a lower bound, and
only its order between methods tells anything.

recall@k: share of the known links whose earlier issue is among the k best for the later one.
precision at half recall: all pairs of an issue that has a known link with any earlier issue, in one
list; at the score where half of the links are found, the share of pairs in one group.
B-cubed: each issue joined to the best earlier one above that score (the first half's), over the
issues of known groups.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import corpus
from bot.model import Post
from bot.sources.archive import Archive
from bot.store.index import TEXT_WEIGHT, TITLE_WEIGHT
from bot.store.words import match_any
from bot.understand import duplicates, measures
from bot.understand.embed import MiniLM, words_of
from bot.understand.words import weigh

SEED = 7
TOGETHER = 10.0
"""Strength of the pull towards no weight at all, on likenesses of unit deviation; chosen among 1,
3, 10 and 30 within the first half, in five folds."""
MOST = (5, 10, 20, 50, 100)

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Rows = NDArray[np.float32]
Link = tuple[int, int]
"""The later post and the earlier one."""


@dataclass(frozen=True, slots=True)
class Known:
    """Issues in time order, the links between them, and the group of each linked one."""

    posts: list[Post]
    links: list[Link]
    group: Whole

    def half(self, number: int) -> list[Link]:
        """The links of half of the groups, by SEED."""
        names = {int(self.group[later]) for later, _ in self.links}
        ordered = sorted(names, key=lambda name: self.posts[name].key)
        order = np.random.default_rng(SEED).permutation(ordered)
        mine = set(np.array_split(order, 2)[number].tolist())
        return [link for link in self.links if int(self.group[link[0]]) in mine]


def read(archive: Path, links_file: Path) -> Known:
    found = Archive(archive, datetime.now(UTC)).fetch(None, None)
    issues = [post for batch in found for post in batch.posts if post.kind == "issue"]
    issues.sort(key=lambda post: (post.created_at, post.key))
    place = {post.external_id: i for i, post in enumerate(issues)}
    with links_file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    pairs = ((place.get(row["id"]), place.get(row["duplicate_of"])) for row in rows)
    links = [(max(a, b), min(a, b)) for a, b in pairs if a is not None and b is not None]
    return Known(issues, links, grouped(len(issues), links))


def grouped(count: int, links: Sequence[Link]) -> Whole:
    """The group of each of `count` posts: the smallest number that links lead to."""
    group = np.arange(count)
    for one, other in links:
        low, high = sorted((group[one], group[other]))
        group[group == high] = low
    return group


# What each method says of a later post and all earlier ones.

Scores = dict[int, Reals]


def by_cosine(vectors: Rows, later: Sequence[int]) -> Scores:
    return {q: (vectors[:q] @ vectors[q]).astype(np.float64) for q in later}


def by_bm25(known: Known, asked: Callable[[Post], str], later: Sequence[int]) -> Scores:
    """FTS5's BM25 with our index's settings, asked for any word of a text."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE i USING fts5(title, text, tokenize='porter unicode61')")
    rows = ((n, post.title, post.text) for n, post in enumerate(known.posts))
    base.executemany("INSERT INTO i(rowid, title, text) VALUES (?, ?, ?)", rows)
    statement = f"SELECT rowid, -bm25(i, {TITLE_WEIGHT}, {TEXT_WEIGHT}) FROM i WHERE i MATCH ?"  # noqa: S608 two constants
    scores = {}
    for q in later:
        words = sorted(set(duplicates.words_in(asked(known.posts[q]))))
        scores[q] = np.zeros(q)
        for row, score in base.execute(statement, (match_any(words),)):
            if row < q:
                scores[q][row] = score
    return scores


def by_words(known: Known, later: Sequence[int]) -> Scores:
    """TF-IDF cosine."""
    words = weigh([words_of(post) for post in known.posts])
    dense = np.zeros((len(known.posts), len(words.everywhere)), dtype=np.float32)
    own, word, weight = words.of(np.arange(len(known.posts)))
    dense[own, word] = weight
    return by_cosine(dense, later)


def looked_at(known: Known, vectors: Rows, later: Sequence[int]) -> dict[int, Reals]:
    """The likenesses of each later post to all earlier ones."""
    rarity = duplicates.Rarity.of(known.posts)
    seen = [duplicates.Seen.of(*pair, rarity) for pair in zip(known.posts, vectors, strict=True)]
    return {q: duplicates.likenesses(seen[q], seen[:q]) for q in later}


def fit(known: Known, looks: dict[int, Reals], links: Sequence[Link]) -> tuple[Reals, float]:
    """Weights and offset of a logistic on all pairs of the linked posts; Newton's method."""
    later = sorted({q for q, _ in links})
    seen = np.concatenate([looks[q] for q in later])
    same = np.concatenate([known.group[:q] == known.group[q] for q in later])
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    rows = np.c_[(seen - mean) / spread, np.ones(len(seen))]
    pull = np.r_[np.full(seen.shape[1], TOGETHER), 0]
    weight = np.zeros(rows.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ weight))
        slope = rows.T @ (chance - same) + pull * weight
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(pull)
        weight -= np.linalg.solve(curve, slope)
    own = weight[:-1] / spread
    return own, float(weight[-1] - own @ mean)


def across(known: Known, looks: dict[int, Reals], parts: tuple[list[Link], list[Link]]) -> Scores:
    """The odds of each half's posts by the weights that the other half gives."""
    scores: Scores = {}
    for links, others in (parts, parts[::-1]):
        weight, offset = fit(known, looks, others)
        scores |= {q: looks[q] @ weight + offset for q, _ in links}
    return scores


# How well a method finds what is known.


def rank(scores: Scores, link: Link) -> int:
    """How many earlier posts score higher than the one that is known."""
    later, earlier = link
    return measures.rank(scores[later], earlier)


def at_half_recall(scores: Scores, links: Sequence[Link]) -> float:
    """The score from which half of the links are found."""
    found = sorted((scores[later][earlier] for later, earlier in links), reverse=True)
    return float(found[(len(found) + 1) // 2 - 1])


def precision(known: Known, scores: Scores, links: Sequence[Link]) -> float:
    least = at_half_recall(scores, links)
    later = sorted({q for q, _ in links})
    hits = [known.group[np.flatnonzero(scores[q] >= least)] == known.group[q] for q in later]
    return float(np.concatenate(hits).mean())


def b_cubed(known: Known, scores: Scores, links: Sequence[Link], least: float) -> float:
    """F1 over the posts of known groups, of groups made by joining each to its best."""
    joined = [(q, int(s.argmax())) for q, s in scores.items() if s.size and s.max() >= least]
    ours = grouped(len(known.posts), joined)
    posts = sorted({post for link in links for post in link})
    both = np.array([[ours[a] == ours[b] for b in posts] for a in posts])
    true = np.array([[known.group[a] == known.group[b] for b in posts] for a in posts])
    right = (both & true).sum(axis=1)
    exact, whole = (right / both.sum(axis=1)).mean(), (right / true.sum(axis=1)).mean()
    return float(2 * exact * whole / (exact + whole))


def row(known: Known, scores: Scores, links: Sequence[Link], least: float) -> str:
    ranks = np.array([rank(scores, link) for link in links])
    figures = (
        precision(known, scores, links),
        float((ranks < 1).mean()),
        float((ranks < 5).mean()),
        float((1 / (1 + ranks)).mean()),
        b_cubed(known, scores, links, least),
    )
    return "".join(f"{figure:9.3f}" for figure in figures)


def interval(scores: Scores, other: Scores, links: Sequence[Link]) -> str:
    """By how much recall@5 differs: 90 % of draws of links with replacement."""
    chance = np.random.default_rng(SEED)
    found = [np.array([rank(s, link) < 5 for link in links], dtype=float) for s in (scores, other)]
    drawn = chance.integers(len(links), size=(2_000, len(links)))
    low, high = np.quantile((found[0] - found[1])[drawn].mean(axis=1), (0.05, 0.95))
    return f"{low:+.2f} to {high:+.2f}"


def candidates(words: Scores, meaning: Scores, links: Sequence[Link]) -> str:
    """The share of links that are among the nearest by words, by meaning, or by either."""
    told = []
    for most in MOST:
        near = np.array([[rank(s, link) < most for s in (words, meaning)] for link in links])
        either = near.any(axis=1).mean()
        told.append(f"{most:4}{near[:, 0].mean():9.2f}{near[:, 1].mean():9.2f}{either:9.2f}")
    return "\n".join(told)


def main() -> None:
    known = read(corpus("openclaw.jsonl.gz"), corpus("gold", "duplicates.tsv"))
    parts = known.half(0), known.half(1)
    later = sorted({q for q, _ in known.links})
    start, embedder = perf_counter(), MiniLM()
    vectors = embedder.encode([words_of(post) for post in known.posts])
    print(
        f"{len(known.posts)} issues, {len(known.links)} known links with both ends here, "
        f"{len(parts[0])} in the first half (learned from), {len(parts[1])} in the second "
        f"(held out); seed {SEED}; {embedder.name}, {perf_counter() - start:.0f} s"
    )
    looks = looked_at(known, vectors, later)
    weight, offset = fit(known, looks, parts[0])
    crossed = across(known, looks, parts)
    fitted = ", ".join(f"{n} {w:.2f}" for n, w in zip(duplicates.LIKENESSES, weight, strict=True))
    print(f"fitted on the first half: {fitted}, offset {offset:.2f}")
    print(f"as shipped: {duplicates.WEIGHTS}, offset {duplicates.OFFSET}")
    ours = {q: seen @ np.array(duplicates.WEIGHTS) + duplicates.OFFSET for q, seen in looks.items()}
    meaning = by_cosine(vectors, later)
    methods = {
        "ours": ours,
        "BM25, asked for title and start": by_bm25(known, words_of, later),
        "BM25, asked for the title": by_bm25(known, lambda post: post.title, later),
        "cosine (MiniLM)": meaning,
        "TF-IDF cosine": by_words(known, later),
    }
    told = {
        "first half (learned from)": (parts[0], methods),
        "second half (held out)": (parts[1], methods),
        "both halves, each with what the other taught": (known.links, methods | {"ours": crossed}),
    }
    for title, (links, scored) in told.items():
        columns = f"{'P@R50':>9}{'R@1':>9}{'R@5':>9}{'MRR':>9}{'B-cubed':>9}"
        print(f"\n{title}: {len(links)} links\n{'':34}{columns}")
        for name, scores in scored.items():
            least = at_half_recall(scores, parts[0])
            print(f"{name:34}{row(known, scores, links, least)}")
    for name, scores in list(methods.items())[1:]:
        print(f"R@5, ours less {name}, both halves, 90 %: {interval(crossed, scores, known.links)}")
    least = 1 / (1 + np.exp(-at_half_recall(ours, parts[0])))
    print(f"\nhalf of the first half's links score {least:.2f} or more")
    print("\nall links: the share among the k nearest\n   k    words  meaning   either")
    print(candidates(methods["BM25, asked for title and start"], meaning, known.links))


if __name__ == "__main__":
    main()
