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
    sizes: Mapping[str, int]
    """How many posts each of these has."""

    @property
    def all(self) -> list[str]:
        """Every one of them."""
        return list(self.sizes)

    def share(self, theme: str) -> float:
        """How much of one of these was found."""
        return self.held[theme] / self.sizes[theme]

    @property
    def inside(self) -> int:
        """How many of the found posts stand in them."""
        return sum(self.held[theme] for theme in self.sizes)

    def first(self, most: int) -> list[str]:
        """The ones with most of what was found, and those that were found most wholly."""
        most_found = sorted(self.sizes, key=lambda t: (-self.held[t] * self.share(t), t))
        most_wholly = sorted(self.sizes, key=lambda t: (-round(self.share(t), 1), -self.held[t]))
        return list(dict.fromkeys((*most_found[:most], *most_wholly[:most])))
