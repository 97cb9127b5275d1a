"""Which themes bear on a question: those of which enough was found for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Query


@dataclass(frozen=True, slots=True)
class Bearing:
    """The themes that bear on a question."""

    query: Query
    """Whose posts these hold."""
    held: Mapping[str, int]
    """How many of the found posts stand in each theme, of these and of others."""
    shares: Mapping[str, float]
    """How much of each of these was found."""

    @property
    def all(self) -> list[str]:
        """Every one of them."""
        return list(self.shares)

    @property
    def inside(self) -> int:
        """How many of the found posts stand in them."""
        return sum(self.held[theme] for theme in self.shares)

    def first(self, most: int) -> list[str]:
        """The ones with most of what was found, and those that were found most wholly."""
        most_found = sorted(self.shares, key=lambda t: (-self.held[t] * self.shares[t], t))
        most_wholly = sorted(self.shares, key=lambda t: (-round(self.shares[t], 1), -self.held[t]))
        return list(dict.fromkeys((*most_found[:most], *most_wholly[:most])))
