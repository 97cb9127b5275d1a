"""`groundswell serve`: deliveries over HTTP, until somebody stops it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any
from wsgiref.types import WSGIApplication

import typer

from bot import app
from bot.cli.call import Call
from bot.errors import GroundswellError, SettingsError
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.terminal import tell
from handlers.webhooks import BODY_MOST, GITHUB, NO_SECRET, Webhooks

if TYPE_CHECKING:
    from bot.schedule import Reading

IDLE_S = 30
"""How long a connection may say nothing."""


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="An address of this machine; TLS is a proxy's affair.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8080,
) -> None:
    """Take what GitHub delivers and, with its secret, Slack, until Ctrl-C or SIGTERM."""
    call = context.obj
    if call.settings.file.slack.oauth:
        _serve_several(call, host, port)
        return
    kept = call.settings.secrets.github_webhook_secret
    pipeline = call.pipeline()
    webhooks = Webhooks(pipeline, kept.get_secret_value() if kept else "")
    if not webhooks.secret.strip():
        tell(f"{NO_SECRET}: set GITHUB_WEBHOOK_SECRET, until then every delivery is refused")
    with _with_slack(call.settings, pipeline, webhooks, call.reading) as (application, paths):
        listen(application, host, port, lambda where: tell(_listening(where, paths)))


def _serve_several(call: Call, host: str, port: int) -> None:
    """Serve all the workspaces that installed the app, and have others install it."""
    if call.database:
        raise SettingsError("--database: with [slack.oauth] each workspace has one of its own")
    from bot import workspaces  # noqa: PLC0415 Bolt is slow to import, and few need it here
    from handlers.slack_http import Paths  # noqa: PLC0415 see above
    from handlers.teams import elsewhere  # noqa: PLC0415 see above

    with workspaces.several(call.settings, call.clock) as ours:
        listen(
            Paths(ours, elsewhere), host, port, lambda where: tell(_listening(where, list(ours)))
        )


def _listening(where: str, paths: Sequence[str]) -> str:
    return f"Listening on {', '.join(f'{where}{path}' for path in paths)}"


@contextmanager
def _with_slack(
    settings: Settings,
    pipeline: Pipeline,
    webhooks: WSGIApplication,
    reading: Callable[[], Reading],
) -> Iterator[tuple[WSGIApplication, list[str]]]:
    """The application with Slack beside the webhooks, if Slack's secret is set; its paths."""
    secret, token = settings.secrets.slack_signing_secret, settings.secrets.slack_bot_token
    if not secret:
        yield webhooks, [GITHUB]
        return
    if not token:
        raise SettingsError("SLACK_BOT_TOKEN is missing: SLACK_SIGNING_SECRET alone is not enough")
    from bot import workspace  # noqa: PLC0415 Bolt is slow to import, and few need it here
    from handlers.slack_http import SLACK, Paths  # noqa: PLC0415 see above

    asked = settings.file.slack
    access = workspace.Access(
        token.get_secret_value(),
        asked.api_url,
        signing_secret=secret.get_secret_value(),
        capture=asked.capture,
        alerts_an_hour=asked.alerts_an_hour,
    )
    ours = app.in_slack(pipeline, settings)
    with workspace.over_http(ours, asked.rights.rights(), access, reading()) as slack:
        yield Paths({SLACK: slack}, webhooks), [GITHUB, SLACK]


def listen(
    application: WSGIApplication, host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Answer until SIGTERM or SIGINT; what is under way then has 5 s to end.

    `ready` is told the address, `http://HOST:PORT`, once it is answered there.

    Raises:
        GroundswellError: nothing can listen at that address.
    """
    with _stopped_by_signals(), _server(application, host, port) as server:
        ready(f"http://{host}:{_port(server)}")
        server.run()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C end what is inside quietly, also where a shell had us ignore Ctrl-C."""
    stops = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(stop, signal.default_int_handler) for stop in stops]
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for stop, handler in zip(stops, before, strict=True):
            signal.signal(stop, handler)


@contextmanager
def _server(application: WSGIApplication, host: str, port: int) -> Iterator[Any]:
    """A server that listens, and closes all its connections in the end."""
    from waitress import create_server  # type: ignore[import-untyped]  # noqa: PLC0415 no types; and no other command needs it

    connections: dict[int, Any] = {}
    try:
        try:
            server = create_server(
                application,
                map=connections,
                host=host,
                port=port,
                ident=None,
                channel_timeout=IDLE_S,
                max_request_body_size=BODY_MOST + 1,  # from there on it refuses
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "there is no such address"
            raise GroundswellError(f"cannot listen on {host}:{port}: {why}") from error
        yield server
    finally:
        for connection in list(connections.values()):
            connection.close()


def _port(server: Any) -> int:  # noqa: ANN401 waitress has no types
    """The port that was got; a name with two addresses listens on both."""
    listening = getattr(server, "effective_listen", None)
    return int(listening[0][1] if listening else server.effective_port)
