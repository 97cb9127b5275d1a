"""How well found themes match true ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams import is_noise

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """How well found themes match true ones; see `score` for the definitions."""

    themes: int
    good: float
    found: float
    b_cubed: float
    noise_out: float

    @property
    def theme_f(self) -> float:
        """The harmonic mean of `good` and `found`."""
        return 2 * self.good * self.found / ((self.good + self.found) or 1)


def score(labels: Labels, truth: Sequence[str], half: frozenset[str]) -> Score:
    """The figures of a partition of all posts, told for the true labels in `half` only.

    good: share of found themes (those whose commonest label is in `half`) that are at least 60 %
    one true theme; found: share of true themes of 3 posts or more held at least half in one found
    theme that is at least half pure; theme F: their harmonic mean; signal B-cubed: F1 over the
    posts that have a true theme; noise kept out: share of the noise that is in no theme.
    """
    groups = _groups(labels)
    majority = {g: _commonest(truth[i] for i in posts) for g, posts in groups.items()}
    mine = [g for g, (label, _) in majority.items() if label in half]
    good = [
        g for g in mine if not is_noise(majority[g][0]) and majority[g][1] / len(groups[g]) >= 0.6
    ]
    noise = [i for i, label in enumerate(truth) if is_noise(label) and label in half]
    return Score(
        themes=len(mine),
        good=len(good) / max(len(mine), 1),
        found=_found(groups, truth, half),
        b_cubed=_b_cubed(labels, truth, half),
        noise_out=float(np.mean(labels[noise] < 0)),
    )


def _found(groups: dict[int, list[int]], truth: Sequence[str], half: frozenset[str]) -> float:
    size = Counter(truth)
    true_themes = {t for t, n in size.items() if n >= 3 and t in half and not is_noise(t)}
    held = {
        label
        for posts in groups.values()
        for label, n in Counter(truth[i] for i in posts).items()
        if 2 * n >= size[label] and 2 * n >= len(posts)
    }
    return len(true_themes & held) / max(len(true_themes), 1)


def _b_cubed(labels: Labels, truth: Sequence[str], half: frozenset[str]) -> float:
    signal = [i for i, label in enumerate(truth) if not is_noise(label)]
    group = {i: int(labels[i]) if labels[i] >= 0 else -1 - i for i in signal}
    in_group = Counter(group.values())
    in_theme = Counter(truth[i] for i in signal)
    both = Counter((truth[i], group[i]) for i in signal)
    mine = [i for i in signal if truth[i] in half]
    precision = np.mean([both[truth[i], group[i]] / in_group[group[i]] for i in mine])
    recall = np.mean([both[truth[i], group[i]] / in_theme[truth[i]] for i in mine])
    return float(2 * precision * recall / (precision + recall))


def _groups(labels: Labels) -> dict[int, list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for i, label in enumerate(labels.tolist()):
        if label >= 0:
            groups[label].append(i)
    return dict(groups)


def _commonest(labels: Iterable[str]) -> tuple[str, int]:
    counts = Counter(labels)
    return min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
