"""What waits for somebody, and what somebody was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model import Deed, Query, ThemeView
from bot.pipeline.telling import Telling
from bot.speak.triage import LATELY, Queue, duty_line, may_wait, queued
from bot.understand.decided import last


def queue(telling: Telling, query: Query) -> Queue:
    """The themes that nobody saw, got, muted or linked, among the posts that fulfil a query.

    Those of the last four weeks, if the query names no time.
    """
    asked = replace(query, since=query.since or telling.now - LATELY)
    high, moving = queued(telling.tracked(asked, may_wait))
    duty = duty_line(telling.store.rotas.standing(telling.now), telling.now)
    since = asked.since or telling.now
    return Queue(high, moving, since, telling.coverage(), duty)


def assigned(telling: Telling, who: str) -> Sequence[ThemeView]:
    """The themes that were given to somebody, `slack:` and an id or a name; strongest first."""
    standing = telling.store.decisions.standing({Deed.ASSIGN, Deed.MERGE}, telling.now)
    given = [theme for theme, one in last(Deed.ASSIGN, standing).items() if one.to == who]
    return telling.themes(Query(themes=tuple(given), audience=telling.audience)) if given else ()
