"""The line in one screen: sources to store, store to themes, themes to speech."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import __version__
from bot.errors import GroundswellError
from bot.model import Answer, Coverage, Digest, Hit, Period, ThemeView
from bot.pipeline.collecting import Collected, Progress, collect, import_archives, silent
from bot.pipeline.telling import WEEK, Telling
from bot.pipeline.understanding import Understanding, Understood
from bot.sources.base import Source
from bot.speak.query import parse
from bot.store import SourceState, Store
from bot.understand.cluster import Clusterer
from bot.understand.embed import Embedder

__all__ = ["Collected", "Pipeline", "Progress", "SourceStatus", "State", "Understood"]


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What is kept of a source, and whether it is still configured."""

    state: SourceState
    configured: bool


@dataclass(frozen=True, slots=True)
class State:
    """Where a Groundswell stands."""

    sources: tuple[SourceStatus, ...]
    posts: int
    themes: int
    database: str
    schema: str
    version: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What every surface (command line, console, Slack) calls; it knows none of them.

    `clock` is asked once an operation, so that one output speaks as of one moment.
    """

    store: Store
    embedder: Embedder
    clusterer: Clusterer
    sources: Mapping[str, Source]
    clock: Callable[[], datetime]

    def import_archives(
        self, archives: Iterable[Source], progress: Progress = silent
    ) -> list[Collected]:
        """Read archives into the store; reading one again is harmless."""
        return import_archives(self.store, archives, progress)

    def collect(self, names: Sequence[str] = (), progress: Progress = silent) -> list[Collected]:
        """Read the named sources, or all that are configured, once; a failure stays with its own.

        Raises:
            GroundswellError: a name is not configured.
        """
        unknown = [name for name in names if name not in self.sources]
        if unknown:
            known = ", ".join(self.sources) or "none: add one to groundswell.toml"
            raise GroundswellError(f"no such source: {', '.join(unknown)} (configured: {known})")
        chosen = [self.sources[name] for name in names or self.sources]
        return [collect(self.store, source, self.clock(), progress) for source in chosen]

    def understand(self, progress: Progress = silent) -> Understood:
        """Embed, classify, link and theme what is new; nothing new costs next to nothing."""
        return Understanding(
            self.store, self.embedder, self.clusterer, self.clock(), progress
        ).run()

    def themes(self, query: str = "") -> list[ThemeView]:
        """The themes of the posts a query asks for, strongest first. Raises QueryError."""
        telling = self._telling()
        return telling.themes(parse(query, telling.now))

    def search(self, query: str, limit: int) -> list[Hit]:
        """Posts by words and by meaning, best first. Raises QueryError."""
        telling = self._telling()
        return telling.search(parse(query, telling.now), limit)

    def digest(self, query: str = "") -> Digest:
        """What moved between the query's `since:` and `until:`; by default in the last week.

        Raises:
            QueryError: the query is wrong.
        """
        telling = self._telling()
        asked = parse(query, telling.now)
        until = min(asked.until or telling.now, telling.now)
        return telling.digest(asked, Period(asked.since or until - WEEK, until))

    def ask(self, question: str) -> Answer:
        """An answer in which every sentence cites the posts it rests on. Raises QueryError."""
        return self._telling().ask(question)

    def coverage(self) -> Coverage:
        """What has been read, up to when, and what could not be."""
        return self._telling().coverage()

    def moments(self) -> list[datetime]:
        """When each post that opens a thread was written, in no order."""
        return self.store.posts.moments(self.clock())

    def status(self) -> State:
        """Sources, counts and versions."""
        now = self.clock()
        kept = {state.name: state for state in self.store.sources.states()}
        names = dict.fromkeys((*self.sources, *kept))
        return State(
            sources=tuple(
                SourceStatus(kept.get(name) or SourceState(name), name in self.sources)
                for name in names
            ),
            posts=self.store.posts.count(now),
            themes=self.store.themes.count(now),
            database=self.store.url,
            schema=self.store.schema,
            version=__version__,
            coverage=self._telling().coverage(),
        )

    def _telling(self) -> Telling:
        return Telling(self.store, self.embedder, self.clock())
