"""The composition root: the only place where the concrete parts are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.http import Http
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.sources import SOURCES
from bot.sources.archive import Archive
from bot.sources.base import Source
from bot.store import open_store
from bot.understand.cluster import DensityTree
from bot.understand.embed import MiniLM

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@contextmanager
def build(settings: Settings, database: str | None, clock: Clock) -> Iterator[Pipeline]:
    """The pipeline that the settings ask for; its database and connections close behind it.

    Raises:
        StoreError: the database cannot be opened.
    """
    with (
        closing(open_store(database or settings.database)) as store,
        closing(way_out(settings)) as http,
    ):
        yield Pipeline(
            store=store,
            embedder=MiniLM(),
            clusterer=DensityTree(),
            sources={source.name: source for source in sources(settings, clock, http)},
            clock=clock,
        )


def way_out(settings: Settings) -> Http:
    """The client that goes out as the settings allow."""
    return Http(
        contact=settings.file.http.contact,
        allowed_hosts=frozenset(settings.file.http.allowed_hosts),
    )


def sources(settings: Settings, clock: Clock, http: Http) -> list[Source]:
    """Every source that is configured, sharing one way out."""
    return [
        adapter(http=http, now=clock, **configured.model_dump())
        for kind, adapter in SOURCES.items()
        for configured in settings.file.sources.of(kind)
    ]


def archive(path: Path, clock: Clock) -> Source:
    """An archive file as a source.

    A post is in the future only if it is after both the moment we speak as of and the wall
    clock: `--now` hides later posts, it does not refuse them.
    """
    return Archive(path, now=max(clock(), wall_clock()))
