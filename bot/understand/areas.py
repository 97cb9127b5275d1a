"""The areas of a product that its themes are about: few, and called as people call them.

A theme is one trouble ("why"), an area the part of the product it belongs to ("what"). What the
tracker says comes first: labels of a family that names parts ("area: mcp", "component/parser").
Where it says nothing, a word or two that several themes share, and that the others do not, names
one. Most themes belong to one area or to none; nothing is made up to have one for each.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from bot.understand.area_evidence import Known, Row, Subject
from bot.understand.area_words import TROUBLE, Stems, stems_of
from bot.understand.label import cased

MOST = 25
"""Areas at most, whatever the number of themes."""
_ABOUT = 0.4
"""Share of a theme's posts that must use an area's name for the theme to be about it."""
_NEAR = 0.2
"""The same where the theme also lies with the area's other themes."""
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
_PAIR = 1.8
"""How much more two words count than one: they tell more."""
_LETTERS = 3
"""A label as short as this is letters that stand for words: "TUI"."""


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

    `standing` are the names so far, by theme, also of themes that are not among these: a theme
    keeps its own while a fair share of its posts say it, unless labels say otherwise, and others
    join an area by the name it has. New areas bring the number to `MOST` at most; one that words
    name has two themes, or a large one. The order of the themes changes nothing.
    """
    known = Known.of(subjects, standing or {})
    found = _kept(known, _labelled(known))
    for theme, area in _worded(known, found).items():
        found.setdefault(theme, area)
    return found


def joined(
    subjects: Iterable[Subject], standing: Mapping[str, str], means: Mapping[str, Row] | None = None
) -> dict[str, Area]:
    """The area of each theme that has one of those that stand; no new ones are made.

    Unlike `areas` it can be asked about a few themes alone, and costs what those are long.
    `means` are the means of other themes' vectors: who joins an area must lie with its themes.
    """
    known = Known.of(subjects, standing, means or {})
    found = _kept(known, _labelled(known, only=known.called.keys()))
    for theme, shares in known.shares.items():
        said = {
            stems: shares.get(stems, 0.0)
            for stems, name in known.called.items()
            if known.fits(theme, [t for t, area in standing.items() if area == name])
        }
        best = min(said, key=lambda s: (-said[s], -len(s), s), default=())
        if theme not in found and best and said[best] >= _ABOUT:
            found[theme] = Area(known.called[best], "words", round(said[best], 3))
    return found


def says(texts: Iterable[str], name: str) -> bool:
    """Whether a fair share of some posts, and two, say an area's name."""
    known = Known.of([Subject("", tuple(texts))], {})
    return known.shares[""].get(stems_of(name), 0.0) >= _NEAR


def _labelled(known: Known, only: Container[Stems] | None = None) -> dict[str, Area]:
    """What labels say: the part that at least half of a theme's posts there are filed under.

    Of several the one that it has so far, else the most telling. With `only`, no other area.
    """
    posts = [parts for of_theme in known.filed.values() for parts in of_theme if parts]
    often = Counter(part for parts in posts for part in parts)
    catch_all = len(posts) * max(_CATCH_ALL, min(_ALL_BUT, _FAIR / max(len(often), 1)))
    found = {}
    for theme, of_theme in known.filed.items():
        counts = Counter(part for parts in of_theme for part in parts)
        weights = {
            part: n * math.log(len(posts) / often[part] + 1)
            for part, n in counts.items()
            if n >= max(_SPEAK, _MOST_OF * len(of_theme))
            and (often[part] <= catch_all if only is None else stems_of(part) in only)
        }
        if weights:
            own = stems_of(known.standing.get(theme, ""))
            part = min(weights, key=lambda p: (stems_of(p) != own, -weights[p], p))
            share = round(counts[part] / len(of_theme), 3)
            found[theme] = Area(_named(part, known), "label", share)
    return found


def _kept(known: Known, labelled: Mapping[str, Area]) -> dict[str, Area]:
    """What labels say, and of the other themes the areas so far that their posts still say."""
    found = dict(labelled)
    for theme, shares in known.shares.items():
        name, of_theme = known.standing.get(theme, ""), known.filed[theme]
        stems = stems_of(name)
        if not name or theme in found:
            continue
        filed = sum(any(stems_of(part) == stems for part in parts) for parts in of_theme)
        share = filed / max(len(of_theme), 1)
        ground, share = max(("words", shares.get(stems, 0.0)), ("label", share), key=itemgetter(1))
        if share >= _NEAR:
            found[theme] = Area(name, ground, round(share, 3))
    return found


def _named(part: str, known: Known) -> str:
    """A label's part as people write it: "MCP" for "mcp"."""
    if stems_of(part) in known.called:
        return known.called[stems_of(part)]
    written = known.spellings.get(stems_of(part), Counter())
    same = Counter({text: n for text, n in written.items() if text.casefold() == part})
    if same:
        return cased(same)
    return part.upper() if len(part) <= _LETTERS else part[:1].upper() + part[1:]


def _worded(known: Known, filed: Mapping[str, Area]) -> dict[str, Area]:
    """What words say, for the themes that are not filed yet."""
    names = known.called | {stems_of(area.name): area.name for area in filed.values()}
    about = _about(known)
    open_ = {s.theme for s in known.subjects} - filed.keys()
    chosen: dict[Stems, set[str]] = {}
    for stems, name in names.items():
        if own := {t for t, area in filed.items() if area.name == name}:
            chosen[stems] = own | {
                t for t in about.get(stems, {}).keys() & open_ if known.fits(t, own)
            }
    left = open_.difference(*chosen.values())
    distinct = {s: math.log(1 + len(known.subjects) / len(t)) for s, t in about.items()}
    founding = {stems: known.founders(themes) for stems, themes in about.items()}
    while len(chosen) < MOST:
        values = {
            stems: sum(about[stems][t] ** 2 for t in themes & left)
            * distinct[stems]
            * (_PAIR if len(stems) > 1 else 1)
            for stems, themes in founding.items()
            if len(themes & left) >= min(len(themes), 2) > 0
        }
        if not values:
            break
        best = min(values, key=lambda s: (len(founding[s]) == 1, -values[s], s))
        chosen[best] = founding[best] & left
        left -= chosen[best]
    return _best(known, chosen, names, open_)


def _best(
    known: Known, chosen: Mapping[Stems, set[str]], names: Mapping[Stems, str], open_: set[str]
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


def _about(known: Known) -> dict[Stems, dict[str, float]]:
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
        if used[stems] <= most
        and known.product.isdisjoint(stems)
        and not all(s in TROUBLE or used[(s,)] > most for s in stems)
    }
