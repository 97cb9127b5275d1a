"""A post as a table row and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert

from bot.model import Post, Role, Visibility
from bot.store.schema import post
from bot.store.words import code_words

COLUMNS = tuple(field.name for field in fields(Post))
"""The columns that make a Post: its own fields, by the same names."""

POST_COLUMNS = tuple(post.c[name] for name in COLUMNS)

ADDED = ("closed_at",)
"""Columns that came later: they count only where something is told, so that the fingerprints of
posts that were stored before stay right."""


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
    """The post of a row that holds `POST_COLUMNS`, whatever else it holds."""
    values = {name: row._mapping[name] for name in COLUMNS}  # noqa: SLF001 SQLAlchemy's public name for it
    values |= {"role": Role(values["role"]), "visibility": Visibility(values["visibility"])}
    values |= {"labels": tuple(values["labels"]), "closes": tuple(values["closes"])}
    return Post(**values)


CHUNK = 500
"""Keys in one IN list: well under every database's limit of variables."""


def replace_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that hang on posts, in place of what those posts had there."""
    ids = sorted({row["post_id"] for row in rows})
    for start in range(0, len(ids), CHUNK):
        connection.execute(delete(table).where(table.c.post_id.in_(ids[start : start + CHUNK])))
    if rows:
        connection.execute(insert(table), list(rows))
