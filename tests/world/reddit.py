"""Reddit in small: listings by API and as feeds, newest first, and what became of posts by name."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.http import Http
from bot.limits import Pace
from bot.sources.base import Source
from bot.sources.reddit.adapter import Reddit
from tests.world.base import Said, WebWorld
from tests.world.reddit_things import (
    SPOILT,
    SPOILT_ENTRIES,
    child,
    deleted,
    entry,
    feed,
    listing,
    name,
    name_of,
)
from tests.world.site import Answer, Asked, json_answer

CLIENT_ID, CLIENT_SECRET, TOKEN = "id-of-nobody", "secret-of-nobody", "token-of-nobody"
AGENT = re.compile(r"python:groundswell:\S+ \(by /u/ann\)( PRAW/\S+ prawcore/\S+)?")
QUERIES_A_MINUTE = {"api": 100, "rss": 10}
LISTED = 1_000
"""No listing goes further back than so many items."""

_BASIC = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
_COMMENTS = re.compile(r"/comments/(?P<thread>\w+)/(?:_/(?P<comment>\w+)/)?\.rss")


@dataclass(slots=True)
class Time:
    """Seconds that only waiting moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True, slots=True)
class Item:
    """Something listed: its name, and what the listing says of it."""

    name: str
    child: Any
    entry: str = ""


class RedditWorld(WebWorld):
    """Odd numbers are posts of r/tool, even ones comments on the post before.

    `page_most` is the most items of a page, whatever is asked for. `violations` tells of every
    request that Reddit's rules forbid.
    """

    kind = "reddit"
    secrets = (CLIENT_SECRET, TOKEN, _BASIC)

    def __init__(self, http: Http, way: str = "api", page_most: int = 4) -> None:
        super().__init__(http)
        self.way = way
        self.page_most = page_most
        self.listed = LISTED
        self.shows_deletions = way == "api"
        self.subreddits: tuple[str, ...] = ("tool",)
        self.phrases: tuple[str, ...] = ()
        self.fields: dict[int, dict[str, Any]] = {}
        """What the API says differently of a post."""
        self.hidden: set[int] = set()
        """Neither listed nor told of by name, as in a subreddit that became private."""
        self.redirects: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.ignores_anchors = False
        self.dead: dict[int, Said] = {}
        self.violations: list[str] = []
        self.time = Time()
        self._moments: list[float] = []
        self._spoilt: list[Item] = []
        most = QUERIES_A_MINUTE[way]
        self._pace = Pace(most, 60.0, clock=self.time, sleep=self.time.sleep)

    def source(self) -> Source:
        has_key = self.way == "api"
        return Reddit(
            http=self.http,
            now=self.clock,
            subreddits=self.subreddits,
            phrases=self.phrases,
            username="ann",
            client_id=CLIENT_ID if has_key else None,
            client_secret=CLIENT_SECRET if has_key else None,
            site_url=self.site.url,
            api_url=self.site.url,
            api_pace=self._pace,
            feed_pace=self._pace,
        )

    def external_id(self, said: Said) -> str:
        return name(said.number)

    def delete(self, said: Said) -> None:
        self.dead[said.number] = self.living[said.number]
        super().delete(said)

    def spoil(self) -> int:
        sound = self.say()
        if self.way == "rss":
            bad = [entry(sound, words) for words in SPOILT_ENTRIES]
            self._spoilt = [Item(f"t3_x{n}", {}, text) for n, text in enumerate(bad)]
        else:
            rows = [child(sound)["data"] | fields for fields in SPOILT]
            broken: list[Any] = ["words", None, {"kind": "t3"}, *({"data": row} for row in rows)]
            self._spoilt = [Item(f"t3_x{n}", one) for n, one in enumerate(broken)]
        return len(self._spoilt)

    def answer(self, asked: Asked) -> Answer:
        self._watch(asked)
        if asked.path in self.redirects:
            return Answer(302, headers={"location": self.site.url + self.redirects[asked.path]})
        if asked.path == "/api/v1/access_token":
            return self._token(asked)
        if asked.path.endswith(".rss"):
            return self._feed(asked)
        if asked.headers.get("authorization") != f"bearer {TOKEN}":
            return Answer(401, headers={"www-authenticate": 'Bearer error="invalid_token"'})
        return json_answer(self._json(asked), 200, **self.headers)

    def _watch(self, asked: Asked) -> None:
        """Remember what is against the rules."""
        self._moments.append(self.time.now)
        minute = sum(moment > self.time.now - 60 for moment in self._moments)
        if minute > QUERIES_A_MINUTE[self.way]:
            self.violations.append(f"{minute} requests within a minute")
        if not AGENT.fullmatch(asked.headers.get("user-agent", "")):
            self.violations.append(f"user agent {asked.headers.get('user-agent')}")
        if int(asked.query.get("limit", 0)) > 100:
            self.violations.append(f"limit {asked.query['limit']}")
        if asked.query.get("id", "").count(",") >= 100:
            self.violations.append("more than 100 names at once")

    def _token(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Basic {_BASIC}":
            return json_answer({"message": "Unauthorized", "error": 401}, 401)
        assert (asked.method, asked.body) == ("POST", b"grant_type=client_credentials")
        return json_answer(
            {"access_token": TOKEN, "token_type": "bearer", "expires_in": 86_400, "scope": "*"}
        )

    def _json(self, asked: Asked) -> dict[str, Any]:
        if asked.path in self.redirects.values():
            return listing([], None)
        assert asked.query["raw_json"] == "1"
        if asked.path == "/api/info":
            wanted = asked.query["id"].split(",")
            return listing([one for one in map(self._told, wanted) if one], None)
        items, after = self._page(asked.path.strip("/"), asked.query)
        return listing([item.child for item in items], after)

    def _told(self, wanted: str) -> Any:
        """What is said of a post by its name, also when it is gone; None if nothing is."""
        for said in (self.living | self.dead).values():
            if name(said.number) == wanted and said.number not in self.hidden:
                gone = {} if said.number in self.living else deleted(said)
                return child(said, **self.fields.get(said.number, {}), **gone)
        return None

    def _feed(self, asked: Asked) -> Answer:
        found = _COMMENTS.fullmatch(asked.path)
        if found:
            wanted = name_of(found["thread"], found["comment"])
            items = [item for item in self._items("") if item.name == wanted]
        else:
            path = asked.path.removesuffix(".rss").strip("/")
            items, _ = self._page(path, asked.query)
        headers = {"content-type": "application/atom+xml; charset=UTF-8", **self.headers}
        return Answer(body=feed(item.entry for item in items).encode(), headers=headers)

    def _page(self, path: str, query: Mapping[str, str]) -> tuple[list[Item], str | None]:
        """The items after an anchor, and the name of the last if more follow.

        An anchor that is listed no more is followed by nothing.
        """
        items = self._items(path, query.get("q", ""))[: self.listed]
        names = [item.name for item in items]
        after = None if self.ignores_anchors else query.get("after")
        start = 0 if after is None else names.index(after) + 1 if after in names else len(items)
        end = start + min(int(query["limit"]), self.page_most)
        page = items[start:end]
        return page, page[-1].name if page and end < len(items) else None

    def _items(self, path: str, query: str = "") -> list[Item]:
        """What a listing holds, newest first; everything if none is named."""
        is_wanted = {
            "search": lambda said: any(f'"{words}"' in query for words in said.words.split()),
            "r/tool/new": lambda said: said.number % 2 == 1,
            "r/tool/comments": lambda said: said.number % 2 == 0,
        }.get(path, lambda said: path == "")
        said = [one for one in self.living.values() if is_wanted(one)]
        items = [
            Item(name(one.number), child(one, **self.fields.get(one.number, {})), entry(one))
            for one in sorted(said, key=lambda one: -one.number)
            if one.number not in self.hidden
        ]
        return items[:1] + self._spoilt + items[1:] if path == "r/tool/new" else items
