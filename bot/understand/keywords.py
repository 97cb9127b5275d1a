"""The terms that set a theme apart from the others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache

TOKEN = re.compile(r"/?\w[\w.+#'\u2019/-]*[\w+#]|\w|[.!?;:,()\[\]{}\"|\n\u2013\u2014]")
"""A word ("/compact", "node.js", "c++", "3.5"), or a mark that no phrase runs across."""

_READ = 400
"""Characters of a text that are counted: a title and the first sentences."""
_LONGEST = 3
"""Words of the longest phrase."""
_PHRASE_BONUS = 0.35
"""What each word after the first adds to a phrase's weight: phrases tell more than words."""
_GENERIC = 0.3
"""A word in more than this share of the themes tells none of them apart."""
_FEW_THEMES = 8
"""With fewer themes no word is called generic."""

STOP_WORDS = frozenset(
    """
    a about above after again against all almost already also although always am an and another
    any anybody anymore anyone anything are aren't around as at away back be became because
    become been before being below best better between big both but by came can can't cannot
    come comes could couldn't did didn't do does doesn't doing don't done due during each
    either else even ever every everyone everything far few first for from full fully further
    get gets getting give given go goes going good got great guys had hadn't has hasn't have
    haven't having he hello help her here hey hi him his how however i i'd i'll i'm i've if im
    in instead into is isn't it it's its itself just keep keeps kind know last least less let
    let's like little ll long look looking looks lot lots made make makes making many may maybe
    me mine more most much must my need needs never new next no none nor not nothing now of off
    often ok okay old on once one only onto or other others our out over own people per please
    pls possible pretty put quite rather re really right s said same say says see seem seems
    seen several shall she should shouldn't since so some someone something sometimes soon still
    such sure t take takes than thank thanks that that's the their them then there there's these
    they they're thing things think this those though through time to today together too tried
    tries true try trying two u under until up upon us use used user users uses using usually ve
    very via want wants was wasn't way we we're well went were weren't what what's whatever when
    where whether which while who whole why will with within without won't would wouldn't yes
    yet you you're your yours
    """.split()  # noqa: SIM905 a list of 290 quoted words is no easier to read
)
"""English words that carry no subject; no keyword begins or ends with one."""


def keywords(
    texts_by_theme: Mapping[str, Sequence[str]],
    most: int = 6,
    wanted: Container[str] | None = None,
) -> dict[str, tuple[str, ...]]:
    """The up to `most` terms that set each theme apart, strongest first, phrases preferred.

    Of all themes, or of those that are `wanted`: the others are what these are set apart from.

    Weights are c-TF-IDF (Grootendorst 2022, BERTopic): tf(t, c) * log(1 + A / f(t)), where
    tf(t, c) counts the posts of theme c that use term t (so that one long post counts once), f(t)
    sums that over all themes and A is the mean number of terms in a theme. A term that one post
    alone uses, and one that so many themes use that it tells none apart, come last.
    """
    counts = {theme: _used_by(texts) for theme, texts in texts_by_theme.items()}
    total: Counter[str] = Counter()
    for used in counts.values():
        total.update(used)
    mean = sum(total.values()) / max(len(counts), 1)
    generic = _generic_words(counts)
    heaviest = {
        theme: [*_weighted(used, total, mean, generic), *_weighted(used, total, mean, frozenset())]
        for theme, used in counts.items()
        if wanted is None or theme in wanted
    }
    return {theme: _distinct(terms, most) for theme, terms in heaviest.items()}


def _used_by(texts: Sequence[str]) -> Counter[str]:
    """How many of the texts use each term."""
    used: Counter[str] = Counter()
    for text in texts:
        used.update(set(_terms(text[:_READ].casefold())))
    return used


def _terms(text: str) -> Iterator[str]:
    """Words and phrases of a text in lower case, none beginning or ending with a stop word."""
    words: list[str] = []
    for token in (*TOKEN.findall(text), "\n"):
        if token[-1].isalnum() or token[-1] in "+#":
            words.append(token)
        elif words:
            yield from _phrases(words)
            words = []


def _phrases(words: Sequence[str]) -> Iterator[str]:
    """The words that can name something, and the phrases that begin and end with such a word."""
    telling = [word not in STOP_WORDS and len(word) > 1 for word in words]
    named = [tells and not word[0].isdigit() for word, tells in zip(words, telling, strict=True)]
    for start, begins in enumerate(telling):
        if named[start]:
            yield words[start]
        for end in range(start + 2, min(start + _LONGEST, len(words)) + 1) if begins else ():
            if telling[end - 1] and (named[start] or named[end - 1]):
                yield " ".join(words[start:end])


def _generic_words(counts: Mapping[str, Counter[str]]) -> frozenset[str]:
    """Words that so many themes use in earnest that they tell none of them apart."""
    if len(counts) < _FEW_THEMES:
        return frozenset()
    themes = Counter(term for used in counts.values() for term in used if " " not in term)
    return frozenset(w for w, n in themes.items() if n > _GENERIC * len(counts))


def _weighted(
    used: Counter[str], total: Counter[str], mean: float, generic: frozenset[str]
) -> list[str]:
    """The terms of one theme, heaviest first."""
    repeated = {term: n for term, n in used.items() if n > 1} or dict(used)
    weights = {}
    for term, n in repeated.items():
        words = term.split()
        telling = sum(word not in generic and word not in STOP_WORDS for word in words)
        if telling:
            bonus = 1 + _PHRASE_BONUS * (len(words) - 1) * telling / len(words)
            weights[term] = n * math.log(1 + mean / total[term]) * bonus
    return sorted(weights, key=lambda term: (-weights[term], term))


def _distinct(terms: Sequence[str], most: int) -> tuple[str, ...]:
    """The first `most` terms that say something the earlier ones do not."""
    chosen: list[str] = []
    said: set[str] = set()
    for term in terms:
        stems = {stem(word) for word in term.split() if word not in STOP_WORDS}
        if 2 * len(stems & said) < len(stems):
            chosen.append(term)
            said |= stems
        if len(chosen) == most:
            break
    return tuple(chosen)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its commonest endings, enough to see that two keywords say the same."""
    bare = word.strip("/")
    for ending in ("ations", "ation", "ions", "ion", "ing", "ed", "es", "s", "e"):
        if bare.endswith(ending) and len(bare) - len(ending) > 3:  # noqa: PLR2004 a stem of three letters tells nothing
            return bare.removesuffix(ending)
    return bare
