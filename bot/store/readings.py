"""What was understood of single posts: intent, links, and what still waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select

from bot.model import OPERATOR, Audience, Criterion, Ground, Reading, Role, Sensitive
from bot.store.filters import readable
from bot.store.purge import take_out
from bot.store.rows import CHUNK, not_after, replace_rows
from bot.store.schema import ground, link, pending, placement, post, reading, vector


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
        """Keep what was read of posts, by row id.

        A post that looks like an undisclosed vulnerability leaves the theme that it stood in, which
        gets a new name from the posts that stay.
        """
        read = list(readings)
        rows = [{"post_id": row_id, **_row(one)} for row_id, one in read]
        words = [
            {"post_id": row_id, "criterion": met.criterion.value, "words": met.words}
            for row_id, one in read
            for met in one.grounds
        ]
        with self.engine.execution_options(writes=True).begin() as connection:
            replace_rows(connection, reading, rows)
            for start in range(0, len(read), CHUNK):
                ids = [row_id for row_id, _ in read[start : start + CHUNK]]
                connection.execute(delete(ground).where(ground.c.post_id.in_(ids)))
            if words:
                connection.execute(insert(ground), words)
            take_out(connection, [row_id for row_id, one in read if one.sensitive])

    def sensitive(self, now: datetime, audience: Audience = OPERATOR) -> tuple[Sensitive, ...]:
        """What looks like an undisclosed vulnerability, newest first.

        Of what the audience could read if it were not sensitive.
        """
        statement = (
            select(post.c.source, post.c.external_id, post.c.url, reading.c.sensitive)
            .join_from(post, reading)
            .where(reading.c.sensitive.is_not(None), post.c.created_at <= now, readable(audience))
            .order_by(post.c.created_at.desc(), post.c.id)
        )
        with self.engine.connect() as connection:
            return tuple(
                Sensitive(f"{row.source}:{row.external_id}", row.url, row.sensitive)
                for row in connection.execute(statement)
            )

    def kept_back(self, since: datetime, now: datetime, audience: Audience) -> int:
        """How many posts of a time an audience could read if they were not sensitive."""
        statement = (
            select(func.count(post.c.id))
            .join_from(post, reading)
            .where(reading.c.sensitive.is_not(None), readable(audience))
            .where(post.c.created_at > since, post.c.created_at <= now)
        )
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def grounds(self, key: str) -> tuple[Ground, ...]:
        """What a post, by its key, meets, and the words that say so."""
        source, _, external_id = key.partition(":")
        statement = (
            select(ground.c.criterion, ground.c.words)
            .join_from(ground, post)
            .where(post.c.source == source, post.c.external_id == external_id)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(statement).all()
        return tuple(Ground(Criterion(row.criterion), row.words) for row in rows)

    def sensitive_count(self, now: datetime, audience: Audience = OPERATOR) -> int:
        """How many posts an audience could read if they did not look like a vulnerability."""
        secret = select(reading.c.post_id).where(reading.c.sensitive.is_not(None))
        statement = select(func.count()).where(
            post.c.id.in_(secret), post.c.created_at <= now, readable(audience)
        )
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def save_links(self, links: Iterable[tuple[int, int, str]]) -> None:
        """Keep where posts point: (row id, target's row id, the evidence)."""
        rows = [{"post_id": a, "target_id": b, "how": how} for a, b, how in links]
        with self.engine.execution_options(writes=True).begin() as connection:
            replace_rows(connection, link, rows)

    def links_among(self, row_ids: Sequence[int]) -> list[tuple[int, int, str]]:
        """The links with both ends among the posts: row id, target's row id, the evidence."""
        among, found = set(row_ids), list[tuple[int, int, str]]()
        with self.engine.connect() as connection:
            for start in range(0, len(row_ids), CHUNK):
                chunk = row_ids[start : start + CHUNK]
                statement = select(link).where(link.c.post_id.in_(chunk))
                rows = connection.execute(statement.order_by(link.c.post_id, link.c.target_id))
                found += [(r.post_id, r.target_id, r.how) for r in rows if r.target_id in among]
        return found

    def waiting(self, now: datetime, audience: Audience = OPERATOR) -> int:
        """Posts that came, or whose words changed, and that no run has understood since.

        Of those that the audience may read.
        """
        counted = select(func.count()).where(
            post.c.id.in_(select(pending.c.post_id)),
            not_after(post.c.created_at, now),
            readable(audience),
        )
        with self.engine.connect() as connection:
            return connection.execute(counted).scalar_one()

    def unread(self) -> set[int]:
        """Row ids of all that wait: nobody looked yet whether they may be shown."""
        with self.engine.connect() as connection:
            return set(connection.execute(select(pending.c.post_id)).scalars())

    def settle(self) -> None:
        """Let those wait no longer that are embedded, read, and placed if they can be."""
        placed = (
            placement.c.post_id.is_not(None)
            | post.c.parent_id.is_not(None)
            | (post.c.role == Role.BOT.value)
            | reading.c.sensitive.is_not(None)
        )
        understood = (
            select(pending.c.post_id)
            .select_from(
                pending.join(post)
                .join(vector, vector.c.post_id == post.c.id)
                .join(reading, reading.c.post_id == post.c.id)
            )
            .outerjoin(placement, placement.c.post_id == post.c.id)
            .where(placed)
        )
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(delete(pending).where(pending.c.post_id.in_(understood)))


def _row(read: Reading) -> dict[str, Any]:
    return {
        "intent": read.intent.value,
        "strength": read.strength,
        "about": read.about,
        "sensitive": read.sensitive,
        "basis": read.basis.value,
        "language": read.language,
    }
