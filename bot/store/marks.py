"""Links from marks: posts find each other by names, and only what a name's change touches is done.

Every name has a first bearer, found through an index however many others bear it or point at it.
Links change only around posts that came, and around names that got or lost their first bearer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    select,
)

from bot.model import Mark, Post
from bot.store.rows import CHUNK
from bot.store.schema import freed, link, mark, post, unlinked

TELLING = (
    "source",
    "external_id",
    "title",
    "text",
    "created_at",
    "url",
    "parent_id",
    "root_id",
    "duplicate_of",
    "closes",
    "link",
)
"""What marks are made of: of a post nothing else is read for them."""

KEY, ADDRESS, TITLE = "key", "address", "title"
"""The kinds of names (`Mark.how`) that are only borne."""
QUOTED, SAID, SPEAKS = "quotes title", "said duplicate", "speaks for"
"""The kinds of marks that do more than point at the first bearer of a name."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
RANK = 2**62
"""Further apart than any two moments, in microseconds."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of posts, and the links that follow from them. Every method is one transaction."""

    engine: Engine

    def missing(self, now: datetime) -> list[int]:
        """Row ids of the posts that are not linked yet, or not since an edit, oldest first."""
        # An outer join, for SQLite would rather go through all posts up to `now`.
        statement = select(
            post.c.created_at, post.c.source, post.c.external_id, post.c.id
        ).select_from(unlinked.outerjoin(post))
        with self.engine.connect() as connection:
            found = connection.execute(statement).all()
        return [row_id for at, _, _, row_id in sorted(found) if at <= now]

    def unsettled(self) -> bool:
        """Whether a name lost its first bearer since the last linking."""
        with self.engine.connect() as connection:
            return connection.execute(select(freed).limit(1)).first() is not None

    def link(
        self,
        row_ids: Sequence[int],
        marks_of: Callable[[Post], Iterable[Mark]],
        evidence: Sequence[str],
    ) -> None:
        """Keep the marks of posts, and put right the links that hang on them or are unsettled.

        Afterwards the links are those of all posts that were ever given: each pointer with the
        first bearer of its name, of several between two posts the strongest. `evidence` is every
        kind of link, the strongest first. Posts that are gone meanwhile are left out.
        """
        with self.engine.execution_options(writes=True).begin() as connection:
            given = _mark(connection, row_ids, marks_of)
            names = _led(connection, given) | _take_freed(connection)
            touched = given | _in(connection, HAVING, names)
            threads = _in(connection, SPEAKING, touched)
            touched |= set(_bearers(connection, FIRST, threads).values())
            for chunk in _chunks(sorted(touched)):
                _save(connection, chunk, _links(connection, chunk, evidence))

    def bearers(self, names: Sequence[str]) -> dict[str, int]:
        """The row id of the first post that bears each name (`Mark.name`), where any does."""
        digests = {digest(name): name for name in names}
        with self.engine.connect() as connection:
            found = _bearers(connection, FIRST, digests)
        return {digests[number]: row_id for number, row_id in found.items()}


def unlink(connection: Connection, row_ids: Iterable[int]) -> None:
    """Posts came or were edited: the next linking takes them up, and what they led till now."""
    unmark(connection, row_ids)
    for chunk in _chunks(sorted(row_ids)):
        waiting = _in(connection, WAITING, chunk)
        if rows := [{"post_id": row_id} for row_id in chunk if row_id not in waiting]:
            connection.execute(insert(unlinked), rows)


def unmark(connection: Connection, row_ids: Iterable[int]) -> None:
    """Take away the marks of posts that go or are edited, as part of the caller's transaction.

    The names that they led are remembered: others may lead them now.
    """
    for chunk in _chunks(sorted(row_ids)):
        names = _led(connection, chunk)
        names -= _in(connection, FREED, names)
        if names:
            connection.execute(insert(freed), [{"name": name} for name in sorted(names)])
        connection.execute(delete(mark).where(mark.c.post_id.in_(chunk)))


def digest(name: str) -> int:
    """A name as a number of 64 bits: the same in every process."""
    its = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(its, "big", signed=True)


# The statements are made once: to put them together takes longer than to run them.

IDS: BindParameter[int] = bindparam("ids", expanding=True)


def _bearer(after: int) -> Select[Any]:
    """Of names the first bearer, or the one `after` it: by place, then by the post's key."""
    named = select(mark.c.name).where(mark.c.name.in_(IDS)).distinct().subquery()
    bearer, its = mark.alias(), post.alias()
    one = (
        select(bearer.c.post_id)
        .join_from(bearer, its, bearer.c.post_id == its.c.id)
        .where(bearer.c.name == named.c.name, bearer.c.place.is_not(None))
        .order_by(bearer.c.place, its.c.source, its.c.external_id)
        .limit(1)
        .offset(after)
        .scalar_subquery()
    )
    return select(named.c.name, one)


def _shared() -> Select[Any]:
    """What posts bear or speak for, where another post has the name as well."""
    other = mark.alias()
    return select(mark.c.post_id, mark.c.how, mark.c.name).where(
        mark.c.post_id.in_(IDS),
        mark.c.place.is_not(None) | (mark.c.how == SPEAKS),
        exists().where(other.c.name == mark.c.name, other.c.post_id != mark.c.post_id),
    )


def _spoken() -> Select[Any]:
    """What replies say for threads: the thread, its key, the evidence and the name."""
    key, speaks, said = mark.alias(), mark.alias(), mark.alias()
    return (
        select(key.c.post_id, key.c.name.label("key"), said.c.how, said.c.name)
        .where(key.c.post_id.in_(IDS), key.c.how == KEY)
        .where(speaks.c.name == key.c.name, speaks.c.place.is_(None), speaks.c.how == SPEAKS)
        .where(said.c.post_id == speaks.c.post_id, said.c.how == SAID)
    )


READ = select(post.c.id, *(post.c[name] for name in TELLING)).where(post.c.id.in_(IDS))
FIRST, SECOND = _bearer(0), _bearer(1)
SHARED = _shared()
HAVING = select(mark.c.post_id).where(mark.c.name.in_(IDS))
SPEAKING = select(mark.c.name).where(mark.c.post_id.in_(IDS), mark.c.how == SPEAKS)
POINTING = select(mark.c.post_id, mark.c.how, mark.c.name).where(
    mark.c.post_id.in_(IDS), mark.c.how.not_in((KEY, ADDRESS, TITLE))
)
SPOKEN = _spoken()
WAITING = select(unlinked.c.post_id).where(unlinked.c.post_id.in_(IDS))
FREED = select(freed.c.name).where(freed.c.name.in_(IDS))


def _in(connection: Connection, statement: Select[Any], ids: Collection[int]) -> set[int]:
    """All that a statement finds for any of the ids."""
    found: set[int] = set()
    for chunk in _chunks(sorted(ids)):
        found.update(connection.execute(statement, {"ids": chunk}).scalars())
    return found


def _bearers(
    connection: Connection, statement: Select[Any], names: Iterable[int]
) -> dict[int, int]:
    """The `FIRST` or `SECOND` bearer of each name that has one."""
    return {
        name: row_id
        for chunk in _chunks(sorted(set(names)))
        for name, row_id in connection.execute(statement, {"ids": chunk})
        if row_id is not None
    }


def _led(connection: Connection, row_ids: Collection[int]) -> set[int]:
    """The names that lead others to these posts, or through them: if they change, links may.

    A title leads to nobody as soon as a second thread bears it, so the second counts, too.
    """
    rows = [
        row
        for chunk in _chunks(sorted(row_ids))
        for row in connection.execute(SHARED, {"ids": chunk})
    ]
    first = _bearers(connection, FIRST, (row.name for row in rows))
    second = _bearers(connection, SECOND, (row.name for row in rows if row.how == TITLE))
    return {
        row.name
        for row in rows
        if row.how == SPEAKS or row.post_id in {first.get(row.name), second.get(row.name)}
    }


def _mark(
    connection: Connection, row_ids: Sequence[int], marks_of: Callable[[Post], Iterable[Mark]]
) -> set[int]:
    """Keep the marks of posts as the posts stand now; which of the posts there are."""
    unmark(connection, row_ids)
    given: set[int] = set()
    for chunk in _chunks(row_ids):
        posts = {row.id: _read(row) for row in connection.execute(READ, {"ids": chunk})}
        rows = [
            {
                "post_id": row_id,
                "how": one.how,
                "name": digest(one.name),
                "place": _place(one, its.created_at),
            }
            for row_id, its in posts.items()
            for one in marks_of(its)
        ]
        if rows:
            connection.execute(insert(mark), rows)
        connection.execute(delete(unlinked).where(unlinked.c.post_id.in_(chunk)))
        given |= posts.keys()
    return given


def _read(row: Row[Any]) -> Post:
    """A post with what tells its marks, and without the rest."""
    told: dict[str, Any] = dict(zip(TELLING, row[1:], strict=True))
    return Post(**told | {"closes": tuple(row.closes)}, kind="", venue="")


def _place(one: Mark, written: datetime) -> int | None:
    """Where a bearer stands among those of its name; None for a pointer."""
    return None if one.rank is None else one.rank * RANK + (written - EPOCH) // MICROSECOND


def _take_freed(connection: Connection) -> set[int]:
    """The names that lost who led them: they are settled within this transaction."""
    names = set(connection.execute(select(freed.c.name)).scalars())
    if names:
        connection.execute(delete(freed))
    return names


def _links(
    connection: Connection, row_ids: Sequence[int], evidence: Sequence[str]
) -> dict[tuple[int, int], str]:
    """The links that leave the posts, by their two ends: the strongest evidence of each."""
    own = connection.execute(POINTING, {"ids": row_ids}).all()
    spoken = connection.execute(SPOKEN, {"ids": row_ids}).all()
    keys = (row.key for row in spoken)
    first = _bearers(connection, FIRST, (*(row.name for row in (*own, *spoken)), *keys))
    second = _bearers(connection, SECOND, (row.name for row in own if row.how == QUOTED))
    for_others = {row.post_id for row in own if row.how == SPEAKS}
    pointers = [row for row in own if row.how != SAID or row.post_id not in for_others]
    pointers += [row for row in spoken if first.get(row.key) == row.post_id]
    found = [
        (row.post_id, first[row.name], row.how)
        for row in pointers
        if row.how != SPEAKS and row.name in first and row.name not in second
    ]
    found.sort(key=lambda one: evidence.index(one[2]), reverse=True)
    return {(source, target): how for source, target, how in found if source != target}


def _save(
    connection: Connection, row_ids: Sequence[int], links: Mapping[tuple[int, int], str]
) -> None:
    """Make the links that leave the posts these; what stands already is not written again."""
    found = connection.execute(select(link).where(link.c.post_id.in_(row_ids)))
    standing = {(row.post_id, row.target_id, row.how) for row in found}
    wanted = {(source, target, how) for (source, target), how in links.items()}
    stale = [{"source": a, "target": b} for a, b, _ in sorted(standing - wanted)]
    fresh = [{"post_id": a, "target_id": b, "how": how} for a, b, how in sorted(wanted - standing)]
    if stale:
        pair = (link.c.post_id == bindparam("source")) & (link.c.target_id == bindparam("target"))
        connection.execute(delete(link).where(pair), stale)
    if fresh:
        connection.execute(insert(link), fresh)


def _chunks(values: Sequence[int]) -> Iterator[Sequence[int]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
