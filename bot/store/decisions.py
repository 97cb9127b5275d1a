"""What people decided about themes: an append-only log, and what it does to where posts stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    func,
    insert,
    select,
    true,
    update,
)

from bot.model import Decision, Deed, Intent, Part, Touched
from bot.store.decided_kinds import hold_kinds, release_kinds
from bot.store.filters import theme_number
from bot.store.rows import CHUNK
from bot.store.schema import decided_post, decision, placement, post, theme
from bot.store.themes import Name, Placement, log_version, place, theme_named


@dataclass(frozen=True, slots=True)
class Decisions:
    """The log of decisions. Every method is one transaction."""

    engine: Engine

    def version(self) -> int:
        """Grows with every decision and with every undoing of one."""
        with self.engine.connect() as connection:
            return log_version(connection)

    def all(self) -> list[Decision]:
        """Every decision, the undone ones too, in the order in which they were taken."""
        with self.engine.connect() as connection:
            touched = _touched(connection)
            rows = connection.execute(select(decision).order_by(decision.c.id))
            return [_decision(row, touched.get(row.id, ())) for row in rows]

    def record(
        self,
        made: Decision,
        placements: Sequence[Placement] = (),
        name: Name | None = None,
    ) -> Decision | None:
        """Write a decision into the log and do what it says, at once.

        `placements` are where its posts stand from now on, `name` is that of a theme it makes.
        Returns it with its id, or None, with nothing done, if the themes that it speaks of are no
        longer what it was made from.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            if not _as_seen(connection, made):
                return None
            if name is not None:
                _make_theme(connection, name, made)
            number = _append(connection, made)
            place(connection, placements)
            _revive(connection, {p.theme for p in placements})
            if made.deed is Deed.MERGE:
                _set_theme(connection, made.theme, merged_into=_number(made.into))
            if made.deed is Deed.KIND:
                hold_kinds(connection, decided_post.c.decision_id == number)
        return replace(made, id=number)

    def undo(self, gone: Decision, by: str, now: datetime, placements: Sequence[Placement]) -> bool:
        """Mark a decision as undone and put its posts back.

        `placements` are where they stand from now on. Returns False, with nothing done, if it was
        undone already, or if a theme that goes with it has got more posts than those.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            if gone.deed is Deed.SPLIT and _others_in(connection, gone.into, placements):
                return False
            undone = connection.execute(
                update(decision)
                .where(decision.c.id == gone.id, decision.c.undone_at.is_(None))
                .values(undone_at=now, undone_by=by)
            )
            if not undone.rowcount:
                return False
            place(connection, placements)
            _revive(connection, {p.theme for p in placements})
            if gone.deed is Deed.MERGE:
                _set_theme(connection, gone.theme, merged_into=None)
            if gone.deed is Deed.SPLIT:
                _set_theme(connection, gone.into, merged_into=_number(gone.theme))
            if gone.deed is Deed.KIND:
                release_kinds(connection, gone)
                hold_kinds(connection, decision.c.undone_at.is_(None))
        return True

    def given(self, now: datetime) -> dict[str, str]:
        """The names that people gave, by theme."""
        found = self._last(Deed.RENAME, now)
        return {one.theme: one.label for one in found if one.theme and one.label}

    def mutes(self, now: datetime) -> dict[str, Decision]:
        """By theme the decision to mute it; whether it is over by now is for the caller to say."""
        return {one.theme: one for one in self._last(Deed.MUTE, now) if one.theme}

    def seen(self, now: datetime) -> dict[str, Decision]:
        """By theme who acknowledged it last; whether that is over is for the caller to say."""
        return {one.theme: one for one in self._last(Deed.ACKNOWLEDGE, now) if one.theme}

    def standing(self, deeds: Collection[Deed], now: datetime) -> list[Decision]:
        """What stands of some deeds, in order; of its posts only the issue that a link names."""
        named = [deed.value for deed in sorted(deeds)]
        statement = (
            select(decision)
            .where(decision.c.deed.in_(named), decision.c.undone_at.is_(None))
            .where(decision.c.at <= now)
            .order_by(decision.c.id)
        )
        with self.engine.connect() as connection:
            issues = _touched(connection, decided_post.c.part == Part.ISSUE.value)
            return [_decision(r, issues.get(r.id, ())) for r in connection.execute(statement)]

    def _last(self, deed: Deed, now: datetime) -> list[Decision]:
        """What stands of one deed, in order."""
        return self.standing({deed}, now)

    def hold_kinds(self) -> None:
        """Let every post be of the kind that a person said, whatever has been read since."""
        with self.engine.execution_options(writes=True).begin() as connection:
            hold_kinds(connection, decision.c.undone_at.is_(None))


def _touched(
    connection: Connection, which: ColumnElement[bool] | None = None
) -> dict[int, tuple[Touched, ...]]:
    """By decision its posts, all or some."""
    statement = (
        select(decided_post, post.c.source, post.c.external_id)
        .join_from(decided_post, post)
        .where(true() if which is None else which)
        .order_by(decided_post.c.decision_id, post.c.source, post.c.external_id)
    )
    rows = connection.execute(statement)
    return {
        number: tuple(map(_one_touched, of_decision))
        for number, of_decision in groupby(rows, key=lambda row: row.decision_id)
    }


def _one_touched(row: Row[*tuple[Any, ...]]) -> Touched:
    return Touched(
        row.post_id,
        f"{row.source}:{row.external_id}",
        Part(row.part),
        theme_named(row.theme),
        theme_named(row.stood),
        row.centrality,
        row.right,
    )


def _decision(row: Row[*tuple[Any, ...]], touched: tuple[Touched, ...]) -> Decision:
    return Decision(
        id=row.id,
        at=row.at,
        by=row.by,
        deed=Deed(row.deed),
        touched=touched,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        **{name: _READ.get(name, _as_is)(value) for name, value in row.arguments.items()},
    )


def _as_is(value: Any) -> Any:  # noqa: ANN401 whatever JSON holds
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {"kind": Intent, "until": datetime.fromisoformat}


def _arguments(made: Decision) -> dict[str, Any]:
    values = {
        "theme": made.theme,
        "into": made.into,
        "label": made.label,
        "kind": made.kind and made.kind.value,
        "until": made.until and made.until.isoformat(),
        "weekly": made.weekly,
        "to": made.to,
        "called": made.called,
        "issue": made.issue,
    }
    return {name: value for name, value in values.items() if value is not None}


def _append(connection: Connection, made: Decision) -> int:
    row = {"at": made.at, "by": made.by, "deed": made.deed.value, "arguments": _arguments(made)}
    key: Any = connection.execute(insert(decision).values(**row)).inserted_primary_key
    number = int(key[0])
    rows = [
        {
            "decision_id": number,
            "post_id": one.row_id,
            "part": one.part.value,
            "theme": _number(one.theme),
            "stood": _number(one.stood),
            "centrality": one.centrality,
            "right": one.right,
        }
        for one in made.touched
    ]
    if rows:
        connection.execute(insert(decided_post), rows)
    return number


def _as_seen(connection: Connection, made: Decision) -> bool:
    """Whether every post stands where the decision found it, and its themes hold no others."""
    placed = [one for one in made.touched if one.part is not Part.ISSUE]
    row_ids = [one.row_id for one in placed]
    stands: dict[int, str | None] = {}
    for start in range(0, len(row_ids), CHUNK):
        chunk = row_ids[start : start + CHUNK]
        rows = connection.execute(
            select(placement.c.post_id, placement.c.theme).where(placement.c.post_id.in_(chunk))
        )
        stands |= {row.post_id: theme_named(row.theme) for row in rows}
    if any(stands.get(one.row_id, "") != one.stood for one in placed):
        return False
    if made.deed not in _WHOLE:
        return made.theme is None or bool(_count_in(connection, {made.theme}))
    whole = {made.theme, made.into}
    seen = sum(one.stood is not None and one.stood in whole for one in made.touched)
    made_anew = made.deed is Deed.SPLIT and _known(connection, made.into)
    return _count_in(connection, whole) == seen and not made_anew


_WHOLE = {Deed.MERGE, Deed.SPLIT, Deed.CONFIRM, Deed.NOT_US}
"""Deeds about all the posts of their themes."""


def _count_in(connection: Connection, themes: Iterable[str | None]) -> int:
    numbers = [theme_number(one) for one in themes if one]
    statement = select(func.count(placement.c.post_id)).where(placement.c.theme.in_(numbers))
    return connection.execute(statement).scalar_one()


def _others_in(connection: Connection, name: str | None, placements: Iterable[Placement]) -> bool:
    """Whether posts other than these stand in a theme."""
    there = select(placement.c.post_id).where(placement.c.theme == _number(name))
    return bool(set(connection.execute(there).scalars()) - {place.row_id for place in placements})


def _known(connection: Connection, name: str | None) -> bool:
    row = select(theme.c.number).where(theme.c.number == _number(name))
    return connection.execute(row).first() is not None


def _make_theme(connection: Connection, name: Name, made: Decision) -> None:
    connection.execute(
        insert(theme).values(
            number=theme_number(name.theme),
            label=name.label,
            keywords=list(name.keywords),
            made_at=made.at,
            split_from=_number(made.theme),
        )
    )


def _revive(connection: Connection, themes: Iterable[str | None]) -> None:
    """A theme that has posts stands, whatever it went into before."""
    for one in themes:
        if one is not None:
            _set_theme(connection, one, merged_into=None)


def _set_theme(connection: Connection, name: str | None, *, merged_into: int | None) -> None:
    connection.execute(
        update(theme).where(theme.c.number == _number(name)).values(merged_into=merged_into)
    )


def _number(name: str | None) -> int | None:
    return None if name is None else theme_number(name)
