"""A message that somebody files as a signal: kept, understood at once, and compared with themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import GroundswellError
from bot.pipeline.nearby import around
from bot.pipeline.telling import Telling
from bot.store import Store
from bot.understand.embed import Embedder

NEAREST = 20
"""Posts that are looked at around it."""

MIDDLING = 0.5
"""Cosine from which a theme is worth asking about; a run that places a post itself is surer."""


@dataclass(frozen=True, slots=True)
class Captured:
    """Where a filed message stands."""

    key: str
    theme: str | None = None
    """The theme that it was placed in, which is sure enough to need no asking."""
    label: str = ""
    """The name of that theme or of the proposed one."""
    proposed: str | None = None
    """A theme that it comes near, for a person to decide."""
    score: float = 0.0
    """How near, up to 1."""


@dataclass(frozen=True, slots=True)
class Capturing:
    """Compares what was filed and understood with the themes that its audience may see."""

    store: Store
    embedder: Embedder
    telling: Telling

    def of(self, key: str) -> Captured:
        """Where a post stands, or what it comes near."""
        stood = self.store.standings.of([key]).get(key)
        if stood is None:
            return Captured(key)
        if stood.theme and (label := self._label(stood.theme)) is not None:
            return Captured(key, stood.theme, label)
        near = self._near(stood.row_id, key)
        for theme, score in sorted(near.items(), key=lambda pair: -pair[1]):
            if score >= MIDDLING and (label := self._label(theme)) is not None:
                return Captured(key, label=label, proposed=theme, score=score)
        return Captured(key)

    def _label(self, theme: str) -> str | None:
        try:
            return self.telling.theme(theme).theme.label
        except GroundswellError:
            return None

    def _near(self, row_id: int, key: str) -> Mapping[str, float]:
        """The themes of the nearest posts, each with how near it is."""
        own = self.store.vectors.of(self.embedder.name, [row_id]).get(row_id)
        if own is None:
            return {}
        return around(self.store, self.embedder, self.telling, own, NEAREST, {key})
