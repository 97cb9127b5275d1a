"""Themes and who belongs to them: ids that last, with their lineage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from bot.model import Audience, Criterion, Ground, Intent, Member, Query, Reading, Theme
from bot.store.filters import crowded, readable, theme_number
from bot.store.posts import joined
from bot.store.rows import CHUNK, INTENTS, ROLES, one_of
from bot.store.schema import decision, ground, grouping, placement, post, reading, theme

TEXT_LIMIT = 2_000
"""Characters of a member's text that are read with its theme: enough to quote from."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one post stands: in a theme, or in none."""

    row_id: int
    theme: str | None
    centrality: float


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping of all posts within reach."""

    at: datetime
    way: str
    """Of the embedder and the clusterer: what another way found is grouped anew."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a theme is called, and what of the product it is about."""

    theme: str
    label: str
    keywords: tuple[str, ...]
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes of a database. Every method is one transaction."""

    engine: Engine

    def standing(self, now: datetime) -> dict[int, str | None]:
        """The theme, or None, of every post placed so far, by row id."""
        statement = select(placement.c.post_id, placement.c.theme).select_from(placement.join(post))
        with self.engine.connect() as connection:
            rows = connection.execute(statement.where(post.c.created_at <= now))
            return {row.post_id: theme_named(row.theme) for row in rows}

    def last_grouping(self) -> Grouping | None:
        """When all within reach were last grouped, and how."""
        statement = select(grouping.c.at, grouping.c.way).order_by(grouping.c.id.desc()).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(statement).first()
            return Grouping(row.at, row.way) if row else None

    def next_number(self) -> int:
        """The number of the next new theme: one more than any ever used."""
        with self.engine.connect() as connection:
            greatest = connection.execute(select(func.max(theme.c.number))).scalar()
        return (greatest or 0) + 1

    def save(
        self,
        placements: Sequence[Placement],
        names: Iterable[Name],
        merged: Mapping[str, str],
        now: datetime,
        obeying: int | None = None,
        way: str | None = None,
    ) -> bool:
        """Put posts into their themes, all at once.

        `merged` maps a theme that is gone to the one that most of it went into. `obeying` is the
        version of the log of decisions that all this follows: if that has grown meanwhile,
        nothing is saved, and False returned. `way` is how all within reach were grouped; None for
        a part of them.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            if obeying is not None and obeying != log_version(connection):
                return False
            _keep_names(connection, names, now)
            place(connection, placements)
            for gone, into in merged.items():
                _merge(connection, theme_number(gone), theme_number(into))
            if way is not None:
                connection.execute(insert(grouping).values(at=now, way=way))
        return True

    def names(self, themes: Iterable[str] | None = None) -> dict[str, Name]:
        """What all or some themes are called, by id; also those that have no posts any more."""
        columns = (theme.c.number, theme.c.label, theme.c.keywords, theme.c.area)
        statement = select(*columns)
        if themes is not None:
            statement = statement.where(theme.c.number.in_(map(theme_number, themes)))
        with self.engine.connect() as connection:
            named = (
                Name(f"T{row.number}", row.label, tuple(row.keywords), row.area)
                for row in connection.execute(statement)
            )
            return {name.theme: name for name in named}

    def areas(self) -> dict[str, str]:
        """The area of every theme that has one, by id."""
        statement = select(theme.c.number, theme.c.area).where(theme.c.area.is_not(None))
        with self.engine.connect() as connection:
            return {f"T{number}": area for number, area in connection.execute(statement).all()}

    def merged_into(self, theme_id: str) -> str | None:
        """The theme that a theme went into, or None if it stands or fell apart."""
        with self.engine.connect() as connection:
            found = connection.execute(
                select(theme.c.merged_into).where(theme.c.number == theme_number(theme_id))
            ).scalar()
        return theme_named(found)

    def load(self, query: Query, now: datetime) -> list[Theme]:
        """The themes of the posts that fulfil the query, with those posts as members."""
        statement = joined(select(*_MEMBER_COLUMNS), query, now)
        statement = statement.join(theme, theme.c.number == placement.c.theme).order_by(
            placement.c.theme, post.c.created_at, post.c.id
        )
        with self.engine.connect() as connection:
            rows = connection.execute(statement).all()
            met = _grounds(connection, statement)
        return [
            _theme(list(of_theme), met) for _, of_theme in groupby(rows, key=lambda r: r.number)
        ]

    def crowded(self, query: Query, now: datetime) -> list[str]:
        """The themes that enough people speak of, in the time and the places of the query."""
        with self.engine.connect() as connection:
            return [f"T{n}" for n in sorted(connection.execute(crowded(query, now)).scalars())]

    def holding(self, row_ids: Iterable[int]) -> dict[str, int]:
        """How many of some posts stand in each theme that has any."""
        its = (placement.c.theme.is_not(None), one_of(placement.c.post_id, row_ids))
        counted = select(placement.c.theme, func.count()).where(*its).group_by(placement.c.theme)
        with self.engine.connect() as connection:
            found = connection.execute(counted.order_by(placement.c.theme)).all()
        return {f"T{number}": count for number, count in found}

    def sizes(self, themes: Iterable[str] | None = None) -> dict[str, int]:
        """How many posts each theme that has any holds, of all or of some themes."""
        statement = (
            select(placement.c.theme, func.count())
            .where(placement.c.theme.is_not(None))
            .group_by(placement.c.theme)
        )
        if themes is not None:
            statement = statement.where(placement.c.theme.in_(map(theme_number, themes)))
        with self.engine.connect() as connection:
            return {f"T{number}": size for number, size in connection.execute(statement).all()}

    def counted(self, query: Query, now: datetime) -> dict[str, int]:
        """How many posts of each theme fulfil a query; themes without any are left out."""
        # Joined to the themes, or the database goes through all posts by time for a few of these.
        counted = joined(select(placement.c.theme, func.count()), query, now)
        counted = counted.join(theme, theme.c.number == placement.c.theme)
        counted = counted.group_by(placement.c.theme)
        with self.engine.connect() as connection:
            return {f"T{number}": count for number, count in connection.execute(counted).all()}

    def count(self, now: datetime) -> int:
        """How many themes have a post up to `now`."""
        its = (
            placement.join(post)
            .select()
            .where(placement.c.theme == theme.c.number, post.c.created_at <= now)
        )
        statement = select(func.count()).select_from(theme).where(its.exists())
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def hiding(self, audience: Audience) -> set[str]:
        """The themes with posts that an audience may not read: their names may tell of these."""
        # Written out, so that the database knows the index of the few that are not public.
        private = post.c.visibility != literal("public", literal_execute=True)
        hidden = select(post.c.id).where(private, ~readable(audience))
        statement = (
            select(placement.c.theme)
            .distinct()
            .where(placement.c.theme.is_not(None), placement.c.post_id.in_(hidden))
        )
        with self.engine.connect() as connection:
            return {f"T{number}" for number in connection.execute(statement).scalars()}

    def reaching_past(self, now: datetime) -> set[str]:
        """The themes that have posts written after `now`: their names may know too much."""
        later = select(post.c.id).where(post.c.created_at > now)
        statement = (
            select(placement.c.theme)
            .distinct()
            .where(placement.c.theme.is_not(None), placement.c.post_id.in_(later))
        )
        with self.engine.connect() as connection:
            return {f"T{number}" for number in connection.execute(statement).scalars()}


_MEMBER_COLUMNS = (
    theme.c.number,
    theme.c.label,
    theme.c.keywords,
    theme.c.area,
    placement.c.centrality,
    reading.c.intent,
    post.c.id.label("row_id"),
    reading.c.strength,
    reading.c.language,
    post.c.source,
    post.c.external_id,
    post.c.venue,
    post.c.author,
    post.c.role,
    post.c.created_at,
    post.c.title,
    func.substr(post.c.text, 1, TEXT_LIMIT).label("text"),
    post.c.url,
    post.c.score,
    post.c.reply_count,
)


def _grounds(connection: Connection, members: Select[Any]) -> dict[int, tuple[Ground, ...]]:
    """What the posts of a statement over members meet, by row id."""
    ids = members.with_only_columns(post.c.id).order_by(None)
    statement = select(ground).where(ground.c.post_id.in_(ids)).order_by(ground.c.post_id)
    return {
        row_id: tuple(Ground(Criterion(row.criterion), row.words) for row in of_post)
        for row_id, of_post in groupby(connection.execute(statement), key=lambda r: r.post_id)
    }


def _theme(rows: Sequence[Row[*tuple[Any, ...]]], met: Mapping[int, tuple[Ground, ...]]) -> Theme:
    first = rows[0]
    members = tuple(_member(row, met.get(row.row_id, ())) for row in rows)
    return Theme(f"T{first.number}", first.label, tuple(first.keywords), members, first.area)


def _member(row: Row[*tuple[Any, ...]], met: tuple[Ground, ...]) -> Member:
    return Member(
        key=f"{row.source}:{row.external_id}",
        source=row.source,
        venue=row.venue,
        author=row.author,
        role=ROLES[row.role],
        created_at=row.created_at,
        title=row.title,
        text=row.text,
        url=row.url,
        score=row.score,
        reply_count=row.reply_count,
        reading=Reading(
            INTENTS[row.intent or Intent.DISCUSSION],
            row.strength or 0,
            grounds=met,
            language=row.language,
        ),
        centrality=row.centrality,
    )


def theme_named(number: int | None) -> str | None:
    """`T12` for 12."""
    return None if number is None else f"T{number}"


def _keep_names(connection: Connection, names: Iterable[Name], now: datetime) -> None:
    known = set(connection.execute(select(theme.c.number)).scalars())
    for name in names:
        number = theme_number(name.theme)
        values = {"label": name.label, "keywords": list(name.keywords), "area": name.area}
        if number in known:
            connection.execute(update(theme).where(theme.c.number == number).values(**values))
        else:
            connection.execute(insert(theme).values(number=number, made_at=now, **values))


def log_version(connection: Connection) -> int:
    """Grows with every decision and with every undoing of one."""
    both = select(func.count(decision.c.id) + func.count(decision.c.undone_at))
    return connection.execute(both).scalar_one()


def place(connection: Connection, placements: Sequence[Placement]) -> None:
    """Put posts where they stand now, as part of the caller's transaction."""
    rows = [
        {
            "post_id": p.row_id,
            "theme": None if p.theme is None else theme_number(p.theme),
            "centrality": p.centrality,
        }
        for p in placements
    ]
    ids = [p.row_id for p in placements]
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        connection.execute(delete(placement).where(placement.c.post_id.in_(chunk)))
    if rows:
        connection.execute(insert(placement), rows)


def _merge(connection: Connection, gone: int, into: int) -> None:
    """Note where a theme went, unless posts that this run did not see still stand in it."""
    statement = (
        update(theme)
        .where(theme.c.number == gone)
        .where(~exists().where(placement.c.theme == gone))
        .values(merged_into=into)
    )
    connection.execute(statement)
