"""Feeds: RSS, Atom and RDF by feedparser, JSON Feed by hand (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import calendar
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import feedparser
from feedparser.encodings import convert_to_utf8

from bot.answers import Reply, Validators
from bot.errors import SourceError
from bot.http import Http
from bot.model import Post
from bot.sources import fields
from bot.sources.base import Batch, NotAPost, Rejection
from bot.text import one_line, plain

MAX_ENTRIES = 500
"""Entries read of one feed, its first: feeds put the newest there."""
HEAD_BYTES = 200_000
"""How far into a web page we look for the address of its feed."""

_ALTERNATE = re.compile(
    rb"<link[^>]{0,300}type=[\"']application/(?:rss|atom)\+xml[\"'][^>]{0,300}>", re.IGNORECASE
)
_HREF = re.compile(rb"href=[\"']([^\"']{1,500})[\"']", re.IGNORECASE)
_PLAIN_ADDRESS = re.compile(r"https?://[\w.:-]+/[\w.~%/?=&+-]*", re.ASCII)
"""An address that can be shown in a message although a stranger wrote it."""
_ENTITY = re.compile(rb"""<!ENTITY\s+((?:%\s+)?[^\s"'>]+\s+(?:"[^"]*"|'[^']*'))""")
"""An entity that is defined in the feed itself; those from elsewhere are never fetched."""
_FEW_LETTERS = re.compile(rb"""[^%\s]+\s+["'](?:[^&%]{0,40}|&#\w{1,8};|&#38;#\w{1,8};)["']""")
_UTF_8 = "application/xml; charset=utf-8"

_PLAIN_TITLE = {"title_detail": {"type": "text/plain"}}
"""How feedparser says that a title is no mark-up."""

_DATES = ("published_parsed", "updated_parsed", "date_published", "date_modified")
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
"""What lies before it is no date but some program's word for "unknown"."""


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
        posts, rejected = self._parsed(entries, title)
        if total > len(entries):
            detail = f"{total} entries, {MAX_ENTRIES} read"
            rejected.append(Rejection(self.name, "over the entry cap", detail))
        marked = {_mark(post): post for post in posts}
        changed = tuple(
            post
            for mark, post in marked.items()
            if mark not in kept.marks and (since is None or post.created_at >= since)
        )
        yield Batch(changed, _write_cursor(reply.validators, marked), rejected=tuple(rejected))

    def _parsed(self, entries: Sequence[object], title: str) -> tuple[list[Post], list[Rejection]]:
        """The entries as posts, the last one first: of two with one id, the upper one is newer."""
        posts, rejected = [], []
        venue, now = fields.named(title) or self.feed, self.now()
        for number, entry in enumerate(entries, 1):
            try:
                posts.append(parse(entry, self.feed, venue, now))
            except NotAPost as error:
                rejected.append(error.at(f"{self.name} entry {number}"))
        return posts[::-1], rejected


@dataclass(frozen=True, slots=True)
class _Kept:
    validators: Validators | None
    marks: frozenset[str]


def _read_cursor(cursor: str | None) -> _Kept:
    """What was kept; nothing if nothing was, or nothing that this version understands."""
    try:
        kept = json.loads(cursor or "")
        return _Kept(Validators(kept["etag"], kept["last_modified"]), frozenset(kept["marks"]))
    except (ValueError, TypeError, KeyError):
        return _Kept(None, frozenset())


def _write_cursor(validators: Validators, marks: Iterable[str]) -> str:
    return json.dumps(
        {
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "marks": sorted(marks),
        }
    )


def _mark(post: Post) -> str:
    """Changes when the entry's words change; its date is left out, since some feeds give none."""
    return _digest("\0".join((post.external_id, post.title, post.text)))


def read_feed(reply: Reply) -> tuple[str, list[Any], int]:
    """The feed's title, its first entries, and how many it has.

    Raises:
        SourceError: it is a web page, empty, or no feed at all.
    """
    body = reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not body:
        raise SourceError(f"{_shown(reply.url)} is empty, not a feed")
    if body.startswith(b"{"):
        title, entries = _json_feed(body, _shown(reply.url))
    else:
        title, entries = _xml_feed(reply)
    return title, entries[:MAX_ENTRIES], len(entries)


def _json_feed(body: bytes, where: str) -> tuple[str, list[Any]]:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where} is broken JSON, not a feed ({error})") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceError(f"{where} is JSON, but no JSON feed: it has no items")
    return _title(feed | _PLAIN_TITLE), [_json_entry(item) for item in items]


def _json_entry(item: object) -> Mapping[str, Any] | None:
    """An item of a JSON feed under the names that feedparser uses; None if it is none."""
    if not isinstance(item, dict):
        return None
    authors = item.get("authors") or [item.get("author")]
    author = authors[0] if isinstance(authors, list) and authors else None
    tags = item.get("tags")
    return {
        # The standard has numbers read as text here.
        "id": str(item["id"]) if isinstance(item.get("id"), int) else item.get("id"),
        "link": item.get("url") or item.get("external_url"),
        "title": item.get("title"),
        **_PLAIN_TITLE,
        "summary": _text(item.get("content_html"))
        or escape(_text(item.get("content_text")) or _text(item.get("summary"))),
        "author": author.get("name") if isinstance(author, dict) else None,
        "date_published": item.get("date_published"),
        "date_modified": item.get("date_modified"),
        "tags": [{"term": tag} for tag in tags] if isinstance(tags, list) else [],
    }


def _xml_feed(reply: Reply) -> tuple[str, list[Any]]:
    where = _shown(reply.url)
    try:
        body = convert_to_utf8({"content-type": reply.content_type}, reply.body, {})
        _refuse_growth(body, where)
        headers = {"content-type": _UTF_8, "content-location": reply.url}
        # Mark-up becomes plain text here anyway: cleaning it first takes two thirds of the time.
        feed = feedparser.parse(
            BytesIO(body),
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(f"{where} breaks the feed parser ({type(error).__name__})") from error
    if not feed.entries and not feed.version:
        raise SourceError(_no_feed(reply), permanent=True)
    return _title(feed.feed), list(feed.entries)


def _refuse_growth(body: bytes, where: str) -> None:
    """Raise SourceError if entities stand for so much that a small feed could become a huge one.

    feedparser's own guard sees only those that begin a line.
    """
    if not all(_FEW_LETTERS.fullmatch(entity) for entity in _ENTITY.findall(body)):
        raise SourceError(f"{where} defines entities that may grow without bounds: it is not read")


def _no_feed(reply: Reply) -> str:
    """What came instead of a feed, and where the page says that its feed is."""
    where, head = _shown(reply.url), reply.body[:HEAD_BYTES]
    if b"<html" not in head[:2_000].lower():
        return f"{where} is not a feed"
    address = _feed_of_page(head, reply.url)
    return f"{where} is a web page, not a feed" + (
        f"; it says its feed is at {address}" if address else ""
    )


def _feed_of_page(head: bytes, url: str) -> str | None:
    """The address of the feed that a page names, unless there is anything odd about it."""
    link = _ALTERNATE.search(head)
    href = _HREF.search(link.group()) if link else None
    try:
        address = urljoin(url, unescape(href[1].decode("utf-8", "replace")) if href else "")
    except ValueError:
        return None
    return address if href and _PLAIN_ADDRESS.fullmatch(address) else None


def _shown(url: str) -> str:
    """An address without what may be a secret in it: user, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def parse(entry: object, feed: str, venue: str, now: datetime) -> Post:
    """An entry as a post; one that is not dated is as old as its reading. Raises NotAPost."""
    if not isinstance(entry, dict):
        raise NotAPost("not an object")
    title, text = _title(entry), max(map(plain, _bodies(entry)), key=len)
    if not title and not text:
        raise NotAPost("no words")
    link, dated = fields.address(entry.get("link")), _when(entry)
    # Without an id and a link, what tells it from the others is what it is called and when it came.
    own = _text(entry.get("id")).strip() or link or f"{title or text} {dated or ''}"
    return Post(
        source="rss",
        external_id=f"{feed}/{_digest(own)}",
        kind="entry",
        title=title,
        text=text,
        created_at=min(dated or now, now),
        venue=venue,
        author=fields.named(entry.get("author")),
        url=link,
        labels=_labels(entry),
    )


def _title(entry: Mapping[str, Any]) -> str:
    """The title on one line. Where the feed says that it is plain text, `Vec<T>` is no mark-up."""
    title, detail = _text(entry.get("title")), entry.get("title_detail") or {}
    if detail.get("type") == "text/plain":
        title = title.replace("<", "&lt;")
    return one_line(plain(title))


def _digest(words: str) -> str:
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _labels(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms = (fields.line(tag.get("term")) for tag in entry.get("tags") or ())
    return tuple(term for term in terms if term)


def content(entry: Mapping[str, Any]) -> str:
    """The longest of the bodies that an entry carries, with its mark-up."""
    return max(_bodies(entry), key=len)


def _bodies(entry: Mapping[str, Any]) -> list[str]:
    """What an entry carries as its text, each once: many feeds give the same twice."""
    parts = [_text(part.get("value")) for part in entry.get("content") or ()]
    return list(dict.fromkeys((*parts, _text(entry.get("summary")))))


def _when(entry: Mapping[str, Any]) -> datetime | None:
    """When it was published, or else updated; None if it does not say, or says nonsense."""
    moments = (_moment(entry[name]) for name in _DATES if name in entry)
    return next((moment for moment in moments if moment and moment >= _EARLIEST), None)


def _moment(value: object) -> datetime | None:
    """A date as feedparser reads it, or in ISO form, in UTC."""
    try:
        if isinstance(value, time.struct_time):
            return datetime.fromtimestamp(calendar.timegm(value), UTC)
        moment = datetime.fromisoformat(_text(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
