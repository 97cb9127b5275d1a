"""Names of themes in messages that were posted: one that is a post's title goes with the post."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from bot.deliveries import FALLBACK
from bot.store.schema import message, placement, post, shown

_QUOTED = re.compile("“([^”]+)”")


@dataclass(frozen=True, slots=True)
class _Going:
    """The title of a post that goes, in the theme that it stands in."""

    theme: int
    key: str
    title: str


def forsake(connection: Connection, row_ids: Sequence[int]) -> None:
    """Note of what was posted which blocks name a theme by the title of a post that is to go.

    From then on such a block quotes that post, so that it is found once the post is gone
    (`Outbox.orphaned`). A name that a title of a post that stays says, too, is not that post's
    alone. Part of the caller's transaction, before the posts are deleted.
    """
    going = _going(connection, row_ids)
    rows = _naming(connection, {one.theme for one in going}) if going else []
    found = [(row, one) for row in rows if (one := _named_by(row, going))]
    if not found:
        return
    stay = _staying(connection, {one.theme for _, one in found}, row_ids)
    for row, one in found:
        names = [name for name in _names(row) if name in one.title]
        if any(name in title for name in names for title in stay):
            continue
        its = (shown.c.delivery_id == row.delivery_id, shown.c.part == row.part)
        block = shown.c.block_id == row.block_id
        connection.execute(update(shown).where(*its, block).values(post_key=one.key))


def _going(connection: Connection, row_ids: Sequence[int]) -> list[_Going]:
    statement = (
        select(placement.c.theme, post.c.source, post.c.external_id, post.c.title)
        .join_from(post, placement)
        .where(post.c.id.in_(row_ids), placement.c.theme.is_not(None), post.c.title != "")
    )
    return [
        _Going(row.theme, f"{row.source}:{row.external_id}", _bare(row.title))
        for row in connection.execute(statement)
    ]


def _naming(connection: Connection, themes: set[int]) -> list[Row[Any]]:
    """What messages show of some themes, or of one that is not told, and quote no post for."""
    statement = (
        select(shown, message.c.text, message.c.blocks)
        .join_from(shown, message)
        .where(shown.c.post_key.is_(None))
        .where(or_(shown.c.theme.in_(themes), shown.c.theme.is_(None)))
    )
    return list(connection.execute(statement))


def _staying(connection: Connection, themes: set[int], row_ids: Sequence[int]) -> list[str]:
    """The titles of the posts of some themes that do not go."""
    titles = (
        select(post.c.title)
        .join_from(post, placement)
        .where(placement.c.theme.in_(themes), post.c.id.not_in(row_ids))
    )
    return [_bare(title) for title in connection.execute(titles).scalars()]


def _named_by(row: Row[Any], going: Sequence[_Going]) -> _Going | None:
    """The post whose title a block gives as a name."""
    its = [one for one in going if row.theme in {None, one.theme}]
    return next((one for one in its for name in _names(row) if name in one.title), None)


def _names(row: Row[Any]) -> Iterator[str]:
    """What a block may give as a theme's name: what it says first, and what stands in quotes."""
    if row.block_id.startswith(FALLBACK):
        texts = [html.unescape(row.text)]
    else:
        blocks = (block for block in row.blocks if block.get("block_id") == row.block_id)
        texts = [text for block in blocks for text in _texts(block)]
    names = (*texts[:1], *_QUOTED.findall(" ".join(texts)))
    yield from filter(None, map(_bare, names))


def _texts(part: Any) -> Iterator[str]:  # noqa: ANN401 whatever a block holds
    """Every text in a part of a block, in order."""
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _bare(text: str) -> str:
    """The letters and digits alone: a name is a title without its marks, and may be cut."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
