"""Linear heads: fitted on labelled posts, they read a class off an embedding, cues and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.understand.cues import cues
from bot.understand.descent import minimum
from bot.understand.spots import READ, Said

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DIMS = 384
"""Numbers of an embedding."""

BUCKETS = 1 << 17
"""Words and pairs of words are hashed into so many; no word can be told from its bucket."""

_STEPS = 80
PENALTY = 0.3
"""The weight of the squares: from 0.02 to 0.6 it changes macro F1 by less than 0.01."""
_CUE_WEIGHT = 0.3

_TOKEN = re.compile(rb"[a-z_]{2,}|[?!#*`:]+")
_ADDRESS = re.compile(r"https?://\S+")

Rows = NDArray[np.float32]
Weights = NDArray[np.float32]
Counts = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """What heads see of one post; made once by `look`, whatever number of heads looks at it."""

    dense: Rows
    """Its embedding, then its cues: (DIMS + CUES,)."""
    bags: tuple[Counts, Counts]
    """How often each bucket is hit by the words of the whole post, and by those of the title."""


def look(title: str, text: str, row: Rows) -> Sample:
    """A sample of a post; `row` is its embedding: (DIMS,), unit length."""
    return sample_of(Said(title), Said(text), row)


def sample_of(title: Said, text: Said, row: Rows) -> Sample:
    """A sample of a post whose title and text are cut into words already."""
    dense = np.concatenate([row, cues(title, text)]).astype(np.float32)
    return Sample(
        dense, (_buckets(f"{title.low}\n{text.low}", b""), _buckets(title.low, b"title "))
    )


@dataclass(frozen=True, slots=True)
class Bags:
    """The buckets of many posts as one table: a row for each bucket of each post."""

    posts: NDArray[np.int64]
    """Which post, from 0."""
    buckets: NDArray[np.int64]
    counts: Weights
    size: int
    """How many posts there are."""

    def weighed(self, rarity: Weights) -> NDArray[np.float64]:
        """A weight for each row; those of one post are of unit length together."""
        weights = (1 + np.log(self.counts)) * rarity[self.buckets]
        lengths = np.sqrt(np.bincount(self.posts, weights * weights, self.size))
        lengths[lengths == 0] = 1
        return weights / lengths[self.posts]

    def add(self, values: NDArray[np.float64], totals: NDArray[np.float64]) -> None:
        """Add what each row has, (rows, n), to the total of its post, (posts, n), in place."""
        rows = np.bincount(self.posts, minlength=self.size)
        full = np.flatnonzero(rows)  # the rows of a post stand side by side
        if len(full):
            totals[full] += np.add.reduceat(values, (np.cumsum(rows) - rows)[full], axis=0)


@dataclass(frozen=True, slots=True)
class Samples:
    """What heads see of many posts at once."""

    dense: Rows
    """(posts, DIMS + CUES)."""
    bags: tuple[Bags, Bags]


def together(samples: Sequence[Sample]) -> Samples:
    """Many samples as one; not none."""
    whole, titles = zip(*(sample.bags for sample in samples), strict=True)
    return Samples(np.stack([sample.dense for sample in samples]), (_bags(whole), _bags(titles)))


def _bags(counts: Sequence[Counts]) -> Bags:
    sizes = [len(bag) for bag in counts]
    return Bags(
        np.repeat(np.arange(len(counts)), sizes),
        np.fromiter(chain.from_iterable(counts), np.int64, sum(sizes)),
        np.fromiter(chain.from_iterable(bag.values() for bag in counts), np.float32, sum(sizes)),
        len(counts),
    )


@dataclass(frozen=True, slots=True)
class Head:
    """Weights that score every class for a post. Pure: the same post, the same scores."""

    classes: tuple[str, ...]
    dense: Weights
    """For the embedding, then the cues: (DIMS + CUES, classes)."""
    bias: Weights
    rarity: Weights
    """How much a bucket of words counts: (BUCKETS,)."""
    words: Weights
    """(BUCKETS, classes)."""

    def chances(self, samples: Samples) -> Weights:
        """A probability a class for each of many posts: (posts, classes)."""
        logits = (self.bias + samples.dense @ self.dense).astype(np.float64)
        for bags in samples.bags:
            bags.add(
                bags.weighed(self.rarity)[:, None] * self.words.take(bags.buckets, axis=0), logits
            )
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)

    def scores(self, sample: Sample) -> dict[str, float]:
        """A probability a class; they sum to 1."""
        return dict(zip(self.classes, self.chances(together([sample]))[0].tolist(), strict=True))

    def best(self, sample: Sample) -> str:
        """The likeliest class."""
        scores = self.scores(sample)
        return max(scores, key=lambda name: scores[name])


def fit(samples: Sequence[Sample], labels: Sequence[str], penalty: float = PENALTY) -> Head:
    """A head by logistic regression, rare classes counted up by the root of their rarity.

    Needs two classes or more. Deterministic; about 0.3 s of one core for 900 issues.
    """
    classes = tuple(sorted(set(labels)))
    seen = together(samples)
    seen.dense[:, DIMS:] *= _CUE_WEIGHT
    rarity = _rarity(seen)
    truth = np.array([classes.index(label) for label in labels])
    top, words, bias = _regression(seen, rarity, truth, penalty)
    top[DIMS:] *= _CUE_WEIGHT
    spread = np.zeros((BUCKETS, len(classes)), dtype=np.float32)
    spread[np.flatnonzero(rarity)] = words
    return Head(classes, top, bias, rarity, spread)


def _buckets(low: str, mark: bytes) -> Counts:
    """How often each bucket is hit by the words and pairs of words of a text in lower case."""
    low = low[:READ]
    if "http" in low:
        low = _ADDRESS.sub(" _url ", low)
    words = _TOKEN.findall(low.encode("utf-8", "replace"))
    start = crc32(mark)
    hashes = [crc32(word, start) for word in words]
    # The hash of "one two" goes on from that of "one".
    pairs = zip(hashes, words[1:], strict=False)
    hashes += [crc32(word, crc32(b" ", first)) for first, word in pairs]
    return Counter([number % BUCKETS for number in hashes])


def _rarity(samples: Samples) -> Weights:
    """The inverse document frequency of each bucket; 0 for what only one post holds."""
    held = sum(np.bincount(bags.buckets, minlength=BUCKETS) for bags in samples.bags)
    rarity = np.log((1 + len(samples.dense)) / (1 + held)) + 1
    return np.where(held > 1, rarity, 0).astype(np.float32)


def _regression(
    samples: Samples, rarity: Weights, truth: NDArray[np.int64], penalty: float
) -> tuple[Weights, Weights, Weights]:
    """Weights of dense features, of the buckets with a rarity, and bias; each by class.

    Multinomial logistic regression; the squares of all weights but the bias are held down. No
    matrix product in here is left to a library that starts threads: for sizes as small as these
    they cost several times what they save.
    """
    dense, words = samples.dense.astype(np.float64), _matrix(samples.bags, rarity)
    turned, columns = words.T.tocsr(), np.ascontiguousarray(dense.T)
    share = np.bincount(truth) / len(truth)
    weight = share[truth] ** -0.5
    weight /= weight.sum()
    target = np.eye(len(share))[truth]
    split = 1 + dense.shape[1]
    shape = (split + words.shape[1], len(share))
    scale = penalty / len(truth)

    def loss(matrix: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = matrix[0] + np.einsum("nf,cf->nc", dense, matrix[1:split].T.copy())
        logits += words @ matrix[split:]
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1, keepdims=True)
        missed = weight[:, None] * (odds / total - target)
        slope = scale * matrix
        slope[0] = missed.sum(axis=0)
        slope[1:split] += np.einsum("fn,cn->fc", columns, missed.T.copy())
        slope[split:] += turned @ missed
        likelihood = (weight * (np.log(total[:, 0]) - (logits * target).sum(axis=1))).sum()
        return float(likelihood + scale / 2 * (matrix[1:] ** 2).sum()), slope

    matrix = minimum(loss, np.zeros(shape), _STEPS).astype(np.float32)
    return matrix[1:split], matrix[split:], matrix[0]


def _matrix(bags: Sequence[Bags], rarity: Weights) -> csr_array:
    """The weighed words, (posts, buckets that have a rarity); title and whole added up."""
    from scipy.sparse import csr_array  # noqa: PLC0415 slow to import

    shape = (bags[0].size, BUCKETS)
    whole, titles = (
        csr_array((bag.weighed(rarity), (bag.posts, bag.buckets)), shape=shape) for bag in bags
    )
    return csr_array((whole + titles)[:, np.flatnonzero(rarity)])


def save(head: Head, path: Path) -> None:
    """Write a head, small: float16, and of the words only the buckets that weigh anything."""
    kept = np.flatnonzero(head.rarity)
    np.savez_compressed(
        path,
        classes=np.array(head.classes),
        dense=head.dense.astype(np.float16),
        bias=head.bias.astype(np.float16),
        buckets=kept.astype(np.uint32),
        rarity=head.rarity[kept].astype(np.float16),
        words=head.words[kept].astype(np.float16),
    )


def load(path: Path) -> Head:
    """Read what `save` wrote."""
    with np.load(path, allow_pickle=False) as data:
        classes = tuple(data["classes"].tolist())
        rarity = np.zeros(BUCKETS, dtype=np.float32)
        words = np.zeros((BUCKETS, len(classes)), dtype=np.float32)
        rarity[data["buckets"]], words[data["buckets"]] = data["rarity"], data["words"]
        dense, bias = data["dense"].astype(np.float32), data["bias"].astype(np.float32)
    return Head(classes, dense, bias, rarity, words)
