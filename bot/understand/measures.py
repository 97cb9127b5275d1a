"""How well what was found matches what people said of the same posts: figures, and no more.

A tally keeps what was found of each unit (a label, a post, a link, a question) apart, so that its
figures can be told again with each unit counted any number of times: for half of the labels, or
for draws with replacement, which tell how far chance alone would move them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Reals = NDArray[np.float64]
Figures = dict[str, float]
"""By name; NaN where there was nothing to measure."""

PURE = 0.6
"""Share of one true theme from which a found one is good."""
SMALLEST = 3
"""Posts of a true theme that is worth finding."""
DEPTH = 10
"""How far down a search result is looked at, but for the reciprocal rank."""
NEAR = 5
"""Proposals of a duplicate that somebody would look at."""


def is_noise(label: str) -> bool:
    """Whether a label marks a post that belongs to no theme."""
    return label.startswith("noise-")


class Tally(Protocol):
    """What was found, unit by unit."""

    @property
    def unit(self) -> str:
        """What is counted, in the singular: `label`, `post` ..."""
        ...

    @property
    def units(self) -> int:
        """How many of them there are to tell anything from."""
        ...

    @property
    def strata(self) -> Labels:
        """The number of the part that each unit is of; draws keep the parts' sizes."""
        ...

    def figures(self, weight: Reals) -> Figures:
        """The figures with units counted as often as their weights, one a unit, say."""
        ...


@dataclass(frozen=True, slots=True)
class Score:
    """How well found themes match true ones; see `ThemeTally` for the definitions."""

    themes: int
    good: float
    found: float
    b_cubed: float
    noise_out: float

    @property
    def theme_f(self) -> float:
        """The harmonic mean of `good` and `found`."""
        return _harmonic(self.good, self.found)


def score(labels: Labels, truth: Sequence[str], half: frozenset[str]) -> Score:
    """The figures of a partition of all posts, told for the true labels in `half` only."""
    tally = ThemeTally.of(labels, truth)
    told = tally.figures(np.array([label in half for label in tally.names], dtype=np.float64))
    return Score(
        round(told["themes"]), told["good"], told["found"], told["b_cubed"], told["noise_out"]
    )


@dataclass(frozen=True, slots=True)
class ThemeTally:
    """Found themes against true ones, by true label.

    good: share of found themes that are at least 60 % one true theme (one counts for its commonest
    label); found: share of true themes of 3 posts or more held at least half in one found theme
    that is at least half pure; theme F: their harmonic mean; signal B-cubed: F1 over the posts that
    have a true theme; noise kept out: share of the noise that is in no theme.
    """

    names: tuple[str, ...]
    """The true labels in the order of the alphabet; all below is by label."""
    noise: NDArray[np.bool_]
    themes: Reals
    """Found themes of which it is the commonest label."""
    good: Reals
    real: Reals
    """1 for a true theme of 3 posts or more."""
    held: Reals
    posts: Reals
    exact: Reals
    """B-cubed precision, summed over its posts; 0 for noise."""
    whole: Reals
    """The same of recall."""
    out: Reals
    """Its posts that are in no theme; 0 for what is no noise."""

    unit = "theme"

    @classmethod
    def of(cls, labels: Labels, truth: Sequence[str]) -> Self:
        """Counted of one label a post, below 0 for no theme, and the true ones."""
        names = tuple(sorted(set(truth)))
        size, place = Counter(truth), {name: i for i, name in enumerate(names)}
        tally = cls(
            names,
            np.array([is_noise(name) for name in names], dtype=bool),
            *(np.zeros(len(names)) for _ in range(8)),
        )
        for members in _groups(labels, truth):
            tally._count_group(members, size, place)
        tally._count_posts(labels, truth, place)
        for name, at in place.items():
            tally.posts[at] = size[name]
            tally.real[at] = size[name] >= SMALLEST and not is_noise(name)
        return tally

    def _count_group(
        self, members: Counter[str], size: Counter[str], place: Mapping[str, int]
    ) -> None:
        label, most = min(members.items(), key=lambda pair: (-pair[1], pair[0]))
        self.themes[place[label]] += 1
        self.good[place[label]] += not is_noise(label) and most / members.total() >= PURE
        for name, count in members.items():
            if 2 * count >= size[name] and 2 * count >= members.total() and not is_noise(name):
                self.held[place[name]] = size[name] >= SMALLEST

    def _count_posts(self, labels: Labels, truth: Sequence[str], place: Mapping[str, int]) -> None:
        group = [label if label >= 0 else -1 - i for i, label in enumerate(labels.tolist())]
        signal = [i for i, name in enumerate(truth) if not is_noise(name)]
        in_group = Counter(group[i] for i in signal)
        in_theme = Counter(truth[i] for i in signal)
        for (name, number), both in Counter((truth[i], group[i]) for i in signal).items():
            self.exact[place[name]] += both * both / in_group[number]
            self.whole[place[name]] += both * both / in_theme[name]
        for name, number in zip(truth, labels.tolist(), strict=True):
            self.out[place[name]] += is_noise(name) and number < 0

    @property
    def units(self) -> int:
        """See `Tally.units`: the true themes, without the labels of noise."""
        return int(np.count_nonzero(~self.noise))

    @property
    def strata(self) -> Labels:
        """See `Tally.strata`: themes and noise."""
        return self.noise.astype(np.int64)

    def figures(self, weight: Reals) -> Figures:
        """See `Tally.figures`."""
        good = _share(weight @ self.good, weight @ self.themes, empty=0.0)
        found = _share(weight @ self.held, weight @ self.real)
        posts = (weight * ~self.noise) @ self.posts
        exact, whole = _share(weight @ self.exact, posts), _share(weight @ self.whole, posts)
        return {
            "theme_f": _harmonic(good, found),
            "good": good,
            "found": found,
            "b_cubed": _harmonic(exact, whole),
            "noise_out": _share(weight @ self.out, (weight * self.noise) @ self.posts),
            "themes": float(weight @ self.themes),
        }


def _groups(labels: Labels, truth: Sequence[str]) -> list[Counter[str]]:
    """The true labels of the posts of each found theme."""
    groups: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for label, name in zip(labels.tolist(), truth, strict=True):
        if label >= 0:
            groups[label][name] += 1
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class Mean:
    """Tallies of the same units, told as the means of their figures."""

    tallies: tuple[Tally, ...]

    @property
    def unit(self) -> str:
        """See `Tally.unit`."""
        return self.tallies[0].unit

    @property
    def units(self) -> int:
        """See `Tally.units`."""
        return self.tallies[0].units

    @property
    def strata(self) -> Labels:
        """See `Tally.strata`."""
        return self.tallies[0].strata

    def figures(self, weight: Reals) -> Figures:
        """See `Tally.figures`."""
        told = [tally.figures(weight) for tally in self.tallies]
        return {name: float(np.mean([one[name] for one in told])) for name in told[0]}


@dataclass(frozen=True, slots=True)
class KindTally:
    """Kinds and complaints that were read, against those that people named, post by post.

    macro F1: the mean of the F1 of every kind that somebody named.
    """

    truth: tuple[str, ...]
    found: tuple[str, ...]
    hurts: tuple[bool | None, ...] = ()
    """Whether the post complains; None where nobody said."""
    found_hurts: tuple[bool, ...] = ()
    by_words: tuple[bool, ...] = ()
    """Whether its words alone decided; a tracker's label and a title's prefix are easy to read."""

    unit = "post"

    @property
    def units(self) -> int:
        """See `Tally.units`."""
        return len(self.truth)

    @property
    def strata(self) -> Labels:
        """See `Tally.strata`: the true kinds."""
        return np.unique(np.array(self.truth), return_inverse=True)[1].astype(np.int64)

    def figures(self, weight: Reals) -> Figures:
        """See `Tally.figures`."""
        truth, found = np.array(self.truth), np.array(self.found)
        told = self._by_kind(weight)
        figures = {
            "macro_f1": _macro(told),
            "right": _share(weight @ (truth == found), weight.sum()),
        }
        if any(self.by_words) and not all(self.by_words):
            figures["macro_f1_by_words"] = _macro(self._by_kind(weight * np.array(self.by_words)))
        for name, (exact, whole_of_it) in told.items():
            figures |= {f"{name}_precision": exact, f"{name}_recall": whole_of_it}
        return figures | self._complaints(weight)

    def _by_kind(self, weight: Reals) -> dict[str, tuple[float, float]]:
        """Precision and recall of every kind that somebody named."""
        truth, found = np.array(self.truth), np.array(self.found)
        kinds = np.unique(truth[weight > 0]).tolist()
        return {name: _found_again(weight, truth == name, found == name) for name in kinds}

    def _complaints(self, weight: Reals) -> Figures:
        said = np.array([hurts is not None for hurts in self.hurts], dtype=bool)
        if not said.any():
            return {}
        true = np.array([bool(hurts) for hurts in self.hurts]) & said
        exact, whole = _found_again(weight, true, np.array(self.found_hurts) & said)
        return {"complaint_precision": exact, "complaint_recall": whole}


def _macro(told: Mapping[str, tuple[float, float]]) -> float:
    return float(np.mean([_harmonic(*pair) for pair in told.values()])) if told else float("nan")


def macro_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """The mean of the F1 of every true class."""
    return KindTally(tuple(truth), tuple(found)).figures(np.ones(len(truth)))["macro_f1"]


def _found_again(
    weight: Reals, true: NDArray[np.bool_], found: NDArray[np.bool_]
) -> tuple[float, float]:
    """Precision and recall. Precision of what is never found is 0, as it is in an F1."""
    both = weight @ (true & found)
    return _share(both, weight @ found, empty=0.0), _share(both, weight @ true)


@dataclass(frozen=True, slots=True)
class PairTally:
    """Known duplicates, by the later post of a link.

    recall@5: share of the links whose earlier post is among the 5 best; precision at half recall:
    all pairs of such a later post with any earlier one, in one list; at the score where half of the
    links are found, the share of pairs that are of one story. Links that nobody wrote down count as
    wrong, so it is a lower bound.
    """

    scores: tuple[Reals, ...]
    """For each later post its likeness to every earlier one."""
    same: tuple[NDArray[np.bool_], ...]
    """Which of those tell the same story, by the links."""
    linked: tuple[Labels, ...]
    """Which of those a link names."""

    unit = "later post"

    @property
    def units(self) -> int:
        """See `Tally.units`."""
        return len(self.scores)

    @property
    def strata(self) -> Labels:
        """See `Tally.strata`: one."""
        return np.zeros(len(self.scores), dtype=np.int64)

    def figures(self, weight: Reals) -> Figures:
        """See `Tally.figures`."""
        links = [
            (score[one], rank(score, one), float(own))
            for score, linked, own in zip(self.scores, self.linked, weight, strict=True)
            for one in linked.tolist()
            if own
        ]
        held = np.array([own for _, _, own in links])
        ranks = np.array([at for _, at, _ in links])
        least = _at_half([one for one, _, _ in links], held)
        named = np.array([np.count_nonzero(score >= least) for score in self.scores])
        right = np.array(
            [
                np.count_nonzero(score[same] >= least)
                for score, same in zip(self.scores, self.same, strict=True)
            ]
        )
        return {
            "precision_at_half_recall": _share(weight @ right, weight @ named),
            "recall_at_5": _share(held @ (ranks < NEAR), held.sum()),
            "mrr": _share(held @ (1 / (1 + ranks)), held.sum()),
        }


def rank(scores: Reals, one: int) -> int:
    """How many score higher than the one."""
    return int((scores > scores[one]).sum())


def _at_half(scores: Sequence[float], weight: Reals) -> float:
    """The score from which half of the weight is found."""
    order = np.argsort(-np.array(scores), kind="stable")
    reached = np.cumsum(weight[order]) * 2 >= weight.sum()
    return float(scores[int(order[int(reached.argmax())])])


@dataclass(frozen=True, slots=True)
class SearchTally:
    """Search results against the posts that people called relevant, question by question.

    recall@10; MRR: the mean of 1 / the place of the first relevant post; nDCG@10 with a post either
    relevant or not (Järvelin and Kekäläinen 2002).
    """

    hits: tuple[NDArray[np.bool_], ...]
    """For each question which of the posts that were found are relevant, best first."""
    relevant: tuple[int, ...]
    """And how many there are."""

    unit = "question"

    @property
    def units(self) -> int:
        """See `Tally.units`."""
        return len(self.hits)

    @property
    def strata(self) -> Labels:
        """See `Tally.strata`: one."""
        return np.zeros(len(self.hits), dtype=np.int64)

    def figures(self, weight: Reals) -> Figures:
        """See `Tally.figures`."""
        told = np.array(
            [_ranked(hits, count) for hits, count in zip(self.hits, self.relevant, strict=True)]
        )
        names = ("recall_at_10", "mrr", "ndcg_at_10")
        return dict(zip(names, (weight @ told / weight.sum()).tolist(), strict=True))


def _ranked(hits: NDArray[np.bool_], relevant: int) -> tuple[float, float, float]:
    top = hits[:DEPTH]
    gain = 1 / np.log2(np.arange(2, DEPTH + 2))
    best = gain[: min(relevant, DEPTH)].sum()
    first = 1 / (1 + int(hits.argmax())) if hits.any() else 0.0
    return float(top.sum() / relevant), first, float(gain[: len(top)] @ top / best)


def whole(tally: Tally) -> Figures:
    """The figures with each unit counted once."""
    return tally.figures(np.ones(len(tally.strata)))


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / ((one + other) or 1)


def _share(
    part: float | Reals, whole_of_it: float | Reals, *, empty: float = float("nan")
) -> float:
    return float(part / whole_of_it) if whole_of_it else empty
