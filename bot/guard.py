"""Where a request may really go, checked as it connects, and how long it may take.

Checking an address and then letting the client resolve the name again is the classic hole (DNS
rebinding), so the one that was checked is the one that is connected to.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore2

from bot.errors import SourceError

Address = IPv4Address | IPv6Address

_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ip_network("::/96")

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
    if isinstance(address, IPv6Address) and not all(map(public, _inside(address))):
        return False
    return address.is_global and not address.is_multicast


def _inside(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64, compatible."""
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
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
        """Connect to the first address of the host that may be connected to.

        Raises:
            SourceError: permanent, if there is none.
        """
        address = self._chosen(host, port)
        stream = self._network.connect_tcp(
            str(address), port, _bounded(timeout), local_address, socket_options
        )
        return _TimedStream(stream)

    def _chosen(self, host: str, port: int) -> Address:
        addresses = resolve(host, port)
        if host.lower() in self._allowed:
            return addresses[0]
        found = next((address for address in addresses if public(address)), None)
        if found is None:
            raise SourceError(
                f"{host} is a private address ({addresses[0]}), which is not read. If it is your "
                "own, name the host under allowed_hosts in [http] of groundswell.toml.",
                permanent=True,
            )
        return found


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the system's order. Raises ConnectError if there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
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
