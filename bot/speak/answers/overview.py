"""What is said of something: how much, by whom, what keeps coming back, and a few voices."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Query, Sentence, ThemeView
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
    sources,
    speaking,
    telling,
    voices,
    when,
    whole,
)
from bot.speak.dissent import dissent_text
from bot.speak.plain import change, identity
from bot.speak.words import counted, places, posts_of

THEMES = 5
QUOTES = 4
NO_THEME = "no theme gathers them: each may tell of something else"
"""Of posts that no theme bears on: more than a few may still say the same."""
TOO_FEW = "no theme: fewer than three say the same"


def overview(evidence: Evidence) -> Said:
    """How much was found; its strongest themes, each with a voice; then voices outside them."""
    found = _shared(evidence.found)
    shown = found.views[:THEMES]
    said = [_counted(found)]
    for view in shown:
        said += [theme(found.query, view, found.keys), *telling(view, found.keys)]
        said += dissent(found.query, view)
    few = QUOTES if len(shown) < THEMES else 0
    return Said((*said, *others(found.hits, shown, few)), shown)


def _shared(found: Found) -> Found:
    """Without the themes of one person, where wishes or praise are asked for."""
    if not {"request", "praise"} & set(found.query.kinds):
        return found
    views = tuple(view for view in found.views if speaking(found, view) >= TOGETHER)
    return replace(found, views=views, themes=found.themes - len(found.views) + len(views))


def _counted(found: Found) -> Sentence:
    """How many posts by how many people, where and when, and what they make."""
    posts = found.posts
    little = "Little to go on: only " if len(posts) < LITTLE else ""
    return whole(
        found,
        f"{little}{number_of(found.query, posts)} by {authors(posts)} on {sources(posts)}, "
        f"{when(posts)}; {_themes_made(found)}.",
    )


def _themes_made(found: Found) -> str:
    if not found.themes:
        return NO_THEME if voices(crowd(found.posts)) >= LITTLE else TOO_FEW
    if found.themes == 1:
        return "one theme keeps coming back"
    return f"{found.themes} themes keep coming back, the strongest first"


def theme(query: Query, view: ThemeView, found: frozenset[str], *, moves: bool = True) -> Sentence:
    """A whole theme's facts, whatever part of it was found; with `moves` how it moves, too."""
    members = view.theme.members
    asked = [member for member in members if member.key in found]
    said = posts_of(query.kinds, len(asked)) if query.kinds else f"{len(asked)} say so"
    share = f" ({said})" if len(asked) < len(members) else ""
    trend = f"; {change(view)}" if moves else ""
    text = (
        f"“{view.theme.label}” ({identity(view)}): {counted(len(members), 'post')}{share} by "
        f"{authors(members)} on {places(view.venues)}{trend}."
    )
    opens = replace(query, themes=(view.theme.id,), words=(), phrases=(), kinds=())
    return Sentence(text, cite_all(members), opens)


def dissent(query: Query, view: ThemeView) -> list[Sentence]:
    """Both sides of a disagreement, if both spoke in the time that was asked for."""
    found = view.dissent
    if found is None or (query.since and found.claim.created_at < query.since):
        return []
    return [Sentence(dissent_text(found), (found.claim, found.against))]
