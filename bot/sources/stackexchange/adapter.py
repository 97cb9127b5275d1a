"""Stack Exchange: the questions of a site that have a tag, with their answers and comments.

https://api.stackexchange.com/docs
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.http import Http
from bot.model import Post
from bot.sources.base import Batch, NotAPost, Rejection
from bot.sources.stackexchange.api import Api, Paces, chunks
from bot.sources.stackexchange.posts import KINDS, Site, number_of, parse

FIRST = timedelta(days=30)
"""How far back the first run goes, if not told."""
OVERLAP_S = 600
"""The API answers from a cache: each run begins this long before the last activity seen."""

QUESTIONS = "/questions"
ANSWERS_TO = "/questions/{ids}/answers"
COMMENTS_ON = "/posts/{ids}/comments"
OURS = Paces()
"""Limits are of our address, whichever site is asked: all sites go by the same paces."""

ACTIVE, CREATED = ("activity", "last_activity_date"), ("creation", "creation_date")


@dataclass(frozen=True, slots=True)
class StackExchange:
    """One site, by its tags. What is read is licensed CC BY-SA: author and link stay with it."""

    http: Http
    now: Callable[[], datetime]
    site: str
    tags: tuple[str, ...]
    api_url: str = "https://api.stackexchange.com/2.3"
    key: str | None = field(default=None, repr=False)
    paces: Paces = field(default=OURS, repr=False)

    @property
    def name(self) -> str:
        """`stackexchange/SITE`."""
        return f"stackexchange/{self.site}"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield each question that was active, whole, by rising activity, one tag after another.

        With `since`, those of its posts that were written from then on. The cursor says how far
        each tag has been read.
        """
        api, reached = self._api(), _read(cursor)
        first = int((since or self.now() - FIRST).timestamp())
        for tag in self.tags:
            start = max(0, reached[tag] - OVERLAP_S) if tag in reached else first
            reached.setdefault(tag, first)
            for questions in api.by_date(QUESTIONS, (), *ACTIVE, start, tagged=tag):
                posts, rejected = self._threads(api, questions)
                wanted = tuple(p for p in posts if since is None or p.created_at >= since)
                reached[tag] = max(reached[tag], api.newest(questions, ACTIVE[1]) or 0)
                yield Batch(wanted, json.dumps(reached), rejected=rejected, budget=api.budget)
        api.settle()

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield the posts as they are now, and the comments that came to them meanwhile.

        A comment moves no question's activity, so that no other run would see it.
        """
        api, asked = self._api(), self._asked(external_ids)
        comments = api.items("/comments/{ids}", asked["c"])
        under = _numbers(comments, "post_id") - asked["a"]
        answers = api.items("/answers/{ids}", asked["a"] | under)
        roots = _roots(answers)
        own = [row for row in answers if number_of(row, "answer_id") not in under]
        yield self._seen(api, "a", asked["a"], own, roots)
        yield self._seen(api, "c", asked["c"], comments, roots)
        questions = api.items("/questions/{ids}", asked["q"])
        yield self._seen(api, "q", asked["q"], questions, roots)
        living = _numbers(questions, "question_id") | _numbers(own, "answer_id")
        for found in self._comments(api, living):
            yield self._seen(api, "c", (), found, roots)
        api.settle()

    def owns(self, url: str) -> bool:
        """Whether it is the address of a question, an answer or a comment on this site."""
        return Site(self.site).located(url) is not None

    def find(self, url: str) -> Batch:
        """The post at an address."""
        wanted = Site(self.site).located(url)
        for batch in self.recheck([wanted] if wanted else []):
            if found := tuple(p for p in batch.posts if p.external_id == wanted):
                return Batch(found, None, budget=batch.budget)
        raise SourceError(f"{self.name}: no post is at that address", permanent=True)

    def _api(self) -> Api:
        return Api(self.name, self.http, self.now, self.site, self.api_url, self.key, self.paces)

    def _threads(
        self, api: Api, questions: Sequence[Any]
    ) -> tuple[list[Post], tuple[Rejection, ...]]:
        """Questions with all that was said under them."""
        numbers = _numbers(questions, "question_id")
        silent = [q for q in questions if isinstance(q, dict) and q.get("answer_count") == 0]
        answers = [
            answer
            for chosen in chunks(numbers - _numbers(silent, "question_id"))
            for page in api.by_date(ANSWERS_TO, chosen, *CREATED, 0)
            for answer in page
        ]
        under = numbers | _numbers(answers, "answer_id")
        comments = [comment for page in self._comments(api, under) for comment in page]
        return self._parsed([*questions, *answers, *comments], _roots(answers))

    def _comments(self, api: Api, posts: Collection[int]) -> Iterator[list[Any]]:
        for chosen in chunks(posts):
            yield from api.by_date(COMMENTS_ON, chosen, *CREATED, 0)

    def _parsed(
        self, items: Sequence[Any], roots: Mapping[int, int]
    ) -> tuple[list[Post], tuple[Rejection, ...]]:
        posts, rejected = [], []
        for place, item in enumerate(items, 1):
            try:
                posts.append(parse(item, Site(self.site), roots))
            except NotAPost as error:
                rejected.append(error.at(f"{self.name} item {place} of {len(items)}"))
        return posts, tuple(rejected)

    def _seen(
        self,
        api: Api,
        letter: str,
        asked: Collection[int],
        items: Sequence[Any],
        roots: Mapping[int, int],
    ) -> Batch:
        """What became of items of one kind; none counts as gone if one cannot be told by its id."""
        posts, rejected = self._parsed(items, roots)
        there = _numbers(items, f"{KINDS[letter]}_id")
        missing = set(asked) - there if len(there) == len(items) else set()
        gone = tuple(Site(self.site).key(letter, number) for number in sorted(missing))
        return Batch(tuple(posts), None, gone, rejected, budget=api.budget)

    def _asked(self, external_ids: Sequence[str]) -> dict[str, set[int]]:
        asked: dict[str, set[int]] = {letter: set() for letter in KINDS}
        for external_id in external_ids:
            if part := Site(self.site).part(external_id):
                asked[part[0]].add(part[1])
        return asked


def _read(cursor: str | None) -> dict[str, int]:
    """How far each tag has been read; nothing that this version does not understand."""
    try:
        return {str(tag): int(second) for tag, second in json.loads(cursor or "").items()}
    except (ValueError, TypeError, AttributeError, OverflowError):
        return {}


def _numbers(items: Sequence[Any], name: str) -> set[int]:
    return {number for item in items if (number := number_of(item, name))}


def _roots(answers: Sequence[Any]) -> dict[int, int]:
    """The question of each answer."""
    return {
        answer: question
        for row in answers
        if (answer := number_of(row, "answer_id")) and (question := number_of(row, "question_id"))
    }
