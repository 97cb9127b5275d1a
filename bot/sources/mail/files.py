"""Mailboxes on disk: mbox files, read on from where they were left, and Maildir folders.

https://www.rfc-editor.org/rfc/rfc4155 and https://cr.yp.to/proto/maildir.html
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from bot.errors import SourceError
from bot.sources.mail.body import date_of
from bot.sources.mail.posts import MAIL_MOST, Letter

BATCH = 100
CHUNK = 65_536
MARK_BYTES = 256
"""How much of the file before a place must be the same for it to be the same place."""
SLACK_NS = 600 * 10**9
"""How far the clock that stamps files may go back: what is younger is read once more."""

Place = dict[str, Any]
Letters = Iterator[tuple[list[Letter], Place]]

_SEPARATOR = re.compile(rb"From [^\r\n]{0,300}\d\d?:\d\d")
"""What begins a mail after an empty line: `From SENDER Sat Jan  3 01:05:34 1996`."""
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ASCTIME = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} .{1,40}$")
_DELIVERED = re.compile(r"(\d{9,10})\.")


@dataclass(frozen=True, slots=True)
class Mbox:
    """One file. A place is an offset, and a mark of what stands just before it."""

    name: str
    path: Path

    def read(self, kept: Mapping[str, Any]) -> Letters:
        """Yield the mails from the place on, and the place after them.

        The last mail of the file comes again each time: it may not have been written whole. A
        file that was rewritten is read from its beginning. Raises SourceError or OSError.
        """
        with self.path.open("rb") as file:
            start = _offset(file, kept)
            head = b"" if start else file.readline(CHUNK)
            if head and not _SEPARATOR.match(head):
                raise SourceError(
                    f'{self.name}: {self.path} is no mbox file: it does not begin with "From "',
                    permanent=True,
                )
            mails = _mails(file, start)
            while batch := list(islice(mails, BATCH)):
                offset = batch[-1].start if batch[-1].last else batch[-1].end
                letters = [mail.letter() for mail in batch]
                yield letters, {"offset": offset, "mark": _mark(self.path, offset)}


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail between two separators, cut at MAIL_MOST."""

    start: int
    end: int
    separator: bytes
    raw: bytes
    last: bool

    def letter(self) -> Letter:
        line = self.separator.decode("ascii", "replace").strip()
        found = _ASCTIME.search(line)
        arrived = date_of(found[0]) if found else None
        return Letter(_ESCAPED.sub(rb"\1", self.raw), f"byte {self.start}", arrived)


def _mails(file: BinaryIO, start: int) -> Iterator[_Mail]:
    """The mails of a file from an offset on, a line at a time: none is ever held whole."""
    file.seek(start)
    place = begin = start
    kept: list[bytes] = []
    separator, size = b"", 0
    blank, whole = True, True
    while piece := file.readline(CHUNK):
        if blank and whole and piece.startswith(b"From ") and _SEPARATOR.match(piece):
            if separator:
                yield _Mail(begin, place, separator, b"".join(kept), last=False)
            begin, separator, kept, size = place, piece, [], 0
        elif size < MAIL_MOST:
            kept.append(piece)
            size += len(piece)
        place += len(piece)
        blank = whole and piece in {b"\n", b"\r\n"}
        whole = piece.endswith(b"\n")
    if separator:
        yield _Mail(begin, place, separator, b"".join(kept), last=True)


def _offset(file: BinaryIO, kept: Mapping[str, Any]) -> int:
    """Where to read on: the place that was kept if it is still that place, or the beginning."""
    offset, mark = kept.get("offset"), kept.get("mark")
    size = os.fstat(file.fileno()).st_size
    if not isinstance(offset, int) or not 0 < offset <= size:
        return 0
    return offset if mark == _marked(file, offset) else 0


def _mark(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        return _marked(file, offset)


def _marked(file: BinaryIO, offset: int) -> str:
    start = max(0, offset - MARK_BYTES)
    file.seek(start)
    before = file.read(offset - start)
    file.seek(0)
    return hashlib.blake2b(before, digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Maildir:
    """One folder. A place is the time at which the youngest file that was read got its name.

    That time changes when a mail comes in, moves from `new` to `cur` or gets a flag, and nothing
    can date it back: so what is older than the place has been read.
    """

    name: str
    path: Path

    def read(self, kept: Mapping[str, Any]) -> Letters:
        """Yield the mails whose files are new or have another name, and the place after them."""
        changed = kept.get("changed")
        since = changed - SLACK_NS if isinstance(changed, int) else 0
        found = sorted(entry for entry in self._files() if entry[0] >= since)
        for start in range(0, len(found), BATCH):
            chunk = found[start : start + BATCH]
            letters = [letter for _, path in chunk if (letter := _letter(path))]
            yield letters, {"changed": chunk[-1][0]}

    def _files(self) -> Iterator[tuple[int, Path]]:
        for folder in ("new", "cur"):
            with os.scandir(self.path / folder) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                        yield entry.stat(follow_symlinks=False).st_ctime_ns, Path(entry.path)


def _letter(path: Path) -> Letter | None:
    """The mail in a file; None if it has just got another name, under which it will be found."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAIL_MOST)
            modified = os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    delivered = _DELIVERED.match(path.name)
    arrived = datetime.fromtimestamp(int(delivered[1]) if delivered else int(modified), UTC)
    return Letter(raw, path.name, arrived)
