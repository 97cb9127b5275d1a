"""The sources that are read: those of the configuration file, and what was added in Slack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import Lock

from bot.added_sources import added, merged
from bot.source_settings import SourcesSettings
from bot.sources.base import Source
from bot.store.configuration import Configuration

FILE, SLACK = "groundswell.toml", "Slack"
"""Where a source can come from."""


class Configured(Mapping[str, Source]):
    """The sources that are read, by name: as of now, whoever adds one meanwhile.

    None is made before one is asked for: what only understands must not wait for their adapters.
    """

    def __init__(
        self,
        file: SourcesSettings,
        kept: Configuration,
        made: Callable[[SourcesSettings], Sequence[Source]],
    ) -> None:
        """`made` builds the sources that some settings ask for."""
        self.file = file
        self._kept, self._made = kept, made
        self._lock = Lock()
        self._version = -1
        self._sources: dict[str, Source] = {}
        self._added: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Source:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    @cached_property
    def _filed(self) -> frozenset[str]:
        """The names of the file's own; like `_now` only made when it is asked for."""
        return frozenset(source.name for source in self._made(self.file))

    def origin(self, name: str) -> str:
        """Where a source comes from: the file, Slack, or both; nothing for one not configured."""
        if name not in self._now():
            return ""
        parts = [FILE] if name in self._filed else []
        return " and ".join([*parts, SLACK] if name in self._added else parts)

    def _now(self) -> dict[str, Source]:
        """All of them, built anew where something changed since the last time."""
        version = self._kept.version()
        with self._lock:
            if version != self._version:
                wanted = [one for _, one in added(self._kept.standing())]
                settings, unfit = merged(self.file, wanted)
                on = [one for one in wanted if one.on and one.kept_as not in unfit]
                self._sources = {source.name: source for source in self._made(settings)}
                self._added = frozenset(one.source for one in on)
                self._version = version
            return self._sources
