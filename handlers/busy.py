"""Being busy: whoever has to wait for an answer is told so at once, and for about how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, ParamSpec, TypeVar

import structlog
from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from handlers import agent

Body = dict[str, Any]
Given = ParamSpec("Given")
Made = TypeVar("Made")

PATIENCE_S = 5.0
"""Seconds that somebody waits without wondering."""
RESPOND_S = 29 * 60.0
"""Slack takes answers to a command for half an hour: what is later would be lost."""
FIRST_GUESS_S, WEIGHT = 0.5, 0.2
"""What an answer takes before any was given, and what the newest counts for after that."""

_log = structlog.get_logger()


class Crew(ThreadPoolExecutor):
    """Those who answer. It knows how long whoever asks now will wait."""

    def __init__(self, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(workers, "answering")
        self._workers, self._clock = workers, clock
        self._lock = threading.Lock()
        self._waiting, self._usual_s = 0, FIRST_GUESS_S
        self._running: dict[int, float] = {}
        self._own = threading.local()

    def submit(
        self, work: Callable[Given, Made], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Made]:
        """Have something done, after all that waits already."""
        asked = self._clock()
        with self._lock:
            self._waiting += 1

        def done() -> Made:
            began = self._began(asked)
            try:
                return work(*args, **kwargs)
            finally:
                self._ended(began)

        return super().submit(done)

    def wait_s(self) -> float:
        """Seconds until an answer to what is asked now will be there, as far as one can tell."""
        with self._lock:
            now = self._clock()
            longest = max((now - began for began in self._running.values()), default=0.0)
            usual = max(self._usual_s, longest)
            rounds = ceil((self._waiting + 1) / self._workers)
            free = self._waiting + len(self._running) < self._workers
            return self._usual_s if free else (rounds + 1) * usual

    def waited_s(self) -> float:
        """Seconds that what this thread does now has waited for it."""
        return float(getattr(self._own, "waited", 0.0))

    def _began(self, asked: float) -> float:
        now = self._clock()
        self._own.waited = now - asked
        with self._lock:
            self._waiting -= 1
            self._running[threading.get_ident()] = now
        return now

    def _ended(self, began: float) -> None:
        with self._lock:
            del self._running[threading.get_ident()]
            self._usual_s += WEIGHT * (self._clock() - began - self._usual_s)


class Bell:
    """Tells people that it takes a while, one after the other; it neither waits nor holds up.

    Who would hear of it after a long line of others is told nothing: the answer may be first.
    """

    MOST = 20

    def __init__(self) -> None:
        self._room = threading.Semaphore(self.MOST)
        self._one = ThreadPoolExecutor(1, "telling")

    def ring(self, tell: Callable[[], None]) -> None:
        """Have somebody told, if it can be soon."""
        if self._room.acquire(blocking=False):
            self._one.submit(self._told, tell)

    def stop(self) -> None:
        """Tell nobody any more."""
        self._one.shutdown(cancel_futures=True)

    def _told(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        finally:
            self._room.release()


@dataclass(frozen=True, slots=True)
class Door:
    """Acknowledges what comes in, and tells whoever has to wait that it will take a while."""

    crew: Crew
    bell: Bell

    def __call__(self, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        """What Bolt calls where something comes in."""
        wait = self.crew.wait_s()
        if wait <= PATIENCE_S:
            ack()
        elif "command" in body:
            # Slack shows this by itself: it is none of the five answers that a command may have.
            ack(text=busy_text(wait), response_type="ephemeral")
        else:
            ack()
            self.bell.ring(partial(_tell, body, respond, client, busy_text(wait)))

    def late(self, body: Body) -> bool:
        """Whether Slack would not take an answer any more."""
        late = bool(body.get("response_url")) and self.crew.waited_s() > RESPOND_S
        if late:
            _log.warning("an answer would have come too late", waited_s=self.crew.waited_s())
        return late


def busy_text(wait_s: float) -> str:
    """What is told to whoever waits so long."""
    if wait_s > RESPOND_S:
        return "Busy: an answer would come too late. Ask again in half an hour."
    if wait_s > 90:  # noqa: PLR2004 from there on people count in minutes
        return f"Busy: your answer comes within about {ceil(wait_s / 60)} minutes."
    return f"Busy: your answer comes within about {5 * ceil(wait_s / 5)} s."


def _tell(body: Body, respond: Respond, client: WebClient, text: str) -> None:
    """Tell it to whoever pressed something, or in the thread of what was asked."""
    try:
        if body.get("response_url"):
            respond(text=text, response_type="ephemeral", replace_original=False)
        elif agent.asks(event := body.get("event") or {}):
            # Slack puts the app's name before it.
            agent.status(client, event, f"is {text[:1].lower()}{text[1:]}")
    except (SlackClientError, OSError, ValueError) as error:
        _log.info("could not tell that it takes a while", error=type(error).__name__)
