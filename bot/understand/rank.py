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


def strength(crowd: Crowd, members: Sequence[Member], usual: float) -> float:
    """A figure to sort by, with no meaning of its own.

    `people * (1 + complaint share) * (1 + 1/4 per further venue) * pace`, where people are the
    known people + the square root of the posts by unknown authors, since those may be one person
    or many, and pace = (voices now + 1) / (usual voices + 1), kept within 1/2 and 2.
    Reach (scores, replies) has no part in it.
    """
    if not members:
        return 0.0
    people = crowd.people + sqrt(crowd.unknown)
    complaints = sum(m.reading.complaint for m in members) / len(members)
    venues = min(len({(m.source, m.venue) for m in members}), VENUES_MOST)
    pace = (crowd.people + crowd.unknown + 1) / (usual + 1)
    return (
        people
        * (1 + complaints)
        * (1 + PER_VENUE * (venues - 1))
        * min(max(pace, PACE_LEAST), PACE_MOST)
    )
