"""How many, which threads wait for an answer, and the posts themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Hit, Intent, Sentence
from bot.speak.answers.evidence import (
    Evidence,
    Found,
    Said,
    authors,
    cite_hit,
    crowd,
    number_of,
    sources,
    voices,
    when,
    whole,
)
from bot.speak.words import counted, day, source_name

POSTS = 10
WAITING = 3
ASKING = {Intent.QUESTION, Intent.BUG, Intent.REQUEST}
"""What an answer is due to: threads that only tell something wait for none."""
WEEKS = 8
_PEOPLE = re.compile(
    r"\bhow many (?:\w+ )?(?:people|users|customers|developers|devs)\b", re.IGNORECASE
)


def count(evidence: Evidence) -> Said:
    """The number that was asked for, by source and by week."""
    found, posts = evidence.found, evidence.found.posts
    number, people = number_of(found.query, posts), authors(posts)
    if _PEOPLE.search(evidence.asked.text):
        first = f"{people[0].upper()}{people[1:]}, in {number}"
    else:
        first = f"{number[0].upper()}{number[1:]}, by {people}"
    told = [whole(found, f"{first}, {when(posts)}.")]
    return Said((*told, *_by_source(found), *_by_week(found)))


def _by_source(found: Found) -> list[Sentence]:
    split = Counter(source_name(post.source) for post in found.posts).most_common()
    if len(split) == 1:
        return [whole(found, f"All on {split[0][0]}.")]
    return [whole(found, f"By source: {', '.join(f'{name} {n:,}' for name, n in split)}.")]


def _by_week(found: Found) -> list[Sentence]:
    """The last weeks in which anything was said."""
    weeks = Counter(_monday(post.created_at) for post in found.posts)
    if len(weeks) == 1:
        return []
    shown = sorted(weeks)[-WEEKS:]
    earlier = len(found.posts) - sum(weeks[week] for week in shown)
    told = [f"{earlier:,} before"] if earlier else []
    told += [f"{_week(week, shown[-1])} {weeks[week]:,}" for week in shown]
    return [whole(found, f"By week from its Monday: {', '.join(told)}.")]


def _week(monday: datetime, last: datetime) -> str:
    """`3 Nov`, with the year where it is not that of the last week."""
    same_year = monday.year == last.year
    return f"{monday.day} {monday:%b}" if same_year else day(monday)


def _monday(moment: datetime) -> datetime:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start - timedelta(days=start.weekday())


def show(evidence: Evidence) -> Said:
    """The posts, best first."""
    found = evidence.found
    number = number_of(found.query, found.posts)
    few = found.hits[:POSTS]
    order = "best" if found.query.words else "newest"
    more = f"; the {len(few)} {order} first" if len(few) < len(found.hits) else ""
    first = (
        f"{number} by {authors(found.posts)} on {sources(found.posts)}, {when(found.posts)}{more}."
    )
    return Said((whole(found, first[0].upper() + first[1:]), *map(_post, few)))


def _post(hit: Hit) -> Sentence:
    cite = cite_hit(hit)
    who = f"{hit.post.author}, " if hit.post.author else ""
    return Sentence(f"{who}{hit.post.venue}, {day(hit.post.created_at)}: “{cite.quote}”", (cite,))


def unanswered(evidence: Evidence) -> Said:
    """The threads that wait, those that wait longest and those that drew most people first."""
    found = evidence.found
    posts = found.posts
    oldest = sorted(found.hits, key=lambda hit: (hit.post.created_at, hit.post.key))
    waits = "waits" if len(posts) == 1 else "wait"
    threads = counted(len(posts), "thread")
    some = crowd(posts)
    who = f" by {authors(posts)}" if voices(some) else ""
    first = whole(
        found,
        f"{threads}{who} on {sources(posts)} {waits} for a first answer, "
        f"the oldest since {day(oldest[0].post.created_at)}.",
    )
    oldest = [hit for hit in oldest if hit.intent in ASKING] or oldest
    longest = oldest[:WAITING]
    told = {hit.post.key for hit in longest}
    engaged = [hit for hit in _by_engagement(oldest) if hit.post.key not in told][:WAITING]
    return Said((first, *map(_waits, longest), *map(_drew, engaged)))


def _by_engagement(hits: Sequence[Hit]) -> list[Hit]:
    """Those whose source told of votes, most votes first."""
    known = [hit for hit in hits if (hit.post.score or 0) > 1]
    return sorted(known, key=lambda hit: (-(hit.post.score or 0), hit.post.key))


def _waits(hit: Hit) -> Sentence:
    cite = cite_hit(hit)
    text = f"Waits since {day(hit.post.created_at)}, {hit.post.venue}: “{cite.quote}”"
    return Sentence(text, (cite,))


def _drew(hit: Hit) -> Sentence:
    cite = cite_hit(hit)
    votes = f"{counted(hit.post.score or 0, 'point')}, since {day(hit.post.created_at)}"
    return Sentence(f"{votes}, {hit.post.venue}: “{cite.quote}”", (cite,))
