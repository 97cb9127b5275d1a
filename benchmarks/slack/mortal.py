"""Processes that work on one database until they are killed, by a clock that is passed in."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from typing import Any

from benchmarks.slack.running import APP_TOKEN, poster
from bot import workspace
from bot.model import Post
from bot.pipeline import Pipeline
from bot.pipeline.delivering import Delivering
from bot.rights import EVERYBODY, Right, Rights
from bot.schedule import Courier, Reading
from bot.slack.blocks import Blocks
from bot.sources.base import Batch
from bot.store import open_store
from bot.understand.cluster import AverageTree
from tests.builders import a_post
from tests.fakes import Scripted, WordHashing
from tests.world.workspace import TOKEN

NOTHING = Reading(timedelta(hours=1), ["true"])
"""What reads no source."""


def begetter() -> ForkServerContext:
    """Begets processes that have imported everything already: they are at work at once."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["benchmarks.slack.mortal"])
    return made


def clock(base: float, speed: float) -> Callable[[], datetime]:
    """From a moment on, so many times as fast as the clock on the wall."""
    start = time.monotonic()
    return lambda: datetime.fromtimestamp(base + speed * (time.monotonic() - start), UTC)


def deliver(database: str, api_url: str, base: float, speed: float) -> None:
    """Read, understand, plan, write and send, again and again."""
    now = clock(base, speed)
    pipeline = _pipeline(database, now, news(now()))
    courier = _courier(pipeline, api_url)
    pipeline.collect()
    pipeline.understand()
    while True:
        courier.tick()
        time.sleep(0.005)


def replica(database: str, api_url: str, moment: Any) -> None:  # noqa: ANN401 a shared double
    """Plan, write and send, again and again, at the moment that is shared."""
    pipeline = _pipeline(database, lambda: datetime.fromtimestamp(moment.value, UTC), ())
    courier = _courier(pipeline, api_url)
    while True:
        courier.tick()
        time.sleep(0.005)


def answer(database: str, api_url: str, base: float, speed: float) -> None:
    """Be the bot in Slack, without any source."""
    pipeline = _pipeline(database, clock(base, speed), ())
    rights = Rights({Right.ASK: frozenset({EVERYBODY})})
    access = workspace.Access(TOKEN, api_url, APP_TOKEN)
    workspace.run(pipeline, rights, access, NOTHING, threading.Event(), print)


def news(now: datetime) -> tuple[Post, ...]:
    """What three people said on a day."""
    at = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return tuple(
        a_post(
            title="The walrus cache crashes on start",
            text="The walrus cache crashes on every start",
            external_id=f"acme/tool#{at:%Y%m%d}{n}",
            author=f"ann{n}",
            created_at=at,
        )
        for n in range(3)
    )


def _pipeline(database: str, now: Callable[[], datetime], posts: Sequence[Post]) -> Pipeline:
    sources = {"toy": Scripted("toy", (Batch(tuple(posts), None),))} if posts else {}
    return Pipeline(open_store(database), WordHashing(), AverageTree(), sources, now)


def _courier(pipeline: Pipeline, api_url: str) -> Courier:
    delivering = Delivering(pipeline.store, lambda _: pipeline.telling(), Blocks())
    return Courier(pipeline.store, delivering, poster(api_url), pipeline.clock)
