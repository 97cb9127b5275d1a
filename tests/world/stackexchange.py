"""Stack Exchange's API in small: one site's threads, a quota, and rests that it asks for."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Collection
from datetime import datetime
from html import escape
from typing import Any

from bot.http import Http
from bot.sources.base import Source
from bot.sources.stackexchange.adapter import StackExchange
from bot.sources.stackexchange.api import Paces
from tests.world.base import Said, WebWorld
from tests.world.limits import Clock, Limit
from tests.world.site import Answer, Asked

SECRET = "of-an-application"  # noqa: S105 of nobody's
ERRORS = {400: "bad_parameter", 502: "throttle_violation", 503: "temporarily_unavailable"}

_METHOD = re.compile(r"/2\.3(/[a-z]+)(?:/([0-9;]+)(/[a-z]+)?)?")


class StackExchangeWorld(WebWorld):
    """Of three posts one is a question, one answers it, and one is a comment on either (`cycle`).

    `page_most` is the most items that a list gives at once, whatever it is asked for.
    """

    kind = "stackexchange"
    secrets = (SECRET,)

    def __init__(self, http: Http, page_most: int = 4) -> None:
        super().__init__(http)
        self.page_most, self.cycle = page_most, "qac"
        self.clock_of_paces = Clock()
        self.paces = Paces(self.clock_of_paces, self.clock_of_paces.sleep)
        self.limit = Limit(30, 1)
        self.tags: tuple[str, ...] = ("tool",)
        self.key: str | None = SECRET
        self.packed = False
        self.quota = 10_000
        self.backoffs: dict[str, float] = {}
        """Seconds of rest that a method asks for with each answer."""
        self.hasty = 0
        """How many requests came although their method was to rest."""
        self.letters: dict[int, str] = {}
        self.above: dict[int, int] = {}
        """What an answer or a comment stands under."""
        self.active: dict[int, datetime] = {}
        """When a question was last active."""
        self.spoilt: list[tuple[str, int, Any]] = []
        """Something that is no post, its kind, and the question it is listed with."""
        self.fields: dict[int, dict[str, Any]] = {}
        self.rests_until: dict[str, float] = {}
        """Until when each method is to be left alone."""

    @property
    def violations(self) -> int:
        """How many requests came although a limit was reached."""
        return self.hasty + self.limit.broken

    def source(self) -> Source:
        return StackExchange(
            http=self.http,
            now=self.clock,
            site="stackoverflow",
            tags=self.tags,
            api_url=f"{self.site.url}/2.3",
            key=self.key,
            paces=self.paces,
        )

    def external_id(self, said: Said) -> str:
        return f"stackoverflow/{self.letters[said.number]}{said.number}"

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        said = super().say(words, author)
        number = said.number
        question, answer = self._newest("q"), self._newest("a")
        letter = self.cycle[(number - 1) % len(self.cycle)] if question else "q"
        self.letters[number] = letter
        if letter == "a":
            self.above[number] = question
        elif letter == "c":
            self.above[number] = answer if answer and number % 2 else question
        if letter != "c":
            self.active[self.question_of(number)] = said.at
        return said

    def edit(self, said: Said, words: str | None = None) -> Said:
        """A question becomes active by an edit of it or of its answers, not of comments."""
        edited = super().edit(said, words)
        if self.letters[said.number] != "c":
            self.active[self.question_of(said.number)] = self.now
        return edited

    def delete(self, said: Said) -> None:
        """What stands under it goes with it, and nothing becomes active."""
        super().delete(said)
        while orphans := [n for n in self.living if self.above.get(n, n) not in self.living]:
            for number in orphans:
                del self.living[number]

    def question_of(self, number: int) -> int:
        """The question of the thread that a post is in."""
        while number in self.above:
            number = self.above[number]
        return number

    def spoil(self) -> int:
        while self.letters[(said := self.say()).number] != "a":
            pass
        question = self.living[self.above[said.number]]
        rows = {"q": self.item(question), "a": self.item(said)}
        for place, (kind, fields) in enumerate(SPOILT):
            # A question under an id of its own, or else the broken answers are listed with each.
            other = {"last_activity_date": None, "question_id": 9_000 + place}
            row = rows[kind] | (other if kind == "q" else {}) | fields
            self.spoilt.append((kind, question.number, row))
        self.spoilt += [("q", question.number, what) for what in NO_ITEMS]
        return len(self.spoilt)

    def answer(self, asked: Asked) -> Answer:
        match = _METHOD.fullmatch(asked.path)
        assert match, asked
        assert (asked.query["site"], asked.query["filter"]) == ("stackoverflow", "withbody")
        method = match[1] + ("/{ids}" if match[2] else "") + (match[3] or "")
        self._count(method)
        self.quota -= 1
        if self.quota < 0:
            return self.refusal(502, "too many requests, more requests available in 777 seconds")
        ids = {int(number) for number in match[2].split(";")} if match[2] else set()
        assert len(ids) <= 100
        items, has_more = self._items(method, ids, asked)
        body = {"items": items, "has_more": has_more, "quota_max": 10_000}
        if seconds := self.backoffs.get(method, 0):
            self.rests_until[method] = self.clock_of_paces.now + seconds
            body["backoff"] = seconds
        return self._said(body | {"quota_remaining": self.quota})

    def refusal(self, number: int, message: str = "site is required") -> Answer:
        """An error, as it comes when the answer is to be wrapped."""
        name = ERRORS[number]
        return self._said({"error_id": number, "error_name": name, "error_message": message})

    def item(self, said: Said) -> dict[str, Any]:
        """A post as its own type has it, with the fields of the filter `withbody`."""
        number, letter = said.number, self.letters[said.number]
        created = int(said.at.timestamp())
        named = {"display_name": escape(said.author), "user_id": 7} if said.author else {}
        shared = {
            "owner": {"user_type": "registered" if named else "does_not_exist", **named},
            "creation_date": created,
            "score": 1,
            "body": f"<p>{escape(said.words)}</p><pre><code>pip <b>x</b></code></pre>",
            "content_license": "CC BY-SA 4.0",
        }
        return shared | self._own(number, letter, created) | self.fields.get(number, {})

    def _own(self, number: int, letter: str, created: int) -> dict[str, Any]:
        if letter == "c":
            return {"comment_id": number, "post_id": self.above[number], "edited": False}
        if letter == "a":
            return {
                "answer_id": number,
                "question_id": self.above[number],
                "is_accepted": False,
                "last_activity_date": created,
            }
        answers = [n for n in self.living if self.above.get(n) == number]
        return {
            "question_id": number,
            "title": escape(f"Why is tool {number} <slow>?"),
            "tags": ["tool", "python"],
            "is_answered": False,
            "answer_count": sum(self.letters[n] == "a" for n in answers),
            "last_activity_date": int(self.active[number].timestamp()),
            "link": f"https://stackoverflow.com/questions/{number}/why",
        }

    def _items(self, method: str, ids: Collection[int], asked: Asked) -> tuple[list[Any], bool]:
        if method in {"/questions/{ids}", "/answers/{ids}", "/comments/{ids}"}:
            letter = method[1]
            found = [s for s in self.living.values() if s.number in ids]
            return [self.item(s) for s in found if self.letters[s.number] == letter], False
        field, spoilt = "creation_date", list[Any]()
        if method == "/questions":
            assert asked.query["tagged"] in {"tool", "python"}, asked
            letter, field = "q", "last_activity_date"
            spoilt = [what for kind, _, what in self.spoilt if kind == "q"]
        elif method == "/questions/{ids}/answers":
            letter = "a"
            spoilt = [what for kind, under, what in self.spoilt if kind == "a" and under in ids]
        else:
            assert method == "/posts/{ids}/comments", asked
            letter = "c"
        said = [s for s in self.living.values() if self.letters[s.number] == letter]
        rows = [self.item(s) for s in said if letter == "q" or self.above[s.number] in ids]
        since = int(asked.query["min"])
        rows = sorted((r for r in rows if r[field] >= since), key=lambda row: row[field])
        return self._page([*rows, *spoilt], asked)

    def _page(self, items: list[Any], asked: Asked) -> tuple[list[Any], bool]:
        assert asked.query["order"] == "asc", asked
        size = min(int(asked.query["pagesize"]), self.page_most)
        first = (int(asked.query["page"]) - 1) * size
        return items[first : first + size], len(items) > first + size

    def _said(self, body: dict[str, Any]) -> Answer:
        wrapped = f"groundswell({json.dumps(body)});".encode()
        headers = {"content-type": "application/javascript; charset=utf-8"}
        if self.packed:
            return Answer(
                body=gzip.compress(wrapped), headers=headers | {"content-encoding": "gzip"}
            )
        return Answer(body=wrapped, headers=headers)

    def _count(self, method: str) -> None:
        now = self.clock_of_paces.now
        self.limit.count(now)
        self.hasty += now < self.rests_until.get(method, 0)

    def _newest(self, letter: str) -> int:
        return max((n for n in self.living if self.letters.get(n) == letter), default=0)


SPOILT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("q", {"question_id": None}),
    ("q", {"question_id": "5"}),
    ("q", {"creation_date": None}),
    ("q", {"creation_date": 10**18}),
    ("q", {"title": 5}),
    ("q", {"title": "", "body": ""}),
    ("q", {"body": ["words"]}),
    ("q", {"owner": "ann"}),
    ("q", {"owner": {"display_name": 5}}),
    ("q", {"score": "many"}),
    ("q", {"last_edit_date": "yesterday"}),
    ("a", {"answer_id": -1}),
    ("a", {"question_id": None}),
    ("a", {"creation_date": "now"}),
    ("a", {"body": ""}),
)
"""What makes a sound item no post."""
NO_ITEMS: tuple[Any, ...] = ("words", None, [], {})
"""What is no item at all."""
