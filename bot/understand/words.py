"""The words of texts, weighed: which texts share more than a subject."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understand.keywords import STOP_WORDS

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """The different words of n texts, with their weights: a sparse (n, vocabulary) matrix."""

    begin: Whole
    """(n + 1,) where each text's words begin in the two below."""
    word: Whole
    """Numbers of words, in the order of the alphabet."""
    weight: Reals
    """TF-IDF, of unit length for each text."""
    everywhere: Whole
    """(vocabulary,) how many texts have each word."""

    def of(self, texts: Whole) -> tuple[Whole, Whole, Reals]:
        """The words of some texts: the place of the text in `texts`, the word, its weight."""
        begin, count = self.begin[texts], np.diff(self.begin)[texts]
        own = np.repeat(np.arange(len(texts)), count)
        place = np.arange(int(count.sum())) - (np.cumsum(count) - count)[own] + begin[own]
        return own, self.word[place], self.weight[place]


def weigh(texts: Sequence[str]) -> Words:
    """Words of two letters or more that are no stop words.

    TF-IDF as (1 + log tf) * (1 + log((1 + n) / (1 + df))).
    """
    counted = [Counter(_WORD.findall(text.casefold())) for text in texts]
    used = [{w: n for w, n in words.items() if w not in STOP_WORDS} for words in counted]
    number = {word: i for i, word in enumerate(sorted(set().union(*used)))}
    begin = np.cumsum([0, *map(len, used)], dtype=np.int64)
    word = np.fromiter((number[w] for words in used for w in words), np.int64, int(begin[-1]))
    times = np.fromiter((n for words in used for n in words.values()), np.float64, int(begin[-1]))
    everywhere = np.bincount(word, minlength=len(number)).astype(np.int64)
    rare = 1 + np.log((1 + len(texts)) / (1 + everywhere))
    weight = (1 + np.log(times)) * rare[word]
    text = np.repeat(np.arange(len(texts)), np.diff(begin))
    length = np.sqrt(np.bincount(text, weight**2, len(texts)))
    return Words(begin, word, weight / length[text], everywhere)
