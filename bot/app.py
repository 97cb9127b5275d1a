"""The composition root: the only place where the concrete parts are put together."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.configured import Configured
from bot.pipeline import Pipeline
from bot.settings import OPENAI, Settings
from bot.source_settings import SourcesSettings
from bot.sources import SOURCES, adapter
from bot.sources.archive import Archive
from bot.sources.base import Source
from bot.sources.exports import FORMATS, JSON_LINES, Export, Imported
from bot.sources.exports.form import Told
from bot.speak.writer import Extractive, Writer
from bot.store import Preferences, Store, open_store
from bot.store.copying import copy_to
from bot.understand.cluster import AverageTree, Clusterer
from bot.understand.embed import Embedder, MiniLM

if TYPE_CHECKING:
    from bot.http import Http
    from bot.pipeline.evaluating import Setup
    from bot.replay import Tape
    from bot.writing.replies import Model

SET = {"zone", "capture"}
"""Keys of `[slack]` that may be set in Slack where the file does not name them."""

GARBAGE = 50_000
"""After so many new objects cycles are looked for among them."""
ARENAS, _M_ARENA_MAX = 2, -8
"""In how many places freed memory is kept for threads, and what malloc.h calls that."""

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def thrifty() -> None:
    """Set for this process how memory is looked after, which suits neither answers nor embedding.

    Garbage is looked for less often than Python does by itself, after every 700 objects: one
    answer holds tens of thousands of posts, none of them in a cycle, and to go through them again
    and again takes an eighth of its time (`benchmarks/latency.py`). And what threads gave back is
    kept in few places: with the eight a core that glibc allows, understanding holds 100 MB more at
    its peak.
    """
    gc.set_threshold(GARBAGE)
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library has no such choice
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


@contextmanager
def build(
    settings: Settings,
    database: str | None,
    clock: Clock,
    tape: Tape | None = None,
    embedder: Embedder | None = None,
) -> Iterator[Pipeline]:
    """The pipeline that the settings ask for; its database and connections close behind it.

    With a tape it speaks as of the time of the recording. Several may share an embedder.

    Raises:
        StoreError: the database cannot be opened.
    """
    thrifty()
    clock = (lambda: tape.now) if tape else clock
    with ExitStack() as opened:
        store = opened.enter_context(closing(open_store(database or settings.database)))
        # Made with the first source: what goes nowhere need not load it.
        http = cache(lambda: opened.enter_context(closing(way_out(settings, tape))))
        configured = Configured(
            settings.file.sources,
            store.configuration,
            lambda its: sources(settings, clock, http(), tape, its),
        )
        yield Pipeline(
            store=store,
            embedder=embedder or make_embedder(),
            clusterer=clusterer(settings),
            sources=configured,
            origin=configured.origin,
            clock=clock,
            roles=settings.file.people.roles(),
            writer=writer(settings, store),
        )


@contextmanager
def build_copy(settings: Settings, database: str | None, clock: Clock) -> Iterator[Pipeline]:
    """The same pipeline on a copy of the database that is gone afterwards: nothing is changed.

    Raises:
        StoreError: the database cannot be opened or copied.
    """
    with TemporaryDirectory(prefix="groundswell-") as folder:
        url = copy_to(database or settings.database, Path(folder) / "copy.db")
        with build(settings, url, clock) as pipeline:
            yield pipeline


def in_slack(pipeline: Pipeline, settings: Settings) -> Pipeline:
    """The pipeline as it is in Slack: by the clock of `[slack] zone`, or as it is set there."""
    asked = settings.file.slack
    filed = {name: str(getattr(asked, name)) for name in SET & asked.model_fields_set}
    kept = Preferences(pipeline.store.configuration, filed)
    return replace(pipeline, zone=asked.zone, preferences=kept)


def writer(settings: Settings, store: Store) -> Writer:
    """Who phrases answers: a model if one is configured and can be asked, else rules."""
    asked, secret = settings.file.writer, settings.secrets.openai_api_key
    key = secret.get_secret_value() if secret else None
    if not asked.model:
        return Extractive()
    if not key and asked.base_url == OPENAI:
        return Extractive("no key; set OPENAI_API_KEY")
    from bot.writing.writer import Limits, ModelWriter  # noqa: PLC0415 needed by few

    def made() -> Model:
        from bot.writing.client import OpenAIModel  # noqa: PLC0415 slow to import, seldom needed

        return OpenAIModel(asked.model, asked.base_url, key, asked.timeout_s)

    limits = Limits(
        asked.answer_tokens,
        asked.day_tokens,
        asked.day_money,
        asked.price_in,
        asked.price_out,
        asked.private,
    )
    return ModelWriter(asked.model, asked.base_url, made, limits, store, wall_clock)


def make_embedder() -> Embedder:
    """What makes vectors of texts: large, so several pipelines of a process share one."""
    return MiniLM()


def clusterer(settings: Settings) -> Clusterer:
    """What finds the themes, as the settings ask for it."""
    asked = settings.file.understand
    return AverageTree(least=asked.least, smallest=asked.smallest)


def setup(name: str, settings: Settings) -> Setup:
    """What the settings make of the parts that `groundswell eval` measures."""
    from bot.pipeline.evaluating import Setup  # noqa: PLC0415 needed by that command alone

    return Setup(name, settings.file.understand.model_dump(), MiniLM(), clusterer(settings))


def way_out(settings: Settings, tape: Tape | None = None) -> Http:
    """The client that goes out as the settings allow; with a tape, over that."""
    from bot.http import Http, guarded_transport  # noqa: PLC0415 see `build`

    hosts = frozenset(settings.file.http.allowed_hosts)
    transport = tape.over(guarded_transport(hosts)) if tape else None
    return Http(contact=settings.file.http.contact, allowed_hosts=hosts, transport=transport)


def recording(settings: Settings, folder: Path, clock: Clock) -> Tape:
    """A tape that records into a new folder, without what is secret in the settings.

    Raises:
        GroundswellError: the folder holds something already, or cannot be written.
    """
    from bot.replay import record  # noqa: PLC0415 needed to record alone

    values = settings.secrets.model_dump().values()
    secrets = [v.get_secret_value() if isinstance(v, SecretStr) else str(v) for v in values if v]
    return record(folder, clock(), secrets)


def sources(
    settings: Settings,
    clock: Clock,
    http: Http,
    tape: Tape | None = None,
    asked: SourcesSettings | None = None,
) -> list[Source]:
    """Every source that is asked for, or else that the file names, sharing one way out."""
    shared = {
        "http": http,
        "now": clock,
        "tape": tape,
        "allowed_hosts": frozenset(settings.file.http.allowed_hosts),
    }
    return [
        _made(adapter(kind), configured.model_dump(), {**shared, **settings.secrets.of(kind)})
        for kind in SOURCES
        for configured in (asked or settings.file.sources).of(kind)
    ]


def _made(kind: type[Any], configured: Mapping[str, Any], offered: Mapping[str, Any]) -> Source:
    """An adapter built of its settings and, of what is offered, those fields that it has."""
    own = {field.name for field in fields(kind)}
    made: Source = kind(**configured, **{k: v for k, v in offered.items() if k in own})
    return made


def archive(path: Path, clock: Clock, form: str | None = None, told: Told | None = None) -> Source:
    """An archive or an export as a source, in the form named or in the one that it is seen to have.

    A post is in the future only if it is after both the moment we speak as of and the wall
    clock: `--now` hides later posts, it does not refuse them.
    """
    now, told = max(clock(), wall_clock()), told or Told()
    if form is None:
        return Imported(path, now, told)
    return Archive(path, now) if form == JSON_LINES else Export(path, now, FORMATS[form], told)
