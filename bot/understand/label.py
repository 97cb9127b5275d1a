"""What a theme is called: the title that says it best, or a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.forms import title_of
from bot.understand.keywords import STOP_WORDS, TOKEN, stem

_READ = 400
"""Characters of a title that are looked at."""
_LABEL_LENGTH = 80
_BROAD = 10
"""Titles from which on one of them may be typical of none."""
_COMMON = 0.3
"""Share of the other titles that use a word by which it counts as the theme's own."""
_TYPICAL = 0.6
"""Support from which a title speaks for a broad theme."""
_FEW = 0.08
"""Share of a broad theme's titles that must use each word of one that speaks for it."""
_STRONGEST = 4
"""Keywords that a name is made of."""
_PAIRED = 0.2
"""How often two keywords must stand side by side, against the stronger one in all."""
_CLEARLY = 0.15
"""How much better another title must be before a standing label changes."""
_CUT = 0.03
"""What is taken from a title that is not whole: between equals the whole one tells more."""
_STAYS = 0.6
"""How common a standing name must still be, against the most common one."""
_MANY = 0.2
"""How often a name must be written in the plural, against the singular, to be given in it."""
_COMFORTABLE = 50
"""Characters up to which a label reads at a glance."""


def headline(
    titles: Sequence[str], centrality: Sequence[float], words: Sequence[str], standing: str = ""
) -> str:
    """The label of a theme, at most ~80 characters: a title that is typical of it, or its name.

    `titles` and `centrality` go together; `words` are the keywords, strongest first. A title, or
    the part of it before a colon or a full stop, is typical if it is central, says the keywords,
    and says little that no other title does. Where many titles have no such one among them, what
    they share is named: "Rate limits". Tracker prefixes and emoji are taken off. `standing`, the
    label so far, stays unless it is no longer said or another has become clearly better. Without
    any usable title the keywords themselves are the label; without those, "Untitled".
    """
    clean = [_presentable(title) for title in titles]
    said = _Titles.of(clean, words)
    central: dict[str, float] = {}
    for title, close in zip(clean, centrality, strict=True):
        central[title] = max(close, central.get(title, close))
    merits: dict[str, float] = {}
    for title, close in central.items():
        for text in _wordings(title):
            merit = said.merit(text) + close - (_CUT if text != title else 0)
            merits[text] = max(merits.get(text, merit), merit)
    best = min(merits, key=lambda text: (-merits[text], len(text), text), default="")
    names = said.names() if best and not said.stands(best) else {}
    chosen = next(iter(names), best)
    if standing and _shortened(chosen) != standing:
        names = names or said.names()
        chosen = said.kept(standing, chosen, merits, names) or chosen
    return _shortened(chosen) if chosen else ", ".join(words[:3]) or "Untitled"


def centrality(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n,) each row's cosine to the mean of its theme's rows; 0 for noise (label -1)."""
    close = np.zeros(len(labels), dtype=np.float32)
    for theme in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == theme)
        centre = vectors[members].mean(axis=0)
        close[members] = vectors[members] @ centre / max(float(np.linalg.norm(centre)), 1e-12)
    return close


_PICTURES = re.compile("[\u2190-\u2bff\ufe00-\ufe0f\u200d\U0001f000-\U0001faff]+")
_COMMIT = re.compile(
    r"^(?:fix|feat|docs|chore|perf|refactor|test|build|ci)(?:\([^)\s]{1,30}\))?!?: (?=\S)"
)
_CHATTY = re.compile(
    r"\?\?|!|\b(?:anyone|anybody|lol|rant|psa|wtf|ama|guys|hi|hello|help|i|im|my|me|you|your)\b"
    r"|^(?:is|are|am|does|do|did|has|can|any|why|what|who|so|and|but|still|just|got|tried)\b|\?$",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"!|\b(?:anyone|anybody|guys|i|im|my|me|you|your)\b", re.IGNORECASE)
"""What one person says to others; no name for what many say."""
_DATED = re.compile(
    r"\b\d\d?:\d\d\b|\b(?:mon|tue|wed|thu|fri|sat|sun)\b"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]* \d",
    re.IGNORECASE,
)
_PART = re.compile(r"[:.?!](?=\s)|\s[(\[|](?=\w)|\s[\u2013\u2014|-](?=\s)|,(?=\s[^,]*$)")
"""Where a title may end before its end."""
_TAIL = re.compile(
    r"\s(?:from|on|in|with|for|when|while|after|using|via|due to|because|despite|even|that)\s"
)
_PLAIN = re.compile(
    r"\b(?:do|does|did|is|are|was|can|could|should|would|will|has|have|you|or|possible|how|what|why"
    r"|when|where|who|which|any)\b|[.!]",
    re.IGNORECASE,
)
"""What makes a question one even without its mark."""
_HALF = re.compile(
    r"^(?:when|if|while|after|before|since|as|because|for|with|from|in|on)\b|\b(?:and|or|the|a|of"
    r"|to|for|in|on|with|from|by|e\.g|vs|i\.e)\.?$",
    re.IGNORECASE,
)
"""A part that begins or ends in the middle of a thought."""
_SHORTEST_TITLE = 12
_SHORTEST_PART = 2
"""Content words of a part of a title that can stand alone."""


def _presentable(title: str) -> str:
    """A title as a label: no prefixes, emoji, mark-up, doubled blanks or trailing full stops."""
    plain = " ".join(_PICTURES.sub(" ", title_of(" ".join(title[:_READ].split()))).split())
    plain = _COMMIT.sub("", plain.replace("**", "").replace(" ?", "?"))
    if plain.count('"') % 2:
        plain = plain.replace('"', "")
    plain = plain.strip(" -:|").rstrip(".!\u2026").strip()
    return plain.rstrip("?") if plain.endswith("?") and not _PLAIN.search(plain) else plain


def _wordings(title: str) -> Iterator[str]:
    """A title, and its beginnings that can stand alone."""
    if title:
        yield title
    read = title[: 2 * _LABEL_LENGTH]
    for cut in (*_PART.finditer(read), *_TAIL.finditer(read)):
        part = title[: cut.start()] + ("?" if title[cut.start()] == "?" else "")
        part = part.strip(" -:|")
        if not _HALF.search(part) and len(content(part)) >= _SHORTEST_PART:
            yield part


@lru_cache(maxsize=1 << 12)
def content(text: str) -> tuple[str, ...]:
    """The stems of the words that say what a title is about, each once, in order."""
    return tuple(dict.fromkeys(stem(t) for t in TOKEN.findall(text.casefold()) if _tells(t)))


def _tells(token: str) -> bool:
    """Whether a token is a word that carries a subject."""
    return len(token) > 1 and (token[-1].isalnum() or token[-1] in "+#") and token not in STOP_WORDS


@dataclass(frozen=True, slots=True)
class _Titles:
    """The titles of a theme, how many of them use each word, and the theme's keywords."""

    titles: tuple[str, ...]
    used: Mapping[str, int]
    keywords: tuple[tuple[str, ...], ...]
    """The stems of each, strongest first."""

    @classmethod
    def of(cls, titles: Sequence[str], words: Sequence[str]) -> _Titles:
        used: Counter[str] = Counter()
        for title in titles:
            used.update(content(title))
        return cls(tuple(titles), used, tuple(tuple(map(stem, w.split())) for w in words))

    def support(self, words: Sequence[str]) -> float:
        """How far the words of a title are those of others: 1 if a third of them use each."""
        others = max(len(self.titles) - 1, 1)
        shares = [min(1.0, (self.used[word] - 1) / others / _COMMON) for word in words]
        return sum(shares) / len(shares) if shares else 0.0

    def merit(self, text: str) -> float:
        """How well a title stands for the theme, wherever its post lies."""
        stems = {stem(token) for token in TOKEN.findall(text.casefold())}
        weights = [1 / rank for rank in range(1, len(self.keywords) + 1)]
        told = sum(
            weight * sum(part in stems for part in parts) / len(parts)
            for weight, parts in zip(weights, self.keywords, strict=True)
        )
        awkward = (
            (len(text) < _SHORTEST_TITLE)
            + (len(text) > _LABEL_LENGTH)
            + text.isupper()
            + bool(_CHATTY.search(text))
            + 3 * bool(_DATED.search(text))
        )
        told *= 0.5 / (sum(weights) or 1)
        long = 0.002 * max(0, len(text) - _COMFORTABLE)
        return told + 0.4 * self.support(content(text)) - 0.1 * awkward - long

    def stands(self, text: str) -> bool:
        """Whether a title speaks for the theme and not for its own post alone."""
        if len(self.titles) < _BROAD:
            return True
        uses = [self.used[word] for word in content(text)]
        shared = len(uses) > 1 and min(uses) >= max(_FEW * len(self.titles), 2)
        return shared and self.support(content(text)) >= _TYPICAL and not _SPOKEN.search(text)

    def names(self) -> dict[str, int]:
        """What the titles share, as most of them write it, and how many do, the best first.

        Two keywords that often stand side by side, else the strongest keyword alone.
        """
        if not self.keywords:
            return {}
        parts = {part for word in self.keywords[:_STRONGEST] for part in word}
        first = self.keywords[0][-1]
        written: dict[tuple[str, ...], Counter[str]] = {}
        for title in self.titles:
            for stems, text in _adjacent(title, parts):
                if first in stems:
                    written.setdefault(stems, Counter())[text] += 1
        often = {stems: texts.total() for stems, texts in written.items()}
        alone = often.pop((first,), 0)
        enough = max(_PAIRED * alone, 2)
        ranked = sorted((s for s in often if often[s] >= enough), key=lambda s: (-often[s], s))
        if ranked or not alone:
            return {cased(written[stems]): often[stems] for stems in ranked}
        return {cased(written[(first,)]): alone}

    def kept(
        self, standing: str, chosen: str, merits: Mapping[str, float], names: Mapping[str, int]
    ) -> str:
        """The label so far as a wording of today; "" where it is gone or clearly worse."""
        as_name = next((text for text in names if _shortened(text) == standing), "")
        if as_name:
            return as_name if names[as_name] >= _STAYS * max(names.values()) else ""
        text = next((text for text in merits if _shortened(text) == standing), "")
        if not text or not self.stands(text):
            return ""
        return text if merits[text] >= merits.get(chosen, -2.0) - _CLEARLY else ""


def _adjacent(title: str, parts: AbstractSet[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of a title with these stems, alone and two by two: stems, and as written."""
    before: tuple[str, str] | None = None
    for token in TOKEN.findall(title):
        own = stem(token.casefold())
        if own not in parts:
            before = None
            continue
        yield (own,), token
        if before and before[0] != own:
            yield (before[0], own), f"{before[1]} {token}"
        before = (own, token)


def cased(written: Counter[str]) -> str:
    """A phrase as it is mostly written, in lower case where many write it so, with a capital."""
    folded: Counter[str] = Counter()
    for text, times in written.items():
        folded[text.casefold()] += times
    usual = min(folded, key=lambda text: (-folded[text], text))
    if folded[f"{usual}s"] >= _MANY * folded[usual]:
        usual = f"{usual}s"
    forms = [text for text in written if text.casefold() == usual]
    words = [
        _form(word, Counter(w for text in forms for w in [text.split()[place]] * written[text]))
        for place, word in enumerate(usual.split())
    ]
    name = " ".join(words)
    return name[:1].upper() + name[1:] if words[0].islower() and _VOWEL.search(words[0]) else name


_VOWEL = re.compile("[aeiouy]")
"""What a word has that is no command's or protocol's name, as "npm" is."""


def _form(word: str, cases: Counter[str]) -> str:
    """A word in lower case, unless nobody writes it so, or most give it capitals inside."""
    own = min(cases, key=lambda form: (-cases[form], form))
    inside = sum(times for form, times in cases.items() if form[1:] != form[1:].lower())
    return word if cases[word] and 2 * inside < cases.total() else own


def _shortened(title: str) -> str:
    """Cut at a word's end to about 80 characters, with an ellipsis where something is missing."""
    if len(title) <= _LABEL_LENGTH:
        return title
    cut = title[:_LABEL_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:-(")
    return f"{cut}\u2026"
