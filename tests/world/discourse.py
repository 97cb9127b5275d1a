"""A Discourse forum in small: posts by id, topics, categories; and the limits it would enforce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.http import Http
from bot.sources.base import Source
from bot.sources.discourse.adapter import Discourse
from bot.sources.discourse.api import limits
from tests.world.base import Said, WebWorld
from tests.world.limits import Clock, Limit
from tests.world.site import Answer, Asked, json_answer

CHUNK = 20
"""Posts on a topic's page."""
WINDOW = 50
"""Ids that a page of an older forum spans."""
APART = 20
"""Ids from one post to the next: in between are messages and notices that nobody is shown."""
TOPICS = 30
"""Topics in one list."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post stands, and its id."""

    post: int
    topic: int
    number: int


class DiscourseWorld(WebWorld):
    """Every fourth post opens a topic (`thread`), the others answer in the newest one.

    `windows` makes it an older forum, whose pages span 50 ids and count `before` in.
    """

    kind = "discourse"
    gone_is = frozenset({404, 410})
    secrets = ("of-an-admin",)

    def __init__(self, http: Http, page: int = 8, *, windows: bool = False) -> None:
        super().__init__(http)
        self.page, self.windows, self.thread = page, windows, 4
        self.clock_of_paces = Clock()
        self.paces = limits(self.clock_of_paces, self.clock_of_paces.sleep)
        self.limits = [Limit(50, 10), Limit(200, 60)]
        self.settings: dict[str, Any] = {}
        self.places: dict[int, Place] = {}
        self.spoilt: dict[int, Any] = {}
        """What the forum lists under an id, whatever it is."""
        self.fields: dict[int, dict[str, Any]] = {}
        """What a post has besides, by its number in the world."""
        self.topics: dict[int, dict[str, Any]] = {}
        """What a topic has besides."""
        self.messages = 0
        """Ids above the newest post's that are taken by what nobody is shown."""
        self.unlisted: set[int] = set()
        self.restricted: set[int] = set()
        self.login_required = False
        self._topic_ids = count(101)

    @property
    def violations(self) -> int:
        """How many requests came although a limit was reached."""
        return sum(limit.broken for limit in self.limits)

    def source(self) -> Source:
        return Discourse(
            http=self.http,
            now=self.clock,
            forum="talk",
            url=f"{self.site.url}/",
            paces=self.paces,
            **self.settings,
        )

    def external_id(self, said: Said) -> str:
        place = self.places[said.number]
        start = self.site.url.removeprefix("http://")
        return f"{start}/{place.topic}" + (f"/{place.number}" if place.number > 1 else "")

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        said = super().say(words, author)
        living = [self.places[number] for number in self.living if number in self.places]
        topic = living[-1].topic if living else 0
        number = 1 + max((p.number for p in self.places.values() if p.topic == topic), default=0)
        if not topic or said.number % self.thread == 1:
            topic, number = next(self._topic_ids), 1
        self.places[said.number] = Place(said.number * APART, topic, number)
        return said

    def delete(self, said: Said) -> None:
        """A topic goes with its first post."""
        place = self.places[said.number]
        super().delete(said)
        if place.number == 1:
            for number in [n for n in self.living if self.places[n].topic == place.topic]:
                del self.living[number]

    def spoil(self) -> int:
        said = self.say()
        sound = self.row(said)
        broken: list[Any] = [*(sound | fields for fields in SPOILT), "words", None, [], {}]
        first = self.places[said.number].post
        self.spoilt = {first - n: _with_id(row, first - n) for n, row in enumerate(broken, 1)}
        return len(broken)

    def answer(self, asked: Asked) -> Answer:
        for limit in self.limits:
            limit.count(self.clock_of_paces.now)
        if asked.path == "/posts.json":
            return json_answer({"latest_posts": self._latest(int(asked.query.get("before", 0)))})
        if asked.path == "/latest.json":
            return json_answer(self._listed(asked.query))
        if asked.path == "/site.json":
            return json_answer({"categories": self._categories()})
        if asked.path == "/site/basic-info.json":
            return json_answer({"login_required": self.login_required})
        _, start, topic, near = asked.path.removesuffix(".json").split("/")
        assert (start, asked.query) == ("t", {"include_raw": "true"}), asked
        return self._page(int(topic), int(near))

    def row(self, said: Said) -> dict[str, Any]:
        """A post as every answer has it."""
        place = self.places[said.number]
        edited = "edited" in said.words
        return {
            "id": place.post,
            "username": said.author,
            "created_at": f"{said.at:%Y-%m-%dT%H:%M:%S}.000Z",
            "updated_at": f"{self.now if edited else said.at:%Y-%m-%dT%H:%M:%S}.000Z",
            "version": 2 if edited else 1,
            "raw": f'[quote="bob, post:1, topic:5"]\nnot mine\n[/quote]\n\n**{said.words}**',
            "cooked": "<p>unread, since there is raw</p>",
            "post_number": place.number,
            "post_type": 1,
            "topic_id": place.topic,
            "reply_count": 0,
            "reply_to_post_number": None,
            "actions_summary": [{"id": 3, "can_act": True}],
            "user_id": said.number,
            "staff": False,
            "hidden": False,
            "deleted_at": None,
            **self.fields.get(said.number, {}),
        }

    def topic(self, topic: int) -> dict[str, Any]:
        """A topic as a list has it."""
        return {
            "id": topic,
            "title": f"Topic {topic} & more",
            "category_id": 7,
            "posts_count": sum(self.places[n].topic == topic for n in self.living),
            "tags": ["setup", {"id": 3, "name": "macOS", "slug": "macos"}],
            "closed": False,
            "archived": False,
            "has_accepted_answer": False,
            **self.topics.get(topic, {}),
        }

    def _latest(self, before: int) -> list[Any]:
        shown = [s for n, s in self.living.items() if self.places[n].topic not in self.unlisted]
        rows = {self.places[s.number].post: self._row_of_latest(s) for s in shown} | self.spoilt
        if self.windows:
            top = before or self.messages + max(rows, default=0)
            ids = [number for number in rows if top - WINDOW < number <= top]
            return [rows[number] for number in sorted(ids, reverse=True)]
        ids = sorted((n for n in rows if not before or n < before), reverse=True)
        return [rows[number] for number in ids[: self.page]]

    def _row_of_latest(self, said: Said) -> dict[str, Any]:
        topic = self.topic(self.places[said.number].topic)
        return self.row(said) | {
            "topic_title": topic["title"],
            "category_id": topic["category_id"],
            "posts_count": topic["posts_count"],
        }

    def _listed(self, query: Mapping[str, str]) -> dict[str, Any]:
        ids = [int(topic) for topic in query["topic_ids"].split(",")]
        living = {self.places[n].topic for n in self.living} - self.unlisted
        listed = [self.topic(topic) for topic in ids if topic in living]
        return {"topic_list": {"topics": listed[:TOPICS]}}

    def _categories(self) -> list[dict[str, Any]]:
        return [
            {"id": number, "name": name, "read_restricted": number in self.restricted}
            for number, name in ((7, "Help & support"), (9, "Staff"))
        ]

    def _page(self, topic: int, near: int) -> Answer:
        """The posts around a number, which is among them if it is there."""
        said = [s for s in self.living.values() if self.places[s.number].topic == topic]
        if not said:
            return json_answer({"errors": ["not found"], "error_type": "not_found"}, 404)
        numbers = [self.places[s.number].number for s in said]
        closest = min(range(len(said)), key=lambda i: abs(numbers[i] - near))
        first = max(0, min(closest - CHUNK // 4, len(said) - CHUNK))
        facts = self.topic(topic)
        solved = {"accepted_answers": [{"id": 1}]} if facts.pop("has_accepted_answer") else {}
        shown = [self.row(s) for s in said[first : first + CHUNK]]
        return json_answer({**facts, **solved, "post_stream": {"posts": shown}})


def _with_id(row: Any, number: int) -> Any:
    return row | {"id": number} if isinstance(row, dict) else row


SPOILT: tuple[dict[str, Any], ...] = (
    {"topic_id": None},
    {"topic_id": "5"},
    {"post_number": 0},
    {"post_number": -2},
    {"post_number": 2.5},
    {"created_at": None},
    {"created_at": "soon"},
    {"created_at": 5},
    {"raw": "", "cooked": "", "post_number": 2},
    {"raw": ["words"], "post_number": 2},
    {"reply_to_post_number": {}},
    {"reply_count": "many", "post_number": 2},
    {"version": "two"},
    {"actions_summary": [{"id": 2, "count": "many"}]},
    {"user_id": "me"},
)
"""What makes a sound row no post."""
