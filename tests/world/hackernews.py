"""Hacker News in small: Algolia's search by date, newest first, and Firebase's items."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from bot.http import Http
from bot.sources.base import Source
from bot.sources.hackernews.adapter import HackerNews
from tests.world.base import Said, WebWorld
from tests.world.site import Answer, Asked, json_answer

LIMIT = 1_000
"""Algolia lists no more hits of one query than this, on whatever page."""

_FILTERS = re.compile(r"created_at_i>=(\d+),created_at_i<(\d+)")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that Algolia lists, whatever it is, by the time that it is filed under."""

    at: datetime
    what: Any


class HackerNewsWorld(WebWorld):
    """Odd numbers are stories, even ones comments on the story before.

    `page_most` is the most hits that Algolia puts into an answer, whatever it is asked for.
    """

    kind = "hackernews"

    def __init__(
        self, http: Http, page_most: int = 8, queries: tuple[str, ...] = ("tool",)
    ) -> None:
        super().__init__(http)
        self.page_most = page_most
        self.queries = queries
        self.late: list[Said] = []
        """Deleted, but Algolia has not let go of them yet."""
        self.hidden: set[int] = set()
        """Living, but Algolia has not taken them in yet."""
        self.spoilt: list[Hit] = []
        self.scores: dict[int, int] = {}
        self.items: dict[int, Any] = {}
        """What Firebase says instead of the item."""

    def source(self) -> Source:
        return HackerNews(
            http=self.http,
            now=self.clock,
            queries=self.queries,
            algolia_url=f"{self.site.url}/algolia",
            firebase_url=f"{self.site.url}/firebase",
        )

    def external_id(self, said: Said) -> str:
        return str(said.number)

    def spoil(self) -> int:
        sound = hit(self.say())
        broken: list[Any] = ["words", None, {}, *(sound | field for field in SPOILT)]
        self.spoilt = [Hit(self.say().at, what) for what in broken]
        return len(broken)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/algolia/search_by_date":
            return json_answer(self._search(asked.query))
        number = int(asked.path.removeprefix("/firebase/item/").removesuffix(".json"))
        return json_answer(self.items.get(number, self._item(number)))

    def _search(self, query: Any) -> dict[str, Any]:
        filters = _FILTERS.fullmatch(query["numericFilters"])
        assert filters, query
        start, end = int(filters[1]), int(filters[2])
        listed = [s for s in self.living.values() if s.number not in self.hidden] + self.late
        phrase = query["query"].strip('"')
        hits = [Hit(said.at, self._hit(said)) for said in listed if phrase in said.words]
        found = [h for h in hits + self.spoilt if start <= h.at.timestamp() < end]
        found.sort(key=lambda h: h.at, reverse=True)
        size = min(int(query["hitsPerPage"]), self.page_most)
        first = int(query.get("page", 0)) * size
        return {
            "hits": [h.what for h in found[:LIMIT][first : first + size]],
            "nbHits": len(found),
            "hitsPerPage": size,
        }

    def _hit(self, said: Said) -> dict[str, Any]:
        return hit(said) | ({"points": self.scores.get(said.number, 1)} if _opens(said) else {})

    def _item(self, number: int) -> dict[str, Any] | None:
        said = self.living.get(number)
        if said is None:
            return {"id": number, "deleted": True, "type": "comment", "time": 1}
        return item(said) | ({"score": self.scores.get(number, 1)} if _opens(said) else {})


def hit(said: Said) -> dict[str, Any]:
    """A post as Algolia lists it: fields that do not apply are null."""
    return {
        "objectID": str(said.number),
        "created_at_i": int(said.at.timestamp()),
        "author": said.author,
        "title": f"Show HN: Tool {said.number}" if _opens(said) else None,
        "url": "https://tool.example/" if _opens(said) else None,
        "story_text": _html(said) if _opens(said) else None,
        "comment_text": None if _opens(said) else _html(said),
        "parent_id": None if _opens(said) else said.number - 1,
        "points": None,
        "num_comments": 0 if _opens(said) else None,
    }


def item(said: Said) -> dict[str, Any]:
    """A post as Firebase has it: fields that do not apply are left out."""
    fields = {
        "id": said.number,
        "type": "story" if _opens(said) else "comment",
        "time": int(said.at.timestamp()),
        "by": said.author,
        "text": _html(said),
        "title": f"Show HN: Tool {said.number}" if _opens(said) else None,
        "url": "https://tool.example/" if _opens(said) else None,
        "parent": None if _opens(said) else said.number - 1,
        "descendants": 0 if _opens(said) else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _opens(said: Said) -> bool:
    return said.number % 2 == 1


def _html(said: Said) -> str:
    return f"{escape(said.words)}<p>I mean <i>it</i>"


SPOILT: tuple[dict[str, Any], ...] = (
    {"objectID": "x"},
    {"objectID": None},
    {"created_at_i": None},
    {"created_at_i": 10**18},
    {"author": 5},
    {"title": {}, "comment_text": None, "parent_id": None},
    {"title": None, "story_text": None, "comment_text": None},
    {"comment_text": ["words"]},
    {"comment_text": "words", "parent_id": {}},
    {"points": "many"},
    {"points": 10**30},
)
"""What makes a sound hit no post."""
