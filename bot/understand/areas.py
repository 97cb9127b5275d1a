"""The areas of a product that its themes are about: few, and called as people call them.

A theme is one trouble ("why"), an area the part of the product it belongs to ("what"). What the
tracker says comes first: labels of a family that names parts ("area: mcp", "component/parser").
Where it says nothing, a word or two that several themes share, and that the others do not, names
one. Most themes belong to one area or to none; nothing is made up to have one for each.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.forms import title_of
from bot.understand.keywords import STOP_WORDS, TOKEN, stem
from bot.understand.label import cased

Row = NDArray[np.float32]
Stems = tuple[str, ...]

MOST = 25
"""Areas at most, whatever the number of themes."""
_ABOUT = 0.4
"""Share of a theme's posts that must use an area's name for the theme to be about it."""
_NEAR = 0.2
"""The same where the theme also lies with the area's other themes."""
_TOGETHER = 0.1
"""Mean cosine of theme means, without what all have in common, from which themes lie together."""
_BROAD = 0.2
"""Share of themes from which a word names the product, and no part of it."""
_FEW = 3
"""So many themes may always share a word."""
_CATCH_ALL = 0.3
"""Share of the labelled posts above which a label, "area:core", names no part."""
_FAIR = 1.5
"""The same where there are few labels, against what each would have of equal parts ..."""
_ALL_BUT = 0.9
"""... but never more than this."""
_SPEAK = 2
"""Posts of a theme that must have the label of its area."""
_MOST_OF = 0.5
"""Share of a theme's posts in trackers and forums that must have it."""
_TITLED = 0.15
"""Share of a theme's titles that must use an area's name: what forms and logs say names none."""
_ALONE = 12
"""Posts from which a theme that no other shares a word with can be an area of its own."""
_ALONE_ABOUT = 0.5
"""Share of the posts of such a theme that must use the name."""
_PAIR = 1.5
"""How much more two words count than one: they tell more."""
_LETTERS = 3
"""A label as short as this is letters that stand for words: "TUI"."""
_READ = 400

_FAMILY = re.compile(
    r"^(?:area|component|comp|module|mod|pkg|package|plugin|subsystem|scope|topic|team|feature"
    r"|product|lib|library|crate|domain|integration|section|extensions?|ext|app|service|viz)s?"
    r"\s*[:/]\s*(?=\S)",
    re.IGNORECASE,
)
"""How trackers begin the labels that name a part: "area:mcp", "component/parser", "pkg: cli"."""
_NO_PART = frozenset(
    """
    announcements bug bugs community core dependencies development discussion docs documentation
    duplicate enhancement external feature general good help idea ideas in progress invalid issue
    jobs meta misc needs oncall other question questions r regression release releases request
    requests roadmap self hosted showcase site solved stale support tips triage uncategorized
    usage v wontfix
    """.split()  # noqa: SIM905 a list of sixty quoted words is no easier to read
)
"""Words of categories and tags that say what kind of post it is, or nothing at all."""
_TROUBLE = frozenset(
    map(
        stem,
        """
        ability able access actual add added adding allow already anthropic api-error app apps ask
        bad based bad behavior best better big bit break breaks broken bug bugs build built call
        cause change changes check close code coding command complete config connect connection
        correct crash crashes create created creating current data day days default delete detail
        details different display does easy edit enable environment error errors exist expected
        experience fail failed failing fails failure false feature features feedback figure file
        files find fine fix fixed fixes follow found free full game guide happen happening hard
        help hit hope hour hours idea image improve include incorrect info input instead invalid
        issue issues know latest line list local long love main make making megathread message
        messages minutes miss missing mode month months move multiple name new not number old open
        option output page people persist play please post problem problems product project
        projects question questions reason recent release remove report request requests require
        result results return run running save seem server set setup share show showing similar
        simple single slow source start started state status step steps stop stuck summary support
        system tell test testing text thing time times title today tool tools tried trouble true
        try trying turn type unable update updated upgrade use user users using value version view
        wait way week weeks work working works world worth write wrong year years question vs
        windows macos mac linux ubuntu platform install installation module import
        compare comparison discussion thoughts finally amazing great good awesome ai llm
        """.split(),  # noqa: SIM905 as above
    )
)
"""Words of troubles, wishes and talk, which name no part of any product when they stand alone."""


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
    vector: Row | None = None
    """The mean of its posts' vectors."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the product, and what spoke for it."""

    name: str
    ground: str
    """"label" or "words"."""
    share: float
    """Of the theme's posts in trackers and forums, or of all of them, how many say so."""


def areas(
    subjects: Iterable[Subject], standing: Mapping[str, str] | None = None
) -> dict[str, Area]:
    """The area of each theme that has one, by theme; themes of one area have it by one name.

    `standing` are the names so far, by theme: a theme keeps its own while a fair share of its
    posts say it, unless labels say otherwise. New areas bring the number to `MOST` at most; one
    that words name has two themes, or a large one. The order of the themes changes nothing.
    """
    known = _Known(tuple(sorted(subjects, key=lambda s: s.theme)))
    found = _labelled(known)
    for theme, name in sorted((standing or {}).items()):
        share = known.shares.get(theme, {}).get(_stems(name), 0.0)
        if theme not in found and share >= _NEAR:
            found[theme] = Area(name, "words", round(share, 3))
    for theme, area in _worded(known, found).items():
        found.setdefault(theme, area)
    return found


@dataclass(frozen=True)
class _Known:
    """The themes, with what is counted of them once."""

    subjects: tuple[Subject, ...]

    @cached_property
    def shares(self) -> dict[str, dict[Stems, float]]:
        """By theme, the share of its posts that use each word and each pair of words."""
        shares = {}
        for subject in self.subjects:
            used: Counter[Stems] = Counter()
            for text in subject.texts:
                used.update(set(_written(text[:_READ])))
            titled = Counter(s for text in subject.texts for s in _written(_title(text)))
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
        written: dict[Stems, Counter[str]] = defaultdict(Counter)
        for subject in self.subjects:
            for text in subject.texts:
                for stems, spelling in _written(_title(text)).items():
                    written[stems][spelling] += 1
        return written

    @cached_property
    def closeness(self) -> dict[str, dict[str, float]]:
        """Cosines of the themes' means, without what all have in common."""
        placed = [s for s in self.subjects if s.vector is not None]
        if len(placed) < 3:  # noqa: PLR2004 two have nothing to be compared with
            return {}
        rows = np.stack([s.vector for s in placed if s.vector is not None]).astype(np.float64)
        rows -= rows.mean(axis=0)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        cosines = rows @ rows.T
        names = [s.theme for s in placed]
        return {
            a: dict(zip(names, line.tolist(), strict=True))
            for a, line in zip(names, cosines, strict=True)
        }

    def lies_with(self, theme: str, others: Iterable[str]) -> bool:
        """Whether a theme is on average closer to some themes than to all."""
        cosines = self.closeness.get(theme, {})
        near = [cosines[other] for other in others if other in cosines and other != theme]
        return bool(near) and sum(near) / len(near) > _TOGETHER


def _labelled(known: _Known) -> dict[str, Area]:
    """What labels say: the part that at least half of a theme's posts there are filed under."""
    filed = {s.theme: [*map(_parts, s.labels), *map(_topics, s.tags)] for s in known.subjects}
    posts = [parts for of_theme in filed.values() for parts in of_theme if parts]
    often = Counter(part for parts in posts for part in parts)
    catch_all = len(posts) * max(_CATCH_ALL, min(_ALL_BUT, _FAIR / max(len(often), 1)))
    found = {}
    for theme, of_theme in filed.items():
        counts = Counter(part for parts in of_theme for part in parts)
        weights = {
            part: n * math.log(len(posts) / often[part] + 1)
            for part, n in counts.items()
            if n >= max(_SPEAK, _MOST_OF * len(of_theme)) and often[part] <= catch_all
        }
        if weights:
            part = min(weights, key=lambda p: (-weights[p], p))
            found[theme] = Area(
                _named(part, known), "label", round(counts[part] / len(of_theme), 3)
            )
    return found


def _parts(labels: Sequence[str]) -> frozenset[str]:
    """The parts of the product that a post's labels name."""
    return _tidy(_FAMILY.sub("", label) for label in labels if _FAMILY.match(label))


def _topics(tags: Sequence[str]) -> frozenset[str]:
    """The parts of the product that a post's category and tags name."""
    return frozenset(
        topic for topic in _tidy(tags) if _NO_PART.isdisjoint(topic.replace(",", "").split())
    )


def _tidy(names: Iterable[str]) -> frozenset[str]:
    """In lower case, with blanks between the words."""
    plain = (" ".join(re.split(r"[\s_-]+", name.casefold())).strip() for name in names)
    return frozenset(name for name in plain if name)


def _named(part: str, known: _Known) -> str:
    """A label's part as people write it: "MCP" for "mcp"."""
    written = known.spellings.get(_stems(part), Counter())
    same = Counter({text: n for text, n in written.items() if text.casefold() == part})
    if same:
        return cased(same)
    return part.upper() if len(part) <= _LETTERS else part[:1].upper() + part[1:]


def _title(text: str) -> str:
    return title_of(text[:_READ].split("\n", 1)[0])


def _worded(known: _Known, filed: Mapping[str, Area]) -> dict[str, Area]:
    """What words say, for the themes that are not filed yet."""
    names = {_stems(area.name): area.name for area in filed.values()}
    about = _about(known)
    open_ = {s.theme for s in known.subjects} - filed.keys()
    chosen: dict[Stems, set[str]] = {
        stems: {t for t, a in filed.items() if a.name == name}
        | (about.get(stems, {}).keys() & open_)
        for stems, name in names.items()
    }
    left = open_ - set().union(*chosen.values()) if chosen else set(open_)
    distinct = {s: math.log(1 + len(known.subjects) / len(t)) for s, t in about.items()}
    posts = {s.theme: len(s.texts) for s in known.subjects}
    alone = {
        stems: {t for t, n in themes.items() if n >= _ALONE_ABOUT and posts[t] >= _ALONE}
        for stems, themes in about.items()
    }
    while len(chosen) < MOST:
        values = {
            stems: sum(themes[t] ** 2 for t in themes.keys() & left)
            * distinct[stems]
            * (_PAIR if len(stems) > 1 else 1)
            for stems, themes in about.items()
            if len(themes.keys() & left) > 1 or themes.keys() & left & alone[stems]
        }
        if not values:
            break
        best = min(values, key=lambda s: (-values[s], s))
        chosen[best] = about[best].keys() & left
        left -= chosen[best]
    return _joined(known, chosen, names, open_)


def _joined(
    known: _Known, chosen: Mapping[Stems, set[str]], names: Mapping[Stems, str], open_: set[str]
) -> dict[str, Area]:
    """Each open theme in the chosen area that it says most of, if it says enough."""
    found = {}
    for theme in sorted(open_):
        shares = known.shares[theme]
        enough = {
            stems: shares.get(stems, 0.0)
            for stems, themes in chosen.items()
            if theme in themes
            or (shares.get(stems, 0.0) >= _NEAR and known.lies_with(theme, themes))
        }
        if enough:
            best = min(enough, key=lambda s: (theme not in chosen[s], -enough[s], s))
            name = names.get(best) or cased(known.spellings[best])
            found[theme] = Area(name, "words", round(enough[best], 3))
    return found


def _about(known: _Known) -> dict[Stems, dict[str, float]]:
    """The words that name a part: by word, the themes that are about it, and how much."""
    about: dict[Stems, dict[str, float]] = defaultdict(dict)
    used: Counter[Stems] = Counter()
    for theme, shares in known.shares.items():
        for stems, share in shares.items():
            used[stems] += share >= _NEAR
            if share >= _ABOUT and stems in known.spellings:
                about[stems][theme] = share
    most = max(_BROAD * len(known.subjects), _FEW)
    return {
        stems: themes
        for stems, themes in about.items()
        if used[stems] <= most and not all(s in _TROUBLE or used[(s,)] > most for s in stems)
    }


def _written(text: str) -> dict[Stems, str]:
    """The words and pairs of words that can name something, by their stems."""
    found: dict[Stems, str] = {}
    before: tuple[str, str] | None = None
    for token in TOKEN.findall(text):
        low = token.casefold()
        if not low[-1].isalnum() or low in STOP_WORDS or len(low) < 2 or low[0].isdigit():  # noqa: PLR2004 letters alone name nothing
            before = None
            continue
        own = _stem(low)
        found.setdefault((own,), token)
        if before and before[0] != own:
            found.setdefault((before[0], own), f"{before[1]} {token}")
        before = (own, token)
    return found


def _stems(name: str) -> Stems:
    return tuple(_stem(word.casefold()) for word in name.split())


def _stem(word: str) -> str:
    return stem(f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word)  # noqa: PLR2004 "dies" is no plural
