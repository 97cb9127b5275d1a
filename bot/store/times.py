"""When posts were written, and how many at a time: without reading them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, String, cast, func, select

from bot.model import Query
from bot.store.posts import joined
from bot.store.rows import sources_of
from bot.store.schema import post

HOUR = len("2026-01-31 09")
"""Characters of a moment that tell its hour."""


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a database's posts. Every method is one transaction."""

    engine: Engine

    def newest_before(self, query: Query, now: datetime, most: int) -> datetime | None:
        """When the last of so many posts that fulfil a query, the newest, was written.

        None if there are no more than that.
        """
        found = joined(select(post.c.created_at), query, now).order_by(post.c.created_at.desc())
        with self.engine.connect() as connection:
            last = connection.execute(found.offset(most - 1).limit(2)).scalars().all()
        return last[0] if len(last) > 1 else None

    def by_source(self, query: Query, now: datetime) -> dict[str, list[datetime]]:
        """When the found posts that open a thread were written, oldest first, by source."""
        statement = joined(select(post.c.source, post.c.created_at), query, now)
        found: dict[str, list[datetime]] = {}
        with self.engine.connect() as connection:
            rows = connection.execute(
                statement.where(post.c.parent_id.is_(None)).order_by(post.c.created_at)
            )
            for source, created_at in rows:
                found.setdefault(source, []).append(created_at)
        return found

    def hourly(self, query: Query, now: datetime, since: datetime) -> dict[str, list[datetime]]:
        """When posts that open a thread were written, to the hour and oldest first, by source.

        In the query's time and places, whatever else it asks for: how busy a place is tells nothing
        of any post. Of the time before `since` only the last one is told.
        """
        until = min(query.until, now) if query.until else now
        wanted = {source.lower() for source in query.sources}
        places = [venue.lower() for venue in query.venues]
        in_places = [func.lower(post.c.venue).in_(places)] if places else []
        hour = func.substr(cast(post.c.created_at, String), 1, HOUR)
        found: dict[str, list[datetime]] = {}
        with self.engine.connect() as connection:
            for source in sources_of(connection):
                if wanted and source.lower() not in wanted:
                    continue
                its = (post.c.source == source, post.c.parent_id.is_(None), *in_places)
                before = select(post.c.created_at).where(*its, post.c.created_at < since)
                before = before.order_by(post.c.created_at.desc()).limit(1)
                within = (post.c.created_at >= since, post.c.created_at <= until)
                counted = select(hour, func.count()).where(*its, *within).group_by(hour)
                moments = list(connection.execute(before).scalars())
                for told, posts in connection.execute(counted.order_by(hour)):
                    moments += posts * [datetime.fromisoformat(f"{told}:00+00:00")]
                if moments:
                    found[source] = moments
        return found

    def moments(self, now: datetime) -> list[datetime]:
        """When each post that opens a thread was written, in no order."""
        with self.engine.connect() as connection:
            statement = select(post.c.created_at).where(
                post.c.created_at <= now, post.c.parent_id.is_(None)
            )
            return list(connection.execute(statement).scalars())
