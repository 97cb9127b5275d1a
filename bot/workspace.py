"""The bot in Slack, until it is stopped: Socket Mode, and the schedule beside it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.error import BoltError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.deliveries import AT_ONCE, Subscription
from bot.errors import GroundswellError, SlackError
from bot.model import Audience
from bot.pipeline import Pipeline
from bot.pipeline.charting import picture_of
from bot.pipeline.delivering import ALERTS, Delivering
from bot.pipeline.telling import Telling
from bot.rights import Right, Rights
from bot.schedule import Courier, Reading, scheduler
from bot.slack.blocks import Blocks
from bot.slack.checking import no_answer
from bot.slack.oauth import OVER
from bot.slack.outbox import Sender
from bot.slack.people import People
from bot.slack.poster import SlackPoster
from handlers.busy import Bell, Crew, Door
from handlers.desk import Desk
from handlers.slack import Handlers, register
from handlers.slack_http import SlackHttp

TIMEOUT_S = 30
PING_S = 0.5
"""How often the connection is looked at; a silent one is given up after three seconds."""

WORKERS = 5
"""Who answers at once; what more is asked waits, acknowledged."""

APP_SECRETS = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")

LOST_S = 120
"""How long Slack may be out of reach before the process ends, for a supervisor to start anew: a
connection that does not come back by itself is not mended from inside."""


@dataclass(frozen=True, slots=True)
class Access:
    """What is needed to be in a workspace: for Socket Mode an app's token, for HTTP a secret."""

    bot_token: str = field(repr=False)
    api_url: str
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    capture: str = ""
    """By which reaction a message is filed; empty: by none."""
    alerts_an_hour: int = ALERTS
    """How many alerts a channel gets."""
    mend: str = (
        "Copy the Bot User OAuth Token from api.slack.com/apps > OAuth & Permissions to "
        "SLACK_BOT_TOKEN."
    )
    """Where another token comes from, if Slack does not take this one."""


def connected(access: Access, workers: Executor) -> App:
    """A Bolt app that Slack knows. Raises SlackError if it does not, or is out of reach.

    It acknowledges where a request comes in, whatever the workers have to do.
    """
    client = WebClient(
        token=access.bot_token, base_url=access.api_url, timeout=TIMEOUT_S, retry_handlers=[]
    )
    try:
        with one_team():
            return App(
                client=client,
                signing_secret=access.signing_secret or None,
                process_before_response=True,
                listener_executor=workers,
            )
    except BoltError as error:
        why = _why(error)
        raise SlackError(
            f"Slack does not take the bot's token: {why}. {access.mend}", permanent=why in OVER
        ) from error
    except (SlackClientError, OSError) as error:
        raise SlackError(f"Slack is out of reach: {no_answer(client, error)}") from error
    except Exception as error:  # a broken answer has as many forms as the client has layers
        raise SlackError(f"Slack's answer cannot be read ({type(error).__name__})") from error


@contextmanager
def one_team() -> Iterator[None]:
    """Keep Bolt from installing by itself: where it sees an app's secrets it drops the token.

    To be entered before there are other threads, which may read the environment meanwhile.
    """
    kept = {name: os.environ.pop(name) for name in APP_SECRETS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _why(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__ or error
    if not isinstance(cause, SlackApiError):
        return str(error)
    told = cause.response.data
    return str(told.get("error")) if isinstance(told, dict) else "what it says cannot be read"


def run(
    pipeline: Pipeline,
    rights: Rights,
    access: Access,
    reading: Reading,
    stop: threading.Event,
    report: Callable[[str], None],
) -> None:
    """Answer and tell until `stop` is set; the sources are read meanwhile.

    Raises:
        GroundswellError: Slack takes a token not, or was out of reach for too long.
    """
    with (
        _working(pipeline, rights, access, reading) as app,
        _listening(app, access) as socket,
    ):
        report("Connected to Slack.")
        _watch(socket, stop)


@contextmanager
def over_http(
    pipeline: Pipeline,
    rights: Rights,
    access: Access,
    reading: Reading,
) -> Iterator[SlackHttp]:
    """What takes Slack's requests, while it is entered; the schedule runs beside it.

    Raises:
        GroundswellError: Slack does not take the token.
    """
    with _working(pipeline, rights, access, reading) as app:
        yield SlackHttp(app, access.signing_secret, pipeline.store, pipeline.clock)


@contextmanager
def _working(
    pipeline: Pipeline,
    rights: Rights,
    access: Access,
    reading: Reading,
) -> Iterator[App]:
    """A Bolt app that knows what to do, and the schedule."""
    workers, bell = Crew(WORKERS), Bell()
    app = connected(access, workers)
    # A channel's members change, and what is said goes on: what everybody can read is told alone.
    pipeline = replace(pipeline, audience=Audience())
    sender = Sender(pipeline.store, SlackPoster(app.client), pipeline.clock)
    desk = Desk(pipeline, rights, sender, People(app.client), access.capture)
    its = register(app, desk, Door(workers, bell))
    contacts = rights.given.get(Right.SECURITY, frozenset())
    ours = courier(pipeline, app, access.alerts_an_hour, contacts)
    with _scheduled(ours, app, its, reading):
        try:
            yield app
        finally:
            # Events that still wait are in the inbox; a command is asked again by whoever cares.
            workers.shutdown(cancel_futures=True)
            bell.stop()


def courier(
    pipeline: Pipeline,
    app: App,
    alerts_an_hour: int = ALERTS,
    contacts: Collection[str] = (),
) -> Courier:
    """What tells channels what they subscribed to, and security contacts what is for them alone."""

    def telling(its: Subscription) -> Telling:
        told = pipeline.telling()
        # What is told at once has no times of its own.
        return told if its.asks in AT_ONCE else replace(told, zone=its.zone)

    delivering = Delivering(
        pipeline.store,
        telling,
        Blocks(),
        pipeline.writer,
        picture_of,
        alerts_an_hour,
        contacts,
    )
    return Courier(pipeline.store, delivering, SlackPoster(app.client), pipeline.clock)


@contextmanager
def _scheduled(ours: Courier, app: App, its: Handlers, reading: Reading) -> Iterator[None]:
    jobs = scheduler(ours, reading)
    now = datetime.now(UTC)
    jobs.add_job(its.overdue, "interval", seconds=10, args=[app.client], next_run_time=now)
    jobs.start()
    try:
        yield
    finally:
        ours.stopping.set()
        reading.stop()
        # A post that is under way could not be seen yet by whoever leads next.
        jobs.shutdown(wait=True)
        ours.resign()


@contextmanager
def _listening(app: App, access: Access) -> Iterator[SocketModeHandler]:
    socket = SocketModeHandler(app, access.app_token, web_client=app.client, ping_interval=PING_S)
    try:
        socket.connect()  # type: ignore[no-untyped-call]  # Bolt's is not typed
    except SlackApiError as error:
        raise GroundswellError(
            f"Slack does not take SLACK_APP_TOKEN: {error.response.get('error')}. Make one with "
            "connections:write at api.slack.com/apps > Basic Information > App-Level Tokens."
        ) from error
    except (SlackClientError, OSError) as error:
        raise SlackError(f"Slack is out of reach: {no_answer(app.client, error)}") from error
    try:
        yield socket
    finally:
        with suppress(OSError):
            socket.close()  # type: ignore[no-untyped-call]  # see above


def _watch(socket: SocketModeHandler, stop: threading.Event, step_s: float = 1.0) -> None:
    """Wait until we shall stop. Raises SlackError if Slack stays away."""
    lost = 0.0
    while not stop.wait(step_s):
        lost = 0.0 if socket.client.is_connected() else lost + step_s
        if lost > LOST_S:
            raise SlackError(f"no connection to Slack for {LOST_S} s: start again")
