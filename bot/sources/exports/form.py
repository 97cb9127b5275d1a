"""What each form of export tells: how it is recognised, and what it has to say one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from bot.errors import SourceError
from bot.model import Post
from bot.sources.base import NotAPost
from bot.sources.exports.csv_columns import Columns
from bot.sources.exports.packed import Pack, shown
from bot.sources.exports.reading import first_item, items

HEAD = 65_536
ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)
"""Later than anything that is dated: for those who leave it to others to look at dates."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of an export, still to be parsed, and where it stands."""

    where: str
    raw: Any
    parse: Callable[[Any], Post | None]
    """None: it is no post, and none was lost (somebody joined a channel). Raises NotAPost."""

    def post(self) -> Post | None:
        """The post that it is, if it is one. Raises NotAPost."""
        if isinstance(self.raw, NotAPost):
            raise self.raw
        return self.parse(self.raw)


class Look:
    """A first look at an export: enough to tell its form by, and no more than needed is read."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.names = frozenset(pack.names)
        self.is_folder = pack.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """How an export of one file begins; empty for any other."""
        if self.is_folder or len(self._pack.names) != 1:
            return b""
        with closing(self._pack.open(self._pack.names[0])) as stream:
            return stream.read(HEAD)

    @cached_property
    def first(self) -> dict[str, Any]:
        """The first object of the first JSON file; empty if there is none."""
        like_json = filter(is_json, self._pack.names)
        name = self._pack.names[0] if self._begins_like_json() else next(like_json, None)
        if name is None:
            return {}
        with closing(self._pack.open(name)) as stream:
            found = first_item(stream)
        return found if isinstance(found, dict) else {}

    def _begins_like_json(self) -> bool:
        encoding = json.detect_encoding(self.head[:4])
        text = self.head[:1_000].decode(encoding, "replace")
        return text.lstrip("\ufeff \t\r\n").startswith(("[", "{"))


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an export that it does not say itself."""

    site: str | None = None
    """The address that it is from, without a closing slash."""
    columns: Columns | None = None
    now: datetime = ANY_TIME


@dataclass(frozen=True, slots=True)
class Form:
    """One form of export."""

    detects: Callable[[Look], bool]
    items: Callable[[Pack, Told], Iterator[Item]]


def is_json(name: str) -> bool:
    """Whether a file is JSON, or JSON lines, by its name."""
    return bool(re.search(r"\.(?:json|jsonl|ndjson)$", name, re.IGNORECASE))


def json_names(pack: Pack) -> list[str]:
    """The JSON files among an export's; the only file there is, whatever it is called.

    In the export's own order: any other is slow in a packed tar.
    """
    return [name for name in pack.names if len(pack.names) == 1 or is_json(name)]


def json_items(pack: Pack, name: str) -> Iterator[tuple[str, Any]]:
    """(where, item) of each item of a JSON file; what cannot be read comes as a NotAPost.

    Raises:
        SourceError: the file breaks off, and there is no other to go on with.
    """
    number = 0
    with closing(pack.open(name)) as stream:
        try:
            for number, item in enumerate(items(stream), 1):
                yield shown(pack, name, number), item
        except NotAPost as error:
            where = shown(pack, name, number + 1)
            if len(pack.names) == 1:
                raise SourceError(
                    f"{where}: the file is broken off or damaged ({error.detail}); the "
                    f"{number:,} items before it were kept. Make the export again.",
                    permanent=True,
                ) from error
            yield where, error
