"""An account on a mail server: a guarded connection to it, over TLS, logged in."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bot.errors import SourceError
from bot.guard import Connection, dial
from bot.sources.mail.server import Imap, Server, bounded

CONNECT_S, READ_S, STEP_S = 10.0, 20.0, 300.0
"""For a connection, for each read, and for all of one step."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose mail it is. `context` makes TLS; None goes without, which only tests do."""

    name: str
    """What errors call the source."""
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    allowed_hosts: frozenset[str] = frozenset()
    context: Callable[[], ssl.SSLContext] | None = ssl.create_default_context
    read_s: float = READ_S
    step_s: float = STEP_S


@contextmanager
def opened(account: Account) -> Iterator[Server]:
    """The server, logged in; the connection closes behind it. Raises SourceError."""
    where = f"{account.name}: {account.host}"
    try:
        connection = dial(account.host, account.port, account.allowed_hosts, CONNECT_S)
    except OSError as error:
        raise SourceError(f"{where} could not be reached") from error
    connection.settimeout(account.read_s)
    if account.context:
        connection = _encrypted(connection, account, where)
    # If it fails, imaplib closes the connection that it was given.
    with bounded(connection, account.step_s, f"{where} does not speak IMAP"):
        imap = Imap(connection)
    try:
        server = Server(where, imap, account.step_s)
        server.log_in(account.user, account.password)
        yield server
        server.log_out()
    finally:
        with suppress(OSError):
            imap.shutdown()


def _encrypted(connection: Connection, account: Account, where: str) -> ssl.SSLSocket:
    """The connection over TLS, with a server that could prove to be the host."""
    context = account.context() if account.context else ssl.create_default_context()
    secured = context.wrap_socket(
        connection, server_hostname=account.host, do_handshake_on_connect=False
    )
    try:
        with bounded(secured, account.step_s, f"{where} could not be reached over TLS"):
            secured.do_handshake()
    except SourceError as error:
        secured.close()
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            raise SourceError(
                f"{where} cannot prove who it is: its certificate does not hold", permanent=True
            ) from error
        raise
    return secured
