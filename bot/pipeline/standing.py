"""Store to standpoint: from where a reader's times, releases and places are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.model import OPERATOR, Audience
from bot.speak.hints import Known
from bot.speak.standpoint import Released, Standpoint
from bot.store import Store
from bot.understand.releases import is_final


def standpoint(store: Store, now: datetime, zone: str, audience: Audience = OPERATOR) -> Standpoint:
    """A reader's time, and the releases up to then: all that a query needs."""
    releases = (
        Released(tagged.tag, tagged.at, tagged.venue, is_final(tagged.tag))
        for tagged in store.known.releases(now, audience)
    )
    return Standpoint(now, zone, tuple(releases), audience=audience)


def among_places(store: Store, at: Standpoint) -> Standpoint:
    """With the places that a plain question may name."""
    recent = store.known.places(at.now, at.audience)
    repositories = store.known.repositories()
    return replace(at, venues=tuple(dict.fromkeys((*recent, *repositories))))


def known(store: Store, now: datetime) -> Known:
    """What can be named in a query, for completion."""
    return Known(
        sources=tuple(source.source for source in store.sources.coverage(now)),
        venues=tuple(store.known.places(now)),
        labels=tuple(store.known.labels(now)),
        areas=tuple(sorted(set(store.themes.areas().values()))),
        releases=tuple(tagged.tag for tagged in store.known.releases(now)),
    )
