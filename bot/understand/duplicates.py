"""Near duplicates: how likely two posts tell the same story.

A logistic of two likenesses, neither of which knows who wrote the posts or what they link to:

    cosine      of the posts' vectors
    words       TF-IDF cosine of what is embedded of them (title, quoted error, start of the body)

The weights were fitted on half of the known duplicates of one community and measured on the other
(`benchmarks/duplicates.py`). On the half that was learned from, nothing else that was tried helped:
how close in time two posts are, the rare names they share (options, commands, files, error codes,
versions), error lines that are alike or equal, pairs of words, the whole body. What makes two texts
tell of one fault, a rare word above all, is in the weights of the words already.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model import Post
from bot.understand.embed import words_of
from bot.understand.keywords import STOP_WORDS

Row = NDArray[np.float32]
Reals = NDArray[np.float64]

LIKENESSES = ("cosine", "words")
WEIGHTS = (6.6, 13.8)
OFFSET = -10.2
LIKELY = 0.15
"""From here on a pair is worth proposing: on the half that was learned from, half of the
known duplicates lie above it."""

BY_WORDS, BY_MEANING = 50, 50
"""Candidates to ask the full-text index and the vectors for: 98 % of the known duplicates are among
them, and twice as many find no more."""

_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many of a number of posts have each word: what makes it telling.

    A sample will do: the last few thousand posts of a community. What none of them has is rarest.
    """

    posts: int
    words: Mapping[str, int]

    @classmethod
    def of(cls, posts: Iterable[Post]) -> Rarity:
        """Counted in these posts, in time linear in their texts."""
        count, words = 0, Counter[str]()
        for post in posts:
            count += 1
            words.update(set(words_in(words_of(post))))
        return cls(count, words)

    def weight(self, word: str) -> float:
        """The inverse document frequency of a word, above 0."""
        return math.log((1 + self.posts) / (1 + min(self.words.get(word, 0), self.posts))) + 0.01


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a post is compared. Made once for a post, whatever it is compared with."""

    vector: Row
    words: Mapping[str, float]
    """Weights, of unit length."""

    @classmethod
    def of(cls, post: Post, vector: Row, rarity: Rarity) -> Seen:
        """`vector` is that of `words_of(post)`, of unit length."""
        return cls(vector, _weighed(words_in(words_of(post)), rarity))


def likenesses(one: Seen, others: Sequence[Seen]) -> Reals:
    """(n, 2) each between 0 and 1 (a cosine may be below), in the order of `LIKENESSES`."""
    found = np.empty((len(others), len(LIKENESSES)))
    for row, other in enumerate(others):
        found[row] = float(one.vector @ other.vector), _cosine(one.words, other.words)
    return found


def same_story(one: Seen, others: Sequence[Seen]) -> Reals:
    """(n,) how likely each of the others tells the same story as the one, between 0 and 1.

    Does not depend on which of two posts is the one. Costs some 10 microseconds a candidate, so a
    post is compared with the nearest by words and by meaning, never with all.
    """
    odds = likenesses(one, others) @ np.array(WEIGHTS) + OFFSET
    return np.asarray(1 / (1 + np.exp(-odds)))


def words_in(text: str) -> list[str]:
    """The words of a text that carry a subject, in lower case, repeats kept."""
    return [word for word in _WORD.findall(text.casefold()) if word not in STOP_WORDS]


def _weighed(words: Iterable[str], rarity: Rarity) -> dict[str, float]:
    """TF-IDF as (1 + log tf) * idf, of unit length; empty for no words."""
    times = Counter(words)
    raw = {word: (1 + math.log(n)) * rarity.weight(word) for word, n in times.items()}
    length = math.sqrt(sum(weight * weight for weight in raw.values()))
    return {word: weight / length for word, weight in raw.items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(word, 0.0) for word, weight in one.items())
