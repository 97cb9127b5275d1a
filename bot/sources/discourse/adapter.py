"""Discourse: a forum read by post id, so that nothing slips through while topics are bumped.

https://docs.discourse.org/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace
from bot.sources import fields
from bot.sources.base import Batch, NotAPost, Rejection
from bot.sources.discourse.api import Api, limits, number_of
from bot.sources.discourse.forum import Categories, Forum
from bot.sources.discourse.posts import Topic, parse, where, withdrawn
from bot.sources.discourse.walk import Place, walk

FIRST = timedelta(days=90)
"""How far back the first run goes, if not told."""


@dataclass(frozen=True, slots=True)
class Discourse:
    """One forum, read as anybody, or with a key: `username`'s, or a user's own."""

    http: Http
    now: Callable[[], datetime]
    forum: str
    """The forum's name in the settings."""
    url: str
    username: str | None = None
    user_key: bool = False
    api_key: str | None = field(default=None, repr=False)
    paces: Mapping[str, Pace] = field(default_factory=limits, repr=False)

    @property
    def name(self) -> str:
        """`discourse/FORUM`."""
        return f"discourse/{self.forum}"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield the posts from the newest down to the last one seen, a page at a time."""
        place = Place.read(cursor) or Place(int((since or self.now() - FIRST).timestamp()))
        categories = self._api.categories()
        for rows, reached in walk(self._api, place):
            yield self._batch(rows, reached, categories)

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield the posts as they are now, a topic at a time: its page tells all of it at once."""
        asked: defaultdict[int, set[int]] = defaultdict(set)
        for external_id in external_ids:
            if place := self._forum.place(external_id):
                asked[place[0]].add(place[1])
        categories = self._api.categories() if asked else Categories({})
        for topic_id, numbers in asked.items():
            try:
                batch = self._as_now(topic_id, numbers, categories)
            except SourceError as error:
                if not error.permanent:
                    raise
                # One topic that is closed to us must not keep us from all the others.
                spot = f"{self.name} topic {topic_id}"
                refused = Rejection(spot, "the forum does not show it", str(error))
                batch = Batch((), None, rejected=(refused,))
            yield batch

    def owns(self, url: str) -> bool:
        """Whether it is the address of a topic, or of a post in it."""
        return self._forum.located(url) is not None

    def find(self, url: str) -> Batch:
        """The post at an address."""
        place = self._forum.located(url)
        batch = self._as_now(place[0], {place[1]}, self._api.categories()) if place else None
        if batch is None or not batch.posts:
            raise SourceError(f"{self.name}: no post is at that address", permanent=True)
        return batch

    @property
    def _forum(self) -> Forum:
        return Forum(self.url.rstrip("/"))

    @property
    def _api(self) -> Api:
        return Api(
            self.name,
            self.http,
            self._forum,
            self.username,
            user_key=self.user_key,
            key=self.api_key,
            paces=self.paces,
        )

    def _batch(self, rows: Sequence[Any], place: Place, categories: Categories) -> Batch:
        """A page's posts; what a topic says of all its posts is asked for once."""
        topics = self._api.topics({number_of(row, "topic_id") or 0 for row in rows} - {0})
        posts, gone, rejected = [], [], []
        for row in rows:
            try:
                topic_id, number = where(fields.row(row))
                if withdrawn(row):
                    gone.append(self._forum.key(topic_id, number))
                elif not place.is_old(row):
                    told = topics.get(topic_id, {**row, "title": row.get("topic_title")})
                    posts.append(parse(row, Topic.of(told, categories), self._forum))
            except NotAPost as error:
                rejected.append(error.at(f"{self.name} post {number_of(row) or '?'}"))
        return Batch(tuple(posts), place.written(), tuple(gone), tuple(rejected))

    def _as_now(self, topic_id: int, numbers: set[int], categories: Categories) -> Batch:
        """Posts of one topic; the one that a page was asked for and does not hold is gone."""
        posts, gone, rejected = [], set(), []
        left = set(numbers)
        while left:
            wanted = min(left)
            page = self._api.topic(topic_id, wanted)
            if page is None:
                gone |= left
                break
            for number in left & page.posts.keys():
                row = page.posts[number]
                try:
                    if withdrawn(row):
                        gone.add(number)
                    else:
                        posts.append(parse(row, Topic.of(page.topic, categories), self._forum))
                except NotAPost as error:
                    rejected.append(error.at(f"{self.name} topic {topic_id} post {number}"))
            if page.whole:
                gone |= {wanted} - page.posts.keys()
            left -= page.posts.keys() | {wanted}
        keys = tuple(self._forum.key(topic_id, number) for number in sorted(gone))
        return Batch(tuple(posts), None, keys, tuple(rejected))
