"""Two configurations beside each other: which figures differ by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.understand.measures import Labels, Reals, Tally, whole

DRAWS = 1_000
FEWEST = 20
"""With fewer units no difference is told: draws with replacement from so few know too little."""
_SURE = 0.95


class Verdict(StrEnum):
    """What can be told of a difference."""

    SAME = "same"
    HIGHER = "higher"
    LOWER = "lower"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure under two configurations; `low` to `high` holds 95 % of what chance makes of it."""

    first: float
    second: float
    low: float
    high: float
    units: int
    moved: bool
    """Whether any draw told the two apart."""

    @property
    def verdict(self) -> Verdict:
        """Whether the second is higher by more than chance."""
        if not self.moved:
            return Verdict.SAME
        if self.units < FEWEST or not (self.low > 0 or self.high < 0):
            return Verdict.UNTOLD
        return Verdict.HIGHER if self.low > 0 else Verdict.LOWER


def compared(first: Tally, second: Tally, seed: int) -> dict[str, Difference]:
    """Each figure under both, and how far it may differ by chance.

    A paired bootstrap: units are drawn with replacement DRAWS times, each time the same ones for
    both (Efron and Tibshirani 1993, "An introduction to the bootstrap"). Both must be tallies of
    the same units.
    """
    strata, chance = first.strata, np.random.default_rng(seed)
    told = [whole(first), whole(second)]
    names = [name for name in told[0] if name in told[1]]
    drawn = np.empty((DRAWS, len(names)))
    for row in drawn:
        weight = _drawn(strata, chance)
        one, other = first.figures(weight), second.figures(weight)
        row[:] = [other[name] - one[name] for name in names]
    return {
        name: _difference(told[0][name], told[1][name], drawn[:, at], first.units)
        for at, name in enumerate(names)
    }


def _difference(first: float, second: float, drawn: Reals, units: int) -> Difference:
    """A draw that had nothing to tell of a figure is left out."""
    told = drawn[~np.isnan(drawn)]
    edges = (np.quantile(told, share) for share in ((1 - _SURE) / 2, (1 + _SURE) / 2))
    low, high = map(float, edges) if len(told) else (float("nan"), float("nan"))
    return Difference(first, second, low, high, units, moved=bool(np.any(told != 0)))


def _drawn(strata: Labels, chance: np.random.Generator) -> Reals:
    """How often each unit is drawn, each part as often as it has units."""
    weight = np.empty(len(strata))
    for part in np.unique(strata):
        own = np.flatnonzero(strata == part)
        weight[own] = np.bincount(chance.integers(len(own), size=len(own)), minlength=len(own))
    return weight
