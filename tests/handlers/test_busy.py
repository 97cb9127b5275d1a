"""Who has to wait is told so at once; what would come too late for Slack is not begun."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from slack_bolt import Ack, BoltResponse, Respond
from slack_sdk import WebClient

from handlers.busy import PATIENCE_S, RESPOND_S, Bell, Crew, Door, busy_text
from handlers.slack import _later
from tests.handlers.test_slack import wait_for
from tests.world.limits import Clock
from tests.world.site import Answer, Asked, Site
from tests.world.workspace import TOKEN, Workspace


class Acked(Ack):
    """Slack's end of an acknowledgement."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []

    def __call__(self, *_: Any, **words: Any) -> BoltResponse:
        self.said.append(words)
        return BoltResponse(status=200)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crew(clock: Clock) -> Iterator[Crew]:
    with Crew(2, clock) as made:
        yield made


@pytest.fixture
def held(crew: Crew) -> Iterator[Callable[[int], None]]:
    """Gives the crew work that lasts until the test is over."""
    over = threading.Event()

    def hold(count: int) -> None:
        for _ in range(count):
            crew.submit(over.wait, 20)

    yield hold
    over.set()


@pytest.fixture
def bell() -> Iterator[Bell]:
    made = Bell()
    yield made
    made.stop()


@pytest.fixture
def slack() -> Iterator[tuple[Workspace, WebClient, str]]:
    workspace = Workspace()
    with Site(workspace.respond) as site:
        client = WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[])
        yield workspace, client, site.url


def running(crew: Crew, count: int) -> None:
    wait_for(lambda: len(crew._running) == count)


def test_whoever_need_not_wait_is_told_nothing(crew, bell, slack):
    _, client, _ = slack
    ack = Acked()
    Door(crew, bell)(ack, {"command": "/groundswell"}, Respond(response_url=None), client)
    assert ack.said == [{}]


def test_a_command_that_has_to_wait_is_told_so_with_its_acknowledgement(
    crew, clock, bell, held, slack
):
    _, client, _ = slack
    held(2)
    running(crew, 2)
    clock.now += 10
    ack = Acked()
    Door(crew, bell)(ack, {"command": "/groundswell"}, Respond(response_url=None), client)
    text = "Busy: your answer comes within about 20 s."
    assert ack.said == [{"text": text, "response_type": "ephemeral"}]


def test_a_button_is_acknowledged_and_told_by_its_address(crew, clock, bell, held):
    told: list[dict[str, Any]] = []

    def respond(asked: Asked) -> Answer:
        told.append(json.loads(asked.body))
        return Answer(body=b"ok")

    held(2)
    running(crew, 2)
    clock.now += 10
    ack = Acked()
    with Site(respond) as site:
        url = f"{site.url}/respond"
        body = {"type": "block_actions", "response_url": url}
        Door(crew, bell)(ack, body, Respond(response_url=url), WebClient())
        assert ack.said == [{}]
        wait_for(lambda: bool(told))
    assert told[0]["text"].startswith("Busy: ")
    assert told[0]["replace_original"] is False


@pytest.mark.parametrize("event", ["app_mention", "message"])
def test_a_question_is_told_in_its_thread(crew, clock, bell, held, slack, event):
    workspace, client, _ = slack
    held(2)
    running(crew, 2)
    clock.now += 10
    asked = {"type": event, "channel": "D0ANN", "channel_type": "im", "ts": "5.5", "user": "U0ANN"}
    Door(crew, bell)(Acked(), {"event": asked}, Respond(response_url=None), client)
    wait_for(lambda: bool(workspace.calls))
    ((method, given),) = workspace.calls
    assert method == "assistant.threads.setStatus"
    assert (given["thread_ts"], given["status"][:8]) == ("5.5", "is busy:")


def test_what_nobody_waits_for_is_told_to_nobody(crew, clock, bell, held, slack):
    workspace, client, _ = slack
    held(2)
    running(crew, 2)
    clock.now += 10
    message = {"type": "message", "channel": "C0HELP", "channel_type": "channel", "ts": "5.5"}
    Door(crew, bell)(Acked(), {"event": message}, Respond(response_url=None), client)
    rung = threading.Event()
    bell.ring(rung.set)
    assert rung.wait(10)
    assert workspace.calls == []


def test_who_would_be_told_only_after_many_others_is_told_nothing(bell: Bell):
    over, told = threading.Event(), list[int]()

    def tell(number: int) -> None:
        over.wait(10)
        told.append(number)

    for number in range(3 * Bell.MOST):
        bell.ring(partial(tell, number))
    over.set()
    wait_for(lambda: len(told) == Bell.MOST)
    wait_for(lambda: bell._room._value == Bell.MOST)
    bell.ring(partial(tell, 99))
    wait_for(lambda: told[-1] == 99)
    assert told[:-1] == list(range(Bell.MOST))


def test_the_longer_answers_take_and_the_more_wait_the_longer_it_is_said_to_last(crew, clock, held):
    assert crew.wait_s() < PATIENCE_S
    held(2)
    running(crew, 2)
    clock.now += 4
    first = crew.wait_s()
    held(4)
    more = crew.wait_s()
    clock.now += 4
    assert first < more < crew.wait_s()


def test_how_long_answers_take_is_learned(crew, clock):
    def work() -> None:
        clock.now += 3

    for _ in range(20):
        crew.submit(work).result()
        time.sleep(0)
    assert 2.5 < crew.wait_s() < 3.5


def test_what_would_come_too_late_for_slack_is_not_begun_and_events_always_are(clock, bell):
    done: list[str] = []
    over = threading.Event()
    with Crew(1, clock) as crew:
        crew.submit(over.wait, 20)
        running(crew, 1)
        (work,) = _later(lambda body: done.append(body["name"]), Door(crew, bell))["lazy"]
        crew.submit(work, body={"name": "command", "response_url": "https://example.org"})
        crew.submit(work, body={"name": "event"})
        clock.now += RESPOND_S + 1
        over.set()
    assert done == ["event"]


@pytest.mark.parametrize(
    ("wait", "text"),
    [
        (5.1, "Busy: your answer comes within about 10 s."),
        (90, "Busy: your answer comes within about 90 s."),
        (91, "Busy: your answer comes within about 2 minutes."),
        (RESPOND_S + 1, "Busy: an answer would come too late. Ask again in half an hour."),
    ],
)
def test_how_long_it_takes_is_told_in_round_figures(wait: float, text: str):
    assert busy_text(wait) == text
