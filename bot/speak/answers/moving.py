"""What is new, and what changed against the time before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.model import Member, Period, Query, Sentence, Status, ThemeView
from bot.speak.answers.evidence import (
    Evidence,
    Found,
    Said,
    authors,
    begun_late,
    cite_all,
    crowd,
    number_of,
    sources,
    telling,
    voices,
    when,
    whole,
)
from bot.speak.plain import identity
from bot.speak.words import counted, lasting, listed, people

THEMES = 5
BIRTH = 3
"""A theme is born with its third post: two may be chance."""
EACH = 3
"""Themes that are told of those that moved one way."""
QUOTED = 3


def new(evidence: Evidence) -> Said:
    """The themes whose third post lies in the time asked about; other posts are only counted."""
    found = evidence.found
    born = [view for view in found.views if _born(view, found.period)]
    shown = tuple(born[:THEMES])
    said: list[Sentence] = []
    if shown:
        said.append(_named(found, born))
    for view in shown:
        inside = found.period.of(view.theme.members)
        said.append(_newcomer(found, view))
        said += telling(view, frozenset(member.key for member in inside))
    return Said((*said, _rest(found, born)), shown)


def _born(view: ThemeView, period: Period) -> bool:
    members = view.theme.members
    return len(members) >= BIRTH and members[BIRTH - 1].created_at in period


def _named(found: Found, born: list[ThemeView]) -> Sentence:
    """`3 themes are new since 3 Nov: “A”, “B” and “C”`."""
    inside = [m for view in born for m in found.period.of(view.theme.members)]
    names = [f"“{view.theme.label}”" for view in born[:THEMES]]
    names += [f"{len(born) - THEMES} more"] if len(born) > THEMES else []
    cites = tuple(c for view in born for c in cite_all(found.period.of(view.theme.members)))
    opens = _of_themes(found.query, *(view.theme.id for view in born))
    are = counted(len(born), "theme is", "themes are")
    number = counted(len(inside), "post")
    text = f"{are} new: {listed(names)}; {number} by {authors(inside)}."
    return Sentence(text, cites, opens)


def _newcomer(found: Found, view: ThemeView) -> Sentence:
    inside = found.period.of(view.theme.members)
    earlier = len(view.theme.members) - len(inside)
    before = f"; {counted(earlier, 'post')} before this time" if earlier else ""
    text = (
        f"“{view.theme.label}” ({identity(view)}): {counted(len(inside), 'post')} by "
        f"{authors(inside)} on {sources(inside)}, {when(inside)}{before}."
    )
    return Sentence(text, cite_all(inside), _of_themes(found.query, view.theme.id))


def _rest(found: Found, born: list[ThemeView]) -> Sentence:
    """How much was written in all, and how much of that stands in no theme."""
    posts = found.posts
    alone = len(posts) - found.inside
    first = "" if born else "No theme is new: none had its third post in this time. "
    stand = counted(alone, "of them stands", "of them stand")
    rest = f"; {stand} in no theme" if alone else ""
    return whole(found, f"{first}{number_of(found.query, posts)} by {authors(posts)}{rest}.")


def _of_themes(query: Query, *themes: str) -> Query:
    return replace(query, themes=themes, words=(), phrases=(), kinds=())


_MOVES = (
    (Status.NEW, "is new as a theme"),
    (Status.GROWING, "is growing"),
    (Status.CAME_BACK, "came back"),
    (Status.FADING, "is fading"),
)


_GROWS = re.compile(r"\b(?:grow|worse|ris(?:e|ing)|trend)", re.IGNORECASE)
"""Asks for what grows before what is new."""


def _growth_first(move: tuple[Status, str]) -> bool:
    return move[0] is not Status.GROWING


def changed(evidence: Evidence) -> Said:
    """What is new, grows, came back and fades, each with the figures of both spans.

    The found posts and themes are those of the time asked about and of the same span before it.
    """
    found = evidence.found
    order = sorted(_MOVES, key=_growth_first) if _GROWS.search(evidence.asked.text) else _MOVES
    moves = [(view, does) for status, does in order for view in _moved(found, status)]
    said: list[Sentence] = []
    for place, (view, does) in enumerate(moves):
        said.append(_change(found, view, does))
        inside = frozenset(m.key for m in found.period.of(view.theme.members))
        said += telling(view, inside) if place < QUOTED else []
    return Said((*said, _both(evidence, bool(moves))), tuple(view for view, _ in moves))


def _moved(found: Found, status: Status) -> list[ThemeView]:
    """The themes that moved so, the greatest difference first.

    A status rests on several spans before; what only those tell, and the two figures do not, is
    left out.
    """

    def difference(view: ThemeView) -> int:
        return voices(view.recent) - voices(view.before)

    falls = status is Status.FADING
    moved = [v for v in found.views if v.status is status and (difference(v) < 0) is falls]
    moved = [v for v in moved if max(voices(v.recent), voices(v.before)) > 1]
    return sorted(moved, key=lambda v: (-abs(difference(v)), v.theme.id))[:EACH]


def _change(found: Found, view: ThemeView, does: str) -> Sentence:
    """`“Label” (T1) is growing: 12 people, 3 in the 7 days before`."""
    span = found.period
    now = span.of(view.theme.members)
    before = span.before(1).of(view.theme.members)
    text = (
        f"“{view.theme.label}” ({identity(view)}) {does}: {_who(now)} in {lasting(span)}, "
        f"{_who(before)} in the {lasting(span)} before."
    )
    opens = replace(_of_themes(found.query, view.theme.id), kinds=found.query.kinds)
    return Sentence(text, cite_all([*before, *now]), opens)


def _who(members: Sequence[Member]) -> str:
    return people(crowd(members)) if members else "nobody"


def _both(evidence: Evidence, moved: bool) -> Sentence:
    """All posts of both spans, and whether the earlier one was read at all."""
    found, posts = evidence.found, evidence.found.posts
    span, earlier = found.period, found.period.before(1)
    now = sum(post.created_at in span for post in posts)
    late = begun_late(evidence.coverage, {post.source for post in posts}, earlier.since)
    unread = f"; {listed(late)}: the time before was not read whole" if late else ""
    text = (
        f"{number_of(found.query, posts)}: {now:,} in {lasting(span)}, {len(posts) - now:,} in the "
        f"{lasting(span)} before{unread}."
    )
    return whole(found, text if moved else f"No theme moved. {text}")
