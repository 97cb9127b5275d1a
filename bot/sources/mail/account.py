"""An account on a mail server: a guarded connection to it, over TLS, logged in."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from bot.errors import SourceError
from bot.guard import Connection, dial
from bot.replay import Tape
from bot.sources.mail.server import Server
from bot.sources.mail.talk import Answer, Imap, Talk, bounded, told
from bot.sources.mail.taped import taped

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
    tape: Tape | None = field(default=None, repr=False)

    @property
    def where(self) -> str:
        """How errors begin."""
        return f"{self.name}: {self.host}"


@contextmanager
def opened(account: Account, folder: str) -> Iterator[Server]:
    """The server, logged in, to read a folder; the connection closes behind it.

    Raises SourceError.
    """
    talk: Talk = Direct(account)
    if account.tape:
        place = f"imap://{account.host}:{account.port}/{folder}"
        # A user is most often an address; one that is a word stands in innocent texts, too.
        private = filter(None, (account.password, account.user if "@" in account.user else ""))
        talk = taped(talk, account.tape, place, private)
    with closing(talk):
        server = Server(account.where, talk)
        server.log_in(account.user, account.password)
        yield server
        server.log_out()


class Direct:
    """The conversation itself, each step of it bounded."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._imap: Imap | None = None

    def ask(self, command: str, *arguments: str) -> Answer:
        """As `Talk` has it."""
        if self._imap is None:
            self._imap = _connected(self._account)
            return "OK", ()
        with bounded(self._imap.sock, self._account.step_s):
            return self._imap.ask(command, *arguments)

    def close(self) -> None:
        """Hang up, if it was connected."""
        if self._imap:
            with suppress(OSError):
                self._imap.shutdown()


def _connected(account: Account) -> Imap:
    """The server, which has greeted us. Raises SourceError."""
    try:
        connection = dial(account.host, account.port, account.allowed_hosts, CONNECT_S)
    except OSError as error:
        raise SourceError(f"{account.where} could not be reached") from error
    connection.settimeout(account.read_s)
    if account.context:
        connection = _encrypted(connection, account, account.context())
    # If it fails, imaplib closes the connection that it was given.
    with told(f"{account.where} does not speak IMAP"), bounded(connection, account.step_s):
        return Imap(connection)


def _encrypted(connection: Connection, account: Account, context: ssl.SSLContext) -> ssl.SSLSocket:
    """The connection over TLS, with a server that could prove to be the host."""
    secured = context.wrap_socket(
        connection, server_hostname=account.host, do_handshake_on_connect=False
    )
    failing = f"{account.where} could not be reached over TLS"
    try:
        with told(failing), bounded(secured, account.step_s):
            secured.do_handshake()
    except SourceError as error:
        secured.close()
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            raise SourceError(
                f"{account.where} cannot prove who it is: its certificate does not hold",
                permanent=True,
            ) from error
        raise
    return secured
