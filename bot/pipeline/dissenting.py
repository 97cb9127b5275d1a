"""Store to dissent: both sides of the sharpest disagreement in the threads of shown themes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Citation, Dissent, Query, ThemeView
from bot.store import Store
from bot.understand.dissent import Contradiction, Side, dissents

THREADS = 150
"""Threads that are read at most for one output, of each theme as many, those replied to last."""


@dataclass(frozen=True, slots=True)
class Dissents:
    """What a store knows of disagreement as of `now`; to be asked about themes that are shown."""

    store: Store
    now: datetime

    def told(self, views: Sequence[ThemeView], query: Query) -> list[ThemeView]:
        """The views with the sharpest disagreement in which somebody spoke in the query's time.

        The threads are those that the query's posts opened, read with all their replies.
        """
        names = [view.theme.id for view in views]
        each = THREADS // max(len(names), 1)
        threads = self.store.threads.of_themes(names, query, self.now, each)
        found = {name: _latest(dissents(posts), query) for name, posts in threads.items()}
        return [replace(view, dissent=found.get(view.theme.id)) for view in views]


def _latest(found: Iterable[Contradiction], query: Query) -> Dissent | None:
    """The sharpest of those that go on in the time asked for."""
    spoken = (d for d in found if not query.since or d.against.post.created_at >= query.since)
    sharpest = next(spoken, None)
    if sharpest is None:
        return None
    claim, against = sharpest.claim, sharpest.against
    return Dissent(sharpest.over, _cite(claim), _cite(against), claim.role, against.role)


def _cite(side: Side) -> Citation:
    post = side.post
    return Citation(post.key, side.quote, post.venue, post.author, post.created_at, post.url)
