"""Which area each theme is about, from the posts that a run has at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model import Post, Visibility
from bot.understand.area_evidence import Subject
from bot.understand.areas import Area, areas, joined

TRACKERS = frozenset({"github"})
"""Sources whose labels name parts in families ("area: mcp") ..."""
FORUMS = frozenset({"discourse", "stackexchange"})
"""... and those whose tags do, without saying so."""
EACH = 100
"""Posts of a theme that have a say in its area, the most central."""

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Filing:
    """The posts of a run, by key, and what is known of them."""

    members: Mapping[str, AbstractSet[str]]
    """Keys by theme."""
    posts: Mapping[str, Post]
    nearness: Mapping[str, float]
    """How central each stands in its theme."""
    vectors: Mapping[str, Row]
    """Of some of them."""
    said: Callable[[Post], str]
    """What a post says, its title on the first line."""

    def areas(
        self, themes: AbstractSet[str], standing: Mapping[str, str], *, anew: bool
    ) -> dict[str, str | None]:
        """The area of each of these themes, None for none; no word of a private post is in it.

        `anew`: all themes are at hand, so new areas are made; else these only join what stands.
        """
        if anew:
            found = areas(map(self._subject, sorted(self.members)), standing)
        else:
            found = joined(map(self._subject, sorted(themes)), standing, self._means())
        return {theme: _name(found.get(theme)) for theme in sorted(themes)}

    def _subject(self, theme: str) -> Subject:
        open_ = [k for k in self.members[theme] if self.posts[k].visibility is Visibility.PUBLIC]
        keys = sorted(open_, key=lambda k: (-self.nearness[k], k))[:EACH]
        posts = [self.posts[key] for key in keys]
        return Subject(
            theme,
            tuple(map(self.said, posts)),
            tuple(post.labels for post in posts if post.source in TRACKERS),
            tuple(post.labels for post in posts if post.source in FORUMS),
            tuple(post.venue for post in posts),
            self._mean(keys),
        )

    def _means(self) -> dict[str, Row]:
        means = {theme: self._mean(keys) for theme, keys in self.members.items()}
        return {theme: mean for theme, mean in means.items() if mean is not None}

    def _mean(self, keys: Iterable[str]) -> Row | None:
        rows = [self.vectors[key] for key in sorted(keys) if key in self.vectors]
        return np.mean(rows, axis=0) if rows else None


def _name(area: Area | None) -> str | None:
    return None if area is None else area.name
