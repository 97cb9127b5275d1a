"""Where the posts stand that can be decided about, and where themes come from and went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, select

from bot.store.filters import theme_number
from bot.store.rows import CHUNK, by_source
from bot.store.schema import placement, post, theme
from bot.store.themes import theme_named


@dataclass(frozen=True, slots=True)
class Stood:
    """A post that can be decided about, and the theme that it stands in now."""

    row_id: int
    key: str
    theme: str | None
    centrality: float


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a theme comes from and where it went."""

    merged_into: str | None = None
    split_from: str | None = None
    merged: tuple[str, ...] = ()
    """The themes that went into it."""
    split: tuple[str, ...] = ()
    """The themes that were split from it."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Where posts stand now. Every method is one transaction."""

    engine: Engine

    def in_themes(self, themes: Iterable[str]) -> list[Stood]:
        """The posts of some themes, in the order of their keys."""
        numbers = [theme_number(one) for one in themes]
        with self.engine.connect() as connection:
            return _stood(connection, placement.c.theme.in_(numbers))

    def of(self, names: Sequence[str]) -> dict[str, Stood]:
        """By name, the posts that are called by their key or their address.

        Left out: what is unknown, what opens no thread, and what is not understood yet.
        """
        found: list[Stood] = []
        addresses = [name for name in names if name.startswith(("http://", "https://"))]
        with self.engine.connect() as connection:
            for source, ids in by_source(names):
                its = (post.c.source == source, post.c.external_id.in_(ids))
                found += _stood(connection, and_(*its))
            for start in range(0, len(addresses), CHUNK):
                found += _stood(connection, post.c.url.in_(addresses[start : start + CHUNK]))
            by_row = {one.row_id: one for one in found}
            urls = connection.execute(
                select(post.c.id, post.c.url).where(post.c.id.in_(by_row))
            ).all()
        named = {row.url: by_row[row.id] for row in urls if row.url}
        named |= {one.key: one for one in found}
        return {name: named[name] for name in names if name in named}

    def lineage(self, theme_name: str) -> Lineage | None:
        """Where a theme comes from and went, or None if there never was one of that id."""
        number = theme_number(theme_name)
        with self.engine.connect() as connection:
            own = connection.execute(select(theme).where(theme.c.number == number)).first()
            if own is None:
                return None
            return Lineage(
                theme_named(own.merged_into),
                theme_named(own.split_from),
                _numbered(connection, theme.c.merged_into == number),
                _numbered(connection, theme.c.split_from == number),
            )


def _stood(connection: Connection, which: ColumnElement[bool]) -> list[Stood]:
    statement = (
        select(
            post.c.id,
            post.c.source,
            post.c.external_id,
            placement.c.theme,
            placement.c.centrality,
        )
        .join_from(placement, post)
        .where(which)
        .order_by(post.c.source, post.c.external_id)
    )
    return [
        Stood(row.id, f"{row.source}:{row.external_id}", theme_named(row.theme), row.centrality)
        for row in connection.execute(statement)
    ]


def _numbered(connection: Connection, which: ColumnElement[bool]) -> tuple[str, ...]:
    numbers = connection.execute(select(theme.c.number).where(which).order_by(theme.c.number))
    return tuple(f"T{number}" for number in numbers.scalars())
