"""Learned odds: boosted decision trees as arrays, and how likely they hold a group for a theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from bot.understand.traits import TRAITS

FILE = "theme_odds.npz"
"""Made by `python -m benchmarks.learn_odds`, which says of what."""

VERSION = 1
"""Of what was learned; with the embedder and the traits it decides how posts are grouped."""

_STEPS = 16
"""No tree is deeper than this."""


@dataclass(frozen=True, slots=True)
class Odds:
    """Trees whose values at the leaves add up to the logarithm of the odds.

    Trees stand one after the other in the arrays. A node with a negative trait is a leaf; of any
    other the left branch is taken by what is at most the limit (Friedman 2001, "Greedy function
    approximation").
    """

    prior: float
    root: NDArray[np.int64]
    """(trees,) where each begins."""
    trait: NDArray[np.int64]
    limit: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]

    def of(self, traits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) probabilities for (m, traits)."""
        total = np.full(len(traits), self.prior)
        rows = np.arange(len(traits))
        for root in self.root:
            at = np.full(len(traits), root)
            for _ in range(_STEPS):
                asked = self.trait[at]
                inner = asked >= 0
                if not inner.any():
                    break
                low = traits[rows, np.maximum(asked, 0)] <= self.limit[at]
                at = np.where(inner, np.where(low, self.left[at], self.right[at]), at)
            total += self.value[at]
        return np.asarray(1 / (1 + np.exp(-total)), dtype=np.float64)


@cache
def shipped() -> Odds:
    """The odds that come with this package.

    Raises ValueError if they were learned of other traits, or are of another version.
    """
    with (
        files("bot.understand").joinpath("data", FILE).open("rb") as file,
        np.load(file, allow_pickle=False) as kept,
    ):
        if tuple(kept["traits"].tolist()) != TRAITS or int(kept["version"]) != VERSION:
            raise ValueError(f"{FILE} is not of this code: python -m benchmarks.learn_odds")
        arrays = {name: kept[name] for name in ("root", "trait", "limit", "left", "right", "value")}
        return Odds(float(kept["prior"]), **arrays)
