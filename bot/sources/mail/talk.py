"""A conversation with a mail server, in commands and answers: the real one is over imaplib.

https://www.rfc-editor.org/rfc/rfc9051
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from bot.errors import SourceError
from bot.guard import Connection, cut_off
from bot.sources.mail.posts import MAIL_MOST

Answer = tuple[str, Sequence[Any]]
"""OK or not, and what came with it: bytes, pairs of bytes (a mail and what is said of it), None."""

BROKEN = (
    OSError,
    EOFError,
    imaplib.IMAP4.error,
    # What imaplib fails with when a server answers what it does not expect.
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
)
"""What a step of a conversation can fail with."""


class Talk(Protocol):
    """All that we say to a mail server."""

    def ask(self, command: str, *arguments: str) -> Answer:
        """What it answers to CONNECT, LOGIN, EXAMINE, SEARCH, FETCH or LOGOUT, in that order.

        Raises:
            SourceError: it cannot be connected to.
            BROKEN: the conversation broke off; TimeoutError if it took too long.
        """
        ...

    def close(self) -> None:
        """Hang up, if it was connected."""
        ...


@contextmanager
def told(failing: str) -> Iterator[None]:
    """A step that fails with a SourceError that says so, and whether it took too long."""
    try:
        yield
    except BROKEN as error:
        late = ": it took too long" if isinstance(error, TimeoutError) else ""
        raise SourceError(f"{failing}{late}") from error


@contextmanager
def bounded(connection: Connection, seconds: float) -> Iterator[None]:
    """A step that takes no longer than that, or else a TimeoutError."""
    with cut_off(connection, seconds) as over:
        try:
            yield
        except BROKEN as error:
            if over.is_set():
                raise TimeoutError from error
            raise


class Imap(imaplib.IMAP4):
    """The protocol over a connection of ours, with no answer larger than what was asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__()

    def _create_socket(self, timeout: float | None) -> Connection:  # noqa: ARG002 ours has its own
        return self._connection

    def read(self, size: int) -> bytes:
        """So many bytes of an answer, unless nobody asked for that many."""
        if size > 2 * MAIL_MOST:
            raise self.abort("an answer larger than what was asked for")
        return super().read(size)

    def ask(self, command: str, *arguments: str) -> Answer:
        """As `Talk` has it, for one that is connected."""
        match command:
            case "LOGIN":
                return self.login(*arguments)
            case "EXAMINE":
                answer, _ = self.select(arguments[0], readonly=True)
                return answer, self.response("UIDVALIDITY")[1]
            case "LOGOUT":
                return self.logout()
            case _:
                return self.uid(command, *arguments)
