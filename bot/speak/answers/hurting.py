"""What hurts most, and what people like: the themes by who stands behind them."""

from __future__ import annotations

from bot.model import Sentence, ThemeView
from bot.speak.answers.evidence import (
    LITTLE,
    TOGETHER,
    Evidence,
    Found,
    Said,
    authors,
    cite_all,
    crowd,
    number_of,
    others,
    part,
    sources,
    speaking,
    telling,
    tracked,
    venues,
    voices,
    when,
    whole,
)
from bot.speak.answers.overview import NO_THEME
from bot.speak.criteria import criteria_text
from bot.speak.plain import change, identity
from bot.speak.words import counted, posts_of

THEMES = 5
QUOTED = 3
"""Of so many themes a post is quoted."""
ALONE = 4
"""Voices that speak where no theme does."""


def hurts(evidence: Evidence) -> Said:
    """The themes by the people who complain in them, with what makes them urgent."""
    found = evidence.found
    ranked = [view for view in by_people(found) if _many(found, view)][:THEMES]
    said: list[Sentence] = []
    for place, view in enumerate(ranked):
        said.append(_theme(found, view, "hurts most" if not place else "", urgent=True))
        said += telling(view, found.keys) if place < QUOTED else []
    return Said((*said, _all(found), *_alone(found, ranked)), tuple(ranked))


def praise(evidence: Evidence) -> Said:
    """What people like, in their own words; a theme is told if two people like it."""
    found = evidence.found
    ranked = [view for view in by_people(found) if speaking(found, view) >= TOGETHER][:THEMES]
    said = [_all(found)]
    for view in ranked:
        said += [_theme(found, view, "", urgent=False), *telling(view, found.keys)]
    return Said((*said, *others(found.hits, ranked, ALONE)), tuple(ranked))


def by_people(found: Found) -> list[ThemeView]:
    """Themes by how many of those found speak in them; equal ones by strength."""

    def rank(view: ThemeView) -> tuple[float, float, str]:
        return -speaking(found, view), -view.strength, view.theme.id

    return sorted(found.views, key=rank)


def _many(found: Found, view: ThemeView) -> bool:
    """Whether more than a few of those found speak in a theme."""
    return speaking(found, view) >= LITTLE


def _theme(found: Found, view: ThemeView, leads: str, *, urgent: bool) -> Sentence:
    """`“Label” (T1) hurts most: 20 complaints by 14 people on GitHub; 3 posts report a crash`."""
    it = part(found.query, view, found.keys)
    asked = sum(member.key in found.keys for member in it.members)
    of_all = asked < len(it.members)
    number = posts_of(() if of_all else found.query.kinds, len(it.members))
    share = f" ({posts_of(found.query.kinds, asked)})" if of_all else ""
    head = f"“{view.theme.label}” ({identity(view)}) {leads}".rstrip()
    parts = [f"{head}: {number}{share} by {authors(it.members)} on {venues(it.members)}"]
    if urgent:
        met = criteria_text(view.theme)
        parts += [met] if met else []
        parts += [tracked(view)] if view.tracking else []
    text = "; ".join([*parts, change(view)])
    return Sentence(f"{text}.", cite_all(it.members), it.opens)


def _all(found: Found) -> Sentence:
    """All that was found, and how much of it stands in themes."""
    posts = found.posts
    text = f"{number_of(found.query, posts)} by {authors(posts)} on {sources(posts)}, {when(posts)}"
    if voices(crowd(posts)) < LITTLE:
        return whole(found, f"Little to go on: only {text}.")
    if not found.views:
        return whole(found, f"{text}; {NO_THEME}.")
    alone = len(posts) - found.inside
    stand = counted(alone, "of them stands", "of them stand")
    rest = f"; {stand} in no theme that keeps coming back" if alone else ""
    return whole(found, f"In all {text}{rest}.")


def _alone(found: Found, views: list[ThemeView]) -> list[Sentence]:
    return [] if views else others(found.hits, (), ALONE)
