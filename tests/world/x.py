"""X in small: the search of the last seven days, and posts by their ids, newest versions first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import escape
from typing import Any

from bot.http import Http
from bot.limits import Pace
from bot.sources.base import Source
from bot.sources.x.adapter import X
from bot.sources.x.posts import id_at
from tests.world.base import Said, WebWorld
from tests.world.reddit import Time
from tests.world.site import Answer, Asked, json_answer

TOKEN = "bearer-of-nobody"  # noqa: S105 of nobody's
WINDOW_S = 900
LIMITS = {"/2/tweets/search/recent": 450, "/2/tweets": 300}
REACH = timedelta(days=7)
PROBLEMS = "https://api.twitter.com/2/problems"


@dataclass(slots=True)
class Tweet:
    """A post in all its versions: the id of each, and the newest words."""

    said: Said
    ids: list[int]
    fields: dict[str, Any] = field(default_factory=dict)


class XWorld(WebWorld):
    """Odd numbers are posts, even ones replies to the post before.

    An edit gets a new id, and only the newest version is found. `violations` tells of every request
    that X would have refused or that it forbids.
    """

    kind = "x"
    secrets = (TOKEN,)

    def __init__(
        self, http: Http, page_most: int = 3, queries: tuple[str, ...] = ("tool",)
    ) -> None:
        super().__init__(http)
        self.page_most = page_most
        self.queries = queries
        self.tweets: dict[int, Tweet] = {}
        self.private: set[int] = set()
        """Of accounts that were closed."""
        self.silent: set[int] = set()
        """What X says nothing about, neither that it is there nor that it is gone."""
        self.empty_pages = False
        """Whether a page with nothing but a token comes before each."""
        self.violations: list[str] = []
        self.token: str | None = TOKEN
        self.remaining: int | None = None
        """What X says is left of the limit."""
        self.time = Time()
        self._spoilt: list[Any] = []
        self._asked: list[tuple[str, float]] = []
        self._paces = [
            Pace(most, float(WINDOW_S), clock=self.time, sleep=self.time.sleep)
            for most in LIMITS.values()
        ]

    def source(self) -> Source:
        search, lookup = self._paces
        return X(
            http=self.http,
            now=self.clock,
            queries=self.queries,
            bearer_token=self.token,
            api_url=f"{self.site.url}/2",
            search_pace=search,
            lookup_pace=lookup,
        )

    def external_id(self, said: Said) -> str:
        return str(_id(said))

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        said = super().say(words, author)
        self.tweets[said.number] = Tweet(said, [_id(said)])
        return said

    def edit(self, said: Said, words: str | None = None) -> Said:
        edited = super().edit(said, words)
        tweet = self.tweets[said.number]
        tweet.said = edited
        tweet.ids.append(id_at(self.now) + 1 + said.number)
        return edited

    def spoil(self) -> int:
        tweet = self.tweets[self.say().number]
        self._spoilt = ["words", None, {}, *(row(tweet) | fields for fields in SPOILT)]
        return len(self._spoilt)

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_answer({"title": "Unauthorized", "status": 401}, 401)
        self._watch(asked)
        answer = (
            self._searched(asked.query) if "query" in asked.query else self._looked(asked.query)
        )
        if isinstance(answer, str):
            self.violations.append(answer)
            return json_answer({"title": "Invalid Request", "detail": answer}, 400)
        return json_answer(answer, 200, **self.limit_headers())

    def limit_headers(self) -> dict[str, str]:
        if self.remaining is None:
            return {}
        return {
            "x_rate_limit_limit": "450",
            "x_rate_limit_remaining": str(self.remaining),
            "x_rate_limit_reset": str(int(time.time()) + 40),
        }

    def _watch(self, asked: Asked) -> None:
        self._asked.append((asked.path, self.time.now))
        since = self.time.now - WINDOW_S
        recent = sum(path == asked.path and at > since for path, at in self._asked)
        if recent > LIMITS[asked.path]:
            self.violations.append(f"{recent} requests in 15 minutes")

    def _searched(self, query: Mapping[str, str]) -> dict[str, Any] | str:
        since, until = int(query["since_id"]), int(query.get("until_id", 2**63))
        if since < id_at(self.now - REACH):
            return "since_id is older than seven days"
        if (
            since >= until
            or not 10 <= int(query["max_results"]) <= 100
            or len(query["query"]) > 512
        ):
            return f"refused: {query}"
        phrase = query["query"].removesuffix(" -is:retweet").strip('()"')
        found = [
            self.tweets[number]
            for number, said in self.living.items()
            if phrase in said.words and number not in self.private | self.silent
        ]
        found = sorted(
            (tweet for tweet in found if since < tweet.ids[-1] < until),
            key=lambda tweet: -tweet.ids[-1],
        )
        if self.empty_pages and "next_token" not in query:
            return {"meta": {"result_count": 0, "next_token": "empty"}}
        page = found[: self.page_most]
        rows = [row(tweet) for tweet in page] + (self._spoilt if until == 2**63 else [])
        more = {"next_token": "t"} if len(found) > len(page) else {}
        return self._told(rows, page) | {"meta": {"result_count": len(rows), **more}}

    def _looked(self, query: Mapping[str, str]) -> dict[str, Any] | str:
        wanted = query["ids"].split(",")
        if len(wanted) > 100:
            return "more than 100 ids"
        versions = {str(i): tweet for tweet in self.tweets.values() for i in tweet.ids}
        rows, tweets, errors = [], [], []
        for one in wanted:
            tweet = versions.get(one)
            number = tweet.said.number if tweet else 0
            if tweet and number in self.private:
                errors.append(_problem(one, "not-authorized-for-resource"))
            elif tweet and number in self.living and number not in self.silent:
                rows.append(row(tweet, int(one)))
                tweets.append(tweet)
            elif number not in self.silent:
                errors.append(_problem(one, "resource-not-found"))
        return (self._told(rows, tweets) if rows else {}) | ({"errors": errors} if errors else {})

    def _told(self, rows: list[Any], tweets: list[Tweet]) -> dict[str, Any]:
        authors = {tweet.said.author for tweet in tweets if tweet.said.author}
        users = [{"id": _author_id(name), "name": name, "username": name} for name in authors]
        return {"data": rows, "includes": {"users": users}} if rows else {}


def _id(said: Said) -> int:
    return id_at(said.at) + 1 + said.number


def _author_id(name: str) -> str:
    return "1" + "".join(str(ord(letter)) for letter in name)


def _problem(tweet_id: str, kind: str) -> dict[str, Any]:
    return {
        "value": tweet_id,
        "resource_id": tweet_id,
        "resource_type": "tweet",
        "parameter": "ids",
        "type": f"{PROBLEMS}/{kind}",
    }


def row(tweet: Tweet, version: int | None = None) -> dict[str, Any]:
    """A post as X tells it, in the version that was asked for; ampersands and brackets escaped."""
    said, version = tweet.said, version or tweet.ids[-1]
    is_newest = version == tweet.ids[-1]
    words = escape(said.words, quote=False) if is_newest else "what it said at first"
    at = said.at if version == tweet.ids[0] else said.at + timedelta(minutes=20)
    root = str(_id(replace(said, number=said.number - 1, at=said.at - timedelta(hours=1))))
    reply = {"referenced_tweets": [{"type": "replied_to", "id": root}], "conversation_id": root}
    return {
        "id": str(version),
        "edit_history_tweet_ids": [str(one) for one in tweet.ids],
        "text": f"{words} https://t.co/abc",
        "author_id": _author_id(said.author or ""),
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "conversation_id": str(tweet.ids[0]),
        "public_metrics": {"like_count": 1, "reply_count": 2, "retweet_count": 3},
        "entities": {
            "urls": [{"url": "https://t.co/abc", "expanded_url": "https://tool.example/"}]
        },
        **(reply if said.number % 2 == 0 else {}),
        **tweet.fields,
    }


SPOILT: tuple[dict[str, Any], ...] = (
    {"id": "x"},
    {"id": None, "edit_history_tweet_ids": []},
    {"edit_history_tweet_ids": ["x"]},
    {"created_at": "soon"},
    {"created_at": "2026-01-01T00:00:00"},
    {"text": ""},
    {"text": {}},
    {"note_tweet": {"text": 5}},
    {"public_metrics": {"like_count": "many"}},
    {"referenced_tweets": [{"type": "replied_to", "id": None}]},
)
"""What makes a sound row no post."""
