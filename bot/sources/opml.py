"""Lists of feeds, as feed readers export them: OPML (http://opml.org/spec2.opml) to settings."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit
from xml.parsers import expat

from bot.errors import SourceError
from bot.sources import fields
from bot.text import cleaned, excerpt

FILE_MOST = 10_000_000
"""Bytes of a list: that would be a hundred thousand feeds."""
NAME_MOST = 40

_FEED_SCHEME = re.compile(r"^feed:(?://|(?=https?:))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feed:
    """One `[[sources.rss]]`."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What a list holds."""

    feeds: tuple[Feed, ...]
    known: tuple[str, ...] = ()
    """Addresses that are configured already."""
    skipped: tuple[str, ...] = ()
    """Titles of entries that have no address of a feed: links, searches."""


def subscriptions(
    path: Path, names: Collection[str] = (), urls: Collection[str] = ()
) -> Subscriptions:
    """The feeds of a list, each once, under names that are not among `names`.

    Raises:
        SourceError: it cannot be read, or is no OPML.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MOST + 1)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", permanent=True) from error
    taken, seen = set(names), set[str]()
    feeds, known, skipped = list[Feed](), list[str](), list[str]()
    for title, address in _outlines(path, data):
        url = fields.address(_FEED_SCHEME.sub(_scheme, address))
        if url is None:
            skipped.append(title or "(no title)")
        elif url not in seen and url in urls:
            known.append(url)
        elif url not in seen:
            feeds.append(Feed(_name(title, url, taken), url))
            taken.add(feeds[-1].name)
        seen.add(url or "")
    return Subscriptions(tuple(feeds), tuple(known), tuple(skipped))


def blocks(feeds: Iterable[Feed]) -> str:
    """The feeds as they stand in groundswell.toml."""
    return "\n".join(
        f"[[sources.rss]]\nname = {json.dumps(feed.name)}\n"
        f"url = {json.dumps(feed.url, ensure_ascii=False)}\n"
        for feed in feeds
    )


class _NotOpml(Exception):  # noqa: N818 never leaves this module
    """What is wrong with the list."""


class _Reader:
    """(title, address) of every entry that is no folder, in order; folders may nest."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []
        self._open: list[tuple[str, str] | None] = []
        """The outlines around; None for one that is an entry, or a folder, as has been seen."""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._entity
        self._is_opml = False

    def read(self, data: bytes) -> list[tuple[str, str]]:
        """Raises ExpatError, _NotOpml, or ValueError and LookupError for an odd encoding."""
        self._parser.Parse(data, True)
        return self.entries

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._is_opml and tag.lower() != "opml":
            raise _NotOpml("it is other XML")
        self._is_opml = True
        if tag.lower() != "outline":
            return
        self._told_to_be_folder()
        said = {name.lower(): value for name, value in attributes.items()}
        title = excerpt(cleaned(said.get("title") or said.get("text") or ""), 200)
        address = said.get("xmlurl", "").strip()
        self._open.append(None if address else (title, ""))
        if address:
            self.entries.append((title, address))

    def _end(self, tag: str) -> None:
        if tag.lower() == "outline" and (entry := self._open.pop()):
            self.entries.append(entry)

    def _told_to_be_folder(self) -> None:
        if self._open:
            self._open[-1] = None

    def _entity(self, *_: object) -> None:
        raise _NotOpml("it declares entities, as no list of feeds needs to")


def _outlines(path: Path, data: bytes) -> list[tuple[str, str]]:
    if len(data) > FILE_MOST:
        raise SourceError(f"{path}: larger than {FILE_MOST:,} bytes: no list of feeds")
    try:
        return _Reader().read(data)
    except expat.ExpatError as error:
        why = f"not well-formed XML in line {error.lineno} ({expat.ErrorString(error.code)})"
        raise SourceError(f"{path}: no OPML: {why}", permanent=True) from error
    except (_NotOpml, ValueError, LookupError) as error:
        raise SourceError(f"{path}: no OPML: {error}", permanent=True) from error


def _scheme(match: re.Match[str]) -> str:
    """`feed://a.example` is http, `feed:https://a.example` says what it is."""
    return "" if match[0] == "feed:" else "http://"


def _name(title: str, url: str, taken: Collection[str]) -> str:
    """A name for the settings, made of the title or else of the host, that is not taken."""
    name = _slug(title) or _slug(urlsplit(url).hostname or "") or "feed"
    numbered = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(free for free in numbered if free not in taken)


def _slug(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:NAME_MOST].rstrip("-")
