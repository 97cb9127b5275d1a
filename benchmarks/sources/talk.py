"""Where people talk: recorded hits, listings and messages, repeated; X has none that are public."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from perceval.backends.core.slack import Slack as TheirSlack
from perceval.backends.core.slack import SlackClient

from benchmarks.sources.measured import Case, now, remembered, unhurried
from benchmarks.sources.recorded import paths, recorded_json, repeated
from bot.http import Http
from bot.sources.hackernews.adapter import HackerNews
from bot.sources.reddit.adapter import Reddit
from bot.sources.slack.adapter import Slack
from tests.world.base import WebWorld
from tests.world.reddit import RedditWorld
from tests.world.site import Answer, Asked, Site, json_answer
from tests.world.x import XWorld

POSTS, PAGE = 600, 100
START = 1_500_000_000
CHANNEL = "C011DUKE8"


@contextmanager
def hackernews(http: Http) -> Iterator[list[Case]]:
    answers = recorded_json("hackernews", "algolia", "algolia_fixtures_2019.json")
    found = [hit for one in answers for hit in one["reply"].get("hits", ())]
    hits = [
        hit | {"objectID": str(number), "created_at_i": START + number}
        for number, hit in repeated(found, POSTS)
    ]
    answer = json_answer({"hits": hits, "hitsPerPage": 1_000})
    with Site(lambda _: answer) as site:
        yield [
            Case(
                "hackernews",
                lambda: HackerNews(http=http, now=now, queries=("tool",), algolia_url=site.url),
                "recorded: hackernews/algolia/algolia_fixtures_2019.json, repeated",
            )
        ]


@contextmanager
def reddit(http: Http) -> Iterator[list[Case]]:
    token = {"access_token": "t", "token_type": "bearer", "expires_in": 3_600, "scope": "*"}
    routes = {
        "/api/v1/access_token": lambda _: json_answer(token),
        "/r/askreddit/new": _Listing("t3", "TestSubredditListings.test_new.json"),
        "/r/askreddit/comments": _Listing("t1", "TestSubredditListings.test_comments.json"),
    }
    with Site(remembered(paths(routes))) as site:
        yield [
            Case(
                "reddit, API",
                lambda: Reddit(
                    http=http,
                    now=now,
                    subreddits=("askreddit",),
                    phrases=(),
                    username="ann",
                    client_id="id",
                    client_secret="secret",  # noqa: S106 of nobody's
                    site_url=site.url,
                    api_url=site.url,
                    api_pace=unhurried(),
                ),
                "recorded: reddit/praw_cassettes/TestSubredditListings.test_new and test_comments, "
                "repeated",
            )
        ]


class _Listing:
    """A recorded listing, half of POSTS long, the newest first."""

    def __init__(self, kind: str, cassette: str) -> None:
        interactions = recorded_json("reddit", "praw_cassettes", cassette)["interactions"]
        listing = json.loads(interactions[-1]["response"]["body"]["string"])
        sound = [c["data"] for c in listing["data"]["children"] if "subreddit" in c["data"]]
        self._rows = [
            {"kind": kind, "data": row | {"name": f"{kind}_{n}", "created_utc": START - n}}
            for n, row in repeated(sound, POSTS // 2)
        ]

    def __call__(self, asked: Asked) -> Answer:
        names = [row["data"]["name"] for row in self._rows]
        start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        page = self._rows[start : start + PAGE]
        after = page[-1]["data"]["name"] if start + PAGE < len(names) else None
        return json_answer({"kind": "Listing", "data": {"children": page, "after": after}})


@contextmanager
def reddit_feed(http: Http) -> Iterator[list[Case]]:
    world = RedditWorld(http, "rss", page_most=PAGE)
    with _invented(world, 600):
        yield [Case("reddit, RSS", world.source, "invented")]


@contextmanager
def x(http: Http) -> Iterator[list[Case]]:
    world = XWorld(http, page_most=PAGE)
    with _invented(world, 160):  # an hour each, and X searches a week
        yield [Case("x", world.source, "invented")]


@contextmanager
def _invented(world: WebWorld, posts: int) -> Iterator[None]:
    """A world of the tests with so many posts in it."""
    world.populate(posts)
    world.site.respond = remembered(world.answer)
    with world:
        yield


@contextmanager
def slack(http: Http) -> Iterator[list[Case]]:
    with Site(remembered(paths(_workspace()))) as site:
        SlackClient.URL = f"{site.url}/api/%(resource)s"
        yield [
            Case(
                "slack",
                lambda: Slack(
                    http=http,
                    now=now,
                    bot_token="token",  # noqa: S106 of nobody's
                    channels=(CHANNEL,),
                    api_url=f"{site.url}/api",
                    paced=unhurried,
                ),
                "recorded: slack/perceval/slack_history, _history_next and users, repeated",
                lambda: len(list(TheirSlack(CHANNEL, "token", max_items=1_000).fetch())),
            )
        ]


def recorded_messages() -> list[dict[str, Any]]:
    """POSTS messages, the newest first; joins, which are no posts, are not among them."""
    names = ("slack_history.json", "slack_history_next.json")
    rows = [row for name in names for row in recorded_json("slack", "perceval", name)["messages"]]
    said = [row for row in rows if row.get("subtype") in (None, "bot_message")]
    return [row | {"ts": f"{START - n}.000100"} for n, row in repeated(said, POSTS)]


def _workspace() -> dict[str, Any]:
    messages = recorded_messages()
    info = recorded_json("slack", "perceval", "slack_info.json")
    ours = {"ok": True, "url": "https://acme.slack.com/", "user_id": "U0", "bot_id": "B0"}
    nobody = {"members": [], "ok": True, "response_metadata": {"next_cursor": ""}}

    def user(asked: Asked) -> Answer:
        return json_answer(
            recorded_json("slack", "perceval", f"slack_user_{asked.query['user']}.json")
        )

    def history(asked: Asked) -> Answer:
        return json_answer(_page_of(messages, asked.query))

    return {
        "/api/auth.test": lambda _: json_answer(ours),
        "/api/conversations.info": lambda _: json_answer(info),
        "/api/conversations.members": lambda _: json_answer(nobody),
        "/api/users.info": user,
        "/api/conversations.history": history,
    }


def _page_of(messages: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """A page of a channel: ours asks by `limit` and cursor, Perceval by `count` and `latest`."""
    within = [
        m for m in messages if float(query["oldest"]) <= float(m["ts"]) < float(query["latest"])
    ]
    start, size = int(query.get("cursor", 0)), int(query.get("limit") or query["count"])
    more = start + size < len(within)
    cursor = {"next_cursor": str(start + size) if more else ""}
    page = within[start : start + size]
    return {"ok": True, "messages": page, "has_more": more, "response_metadata": cursor}
