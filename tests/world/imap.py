"""A mail server on loopback: one account, one folder, and manners that a test can spoil.

It knows what a reader needs (LOGIN, EXAMINE, UID SEARCH, UID FETCH, LOGOUT) and notes whatever
would change something.
"""

from __future__ import annotations

import re
import shlex
import socket
import socketserver
import ssl
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count

from tests.world.loopback import Loopback

USER, PASSWORD = "reader@example.org", 'pass"word of nobody'
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 reads better


class ImapFault(StrEnum):
    """What goes wrong when a command comes, by its name; the greeting is one too."""

    NO = "no"
    """It is refused."""
    UNAVAILABLE = "unavailable"
    """It is refused for now."""
    BYE = "bye"
    """The server says goodbye and hangs up."""
    RESET = "reset"
    """The connection is reset."""
    STALL = "stall"
    """Nothing comes, until the site closes."""
    DRIP = "drip"
    """An endless answer, a byte every 10 ms: no single read times out."""
    GARBAGE = "garbage"
    """Something that is no answer."""
    HUGE = "huge"
    """A literal of many gigabytes is announced."""


@dataclass(slots=True)
class Kept:
    """A mail in the folder."""

    uid: int
    raw: bytes
    arrived: datetime


@dataclass
class ImapSite(Loopback):
    """A service over IMAP. `context` makes it talk TLS."""

    context: ssl.SSLContext | None = None
    folder: str = "INBOX"
    validity: int | None = 7
    mails: list[Kept] = field(default_factory=list)
    faults: dict[str, ImapFault] = field(default_factory=dict)
    """By command: GREETING, LOGIN, EXAMINE, SEARCH, FETCH, LOGOUT."""
    asked: list[str] = field(default_factory=list)
    """The command lines that came, passwords among them."""
    changes: list[str] = field(default_factory=list)
    """Commands that would have changed something."""
    before: Callable[[str], None] = lambda _command: None
    """Called before each command is answered."""
    _uids: Iterator[int] = field(default_factory=lambda: count(1))
    """No number is given twice."""

    def __post_init__(self) -> None:
        super().__init__(socketserver.ThreadingTCPServer, _Handler)

    def add(self, raw: bytes, arrived: datetime) -> Kept:
        """A mail comes in."""
        kept = Kept(next(self._uids), raw, arrived)
        self.mails.append(kept)
        return kept


class _Handler(socketserver.BaseRequestHandler):
    site: ImapSite
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.site.context:
                self.request = self.site.context.wrap_socket(self.request, server_side=True)
            self._talk()
        except OSError:
            return  # whoever asked has gone
        finally:
            self.request.close()

    def _talk(self) -> None:
        if not self._say("* OK at your service\r\n", "GREETING", ""):
            return
        with self.request.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.decode().strip().partition(" ")
                self.site.asked.append(command)
                self.site.before(command)
                if not self._answer(tag, command) or command == "LOGOUT":
                    return

    def _answer(self, tag: str, command: str) -> bool:
        """Answer a command; whether there is anybody left to talk to."""
        if command.startswith(("SELECT", "STORE", "UID STORE", "EXPUNGE", "UID COPY", "APPEND")):
            self.site.changes.append(command)
        for start, answer in ANSWERS.items():
            if command.startswith(start):
                name = start.rpartition(" ")[2]
                return self._say(answer(self.site, command, tag), name, tag)
        return self._say(f"{tag} BAD no such command\r\n", "", tag)

    def _say(self, answer: str | bytes, name: str, tag: str) -> bool:
        fault = self.site.faults.get(name)
        if fault in {ImapFault.NO, ImapFault.UNAVAILABLE}:
            code = "[UNAVAILABLE] " if fault is ImapFault.UNAVAILABLE else ""
            self.request.sendall(f"{tag or '*'} NO {code}<!channel> not today\r\n".encode())
        elif fault is ImapFault.BYE:
            self.request.sendall(b"* BYE gone\r\n")
            return False
        elif fault is ImapFault.RESET:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        elif fault is ImapFault.STALL:
            self.site.closing.wait(30)
            return False
        elif fault is ImapFault.DRIP:
            while not self.site.closing.wait(0.01):
                self.request.sendall(b"*")
            return False
        elif fault is ImapFault.GARBAGE:
            self.request.sendall(b"\xff\x00 nonsense ((( {x}\r\n" + f"{tag} YES\r\n".encode())
        elif fault is ImapFault.HUGE:
            self.request.sendall(b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\n")
            self.site.closing.wait(1)
            return False
        else:
            self.request.sendall(answer.encode() if isinstance(answer, str) else answer)
        return True


def _login(site: ImapSite, command: str, tag: str) -> str:
    _, user, password = shlex.split(command)
    right = (user, password) == (USER, PASSWORD)
    return f"{tag} OK in\r\n" if right else f"{tag} NO [AUTHENTICATIONFAILED] <!channel>\r\n"


def _examine(site: ImapSite, command: str, tag: str) -> str:
    if shlex.split(command)[1] != site.folder:
        return f"{tag} NO there is no such folder\r\n"
    validity = f"* OK [UIDVALIDITY {site.validity}]\r\n" if site.validity is not None else ""
    return f"* {len(site.mails)} EXISTS\r\n{validity}{tag} OK [READ-ONLY] examined\r\n"


def _search(site: ImapSite, command: str, tag: str) -> str:
    found = re.fullmatch(r"UID SEARCH UID (\d+):\* SINCE (\d+)-(\w{3})-(\d{4})", command)
    assert found, command
    since = datetime(int(found[4]), MONTHS.index(found[3]) + 1, int(found[2]), tzinfo=UTC)
    last = max((mail.uid for mail in site.mails), default=0)
    uids = [
        mail.uid
        for mail in site.mails
        # The star is the last mail, even if that is before the first number.
        if (mail.uid >= int(found[1]) or mail.uid == last) and mail.arrived >= since
    ]
    return f"* SEARCH {' '.join(map(str, reversed(uids)))}\r\n{tag} OK found\r\n"


def _fetch(site: ImapSite, command: str, tag: str) -> bytes:
    found = re.fullmatch(r"UID FETCH ([\d,]+) \(UID INTERNALDATE (\S+)\[\]<0\.(\d+)>\)", command)
    assert found, command
    if found[2] != "BODY.PEEK":
        site.changes.append(command)
    wanted = set(map(int, found[1].split(",")))
    answer = b"* 3 EXISTS\r\n"
    for number, mail in enumerate(site.mails, 1):
        if mail.uid in wanted:
            raw = mail.raw[: int(found[3])]
            arrived = (
                f"{mail.arrived:%d}-{MONTHS[mail.arrived.month - 1]}-{mail.arrived:%Y %H:%M:%S}"
            )
            # Servers are free in the order: half of them say the UID last.
            first, last = (f"UID {mail.uid} ", "") if number % 2 else ("", f" UID {mail.uid}")
            head = (
                f'* {number} FETCH ({first}INTERNALDATE "{arrived} +0000" BODY[]<0> {{{len(raw)}}}'
            )
            answer += head.encode() + b"\r\n" + raw + f"{last})\r\n".encode()
    return answer + b"* 1 FETCH (FLAGS (\\Seen))\r\n" + f"{tag} OK fetched\r\n".encode()


ANSWERS: dict[str, Callable[[ImapSite, str, str], str | bytes]] = {
    "CAPABILITY": lambda site, command, tag: f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
    "LOGIN": _login,
    "EXAMINE": _examine,
    "UID SEARCH": _search,
    "UID FETCH": _fetch,
    "LOGOUT": lambda site, command, tag: f"* BYE now\r\n{tag} OK out\r\n",
}
