"""Discourse's answers, asked for as the forum allows: four questions, and who asks them how fast.

https://docs.discourse.org/ and, for the limits,
https://meta.discourse.org/t/available-settings-for-global-rate-limits-and-throttling/78612
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace
from bot.sources import fields
from bot.sources.discourse.forum import Categories, Forum

LISTED = 30
"""Topics that a forum lists at once."""
GONE, REFUSED = {404, 410}, {401, 403}
"""What a forum answers of a topic that is deleted, and to somebody who should log in."""


def limits(
    clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Mapping[str, Pace]:
    """A pace for each way to read a forum.

    An address may ask 50 times in 10 s and 200 times a minute: 33 in 10 s keeps both. An admin's
    key may 60 times a minute: 30 in 30 s keeps all three. A user's key may 20 times a minute and
    2,880 times a day, of which some are left for what must be asked twice.
    """
    paces = {
        "anyone": (33, 10.0),
        "admin": (30, 30.0),
        "user": (20, 60.0),
        "day": (2_800, 86_400.0),
    }
    return {who: Pace(n, seconds, clock, sleep) for who, (n, seconds) in paces.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """A topic's page: the topic, and some of its posts by number."""

    topic: fields.Row
    posts: Mapping[int, fields.Row]
    whole: bool
    """Whether every post on it could be told by its number."""


@dataclass(frozen=True, slots=True)
class Api:
    """One forum, asked by anybody, by `username`'s key, or by a user's own."""

    name: str
    """The source's, for messages."""
    http: Http
    forum: Forum
    username: str | None
    user_key: bool
    key: str | None = field(repr=False)
    paces: Mapping[str, Pace] = field(repr=False)

    def latest(self, below: int) -> list[Any]:
        """The next posts with a lower id, by falling id; 0: the newest."""
        answer = self._ask("/posts.json", **({"before": below} if below else {}))
        rows = answer.get("latest_posts") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or (rows and not any(map(number_of, rows))):
            raise self._odd("a list of posts")
        # Older forums count the post `before` in.
        return [row for row in rows if not below or (number_of(row) or 0) < below]

    def topics(self, ids: Collection[int]) -> dict[int, fields.Row]:
        """Topics by id, 30 a question, as the forum's own pages ask for them.

        Those that are unlisted, or muted for everybody, are left out.
        """
        found: dict[int, fields.Row] = {}
        ordered = sorted(ids)
        for start in range(0, len(ordered), LISTED):
            chosen = ",".join(map(str, ordered[start : start + LISTED]))
            answer = self._ask("/latest.json", topic_ids=chosen, per_page=LISTED)
            topics = answer.get("topic_list") if isinstance(answer, dict) else None
            listed = topics.get("topics") if isinstance(topics, dict) else None
            if not isinstance(listed, list):
                raise self._odd("a list of topics")
            found |= {number: row for row in listed if (number := number_of(row))}
        return found

    def topic(self, topic: int, near: int) -> Page | None:
        """A topic with the posts around a number, that one among them if it is there.

        None if the topic is gone.
        """
        try:
            answer = self._ask(f"/t/{topic}/{near}.json", include_raw="true")
        except SourceError as error:
            if error.status in GONE:
                return None
            raise
        stream = answer.get("post_stream") if isinstance(answer, dict) else None
        rows = stream.get("posts") if isinstance(stream, dict) else None
        if not isinstance(rows, list) or not rows or answer.get("id") != topic:
            raise self._odd("a topic")
        own = [row for row in rows if number_of(row, "topic_id") == topic]
        posts = {number: row for row in own if (number := number_of(row, "post_number"))}
        # The solved plugin's older versions mark the posts alone.
        solved = any(row.get("topic_accepted_answer") is True for row in own)
        return Page({**answer, "topic_accepted_answer": solved}, posts, len(posts) == len(rows))

    def categories(self) -> Categories:
        """The forum's categories, and with a key who may read them."""
        answer = self._ask("/site.json")
        rows = answer.get("categories") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise self._odd("what a forum says of itself")
        known = {number: row for row in rows if (number := number_of(row))}
        names = {number: fields.line(row.get("name")) or "" for number, row in known.items()}
        if not self._has_key:
            return Categories(names)
        about = self._ask("/site/basic-info.json")
        if not isinstance(about, dict) or about.get("login_required") is not False:
            return Categories(names, frozenset())
        open_to_all = (n for n, row in known.items() if row.get("read_restricted") is False)
        return Categories(names, frozenset(open_to_all))

    @property
    def _has_key(self) -> bool:
        return self.username is not None or self.user_key

    def _ask(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 whatever JSON holds
        url, (headers, pace) = f"{self.forum.url}{path}", self._identity()
        if self.user_key:
            self.paces["day"].wait()
        try:
            return self.http.get_json(url, params=params, headers=headers, pace=pace)
        except SourceError as error:
            if self._has_key or error.status not in REFUSED:
                raise
            raise SourceError(
                f"{self.name}: {error}. If the forum shows nothing without a login, give it a key: "
                "docs/sources/discourse.md says how.",
                permanent=error.permanent,
                retry_after=error.retry_after,
            ) from error

    def _identity(self) -> tuple[Mapping[str, str], Pace]:
        """The headers that say who asks, and how fast that one may ask."""
        if not self._has_key:
            return {}, self.paces["anyone"]
        if not self.key:
            raise SourceError(
                f"{self.name} is to be read with a key, but DISCOURSE_API_KEY is not set",
                permanent=True,
            )
        if self.username is not None:
            return {"Api-Key": self.key, "Api-Username": self.username}, self.paces["admin"]
        return {"User-Api-Key": self.key}, self.paces["user"]

    def _odd(self, what: str) -> SourceError:
        return SourceError(
            f"{self.name}: {self.forum.host} answered in a shape that is not {what}; check the "
            "forum's address in groundswell.toml"
        )


def number_of(row: object, name: str = "id") -> int | None:
    """A positive number in what may be an object; None for anything else."""
    value = row.get(name) if isinstance(row, dict) else None
    return value if type(value) is int and 0 < value < fields.NUMBER_MOST else None
