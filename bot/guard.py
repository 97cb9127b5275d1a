"""Where a request may really go, checked as it connects, and how long it may take.

Checking an address and then letting the client resolve the name again is the classic hole (DNS
rebinding), so the one that was checked is the one that is connected to.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore2

from bot.errors import SourceError

Address = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_UNICAST = ip_network("2000::/3")
"""All that was ever given out of IPv6; the rest is reserved, or was once for private use."""

_NEVER = (
    # These, Python's list of private networks leaves out, wholly or in some of its versions.
    ip_network("192.0.0.0/24"),  # IETF protocol assignments; one cloud's metadata among them
    ip_network("192.88.99.0/24"),  # the relays of 6to4, given up
    ip_network("168.63.129.16/32"),  # one cloud's own services, seen from its machines only
    ip_network("3fff::/20"),  # documentation
)

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything read or written inside, together, takes at most this long."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def public(address: Address) -> bool:
    """Whether an address, and any IPv4 address translated inside it, is on the public internet."""
    if isinstance(address, IPv6Address):
        inside = list(_inside(address))
        if not all(map(public, inside)) or not (inside or address in _UNICAST):
            return False
    never = address.is_multicast or any(address in network for network in _NEVER)
    return address.is_global and not never


def _inside(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64, compatible."""
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _COMPATIBLE or address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to public addresses only, or to the hosts that the operator has allowed by name."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of the host that may be connected to and answers.

        Raises:
            SourceError: permanent, if there is none that may be.
        """
        connect = partial(
            self._network.connect_tcp,
            port=port,
            local_address=local_address,
            socket_options=socket_options,
        )
        *others, last = permitted(host, port, self._allowed)
        for address in others:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return _TimedStream(connect(str(address), timeout=_bounded(timeout)))
        return _TimedStream(connect(str(last), timeout=_bounded(timeout)))


def permitted(host: str, port: int, allowed_hosts: frozenset[str]) -> list[Address]:
    """The addresses of a host that may be connected to: at least one, in their order.

    `allowed_hosts` are in lower case. Raises ConnectError, or SourceError if none may be.
    """
    addresses = resolve(host, port)
    if host.lower() in allowed_hosts:
        return addresses
    found = [address for address in addresses if public(address)]
    if not found:
        raise SourceError(
            f"{host} is a private address ({addresses[0]}), which is not read. If it is your "
            "own, name the host under allowed_hosts in [http] of groundswell.toml.",
            permanent=True,
        )
    return found


Connection = socket.socket


def dial(host: str, port: int, allowed_hosts: frozenset[str], timeout: float) -> Connection:
    """A connection for what is not HTTP, to the same addresses and no others.

    Raises:
        SourceError: there is no address that may be connected to.
        OSError: none of them answers.
    """
    try:
        allowed = frozenset(name.lower() for name in allowed_hosts)
        *others, last = permitted(host, port, allowed)
    except httpcore2.ConnectError as error:
        raise SourceError(f"no address known for {host}") from error
    for address in others:
        with suppress(OSError):
            return socket.create_connection((str(address), port), timeout)
    return socket.create_connection((str(last), port), timeout)


@contextmanager
def cut_off(connection: Connection, seconds: float) -> Iterator[threading.Event]:
    """After that long the connection is shut: whatever waits on it inside fails at once.

    A time-out bounds each read; this bounds them together. The event is set if it came to that.
    """
    over = threading.Event()

    def shut() -> None:
        over.set()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        timer.join()


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the system's order. Raises ConnectError if there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise httpcore2.ConnectError(f"no address known for {host}") from error
    # The scope of a link-local address ("fe80::1%eth0") changes nothing about where it leads.
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


class _TimedStream(httpcore2.NetworkStream):
    """A connection on which no wait outlasts the deadline of the request that is under way."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _bounded(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _bounded(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, _bounded(timeout)))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 as the base class has it
        return self._stream.get_extra_info(info)


def _bounded(timeout: float | None) -> float | None:
    """The time-out, or what is left until the deadline if that is less."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the whole request took too long")
    return left if timeout is None else min(timeout, left)
