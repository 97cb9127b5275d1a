"""Archives: posts as JSON lines, plain or gzip. The form is described in docs/sources.md."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import SOURCES_KNOWN, Post, Role
from bot.sources.base import Batch, Rejection
from bot.text import cleaned, one_line, plain, plain_markdown

BATCH = 500
MAX_LINE = 1_000_000
"""Bytes of a line: past this it is no post but a mistake, and is not held in memory."""
CHUNK = 65_536

AHEAD = timedelta(hours=12)
"""How far after now a time may lie: an export that knows only the day says noon."""

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""What lies before it is no date but some exporter's word for "unknown"."""

_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
"""May be half of a surrogate pair, which JSON can write but neither UTF-8 nor a database holds."""

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


class NotAPost(Exception):  # noqa: N818 it says more than "error"
    """A line that cannot become a post: a reason from a short list, and what was found."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class _Found:
    """What has been read since the last batch."""

    posts: list[Post] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.posts) + len(self.rejected)

    def batch(self, line: int) -> Batch:
        return Batch(tuple(self.posts), str(line), rejected=tuple(self.rejected))


@dataclass(frozen=True, slots=True)
class Archive:
    """One file. `now` bounds what counts as a date in the future."""

    path: Path
    now: datetime

    @property
    def name(self) -> str:
        """`archive/FILE`."""
        return f"archive/{self.path.name}"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield the posts after the line that `cursor` names, 500 at a time.

        Raises:
            SourceError: no such file, nothing in it, or it breaks off; what was read before that
                is already yielded.
        """
        done = int(cursor) if cursor and cursor.isdecimal() else 0
        found, number, any_post = _Found(), 0, False
        try:
            for number, line in _lines(self.path):
                if number > done and line != b"":
                    self._take(found, number, line, since)
                if len(found) >= BATCH:
                    yield found.batch(number)
                    found, any_post = _Found(), True
        except (OSError, EOFError, zlib.error) as error:
            if len(found):
                yield found.batch(number)
            raise SourceError(_broken(self.path, number, error), permanent=True) from error
        if len(found):
            yield found.batch(number)
        elif not (any_post or done):
            raise SourceError(f"{self.path}: the archive is empty: no posts in it", permanent=True)

    def _take(self, found: _Found, number: int, line: bytes | None, since: datetime | None) -> None:
        """Turn one line into a post or a rejection."""
        try:
            post = parse(_row(line), self.now)
        except NotAPost as error:
            found.rejected.append(Rejection(f"{self.path}:{number}", error.reason, error.detail))
            return
        if since is None or post.created_at >= since:
            found.posts.append(post)


def parse(row: Mapping[str, Any], now: datetime) -> Post:
    """A row as a post. Raises NotAPost."""
    _check(row)
    extra = row.get("extra") or {}
    source, body = row["source"], row.get("body") or ""
    title = one_line(cleaned(row.get("title") or ""))
    text = _plain(source, body)
    if not title and not text:
        raise NotAPost("no words")
    author = row.get("author") or None
    return Post(
        source=source,
        external_id=row["id"],
        kind=row["kind"],
        title=title,
        text=text,
        created_at=_moment(row["created_at"], now),
        venue=_venue(row, extra),
        author=author,
        role=_role(author, extra),
        url=_address(row.get("url")),
        parent_id=row.get("parent_id") or None,
        score=row.get("score"),
        reply_count=row.get("reply_count"),
        state=_text_or_none(extra.get("state")),
        labels=tuple(str(label) for label in row.get("labels") or ()),
        duplicate_of=row.get("duplicate_of") or None,
        link=_address(extra.get("link")),
    )


def _check(row: Mapping[str, Any]) -> None:
    """Raise NotAPost for the first field that is missing or of another type."""
    for name in (*_TEXTS, "created_at"):
        if row.get(name) in (None, ""):
            raise NotAPost(f"missing field: {name}")
        if not isinstance(row[name], str):
            raise NotAPost(f"wrong type: {name}", f"{type(row[name]).__name__}, not text")
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
    if moment < _EARLIEST:
        raise NotAPost("date unreadable", f"created_at is {value[:40]!r}, before 1970")
    if moment > now + AHEAD:
        raise NotAPost("date in the future", f"created_at is {value[:40]!r}")
    return moment


def _plain(source: str, body: str) -> str:
    """The body without the mark-up that its source writes in."""
    return plain(body) if source in {"hackernews", "rss", "mail"} else plain_markdown(body)


def _venue(row: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
    """The place inside the source, as people name it."""
    if venue := _text_or_none(extra.get("venue")):
        return venue
    source, place = row["source"], row["id"].partition("#")[0]
    subreddit = next((x for x in row.get("labels") or () if str(x).startswith("r/")), None)
    if source == "reddit" and subreddit:
        return str(subreddit)
    if source == "github" and "/" in place and "#" in row["id"]:
        return str(place)
    if source == "hackernews":
        return "Hacker News"
    if source == "discourse" and (host := _host(_address(row.get("url")))):
        return host
    return str(row.get("project") or source)


def _role(author: str | None, extra: Mapping[str, Any]) -> Role:
    if extra.get("role") in tuple(Role):
        return Role(extra["role"])
    return Role.BOT if author and author.endswith("[bot]") else Role.USER


def _address(value: object) -> str | None:
    """An http(s) address with a host in it, or None."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return None
    address = cleaned(value)
    return address if _host(address) else None


def _host(url: str | None) -> str | None:
    """The host of an address, or None if there is none in it."""
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def _text_or_none(value: object) -> str | None:
    return cleaned(value) if isinstance(value, str) and value else None


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
