from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from bot.errors import SourceError
from bot.guard import cut_off, dial

PUBLIC = ("2606:4700:4700::1111", "1.1.1.1")


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        yield listener


@pytest.fixture
def port(listener) -> int:
    return int(listener.getsockname()[1])


@pytest.fixture
def names(monkeypatch) -> dict[str, tuple[str, ...]]:
    """A resolver that asks nobody: it knows these names, and what is a number."""
    known: dict[str, tuple[str, ...]] = {}

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, (each, port)) for each in known.get(host.lower(), (host,))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def dialled(monkeypatch) -> list[str]:
    """The addresses that are tried, on a network where the last public one answers."""
    tried: list[str] = []

    def create_connection(address: tuple[str, int], timeout: float) -> str:
        tried.append(address[0])
        if address[0] != PUBLIC[1]:
            raise ConnectionRefusedError
        return f"connected to {address[0]} within {timeout}"

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return tried


def test_an_allowed_host_is_connected_to_by_its_name(names, listener, port):
    names["intern.test"] = ("127.0.0.1",)
    with dial("Intern.test", port, frozenset({"intern.TEST"}), 1.0) as connection:
        listener.accept()[0].close()
        assert connection.getpeername() == ("127.0.0.1", port)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"]
)
def test_any_other_private_one_is_refused_before_it_hears_of_it(names, listener, port, host):
    names["localhost"] = ("127.0.0.1",)
    with pytest.raises(SourceError, match=r"is a private address.*allowed_hosts in \[http\]"):
        dial(host, port, frozenset({"intern.test"}), 1.0)
    with pytest.raises(TimeoutError):
        listener.accept()


def test_of_several_addresses_only_the_public_ones_are_tried(names, dialled):
    names["mixed.test"] = ("127.0.0.1", *PUBLIC, "10.0.0.1")
    assert str(dial("mixed.test", 993, frozenset(), 7.0)) == "connected to 1.1.1.1 within 7.0"
    assert dialled == list(PUBLIC)


def test_that_none_answers_is_told_as_the_network_does(names, dialled):
    names["closed.test"] = (PUBLIC[0],)
    with pytest.raises(OSError):  # noqa: PT011 whichever the network says
        dial("closed.test", 993, frozenset(), 1.0)


def test_a_name_without_an_address_is_told(monkeypatch):
    def nobody(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(SourceError, match=r"no address known for nowhere\.test"):
        dial("nowhere.test", 993, frozenset(), 1.0)


class TestCutOff:
    def test_what_waits_too_long_is_woken(self):
        ours, theirs = socket.socketpair()
        with ours, theirs, cut_off(ours, 0.05) as over:
            assert ours.recv(1) == b""
            assert over.is_set()

    def test_what_is_done_in_time_is_left_alone(self):
        threads = threading.active_count()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with cut_off(ours, 30.0) as over:
                pass
            theirs.sendall(b"x")
            assert ours.recv(1) == b"x"
        assert not over.is_set()
        assert threading.active_count() == threads

    def test_a_connection_that_is_closed_already_harms_nobody(self):
        ours, theirs = socket.socketpair()
        theirs.close()
        with cut_off(ours, 0.01) as over:
            ours.close()
            assert over.wait(5)
