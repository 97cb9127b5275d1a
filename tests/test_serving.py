"""`groundswell serve`: over a socket of loopback, until a signal comes."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer

from bot import settings
from bot.app import wall_clock
from bot.checks import check_all
from bot.cli import serving
from bot.cli.call import Call, options
from bot.cli.serving import listen
from bot.errors import GroundswellError
from bot.http import Http
from bot.pipeline import Pipeline
from bot.sources.github.adapter import Github
from bot.understand.cluster import AverageTree
from handlers.webhooks import BODY_MOST, GITHUB, HEALTH, Webhooks
from tests.builders import NOW
from tests.cli import logs_left_alone, set_nothing
from tests.fakes import WordHashing

SECRET = "it is no secret here"  # noqa: S105 of nobody's
ISSUE = {
    "number": 12,
    "title": "It crashes",
    "created_at": "2026-03-01T10:00:00Z",
    "html_url": "https://github.example/acme/tool/issues/12",
}
DELIVERY = {
    "action": "opened",
    "issue": ISSUE,
    "repository": {"full_name": "acme/tool", "private": False},
}
CONFIGURED = '[http]\ncontact = "me@example.org"\n[sources.github]\nrepos = ["acme/tool"]\n'


def while_serving(
    application: Any, visit: Callable[[str], Any], how: signal.Signals = signal.SIGTERM
) -> Any:
    """What a visitor saw, who stops the server in the end by a signal."""
    seen: list[Future[Any]] = []

    def visited(where: str) -> Any:
        try:
            return visit(where)
        finally:
            os.kill(os.getpid(), how)

    with ThreadPoolExecutor(1) as threads:
        listen(
            application, "127.0.0.1", 0, lambda where: seen.append(threads.submit(visited, where))
        )
    return seen[0].result()


def ask(
    where: str, path: str, body: Any = None, method: str = "POST", **headers: str
) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(where).netloc, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def signed(body: bytes) -> dict[str, str]:
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "content_type": "application/json",
        "x_github_event": "issues",
        "x_github_delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x_hub_signature_256": f"sha256={signature}",
    }


@pytest.fixture
def application(store) -> Iterable[Webhooks]:
    http = Http()
    source = Github(http=http, now=lambda: NOW, repos=("acme/tool",))
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {"github": source}, lambda: NOW)
    yield Webhooks(pipeline, SECRET)
    http.close()


def test_a_delivery_comes_in_over_a_socket_and_the_server_stops_when_told(application):
    body = json.dumps(DELIVERY).encode()

    def visit(where: str) -> list[tuple[int, str]]:
        return [
            ask(where, HEALTH, method="GET"),
            ask(where, GITHUB, body, **signed(body)),
            ask(where, GITHUB, body + b" ", **signed(body)),
            ask(where, "/elsewhere", method="GET"),
        ]

    assert while_serving(application, visit) == [
        (200, "ok\n"),
        (202, "accepted\n"),
        (401, "the signature is missing or wrong\n"),
        (404, "there is nothing here\n"),
    ]
    assert application.pipeline.store.posts.count(NOW) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_both_signals_stop_it_and_are_what_they_were_afterwards(application, how):
    before = signal.getsignal(signal.SIGTERM)
    health = while_serving(application, lambda where: ask(where, HEALTH, method="GET"), how)
    assert health[0] == 200
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_is_under_way_when_it_is_told_to_stop_is_finished(application: Webhooks):
    """The application itself tells the server to stop, and then takes the delivery."""
    body = json.dumps(DELIVERY).encode()

    def stopping(environ: Any, start_response: Any) -> Iterable[bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        return application(environ, start_response)

    with ThreadPoolExecutor(1) as threads:
        got: list[Future[tuple[int, str]]] = []
        listen(
            stopping,
            "127.0.0.1",
            0,
            lambda where: got.append(threads.submit(ask, where, GITHUB, body, **signed(body))),
        )
        assert got[0].result() == (202, "accepted\n")
    assert application.pipeline.store.posts.count(NOW) == 1


def test_a_body_that_is_too_large_is_refused_by_its_length(application):
    def visit(where: str) -> tuple[int, str]:
        return ask(where, GITHUB, b"", content_length=str(BODY_MOST + 1))

    assert while_serving(application, visit)[0] == 413


def test_a_body_in_chunks_is_not_taken_without_a_signature(application):
    def visit(where: str) -> int:
        return ask(where, GITHUB, iter([b"{", b"}"]))[0]

    assert while_serving(application, visit) == 401


def test_the_server_does_not_tell_what_it_is(application):
    def visit(where: str) -> bytes:
        address = urlsplit(where)
        with socket.create_connection((address.hostname, address.port), timeout=10) as wire:
            wire.sendall(f"GET {HEALTH} HTTP/1.0\r\n\r\n".encode())
            return b"".join(iter(lambda: wire.recv(65_536), b""))

    answer = while_serving(application, visit)
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"waitress" not in answer.lower()


def no_application(_environ: Any, _start_response: Any) -> Iterable[bytes]:
    raise AssertionError("nobody asks")


def test_a_port_that_is_taken_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(GroundswellError, match=rf"cannot listen on 127.0.0.1:{port}: .*in use"):
            listen(no_application, "127.0.0.1", port, print)


def test_an_address_that_is_none_is_told_in_one_line():
    with pytest.raises(GroundswellError, match=r"cannot listen on 192\.0\.2\.1:8080: "):
        listen(no_application, "192.0.2.1", 8080, print)


# The command


@pytest.fixture
def served(tmp_path, monkeypatch) -> Callable[..., tuple[Webhooks, str, int]]:
    """What the command would have served, and where."""
    set_nothing(monkeypatch, tmp_path)
    (tmp_path / "groundswell.toml").write_text(CONFIGURED)
    calls: list[tuple[Webhooks, str, int]] = []
    monkeypatch.setattr(serving, "listen", lambda *words: calls.append(words[:3]))

    def run(*words: str) -> tuple[Webhooks, str, int]:
        cli = typer.Typer()
        cli.callback()(options)
        cli.command("serve")(serving.serve)
        with logs_left_alone():
            cli(
                ["--database", f"sqlite:///{tmp_path}/t.db", "serve", *words], standalone_mode=False
            )
        return calls[-1]

    return run


def test_the_command_serves_the_configured_source_with_the_secret(served, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", SECRET)
    application, host, port = served()
    assert (host, port, application.secret) == ("127.0.0.1", 8080, SECRET)
    assert application.pipeline.sources.keys() == {"github"}
    assert "GITHUB_WEBHOOK_SECRET" not in capsys.readouterr().err


def test_the_command_listens_where_it_is_told_and_says_that_a_secret_is_missing(served, capsys):
    application, host, port = served("--host", "0.0.0.0", "--port", "9000")  # noqa: S104 nothing listens
    assert (host, port, application.secret) == ("0.0.0.0", 9000, "")  # noqa: S104 see above
    assert "GITHUB_WEBHOOK_SECRET" in capsys.readouterr().err


def test_the_call_has_what_the_command_asks_of_it():
    """It is handed over untyped."""
    assert {"settings", "pipeline"} <= set(dir(Call))


# The check


@pytest.mark.parametrize(
    ("secret", "toml", "ok", "says"),
    [
        ("", CONFIGURED, True, "no secret set"),
        ("  ", CONFIGURED, True, "no secret set"),
        ("x" * 16, CONFIGURED, True, "the secret is set"),
        ("x" * 15, CONFIGURED, False, "short enough to guess"),
        ("x" * 16, "", False, "GitHub is not read here"),
    ],
)
def test_the_secret_is_judged_by_its_length_and_never_shown(
    tmp_path, monkeypatch, secret, toml, ok, says
):
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.setattr("bot.checks.MiniLM", WordHashing)
    monkeypatch.setattr("bot.checks._sources", lambda *_: iter(()))
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", secret)
    (tmp_path / "groundswell.toml").write_text(toml)
    found = check_all(settings.load(), f"sqlite:///{tmp_path}/t.db", wall_clock)
    (one,) = (check for check in found if check.check == "webhooks")
    assert (one.ok, bool(one.fix)) == (ok, not ok)
    assert says in one.detail
    assert "xxxx" not in repr(found)
