"""Labelled posts as a community sends them: recurring themes of all sizes among much noise."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import corpus
from bot.understand.embed import Embedder

SEED = 7
THEMES, NOISE = ("banking77", "tweet89"), ("stackoverflow", "senti4sd")
"""The sets that themes and noise are drawn from; `stream_dev` was made of the same."""

LARGEST, NOISE_MOST = 160, 3_000
"""Posts of the largest theme that is drawn, and of a set that noise is drawn from."""
CHATTER = 200
"""Characters of what stands behind a post in the longer form."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Posts with the label of their theme; labels of noise begin with "noise-"."""

    texts: list[str]
    labels: list[str]
    vectors: NDArray[np.float32]


def labelled(name: str) -> tuple[list[str], list[str]]:
    """Texts and labels of a labelled set."""
    with gzip.open(corpus("labelled", f"{name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows], [row["label"] for row in rows]


def halves(labels: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The labels in two random halves: on the first everything is chosen and learned."""
    names = np.random.default_rng(SEED).permutation(sorted(set(labels))).tolist()
    return frozenset(names[: len(names) // 2]), frozenset(names[len(names) // 2 :])


def _shuffled(name: str) -> list[tuple[str, str]]:
    """A labelled set in an order of lots."""
    rows = list(zip(*labelled(name), strict=True))
    return [rows[i] for i in np.random.default_rng(SEED).permutation(len(rows))]


def with_chatter(texts: Sequence[str], chatter: Sequence[int]) -> list[str]:
    """Each text with the beginning of another behind it that has nothing to do with it."""
    behind = np.random.default_rng(SEED).choice(chatter, len(texts))
    return [f"{text} {texts[i][:CHATTER]}" for text, i in zip(texts, behind, strict=True)]


@dataclass(frozen=True, slots=True)
class Pool:
    """What streams are drawn from, without the labels and the noise of a stream's second half."""

    themes: dict[str, list[int]]
    noise: dict[str, list[int]]
    forms: tuple[tuple[list[str], NDArray[np.float32]], ...]
    """All posts with their vectors: bare, and with chatter behind them as real posts have."""

    @classmethod
    def without(cls, stream: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Pool:
        """Of all labelled sets, but not what a stream's second half is made of."""
        _, second = halves(labels)
        own = {t for t, label in zip(stream, labels, strict=True) if label in second}
        texts: list[str] = []
        themes: defaultdict[str, list[int]] = defaultdict(list)
        noise: defaultdict[str, list[int]] = defaultdict(list)
        for name in (*THEMES, *NOISE):
            for text, label in _shuffled(name):
                theme = f"{name}-{label}"
                rows, most = (
                    (themes[theme], LARGEST) if name in THEMES else (noise[name], NOISE_MOST)
                )
                if text not in own and theme not in second and len(rows) < most:
                    rows.append(len(texts))
                    texts.append(text)
        longer = with_chatter(texts, noise["senti4sd"])
        forms = [(form, embedder.encode(form)) for form in (texts, longer)]
        return cls(dict(themes), dict(noise), tuple(forms))

    def parted(self) -> tuple[Pool, Pool]:
        """Two pools, each of half the themes and half the noise, by lots."""
        lots = np.random.default_rng(SEED)
        names = [str(name) for name in lots.permutation(sorted(self.themes))]
        noise = {
            name: [int(row) for row in lots.permutation(rows)] for name, rows in self.noise.items()
        }
        first, second = (
            Pool(
                {name: self.themes[name] for name in names[part::2]},
                {name: rows[part::2] for name, rows in noise.items()},
                self.forms,
            )
            for part in (0, 1)
        )
        return first, second

    def streams(self, count: int, seed: int) -> Iterator[Stream]:
        """Streams that differ in size, in the share of noise, and in what it is."""
        for number in range(count):
            rng = np.random.default_rng((seed, number))
            picked = self._draw(rng, int(rng.choice([600, 1500, 3000, 5000])))
            order = [picked[i] for i in rng.permutation(len(picked))]
            rows = [row for row, _ in order]
            texts, vectors = self.forms[number % len(self.forms)]
            labels = [label for _, label in order]
            yield Stream([texts[row] for row in rows], labels, vectors[rows])

    def _draw(self, rng: np.random.Generator, posts: int) -> list[tuple[int, str]]:
        """Rows and labels: themes until their share is reached, then noise for the rest."""
        share = rng.uniform(0.4, 0.75)
        sets = rng.choice([*THEMES, "", ""])
        picked: list[tuple[int, str]] = []
        for theme in rng.permutation(sorted(t for t in self.themes if t.startswith(sets))):
            rows = self.themes[theme]
            wanted = round(3 * rng.pareto(1.0) + rng.integers(1, 4))
            chosen = rng.choice(rows, min(wanted, LARGEST, len(rows)), replace=False)
            picked += [(int(row), str(theme)) for row in chosen]
            if len(picked) >= posts * (1 - share):
                break
        noise, first = len(picked) * share / (1 - share), rng.choice([0.2, 0.5, 0.5, 0.8])
        for name, part in zip(NOISE, (first, 1 - first), strict=True):
            rows = self.noise[name]
            chosen = rng.choice(rows, min(int(noise * part), len(rows)), replace=False)
            picked += [(int(row), f"noise-{name}-{i}") for i, row in enumerate(chosen)]
        return picked
