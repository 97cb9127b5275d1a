"""A post as a table row and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Table,
    Text,
    cast,
    delete,
    func,
    insert,
    select,
)

from bot.model import Intent, Post, Role, Visibility
from bot.store.schema import post
from bot.store.words import code_words

COLUMNS = tuple(field.name for field in fields(Post))
"""The columns that make a Post: its own fields, by the same names."""

INTENTS = {intent.value: intent for intent in Intent}
ROLES = {role.value: role for role in Role}
_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}
"""Looked up thousands of times for one answer, which an enumeration's call is slow for."""

LISTS = ("labels", "closes")
"""Columns that hold JSON: read as text, of which few differ among thousands of posts."""


@lru_cache(maxsize=1_000)
def _listed(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))


_values = attrgetter(*COLUMNS)
_MADE: tuple[tuple[int, Callable[[Any], Any]], ...] = (
    (COLUMNS.index("role"), ROLES.__getitem__),
    (COLUMNS.index("visibility"), _VISIBILITIES.__getitem__),
    *((COLUMNS.index(name), _listed) for name in LISTS),
)
"""What is made of some columns, by their place."""

ADDED = ("closed_at",)
"""Columns that came later: they count only where something is told, so that the fingerprints of
posts that were stored before stay right."""


def post_columns(characters: int | None = None) -> tuple[ColumnElement[Any], ...]:
    """The columns that `to_post` reads; of the text only so many characters, if told."""
    shortened = {} if characters is None else {"text": func.substr(post.c.text, 1, characters)}
    made = shortened | {name: cast(post.c[name], Text) for name in LISTS}
    return tuple(made[name].label(name) if name in made else post.c[name] for name in COLUMNS)


POST_COLUMNS = post_columns()


def to_row(value: Post) -> dict[str, Any]:
    """The row of a post, with the fingerprint that tells an edit from a repeat."""
    row = {name: getattr(value, name) for name in COLUMNS}
    row |= {"role": value.role.value, "visibility": value.visibility.value}
    row |= {"labels": list(value.labels), "closes": list(value.closes)}
    row["code"] = code_words(value.title, value.text)
    row["fingerprint"] = fingerprint(row)
    return row


def fingerprint(row: Mapping[str, Any]) -> str:
    """A digest of all that the source said; equal for equal posts, in any process."""
    first = [row[name] for name in COLUMNS if name not in ADDED]
    later = [(name, row[name]) for name in ADDED if row[name] is not None]
    said = repr([*first, *later]).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def to_post(row: Row[*tuple[Any, ...]]) -> Post:
    """The post of a row that holds `post_columns`, whatever else it holds."""
    return post_of(list(_values(row)))


def post_of(values: list[Any]) -> Post:
    """The post of what stands in `POST_COLUMNS`, in their order; changes the list."""
    for place, made in _MADE:
        values[place] = made(values[place])
    return Post(*values)


def one_of(column: Column[int], values: Iterable[int]) -> ColumnElement[bool]:
    """Whether a number is one of some, however many: they go as one value, not as one each."""
    listed = func.json_each(json.dumps([int(value) for value in values]))
    its = listed.table_valued("value").c.value
    return column.in_(select(its.cast(Integer)))


def not_after(column: Column[datetime], moment: datetime) -> ColumnElement[bool]:
    """Whether a time that is never missing lies not after a moment, told so that no index is used.

    For what another index finds at once: the database cannot know that nearly all times fulfil it.
    """
    return func.coalesce(column, moment) <= moment


def rootless() -> ColumnElement[bool]:
    """Whether a post does not know its thread, told so that no index is used: most do not."""
    return func.coalesce(post.c.root_id, "") == ""


def sources_of(connection: Connection) -> Iterator[str]:
    """Every source that posts are from: one look at the index each, however many there are."""
    after = select(func.min(post.c.source))
    source = connection.execute(after).scalar()
    while source is not None:
        yield source
        source = connection.execute(after.where(post.c.source > source)).scalar()


CHUNK = 500
"""Keys in one IN list: well under every database's limit of variables."""


def by_source(keys: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Source and external ids of some keys, in lots that a statement takes."""
    parted = [key.partition(":")[::2] for key in sorted(set(keys))]
    lots: list[tuple[str, list[str]]] = []
    for source, pairs in groupby(parted, key=lambda pair: pair[0]):
        ids = [external_id for _, external_id in pairs]
        lots += [(source, ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK)]
    return lots


def replace_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that hang on posts, in place of what those posts had there."""
    ids = sorted({row["post_id"] for row in rows})
    for start in range(0, len(ids), CHUNK):
        connection.execute(delete(table).where(table.c.post_id.in_(ids[start : start + CHUNK])))
    if rows:
        connection.execute(insert(table), list(rows))
