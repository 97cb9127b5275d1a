"""How much a theme matters: people, not posts."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from bot.model import Crowd, Member

PER_VENUE = 0.25
"""Each further venue is worth a quarter more: the same words in two places are no accident."""

VENUES_MOST = 4

PACE_LEAST, PACE_MOST = 0.5, 2.0
"""Growth can double a theme's strength or halve it, so that it cannot beat a crowd by itself."""


SHARP = 3
"""One trouble, told by all, is worth up to four times a talk about everything. Chosen on every
other week of two communities; on the weeks between, the sharper of two themes stood first in 36 of
51 pairs, and in 26 without it."""


def strength(
    crowd: Crowd, members: Sequence[Member], usual: float, whole: Sequence[Member] | None = None
) -> float:
    """A figure to sort by, with no meaning of its own.

    `people * (1 + complaint share) * (1 + 3 * sharpness) * (1 + 1/4 per further venue) * pace`,
    where people are the known people + the square root of the posts by unknown authors, since
    those may be one person or many, and pace = (voices now + 1) / (usual voices + 1), kept within
    1/2 and 2. `members` are the posts shown, `whole` all posts of the theme, if they are more.
    Reach (scores, replies) has no part in it.
    """
    if not members:
        return 0.0
    people = crowd.people + sqrt(crowd.unknown)
    venues = min(len({(m.source, m.venue) for m in members}), VENUES_MOST)
    pace = (crowd.people + crowd.unknown + 1) / (usual + 1)
    return (
        people
        * (1 + _complaining(members))
        * (1 + SHARP * sharpness(whole or members))
        * (1 + PER_VENUE * (venues - 1))
        * min(max(pace, PACE_LEAST), PACE_MOST)
    )


def sharpness(members: Sequence[Member]) -> float:
    """How much a theme is one trouble rather than a broad subject: 0 to 1.

    The share of its posts that complain, times how alike they are: the square of their mean cosine
    to the theme's centre. A week in which a broad subject is complained of is about many things, so
    all posts of the theme are asked, not the newest alone. Needs at least one.
    """
    alike = sum(member.centrality for member in members) / len(members)
    return _complaining(members) * max(alike, 0.0) ** 2


def _complaining(members: Sequence[Member]) -> float:
    return sum(member.reading.complaint for member in members) / len(members)
