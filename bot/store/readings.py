"""What was understood of single posts: intent, links, and what still waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from bot.model import Link, Reading, Role
from bot.store.rows import replace_rows
from bot.store.schema import link, placement, post, reading, vector


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings and links of posts. Every method is one transaction."""

    engine: Engine

    def missing(self, now: datetime) -> list[int]:
        """Row ids of the posts not read yet, in the order of their keys."""
        statement = (
            select(post.c.id)
            .select_from(post.outerjoin(reading))
            .where(reading.c.post_id.is_(None), post.c.created_at <= now)
            .order_by(post.c.source, post.c.external_id)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def save(self, readings: Iterable[tuple[int, Reading]]) -> None:
        """Keep what was read of posts, by row id."""
        rows = [
            {"post_id": row_id, "intent": r.intent.value, "complaint": r.complaint}
            for row_id, r in readings
        ]
        with self.engine.execution_options(writes=True).begin() as connection:
            replace_rows(connection, reading, rows)

    def save_links(self, links: Iterable[tuple[int, int, str]]) -> None:
        """Keep where posts point: (row id, target's row id, the evidence)."""
        rows = [{"post_id": a, "target_id": b, "how": how} for a, b, how in links]
        with self.engine.execution_options(writes=True).begin() as connection:
            replace_rows(connection, link, rows)

    def links(self, keys: Sequence[str]) -> tuple[Link, ...]:
        """The links that leave any of the posts."""
        target = post.alias("target")
        own = (post.c.source + ":" + post.c.external_id).label("own")
        other = (target.c.source + ":" + target.c.external_id).label("other")
        statement = (
            select(own, other, link.c.how)
            .join_from(link, post, link.c.post_id == post.c.id)
            .join(target, link.c.target_id == target.c.id)
            .where(own.in_(keys))
        )
        with self.engine.connect() as connection:
            return tuple(Link(row.own, row.other, row.how) for row in connection.execute(statement))

    def waiting(self, now: datetime) -> int:
        """Posts that are not fully understood yet: not embedded, not read, or not placed."""
        unplaced = (
            placement.c.post_id.is_(None)
            & post.c.parent_id.is_(None)
            & (post.c.role != Role.BOT.value)
        )
        statement = (
            select(func.count(post.c.id))
            .select_from(post.outerjoin(vector).outerjoin(reading).outerjoin(placement))
            .where(post.c.created_at <= now)
            .where(vector.c.post_id.is_(None) | reading.c.post_id.is_(None) | unplaced)
        )
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()
