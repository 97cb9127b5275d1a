"""Feeds: RSS, Atom and RDF by feedparser, JSON Feed by hand (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import calendar
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from bot.errors import SourceError
from bot.http import Http, Reply, Validators
from bot.model import Post
from bot.sources.base import Batch, Rejection
from bot.text import cleaned, one_line, plain

MAX_ENTRIES = 500
"""Entries read of one feed, its first: feeds put the newest there."""

_ALTERNATE = re.compile(
    rb"<link[^>]{0,300}type=[\"']application/(?:rss|atom)\+xml[\"'][^>]{0,300}>", re.IGNORECASE
)
_HREF = re.compile(rb"href=[\"']([^\"']{1,500})[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rss:
    """One feed. Entries carry no sign of deletion; a changed entry comes again."""

    http: Http
    now: Callable[[], datetime]
    url: str
    feed: str
    """The feed's name in the settings."""

    @property
    def name(self) -> str:
        """`rss/FEED`."""
        return f"rss/{self.feed}"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield the entries that are new or changed: one batch, or none if the feed is the same.

        The cursor holds the server's validators and a mark for each entry seen last time.
        """
        kept = _read_cursor(cursor)
        reply = self.http.get(self.url, validators=kept.validators)
        if reply.not_modified:
            return
        title, entries, total = read_feed(reply)
        posts, rejected, marks = [], [], []
        for number, entry in enumerate(entries, 1):
            post = parse(entry, self.feed, title or self.feed, self.now())
            if post is None:
                rejected.append(Rejection(f"{self.url} entry {number}", "no words"))
                continue
            mark = _mark(post)
            marks.append(mark)
            if mark not in kept.marks and (since is None or post.created_at >= since):
                posts.append(post)
        if total > len(entries):
            rejected.append(
                Rejection(self.url, "over the entry cap", f"{total} entries, {MAX_ENTRIES} read")
            )
        yield Batch(tuple(posts), _write_cursor(reply.validators, marks), rejected=tuple(rejected))


@dataclass(frozen=True, slots=True)
class _Kept:
    validators: Validators | None
    marks: frozenset[str]


def _read_cursor(cursor: str | None) -> _Kept:
    if cursor is None:
        return _Kept(None, frozenset())
    kept = json.loads(cursor)
    return _Kept(Validators(kept["etag"], kept["last_modified"]), frozenset(kept["marks"]))


def _write_cursor(validators: Validators, marks: list[str]) -> str:
    return json.dumps(
        {
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "marks": sorted(set(marks)),
        }
    )


def _mark(post: Post) -> str:
    """Changes when the entry's words change; its date is left out, since some feeds give none."""
    said = "\0".join((post.external_id, post.title, post.text)).encode("utf-8", "replace")
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def read_feed(reply: Reply) -> tuple[str, list[Mapping[str, Any]], int]:
    """The feed's title, its first entries, and how many it has.

    Raises:
        SourceError: it is a web page, empty, or no feed at all.
    """
    body = reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not body:
        raise SourceError(f"{reply.url} is empty, not a feed")
    if body.startswith(b"{"):
        title, entries = _json_feed(body, reply.url)
    else:
        title, entries = _xml_feed(reply)
    return one_line(cleaned(title)), entries[:MAX_ENTRIES], len(entries)


def _json_feed(body: bytes, url: str) -> tuple[str, list[Mapping[str, Any]]]:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{url} is broken JSON, not a feed ({error})") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceError(f"{url} is JSON, but no JSON feed: it has no items")
    entries = [_json_entry(item) for item in items if isinstance(item, dict)]
    return str(feed.get("title") or ""), entries


def _json_entry(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item of a JSON feed under the names that feedparser uses."""
    authors = item.get("authors") or [item.get("author")]
    author = authors[0] if isinstance(authors, list) and authors else None
    html = item.get("content_html") or item.get("content_text") or item.get("summary")
    return {
        "id": item.get("id"),
        "link": item.get("url") or item.get("external_url"),
        "title": item.get("title"),
        "summary": html,
        "author": author.get("name") if isinstance(author, dict) else None,
        "iso_date": item.get("date_published") or item.get("date_modified"),
        "tags": [{"term": tag} for tag in item.get("tags") or () if isinstance(tag, str)],
    }


def _xml_feed(reply: Reply) -> tuple[str, list[Mapping[str, Any]]]:
    headers = {"content-type": reply.content_type, "content-location": reply.url}
    try:
        feed = feedparser.parse(BytesIO(reply.body), response_headers=headers)
    except Exception as error:
        raise SourceError(f"{reply.url} breaks the feed parser ({type(error).__name__})") from error
    if not feed.entries and not feed.version:
        raise SourceError(_no_feed(reply), permanent=True)
    return str(feed.feed.get("title") or ""), list(feed.entries)


def _no_feed(reply: Reply) -> str:
    """What came instead of a feed, and where the page says that its feed is."""
    if b"<html" not in reply.body[:2_000].lower():
        return f"{reply.url} is not a feed"
    link = _ALTERNATE.search(reply.body)
    href = _HREF.search(link.group()) if link else None
    text = f"{reply.url} is a web page, not a feed"
    if href is None:
        return text
    address = urljoin(reply.url, href[1].decode("utf-8", "replace"))
    return f"{text}; it says its feed is at {one_line(cleaned(address))}"


def parse(entry: Mapping[str, Any], feed: str, venue: str, now: datetime) -> Post | None:
    """An entry as a post; None if it has no words. An undated entry is as old as its reading."""
    title = one_line(plain(_text(entry.get("title"))))
    text = plain(_content(entry))
    link = _address(entry.get("link"))
    if not title and not text:
        return None
    created = _when(entry) or now
    own = _text(entry.get("id")) or link or f"{title} {created if _when(entry) else ''}"
    digest = hashlib.blake2b(own.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return Post(
        source="rss",
        external_id=f"{feed}/{digest}",
        kind="entry",
        title=title,
        text=text,
        created_at=min(created, now),
        venue=venue,
        author=one_line(cleaned(_text(entry.get("author")))) or None,
        url=link,
        labels=tuple(
            one_line(cleaned(_text(tag.get("term"))))
            for tag in entry.get("tags") or ()
            if tag.get("term")
        ),
    )


def _content(entry: Mapping[str, Any]) -> str:
    """The longest of the bodies that an entry carries."""
    bodies = [_text(part.get("value")) for part in entry.get("content") or ()]
    return max((*bodies, _text(entry.get("summary"))), key=len)


def _when(entry: Mapping[str, Any]) -> datetime | None:
    """When it was published, or else updated; None if it does not say, or says nonsense."""
    try:
        for name in ("published_parsed", "updated_parsed"):
            if parsed := entry.get(name):
                return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        if iso := entry.get("iso_date"):
            moment = datetime.fromisoformat(iso)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, OSError):
        return None
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _address(value: object) -> str | None:
    text = cleaned(_text(value))
    return text if text.startswith(("http://", "https://")) else None
