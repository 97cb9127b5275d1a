"""A table as CSV, a post a row."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from io import TextIOWrapper
from typing import Any

from bot.errors import SourceError
from bot.model import Post
from bot.sources import archive
from bot.sources.base import NotAPost
from bot.sources.exports.csv_columns import EXAMPLE, Columns, guessed
from bot.sources.exports.form import ANY_TIME, HEAD, Form, Item, Look, Told
from bot.sources.exports.packed import Pack, shown
from bot.text import cleaned, excerpt

CELL_MOST = 1_000_000
"""Characters of one cell. More means that a quotation mark was opened and never closed."""

TABLES = (".csv", ".tsv")

_DELIMITERS = ",;\t|"
_BYTE_ORDER = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_WHOLE = re.compile(r"([+-]?[0-9]{1,15})(?:\.0*)?")
_SECONDS = re.compile(r"([0-9]{9,10})(?:[0-9]{3})?(?:\.[0-9]*)?")
"""Since 1970, perhaps in thousandths."""


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of one table are read."""

    width: int
    places: Mapping[str, int]
    """The column of a field, from 0."""
    constants: Mapping[str, str]

    @classmethod
    def of(cls, where: str, header: Sequence[str], chosen: Columns | None) -> Table:
        """By the user's map, or else by what the columns are called.

        Raises:
            SourceError: a column is not there, or nothing tells the time or the words.
        """
        names = [name.strip() for name in header]
        listed = ", ".join(excerpt(cleaned(name), 40) for name in names[:30])
        if chosen is None:
            chosen = Columns({field: names[at] for field, at in guessed(names).items()}, {})
        for column in chosen.of.values():
            if column not in names:
                raise SourceError(
                    f"{where}: there is no column {column!r}; there are: {listed}", permanent=True
                )
        told = {*chosen.of, *chosen.constants}
        if "created_at" not in told or not told & {"title", "body"}:
            raise SourceError(
                f"{where}: which column holds the time, and which the words? Say so as in "
                f"{EXAMPLE}. The columns are: {listed}",
                permanent=True,
            )
        places = {field: names.index(column) for field, column in chosen.of.items()}
        return cls(len(names), places, chosen.constants)

    def fields(self, row: Sequence[str]) -> dict[str, str]:
        """A row's cells by field, the empty ones left out."""
        if len(row) > self.width:
            raise NotAPost("wrong number of columns", f"{len(row)}, not {self.width}")
        cells = {field: row[at].strip() for field, at in self.places.items() if at < len(row)}
        return {**self.constants, **{field: cell for field, cell in cells.items() if cell}}


def rows(pack: Pack, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not empty, the header first.

    Raises:
        SourceError: it is no CSV; the rows before the fault have been yielded.
    """
    with closing(pack.open(name)) as stream:
        head = stream.read(HEAD)
    with closing(pack.open(name)) as stream:
        lines = TextIOWrapper(stream, _encoding(head), "replace", newline="")
        csv.field_size_limit(CELL_MOST)
        reader, line = csv.reader(lines, delimiter=_delimiter(_first_line(head))), 1
        try:
            for row in reader:
                if row:
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise SourceError(
                f"{shown(pack, name, line)}: not CSV ({error}); is a quotation mark opened there "
                "and never closed? The rows before it were kept",
                permanent=True,
            ) from error


def _detects(look: Look) -> bool:
    """One table, by its name or because its columns are called as one would call them."""
    header = _first_line(look.head)
    if not header or header.lstrip().startswith(("{", "[")):
        return False
    found = guessed(next(csv.reader([header], delimiter=_delimiter(header)), []))
    told = "created_at" in found and ("title" in found or "body" in found)
    return told or any(name.lower().endswith(TABLES) for name in look.names)


def _items(pack: Pack, told: Told) -> Iterator[Item]:
    tables = [name for name in pack.names if name.lower().endswith(TABLES)]
    chosen = tables if len(pack.names) > 1 else pack.names
    if len(chosen) != 1:
        raise SourceError(f"{pack.path}: one CSV file is read at a time", permanent=True)
    (name,) = chosen
    read = rows(pack, name)
    _, header = next(read, (1, []))
    parse_here = partial(parse, table=Table.of(shown(pack, name), header, told.columns))
    for line, row in read:
        yield Item(shown(pack, name, line), row, parse_here)


def parse(row: Sequence[str], table: Table) -> Post:
    """A row as a post; one without an id of its own is named after its words. Raises NotAPost."""
    told = table.fields(row)
    made: dict[str, Any] = {"source": "manual", "kind": "entry", **told}
    made["id"] = told.get("id") or told.get("url") or _digest(told)
    made["created_at"] = _time(told.get("created_at", ""), told.get("date_format"))
    made["labels"] = [label.strip() for label in re.split(r"[,;|]", told.get("labels", ""))]
    for name in ("score", "reply_count"):
        made[name] = _count(name, told.get(name))
    made["extra"] = {name: told.get(name) for name in ("venue", "state", "role")}
    return archive.parse(made, ANY_TIME)


def _time(value: str, form: str | None) -> str:
    """In ISO form. Days and months are not guessed at: 03/04 needs a `date_format`."""
    if not value:
        raise NotAPost("missing field: created_at")
    try:
        if form:
            return datetime.strptime(value, form).isoformat()  # noqa: DTZ007 the format may hold a zone
        if match := _SECONDS.fullmatch(value):
            return datetime.fromtimestamp(int(match[1]), UTC).isoformat()
        if not value[:1].isdecimal():
            return parsedate_to_datetime(value).isoformat()
    except ValueError as error:
        raise NotAPost("date unreadable", f"created_at is {value[:40]!r}") from error
    return value


def _count(name: str, value: str | None) -> int | None:
    match = _WHOLE.fullmatch(value.replace(",", "")) if value else None
    if value and not match:
        raise NotAPost(f"wrong type: {name}", "no whole number")
    return int(match[1]) if match else None


def _digest(told: Mapping[str, str]) -> str:
    words = "\0".join(told.get(name, "") for name in ("title", "body", "author", "created_at"))
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _encoding(head: bytes) -> str:
    """UTF-16 by its mark, UTF-8 if it can be that, or else what older programs write on Windows."""
    if marked := _BYTE_ORDER.get(head[:2]):
        return marked
    try:
        head[: head.rfind(b"\n") + 1].decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _first_line(head: bytes) -> str:
    lines = head.decode(_encoding(head), "replace").splitlines()
    return lines[0] if lines and "\0" not in lines[0] else ""


def _delimiter(header: str) -> str:
    """Which of the usual ones the header has most of."""
    return max(_DELIMITERS, key=header.count)


FORM = Form(_detects, _items)
