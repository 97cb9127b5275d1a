"""Archives: posts as JSON lines, plain or gzip. Their form: docs/sources/archive.md."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import SOURCES_KNOWN, Post, Role
from bot.sources import fields
from bot.sources.base import Batch, NotAPost
from bot.sources.batches import Made, batches, source_name
from bot.text import cleaned, excerpt, one_line, plain, plain_markdown

MAX_LINE = 1_000_000
"""Bytes of a line: past this it is no post but a mistake, and is not held in memory."""
CHUNK = 65_536

AHEAD = timedelta(hours=12)
"""How far after now a time may lie: an export that knows only the day says noon."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""What lies before it is no date but some exporter's word for "unknown"."""

_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
"""May be half of a surrogate pair, which JSON can write but neither UTF-8 nor a database holds."""

ID_MOST, KIND_MOST = 512, 32
"""Characters of an id, and of a kind or a state."""

_GZIP = b"\x1f\x8b"
_TEXTS = ("id", "source", "kind")
_OPTIONAL = {
    "parent_id": str,
    "url": str,
    "title": str,
    "body": str,
    "author": str,
    "duplicate_of": str,
    "project": str,
    "score": int,
    "reply_count": int,
    "labels": list,
    "extra": dict,
}


@dataclass(frozen=True, slots=True)
class Archive:
    """One file. `now` bounds what counts as a date in the future."""

    path: Path
    now: datetime

    @property
    def name(self) -> str:
        """`archive/FILE`."""
        return source_name(self.path)

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield the posts after the line that `cursor` names, 500 at a time.

        Raises:
            SourceError: no such file, nothing in it, or it breaks off; what was read before that
                is already yielded.
        """
        return batches(self._all(), self.path, cursor, since)

    def _all(self) -> Iterator[Made]:
        number = 0
        try:
            for number, line in _lines(self.path):
                yield None if line == b"" else self._made(number, line)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(_broken(self.path, number, error), permanent=True) from error

    def _made(self, number: int, line: bytes | None) -> Made:
        """What one line comes to."""
        try:
            return parse(_row(line), self.now)
        except NotAPost as error:
            return error.at(f"{self.path}:{number}")


def parse(row: Mapping[str, Any], now: datetime) -> Post:
    """A row as a post. Raises NotAPost."""
    _check(row)
    extra = row.get("extra") or {}
    source, body = row["source"], row.get("body") or ""
    title = one_line(cleaned(row.get("title") or ""))
    text = _plain(source, body)
    if not title and not text:
        raise NotAPost("no words")
    author = fields.named(row.get("author"))
    return Post(
        source=source,
        external_id=_key(row, "id") or "",
        kind=_key(row, "kind", KIND_MOST) or "",
        title=title,
        text=text,
        created_at=_moment(row["created_at"], now),
        venue=_venue(row, extra),
        author=author,
        role=_role(author, extra),
        url=fields.address(row.get("url")),
        parent_id=_key(row, "parent_id"),
        score=row.get("score"),
        reply_count=row.get("reply_count"),
        state=_state(extra.get("state")),
        closed_at=_closed(extra.get("closed_at"), now),
        labels=_labels(row),
        milestone=fields.named(extra.get("milestone")),
        duplicate_of=_key(row, "duplicate_of"),
        link=fields.address(extra.get("link")),
    )


def _check(row: Mapping[str, Any]) -> None:
    """Raise NotAPost for the first field that is missing or of another type."""
    for name in (*_TEXTS, "created_at"):
        if fields.line(fields.text(row, name)) is None:
            raise NotAPost(f"missing field: {name}")
    for name, kind in _OPTIONAL.items():
        value = row.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise NotAPost(f"wrong type: {name}", f"{type(value).__name__}, not {kind.__name__}")
    if row["source"] not in SOURCES_KNOWN:
        raise NotAPost(
            "unknown source", f"{row['source'][:40]!r}; known: {', '.join(SOURCES_KNOWN)}"
        )
    for name in ("score", "reply_count"):
        if not -(2**63) <= (row.get(name) or 0) < 2**63:
            raise NotAPost(f"wrong type: {name}", "the number is too large")


def _row(line: bytes | None) -> Mapping[str, Any]:
    if line is None:
        raise NotAPost("line too long", f"over {MAX_LINE:,} bytes")
    try:
        row = json.loads(line)
        if _HALF_A_PAIR.search(line):
            row = json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotAPost("not JSON", str(error)[:120]) from error
    if not isinstance(row, dict):
        raise NotAPost("not an object", f"a JSON {type(row).__name__}")
    return row


def _moment(value: str, now: datetime) -> datetime:
    """An ISO time in UTC, taken as UTC if it names no zone."""
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise NotAPost("date unreadable", f"created_at is {value[:40]!r}") from error
    if moment < EARLIEST:
        raise NotAPost("date unreadable", f"created_at is {value[:40]!r}, before 1970")
    if moment > now + AHEAD:
        raise NotAPost("date in the future", f"created_at is {value[:40]!r}")
    return moment


def _closed(value: object, now: datetime) -> datetime | None:
    """What stands in `extra` costs no post: a time that cannot be read is not told."""
    try:
        return _moment(value, now) if isinstance(value, str) else None
    except NotAPost:
        return None


def _plain(source: str, body: str) -> str:
    """The body without the mark-up that its source writes in."""
    return plain(body) if source in {"hackernews", "rss", "mail"} else plain_markdown(body)


def _key(row: Mapping[str, Any], name: str, most: int = ID_MOST) -> str | None:
    """A text that must be kept whole, since others point at it or count by it."""
    found = fields.line(row.get(name))
    if found and len(found) > most:
        raise NotAPost(f"too long: {name}", f"{len(found):,} characters, {most} at most")
    return found


def _labels(row: Mapping[str, Any]) -> tuple[str, ...]:
    labels = (fields.line(label) for label in row.get("labels") or ())
    return tuple(label for label in labels if label)


def _state(value: object) -> str | None:
    state = fields.line(value)
    return excerpt(state, KIND_MOST) if state else None


def _venue(row: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
    """The place inside the source, as people name it."""
    source = str(row["source"])
    return fields.named(extra.get("venue")) or fields.named(_place(source, row)) or source


def _place(source: str, row: Mapping[str, Any]) -> str | None:
    """What the other fields say about the place."""
    repository, mark, _ = row["id"].partition("#")
    if source == "reddit":
        return next((x for x in _labels(row) if x.startswith("r/")), row.get("project"))
    if source == "github" and mark and "/" in repository:
        return str(repository)
    if source == "hackernews":
        return "Hacker News"
    url = fields.address(row.get("url"))
    if source == "discourse" and url:
        return urlsplit(url).hostname
    return row.get("project")


def _role(author: str | None, extra: Mapping[str, Any]) -> Role:
    if extra.get("role") in tuple(Role):
        return Role(extra["role"])
    return Role.BOT if author and author.endswith("[bot]") else Role.USER


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """(number, line without its end) of each line; None for one that is too long to be held.

    Raises OSError, EOFError or zlib.error, as the file does.
    """
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=file) if start == _GZIP else file)
        number = 0
        while line := stream.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE and not line.endswith(b"\n"):
                _skip_line(stream)
                yield number, None
            else:
                yield number, line.strip()


def _skip_line(stream: BinaryIO) -> None:
    """Read up to the end of the line without keeping it."""
    while (part := stream.readline(CHUNK)) and not part.endswith(b"\n"):
        pass


def _broken(path: Path, number: int, error: Exception) -> str:
    """What stopped the reading, where, and what to do about it."""
    if isinstance(error, (EOFError, zlib.error, gzip.BadGzipFile)):
        return (
            f"{path}:{number + 1}: the gzip file is broken off or damaged ({error}); the "
            f"{number:,} lines before it were kept. Get the file again and import it again."
        )
    if isinstance(error, FileNotFoundError):
        return f"{path}: there is no such file"
    if isinstance(error, IsADirectoryError):
        return f"{path}: this is a folder; name the archive files in it"
    return f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"
