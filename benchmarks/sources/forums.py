"""Forums: recorded topics of Discourse and questions of Stack Exchange, repeated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from perceval.backends.core.discourse import Discourse as TheirDiscourse
from perceval.backends.core.stackexchange import StackExchange as TheirStackExchange
from perceval.backends.core.stackexchange import StackExchangeClient

from benchmarks.sources.measured import Case, now, remembered, unhurried
from benchmarks.sources.recorded import paths, recorded_json, repeated
from bot.http import Http
from bot.sources.discourse.adapter import Discourse
from bot.sources.discourse.api import limits
from bot.sources.stackexchange.adapter import StackExchange
from bot.sources.stackexchange.api import Paces
from tests.world.limits import Clock
from tests.world.site import Answer, Asked, Site, json_answer

TOPICS, LISTED, LATEST = 75, 30, 50
QUESTIONS = 200
WORDS = "<p>It stops with an error since the last version. <code>run --all</code> &gt; log</p>" * 4
"""The words of the recorded questions were taken out before they were published."""


@contextmanager
def discourse(http: Http) -> Iterator[list[Case]]:
    with Site(remembered(paths(_forum()))) as site:
        yield [
            Case(
                "discourse",
                lambda: Discourse(
                    http=http,
                    now=now,
                    forum="talk",
                    url=site.url,
                    paces={who: unhurried() for who in limits()},
                ),
                "recorded: discourse/perceval/discourse_topic_1148, _1149 and _1150, repeated",
                lambda: sum(
                    len(topic["data"]["post_stream"]["posts"])
                    for topic in TheirDiscourse(site.url).fetch()
                ),
            )
        ]


def recorded_topics() -> list[dict[str, Any]]:
    """The topics' first pages, TOPICS times in all, each post and topic under an id of its own."""
    names = [f"discourse_topic_{number}.json" for number in (1148, 1149, 1150)]
    topics, posts = [], 0
    for number, page in repeated(
        [recorded_json("discourse", "perceval", n) for n in names], TOPICS
    ):
        rows = page["post_stream"]["posts"]
        own = [row | {"id": posts + n, "topic_id": number} for n, row in enumerate(rows, 1)]
        posts += len(own)
        stream = {"posts": own, "stream": [row["id"] for row in own]}
        topics.append(page | {"id": number, "posts_count": len(own), "post_stream": stream})
    return topics


def _forum() -> dict[str, Any]:
    topics = recorded_topics()
    heads = [{k: v for k, v in t.items() if k not in ("post_stream", "details")} for t in topics]
    rows = [row for topic in topics for row in topic["post_stream"]["posts"]][::-1]

    def latest_topics(asked: Asked) -> Answer:
        page = int(asked.query.get("page", 0))
        chosen = heads[page * LISTED : (page + 1) * LISTED]
        if "topic_ids" in asked.query:
            wanted = set(map(int, asked.query["topic_ids"].split(",")))
            chosen = [head for head in heads if head["id"] in wanted]
        return json_answer({"topic_list": {"topics": chosen}})

    def latest_posts(asked: Asked) -> Answer:
        before = int(asked.query.get("before", 0)) or len(rows) + 1
        page = [row for row in rows if row["id"] < before][:LATEST]
        return json_answer({"latest_posts": page})

    def topic(asked: Asked) -> Answer:
        number = int(asked.path.rpartition("/")[2].removesuffix(".json"))
        return json_answer(topics[number - 1])

    return {
        "/latest.json": latest_topics,
        "/posts.json": latest_posts,
        "/site.json": lambda _: json_answer({"categories": [{"id": 111, "name": "support"}]}),
        "/t/": topic,
    }


@contextmanager
def stackexchange(http: Http) -> Iterator[list[Case]]:
    with Site(remembered(paths(_questions()))) as site:
        StackExchangeClient.STACKEXCHANGE_API_URL = site.url
        clock = Clock()
        yield [
            Case(
                "stackexchange",
                lambda: StackExchange(
                    http=http,
                    now=now,
                    site="stackoverflow",
                    tags=("python",),
                    api_url=f"{site.url}/2.3",
                    paces=Paces(clock, clock.sleep),
                ),
                "recorded: stackexchange/perceval/stackexchange_question_page, repeated; "
                "its words, which were taken out, are invented",
                lambda: sum(
                    1 + len(one["data"]["answers"]) + len(one["data"]["comments"])
                    for one in TheirStackExchange("stackoverflow", "python", None).fetch()
                ),
            )
        ]


def _questions() -> dict[str, Any]:
    """The API in both versions: in Perceval's answers and comments come inside their question."""
    page = recorded_json("stackexchange", "perceval", "stackexchange_question_page")
    whole, under = [], defaultdict[str, list[dict[str, Any]]](list)
    for number, row in repeated(page["items"], QUESTIONS):
        at, own = 1_500_000_000 + number, {"body": WORDS, "question_id": number}
        when = {"creation_date": at, "last_activity_date": at}
        [answer], [comment] = row["answers"], row["comments"]
        answer = answer | own | when | {"answer_id": QUESTIONS + number}
        comment = comment | own | when | {"comment_id": number, "post_id": number}
        under["answers"].append(answer)
        under["comments"].append(comment)
        asked = row | own | when | {"title": "It stops", "answers": [answer]}
        whole.append(asked | {"comments": [comment]})
    bare = [{k: v for k, v in q.items() if k not in ("answers", "comments")} for q in whole]

    def listed(asked: Asked, rows: list[dict[str, Any]], dated: str) -> Answer:
        size, number = int(asked.query["pagesize"]), int(asked.query["page"])
        rest = [row for row in rows if row[dated] >= int(asked.query["min"])]
        items, more = rest[(number - 1) * size : number * size], len(rest) > number * size
        return json_answer(page | {"items": items, "total": len(rest), "has_more": more})

    def beneath(asked: Asked) -> Answer:
        _, _, _, ids, kind = asked.path.split("/")
        numbers = set(map(int, ids.split(";")))
        key = "question_id" if kind == "answers" else "post_id"
        rows = [row for row in under[kind] if row[key] in numbers]
        return listed(asked, rows, "creation_date")

    return {
        "/2.2/questions": lambda asked: listed(asked, whole, "last_activity_date"),
        "/2.3/questions": lambda asked: listed(asked, bare, "last_activity_date"),
        "/2.3/questions/": beneath,
        "/2.3/posts/": beneath,
    }
