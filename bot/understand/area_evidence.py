"""Themes as far as their areas depend on them, with what is counted of them once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.understand.area_words import (
    READ,
    Stems,
    headline_of,
    parts_of,
    stem_of,
    stems_of,
    topics_of,
    written,
)

Row = NDArray[np.float32]

_TOGETHER = 0.12
"""Mean cosine of theme means, without what all have in common, from which themes lie together."""
_COMPARED = 6
"""Themes from which on they are compared: of fewer, what all have in common is what each says."""
_TITLED = 0.15
"""Share of a theme's titles that must use an area's name: what forms and logs say names none."""
_ALONE = 12
"""Posts from which a theme that no other shares a word with can be an area of its own."""
_ALONE_ABOUT = 0.6
"""Share of the posts of such a theme that must use the name."""
_FOUNDING = 8
"""Posts of the themes, two or more, that make an area: fewer may share a word by chance."""
_HOME = 0.3
"""Share of all posts from which the place that they are from is called after the product."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A theme as far as its area depends on it."""

    theme: str
    texts: tuple[str, ...]
    """What each post says: its title, and the beginning of its text on lines of their own."""
    labels: tuple[tuple[str, ...], ...] = ()
    """The labels of each post that stands in a tracker, also of one that has none; only those of
    a family that names parts are looked at."""
    tags: tuple[tuple[str, ...], ...] = ()
    """The category and tags of each post in a forum; what tells a post's kind is passed over."""
    venues: tuple[str, ...] = ()
    """Where its posts are from: a place that many are from bears the product's name."""
    vector: Row | None = None
    """The mean of its posts' vectors."""


@dataclass(frozen=True)
class Known:
    """The themes, with what is counted of them once."""

    subjects: tuple[Subject, ...]
    standing: Mapping[str, str]
    means: Mapping[str, Row]
    """The means of the themes' vectors, as far as they are known."""

    @classmethod
    def of(
        cls,
        subjects: Iterable[Subject],
        standing: Mapping[str, str],
        means: Mapping[str, Row] | None = None,
    ) -> Known:
        """In an order of their own, so that the one in which they come changes nothing."""
        ordered = tuple(sorted(subjects, key=lambda s: s.theme))
        own = {s.theme: s.vector for s in ordered if s.vector is not None}
        return cls(ordered, standing, {**(means or {}), **own})

    @cached_property
    def called(self) -> dict[Stems, str]:
        """What the areas so far are called, by the stems of their names."""
        return {stems_of(name): name for name in sorted(self.standing.values())}

    @cached_property
    def filed(self) -> dict[str, list[frozenset[str]]]:
        """By theme, the parts that each of its posts in trackers and forums is filed under."""
        return {s.theme: [*map(parts_of, s.labels), *map(topics_of, s.tags)] for s in self.subjects}

    @cached_property
    def posts(self) -> dict[str, int]:
        """How many each theme has."""
        return {subject.theme: len(subject.texts) for subject in self.subjects}

    @cached_property
    def shares(self) -> dict[str, dict[Stems, float]]:
        """By theme, the share of its posts that use each word and each pair of words."""
        shares = {}
        for subject in self.subjects:
            used: Counter[Stems] = Counter()
            for text in subject.texts:
                used.update(set(written(text[:READ])))
            titled = Counter(s for text in subject.texts for s in written(headline_of(text)))
            least = max(_TITLED * len(subject.texts), 1)
            shares[subject.theme] = {
                stems: n / len(subject.texts)
                for stems, n in used.items()
                if n > 1 and titled[stems] >= least
            }
        return shares

    @cached_property
    def spellings(self) -> dict[Stems, Counter[str]]:
        """How each word and pair is written in the titles."""
        spelt: dict[Stems, Counter[str]] = defaultdict(Counter)
        for subject in self.subjects:
            for text in subject.texts:
                for stems, spelling in written(headline_of(text)).items():
                    spelt[stems][spelling] += 1
        return spelt

    @cached_property
    def product(self) -> frozenset[str]:
        """The words in the names of the places that many of the posts are from."""
        posts = Counter(venue for subject in self.subjects for venue in subject.venues)
        homes = (venue for venue, n in posts.items() if n >= _HOME * posts.total())
        return frozenset(stem_of(w) for home in homes for w in re.findall(r"\w+", home.casefold()))

    @cached_property
    def closeness(self) -> dict[str, dict[str, float]]:
        """Cosines of the themes' means, without what all have in common."""
        names = sorted(self.means)
        if len(names) < _COMPARED:
            return {}
        rows = np.stack([self.means[name] for name in names]).astype(np.float64)
        rows -= rows.mean(axis=0)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        cosines = rows @ rows.T
        return {
            a: dict(zip(names, line.tolist(), strict=True))
            for a, line in zip(names, cosines, strict=True)
        }

    def lies_with(self, theme: str, others: Iterable[str]) -> bool:
        """Whether a theme is on average closer to some themes than to all."""
        cosines = self.closeness.get(theme, {})
        near = [cosines[other] for other in others if other in cosines and other != theme]
        return bool(near) and sum(near) / len(near) > _TOGETHER

    def fits(self, theme: str, others: Iterable[str]) -> bool:
        """Whether a theme lies with some others, or nothing is known of where any lies."""
        return not self.closeness or self.lies_with(theme, others)

    def founders(self, about: Mapping[str, float]) -> set[str]:
        """Of the themes that are about a word those that make an area: that lie with the others.

        Two may use one word and mean two things. A single one must be large, and say it often.
        """
        if len(about) == 1:
            ((theme, share),) = about.items()
            return {theme} if self.posts[theme] >= _ALONE and share >= _ALONE_ABOUT else set()
        found = {t for t in about if self.fits(t, about)}
        enough = len(found) > 1 and sum(self.posts[t] for t in found) >= _FOUNDING
        return found if enough else set()
