"""How the odds of themes could be chosen without a look at what they are reported on.

    python -m benchmarks.choose_odds

Traits of groups and the size of the trees were chosen by people who had seen both halves of
stream_dev, though the odds learn nothing of the second. So here a program chooses. Two judges, and
neither has seen a label or the noise of the second half: *apart*, the themes and the noise that
odds are learned of (`benchmarks/learn_odds.py`) are parted in two by lots, odds are learned of
streams of one part and tried on streams of the other, both ways round; *first half*, learned as
they are shipped and tried on stream_dev, told for its first half. Figures are theme F, means over
LIMITS and SEEDS. Sizes are shown only. Then the trait without which odds are best apart is left
out, as long as other lots confirm that it does good. In the end, and once, what is left is told for
the second half, over REPORTED lots of learning, beside all traits and beside what is shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.learn_odds import SETTINGS, SMALLEST, Settings, examples, learned, right
from benchmarks.learn_odds import STREAMS as SHIPPED
from benchmarks.streams import SEED, Pool, Stream, halves, labelled
from bot.understand.cluster import AverageTree, chosen, ground
from bot.understand.embed import MiniLM
from bot.understand.forest import Forest
from bot.understand.measures import Score, score
from bot.understand.odds import shipped
from bot.understand.traits import TRAITS, traits

STREAMS = 64
"""Streams of each part."""
LIMITS = (0.1, 0.15, 0.2, 0.25)
SEEDS, TRIED, REPORTED = range(7, 13), range(7, 9), range(7, 17)
"""Of the lots in learning: for most figures, for each of many tries, and in the end."""
SIZES: tuple[Settings, ...] = (
    {"max_iter": 100, "max_depth": 4},
    {"max_iter": 200, "max_depth": 4},
    {"max_iter": 400, "max_depth": 4},
    {"max_iter": 100, "max_depth": 6},
    {"max_iter": 200, "max_depth": 6},
)

Reals = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A stream with the groups that could be themes."""

    forest: Forest
    index: NDArray[np.int64]
    labels: list[str]
    nodes: NDArray[np.int64]
    traits: Reals
    right: Truth

    @classmethod
    def of(cls, stream: Stream) -> Grouped:
        """As `AverageTree` groups it."""
        index, on = ground(stream.vectors, stream.texts)
        nodes, found = traits(on, SMALLEST)
        truth = right(on.forest, nodes, index, stream.labels)
        return cls(on.forest, index, stream.labels, nodes, found, truth)

    def score(self, odds: Reals, least: float, half: frozenset[str] | None = None) -> Score:
        """Of the groups that are chosen by these odds, for some labels or for all."""
        value = np.full(len(self.forest.mass), -1.0)
        value[self.nodes] = odds - least
        labels = self.forest.topmost(chosen(self.forest, value))[self.index]
        return score(labels, self.labels, half or frozenset(self.labels))

    def theme_f(self, odds: Reals, half: frozenset[str] | None = None) -> float:
        """The mean over LIMITS."""
        return float(np.mean([self.score(odds, least, half).theme_f for least in LIMITS]))


Parts = tuple[Sequence[Grouped], Sequence[Grouped]]
Lessons = tuple[Reals, Truth]


def columns(names: Sequence[str]) -> list[int]:
    return [TRAITS.index(name) for name in names]


def of(grouped: Sequence[Grouped]) -> Lessons:
    """What odds learn of streams."""
    return (
        np.concatenate([one.traits for one in grouped]),
        np.concatenate([one.right for one in grouped]),
    )


def odds_of(
    known: Lessons, new: Sequence[Grouped], names: Sequence[str], settings: Settings, seed: int
) -> list[Reals]:
    """The odds of each group of other streams, by these traits."""
    rows, truth = known
    model = learned(rows[:, columns(names)], truth, names, settings, seed)
    return [model.predict_proba(one.traits[:, columns(names)])[:, 1] for one in new]


def apart(
    parts: Parts, names: Sequence[str], seeds: Iterable[int], settings: Settings = SETTINGS
) -> float:
    """What odds of these traits find in each part that were learned of the other."""
    found = [
        one.theme_f(odds)
        for seed in seeds
        for known, new in (parts, parts[::-1])
        for one, odds in zip(new, odds_of(of(known), new, names, settings, seed), strict=True)
    ]
    return float(np.mean(found))


def without(names: Sequence[str], name: str) -> list[str]:
    return [one for one in names if one != name]


def fewer(parts: Parts) -> list[str]:
    """The traits that are left when what does no good is left out, one after the other."""
    names, best = list(TRAITS), apart(parts, TRAITS, SEEDS)
    print(f"all {len(names)} traits, apart: {best:.4f}; each left out:")
    while True:
        tried = {name: apart(parts, without(names, name), TRIED) for name in names}
        if len(names) == len(TRAITS):
            for name, figure in sorted(tried.items(), key=lambda one: one[1]):
                print(f"  {name:24}{figure:.4f}", flush=True)
        worst = max(tried, key=lambda name: tried[name])
        # Of many figures the best is a little lucky: other lots must confirm it.
        sure = apart(parts, without(names, worst), SEEDS)
        print(f"without {worst}, {len(SEEDS)} lots: {sure:.4f}", flush=True)
        if sure <= best:
            return names
        names, best = without(names, worst), sure


def told(name: str, scores: Sequence[Score]) -> str:
    """Means, and how far theme F and signal B-cubed go by lots alone."""
    rows = np.array([(s.theme_f, s.b_cubed, s.noise_out) for s in scores])
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    return (
        f"  {name:34} theme F {mean[0]:.3f} (sd {spread[0]:.3f})  signal B-cubed {mean[1]:.3f} "
        f"(sd {spread[1]:.3f})  noise kept out {mean[2]:.3f}"
    )


def main() -> None:
    texts, labels = labelled("stream_dev")
    print("embedding the labelled sets, a few minutes", flush=True)
    embedder = MiniLM()
    pool = Pool.without(texts, labels, embedder)
    one, other = pool.parted()
    parts = (
        [Grouped.of(stream) for stream in one.streams(STREAMS, SEED + 1)],
        [Grouped.of(stream) for stream in other.streams(STREAMS, SEED + 2)],
    )
    first, second = halves(labels)
    real = Grouped.of(Stream(texts, labels, embedder.encode(texts)))
    drawn = [examples(stream) for stream in pool.streams(SHIPPED, SEED)]
    known = np.concatenate([rows for rows, _ in drawn]), np.concatenate([y for _, y in drawn])
    print(f"{STREAMS} streams of each part, seed {SEED}; theme F, means of {len(SEEDS)} lots")
    for size in SIZES:
        settings = SETTINGS | size
        found = [
            real.theme_f(odds_of(known, [real], TRAITS, settings, seed)[0], first) for seed in SEEDS
        ]
        print(
            f"  {size['max_iter']:4} trees of depth {size['max_depth']}:"
            f"  apart {apart(parts, TRAITS, SEEDS, settings):.4f}  first half {np.mean(found):.4f}",
            flush=True,
        )
    left = fewer(parts)
    least = AverageTree().least
    print(f"{len(left)} traits are left. The second half, groups from odds of {least} on:")
    print(told("as shipped", [real.score(shipped().of(real.traits), least, second)]))
    for name, names in (("all traits", list(TRAITS)), ("the traits that are left", left)):
        scores = [
            real.score(odds_of(known, [real], names, SETTINGS, seed)[0], least, second)
            for seed in REPORTED
        ]
        print(told(f"{name}, {len(REPORTED)} lots", scores), flush=True)


if __name__ == "__main__":
    main()
