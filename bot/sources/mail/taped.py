"""A conversation with a mail server that is written into a recording, or read out of one.

Of a mail's headers, only what is read here is written down: the others hold addresses of people,
and such that let whoever knows them answer or unsubscribe in your name.
"""

from __future__ import annotations

import imaplib
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot import exchange
from bot.errors import SourceError
from bot.replay import Reader, Tape, Writer
from bot.scrub import REMOVED, Scrubber
from bot.sources.mail.talk import BROKEN, Answer, Talk

READ = frozenset(
    (
        *(b"from", b"date", b"subject", b"message-id", b"in-reply-to", b"references"),
        *(b"list-id", b"archived-at", b"auto-submitted", b"x-github-sender", b"mime-version"),
        *(b"content-type", b"content-transfer-encoding", b"content-disposition"),
    )
)
"""Headers that say something to us; of `Received` it is the date."""

_FIELD = re.compile(rb"(From |[!-9;-~]*:)")
"""What Python's own parser takes for a header's beginning."""
_WRAPPED = re.compile(rb"=?\r?\n")
_KINDS: dict[str, type[Exception]] = {
    "abort": imaplib.IMAP4.abort,
    "error": imaplib.IMAP4.error,
    "TimeoutError": TimeoutError,
}


def taped(talk: Talk, tape: Tape, place: str, private: Iterable[str]) -> Talk:
    """The conversation with a recording between, or a recording instead of it.

    `place` is the address of the folder; what is `private` is not written down, wherever it stands.
    """
    if isinstance(tape.reel, Reader):
        return Replayed(tape.reel, place)
    for value in private:
        tape.reel.scrubber.learn(value)
    return Recorded(talk, tape.reel, place)


class Recorded:
    """Hands every command on, and writes down what was asked and answered, without secrets."""

    def __init__(self, talk: Talk, writer: Writer, place: str) -> None:
        self._talk = talk
        self._writer = writer
        self._place = place

    def ask(self, command: str, *arguments: str) -> Answer:
        """As `Talk` has it."""
        path, scrubber = self._writer.place(), self._writer.scrubber
        asked = _asked(scrubber, self._place, command, arguments)
        try:
            answer, data = self._talk.ask(command, *arguments)
        except (SourceError, *BROKEN) as error:
            exchange.write(path, {"asked": asked, **_failed(error, scrubber)})
            raise
        written = [_written(part, scrubber) for part in data]
        exchange.write(path, {"asked": asked, "answered": {"answer": answer, "data": written}})
        return answer, data

    def close(self) -> None:
        """Hang up."""
        self._talk.close()


class Replayed:
    """Answers from a recording."""

    def __init__(self, reader: Reader, place: str) -> None:
        self._reader = reader
        self._place = place

    def ask(self, command: str, *arguments: str) -> Answer:
        """As `Talk` has it. Raises SourceError if it was not asked, too."""
        asked = _asked(self._reader.scrubber, self._place, command, arguments)
        path = self._reader.find(asked)
        said = exchange.read(path)
        try:
            if "failed" in said:
                raise _failure(said)
            answered = said["answered"]
            return str(answered["answer"]), [_read(part) for part in answered["data"]]
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise SourceError(f"{path}: no recorded exchange", permanent=True) from error

    def close(self) -> None:
        """Nobody was called."""


def _asked(
    scrubber: Scrubber, place: str, command: str, arguments: Sequence[str]
) -> dict[str, Any]:
    """A command as it is written down: of a log-in, only that there was one."""
    told = "" if command == "LOGIN" else " ".join(arguments)
    body = exchange.body_of(scrubber.data(told.encode())) if told else {}
    return {"method": command, "url": scrubber.text(place), **body}


def _failed(error: Exception, scrubber: Scrubber) -> dict[str, Any]:
    """What came instead of an answer; of what the server said, only the reason for a refusal."""
    if isinstance(error, SourceError):
        text = f"SourceError: {scrubber.text(str(error))}"
        return {"failed": text, "permanent": error.permanent}
    reason = error.args[0] if error.args else b""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else ""
    return {"failed": f"{type(error).__name__}: {scrubber.text(text)}"}


def _failure(said: exchange.Said) -> Exception:
    name, _, text = said["failed"].partition(": ")
    if name == "SourceError":
        return SourceError(text, permanent=said.get("permanent") is True)
    return _KINDS.get(name, OSError)(text)


def _written(part: object, scrubber: Scrubber) -> Any:  # noqa: ANN401 whatever JSON holds
    """A part of an answer; a mail comes as a pair, behind what is said of it."""
    if isinstance(part, tuple):
        about, mail = part
        return [exchange.body_of(scrubber.data(about)), exchange.body_of(scrubbed(mail, scrubber))]
    return exchange.body_of(scrubber.data(part)) if isinstance(part, bytes) else None


def _read(part: Any) -> Any:  # noqa: ANN401 whatever JSON holds
    if isinstance(part, list):
        about, mail = part
        return exchange.data_of(about), exchange.data_of(mail)
    return None if part is None else exchange.data_of(part)


def scrubbed(mail: bytes, scrubber: Scrubber) -> bytes:
    """A mail without what nobody reads, and without secrets.

    Nothing is left of it if a secret stands there in a form from which it cannot be cut.
    """
    kept = scrubber.data(b"".join(_read_of(mail.splitlines(keepends=True))))
    for plain in (_WRAPPED.sub(b"", kept), quopri.decodestring(kept)):
        if scrubber.data(plain) != plain:
            return REMOVED.encode()
    return kept


def _read_of(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The headers that are read, the names of the others, and the body."""
    number = 0
    while number < len(lines):
        found = _FIELD.match(lines[number])
        if not found:
            break
        start, number = number, number + 1
        while number < len(lines) and lines[number].startswith((b" ", b"\t")):
            number += 1
        yield _header(found[1][:-1], b"".join(lines[start:number]))
    yield from lines[number:]


def _header(name: bytes, line: bytes) -> bytes:
    if name.lower() in READ:
        return line
    _, mark, date = line.rstrip().rpartition(b";")
    arrived = mark + date if mark and name.lower() == b"received" else b""
    return name + b": " + REMOVED.encode() + arrived + b"\r\n"
