"""What people said of posts, read from a folder: the yardstick of `groundswell eval`."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from bot.errors import GroundswellError, QueryError, SourceError
from bot.model import Intent, Post
from bot.pipeline.collecting import Collected
from bot.sources import fields
from bot.sources.archive import Archive
from bot.sources.base import NotAPost
from bot.sources.manual import SOURCE
from bot.speak.query import parse
from bot.text import cleaned

POSTS, THEMES, KINDS, DUPLICATES, SEARCH = "posts", "themes", "kinds", "duplicates", "search"
LINES, TABLE = (".jsonl", ".jsonl.gz"), (".tsv", ".tsv.gz")
MADE = "labelled"
"""The form of a post that is made of a label's own words."""
ONE_THEME = "theme-"
"""A table whose name begins so lists the posts of a single theme."""
TITLE_MOST = 300
"""Characters of a text on one line that is taken for a title, as a tweet or a question is."""

_GZIP = b"\x1f\x8b"

Row = Mapping[str, Any]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Kind:
    """A post and what somebody said of it."""

    post: Post
    kind: Intent
    complaint: bool | None
    """None: nobody said."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the keys of the posts that somebody called relevant to it."""

    query: str
    relevant: frozenset[str]


@dataclass(slots=True)
class Labelled:
    """All that a folder holds; what could not be read stands in `files`."""

    posts: tuple[Post, ...] = ()
    themes: list[tuple[Post, str]] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Keys of a post and of the one that it is a duplicate of."""
    questions: list[Question] = field(default_factory=list)
    files: list[Collected] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, Post]:
        """The posts by key."""
        return {post.key: post for post in self.posts}


def read(folder: Path, now: datetime) -> Labelled:
    """Read every file of a folder that we know by its name; good lines are kept beside bad ones.

    Raises:
        GroundswellError: there is none.
    """
    found = Labelled()
    for path in _named(folder, POSTS, LINES):
        found.posts += tuple(_posts(path, now, found))
    known = _Known.of(found.posts)
    forms: tuple[tuple[str, Sequence[str], Callable[[Row, str], object], list[Any]], ...] = (
        (THEMES, (*LINES, *TABLE), lambda row, place: _theme(row, place, known, now), found.themes),
        (f"{ONE_THEME}*", TABLE, lambda row, place: _of_one(row, place, known), found.themes),
        (KINDS, LINES, lambda row, place: _kind(row, place, known, now), found.kinds),
        (DUPLICATES, (*LINES, *TABLE), lambda row, _: _link(row, known), found.links),
        (SEARCH, LINES, lambda row, _: _question(row, known, now), found.questions),
    )
    for name, ends, make, kept in forms:
        for path in _named(folder, name, ends):
            kept.extend(_taken(path, found, make))
    found.themes = _once(found.themes)
    if not found.files:
        raise GroundswellError(
            f"{folder}: there are no labels in it. It may hold themes.jsonl, kinds.jsonl, "
            "duplicates.tsv and search.jsonl, and the posts that they name in posts.jsonl: "
            "docs/eval.md shows what stands in them"
        )
    return found


def _once(themes: Sequence[tuple[Post, str]]) -> list[tuple[Post, str]]:
    """Each post with the first label that it was given."""
    first: dict[str, tuple[Post, str]] = {}
    for post, label in themes:
        first.setdefault(post.key, (post, label))
    return list(first.values())


def _named(folder: Path, name: str, ends: Sequence[str]) -> list[Path]:
    return sorted(path for end in ends for path in folder.glob(f"{name}{end}") if path.is_file())


def _posts(path: Path, now: datetime, found: Labelled) -> Iterator[Post]:
    report = Collected(str(path))
    found.files.append(report)
    try:
        for batch in Archive(path, now).fetch(None, None):
            report.read += len(batch.posts) + len(batch.rejected)
            report.rejected += batch.rejected
            yield from batch.posts
    except SourceError as error:
        report.error = str(error)


def _taken(path: Path, found: Labelled, make: Callable[[Row, str], Item]) -> list[Item]:
    """What is made of each row of a file; those that are none are kept in its report."""
    report, made = Collected(str(path)), list[Item]()
    found.files.append(report)
    try:
        for number, row in _rows(path):
            report.read += 1
            try:
                made.append(make(_sound(row), f"{path.name}:{number}"))
            except NotAPost as error:
                report.rejected.append(error.at(f"{path}:{number}"))
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        report.error = f"{path}: breaks off or cannot be read ({error}). Get or write it again."
    except UnicodeDecodeError as error:
        report.error = f"{path}: is not UTF-8 ({error.reason}). Save it as UTF-8."
    if not report.read and not report.error:
        report.error = f"{path}: there is nothing in it"
    return made


def _sound(row: Row | NotAPost) -> Row:
    if isinstance(row, NotAPost):
        raise row
    return row


def _rows(path: Path) -> Iterator[tuple[int, Row | NotAPost]]:
    """(line, row) of JSON lines, or of a table whose first line names its columns."""
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=file) if start == _GZIP else file)
        lines = TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        yield from _table(lines) if ".tsv" in path.suffixes else _objects(lines)


def _table(lines: Iterable[str]) -> Iterator[tuple[int, Row]]:
    for number, row in enumerate(
        csv.DictReader(lines, delimiter="\t", quotechar=None, quoting=csv.QUOTE_NONE), 2
    ):
        yield number, {name: value for name, value in row.items() if name and value}


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, Row | NotAPost]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, fields.row(json.loads(line))
        except (ValueError, RecursionError) as error:
            yield number, NotAPost("not JSON", f"{str(error)[:120]}; write one object a line")
        except NotAPost as error:
            yield number, error


@dataclass(frozen=True, slots=True)
class _Known:
    """The posts of posts.jsonl, by key and by id alone where only one source has it."""

    posts: Mapping[str, Post]

    @classmethod
    def of(cls, posts: Iterable[Post]) -> _Known:
        by_id: dict[str, list[Post]] = {}
        by_key = {post.key: post for post in posts}
        for post in by_key.values():
            by_id.setdefault(post.external_id, []).append(post)
        alone = {name: found[0] for name, found in by_id.items() if len(found) == 1}
        return cls(alone | by_key)

    def post(self, row: Row, name: str) -> Post:
        return self.named(_text(row, name))

    def named(self, name: str) -> Post:
        if name not in self.posts:
            raise NotAPost("no such post", f"{name[:80]!r} is in no posts.jsonl beside it")
        return self.posts[name]


def _text(row: Row, name: str) -> str:
    """A text that must be there; a number will do, as labels often are."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = fields.line(value)
    if found is None:
        raise NotAPost(f"missing: {name}", f'write it as "{name}": "..."')
    return found


def _post(row: Row, place: str, known: _Known, now: datetime) -> Post:
    """The post that a row names, or one that is made of its words."""
    if row.get("post") is not None:
        return known.post(row, "post")
    title, text = row.get("title") or "", row.get("text") or ""
    if not isinstance(title, str) or not isinstance(text, str):
        raise NotAPost("wrong type", "title and text are texts")
    title, text = " ".join(cleaned(title).split()), cleaned(text)
    if not title and len(text) <= TITLE_MOST and "\n" not in text:
        title, text = text, ""
    if not title and not text:
        raise NotAPost("no words", 'write "text", "title" and "text", or "post" to name one')
    venue = fields.line(row.get("project")) or "labelled"
    return Post(SOURCE, place, MADE, title, text, now, venue)


def _theme(row: Row, place: str, known: _Known, now: datetime) -> tuple[Post, str]:
    named = {**row, "post": row["id"]} if "id" in row and "post" not in row else row
    return _post(named, place, known, now), _text(row, "label")


def _of_one(row: Row, place: str, known: _Known) -> tuple[Post, str]:
    """A row of a table that lists the posts of one theme, which the file is named after."""
    return known.post(row, "id"), place.removeprefix(ONE_THEME).partition(".")[0]


def _kind(row: Row, place: str, known: _Known, now: datetime) -> Kind:
    kind, hurts = _text(row, "kind").lower(), row.get("complaint")
    if kind not in tuple(Intent):
        raise NotAPost("unknown kind", f"{kind[:40]!r}; there are {', '.join(Intent)}")
    if hurts is not None and not isinstance(hurts, bool):
        raise NotAPost("wrong type: complaint", "it is true, false, or left out")
    return Kind(_post(row, place, known, now), Intent(kind), hurts)


def _link(row: Row, known: _Known) -> tuple[str, str]:
    one, other = known.post(row, "id"), known.post(row, "duplicate_of")
    if one.key == other.key:
        raise NotAPost("one post", f"{one.key[:80]} is called a duplicate of itself")
    return one.key, other.key


def _question(row: Row, known: _Known, now: datetime) -> Question:
    query, relevant = _text(row, "query"), row.get("relevant")
    if not isinstance(relevant, list) or not relevant:
        raise NotAPost("missing: relevant", 'write "relevant": ["github:owner/name#1", ...]')
    try:
        parse(query, now)
    except QueryError as error:
        raise NotAPost("no query", str(error).splitlines()[0]) from error
    return Question(query, frozenset(known.named(str(name)).key for name in relevant))


def arranged(posts: Sequence[Post], order: Sequence[int], now: datetime) -> list[Post]:
    """Posts made of words alone, as if they had come in this order; those with an id stay."""
    made = list(posts)
    for place, number in enumerate(order):
        if posts[number].kind == MADE:
            at = now - timedelta(minutes=len(posts) - place)
            made[number] = replace(posts[number], external_id=f"{place:07}", created_at=at)
    return made
