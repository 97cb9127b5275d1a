"""What can be named in a question: the releases, places and labels that posts tell of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Engine, func, select

from bot.model import OPERATOR, Audience
from bot.store.filters import readable
from bot.store.rows import not_after
from bot.store.schema import post

NEWEST = 2_000
"""So many posts, the newest, tell which places and labels are in use."""
MOST_REPOSITORIES = 1_000
MOST_RELEASES = 1_000
"""Of one repository, the newest."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A release as it is stored: the repository's venue, its tag, and when it was made."""

    venue: str
    tag: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Names in use, as of a moment, among what an audience may read.

    Read through indices, however many posts are stored.
    """

    engine: Engine

    def releases(self, now: datetime, audience: Audience = OPERATOR) -> list[Tagged]:
        """The releases of every repository on GitHub, newest first within each."""
        found = []
        with self.engine.connect() as connection:
            for repo in self.repositories():
                # A tag follows the name after an "@"; "A" is the next letter.
                statement = (
                    select(post.c.venue, post.c.external_id, post.c.created_at)
                    .where(post.c.source == "github", not_after(post.c.created_at, now))
                    .where(post.c.external_id >= f"{repo}@", post.c.external_id < f"{repo}A")
                    .where(post.c.kind == "release", readable(audience))
                    .order_by(post.c.created_at.desc(), post.c.id)
                    .limit(MOST_RELEASES)
                )
                found += [
                    Tagged(row.venue, row.external_id.partition("@")[2], row.created_at)
                    for row in connection.execute(statement)
                ]
        return found

    def repositories(self) -> list[str]:
        """`owner/name` of every repository on GitHub that posts are stored of.

        Steps from one name to the next through the index of external ids.
        """
        found: dict[str, None] = {}
        least, odd = "", 0
        with self.engine.connect() as connection:
            while len(found) + odd < MOST_REPOSITORIES:
                statement = select(func.min(post.c.external_id)).where(
                    post.c.source == "github", post.c.external_id >= least
                )
                external_id = connection.execute(statement).scalar()
                if external_id is None:
                    break
                end = next((i for i, sign in enumerate(external_id) if sign in "#@"), None)
                if end is None:  # an archive's own way to name posts: of no repository
                    odd += 1
                    least = external_id + "\0"
                    continue
                found[external_id[:end]] = None
                least = external_id[:end] + chr(ord(external_id[end]) + 1)
        return sorted(found)

    def reads(self, repository: str, now: datetime, audience: Audience = OPERATOR) -> bool:
        """Whether an audience may read anything of a repository on GitHub."""
        found = (
            select(post.c.id)
            .where(post.c.source == "github", not_after(post.c.created_at, now))
            .where(post.c.external_id >= f"{repository}#", post.c.external_id < f"{repository}$")
            .where(readable(audience))
        )
        with self.engine.connect() as connection:
            return connection.execute(found.limit(1)).first() is not None

    def places(self, now: datetime, audience: Audience = OPERATOR) -> list[str]:
        """The venues of the newest posts, those with most first."""
        used = Counter(self._newest(post.c.venue, now, audience))
        return [name for name, _ in used.most_common()]

    def labels(self, now: datetime, audience: Audience = OPERATOR) -> list[str]:
        """The labels of the newest posts, those in most use first."""
        newest = self._newest(post.c.labels, now, audience)
        used = Counter(label for labels in newest for label in labels)
        return [name for name, _ in used.most_common()]

    def is_kind(self, name: str, now: datetime, audience: Audience = OPERATOR) -> bool:
        """Whether any post is of this kind, as its source calls it. May look at all posts."""
        found = select(post.c.id).where(func.lower(post.c.kind) == name.lower())
        found = found.where(not_after(post.c.created_at, now), readable(audience))
        with self.engine.connect() as connection:
            return connection.execute(found.limit(1)).first() is not None

    def _newest(self, column: Column[Any], now: datetime, audience: Audience) -> list[Any]:
        statement = (
            select(column)
            .where(post.c.created_at <= now, readable(audience))
            .order_by(post.c.created_at.desc())
            .limit(NEWEST)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())
