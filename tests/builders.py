"""Posts, themes and times in as few words as a test needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.model import (
    Aim,
    Answer,
    Coverage,
    Hit,
    Intent,
    Member,
    Period,
    Post,
    Query,
    Question,
    Reading,
    Role,
    SourceCoverage,
    Theme,
    ThemeView,
)
from bot.speak.answers import answer
from bot.speak.answers.evidence import Evidence, Found

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday."""

_numbers = count(1)

FIRST = 10_000
"""Where a test begins to number what it builds: above what modules build when they are loaded."""


def number_from(first: int) -> None:
    """Number from here what is built from now on: the same in a test, whatever ran before it."""
    global _numbers  # noqa: PLW0603 one counter for all that is built
    _numbers = count(first)


def ago(days: float = 0, **more: float) -> datetime:
    """A moment before NOW."""
    return NOW - timedelta(days=days, **more)


def a_post(**fields: Any) -> Post:
    """A GitHub issue by a user of its own, unless told otherwise."""
    number = next(_numbers)
    plain = Post(
        source="github",
        external_id=f"acme/tool#{number}",
        kind="issue",
        title=f"Post {number}",
        text="",
        created_at=NOW - timedelta(days=1),
        venue="acme/tool",
        author=f"user{number}",
        url=f"https://example.org/{number}",
    )
    return replace(plain, **fields)


def a_member(**fields: Any) -> Member:
    """A theme's post by a user of its own, unless told otherwise."""
    number = next(_numbers)
    plain = Member(
        key=f"github:acme/tool#{number}",
        source="github",
        venue="acme/tool",
        author=f"user{number}",
        role=Role.USER,
        created_at=NOW - timedelta(days=1),
        title=f"It broke in way {number}",
        text="",
        url=f"https://example.org/{number}",
        score=None,
        reply_count=None,
        reading=Reading(Intent.BUG, strength=1),
        centrality=0.9,
    )
    return replace(plain, **fields)


def a_theme(*members: Member, **fields: Any) -> Theme:
    """A theme of these members in time order."""
    ordered = tuple(sorted(members, key=lambda m: (m.created_at, m.key)))
    return replace(Theme("T1", "Push fails on big files", ("push fails",), ordered), **fields)


def some_coverage(**fields: Any) -> Coverage:
    """One source, read without trouble."""
    source = SourceCoverage("github", 10, ago(30), ago(1), ago(0))
    return replace(Coverage((source,)), **fields)


def an_answer(
    query: Query,
    views: Iterable[ThemeView] = (),
    hits: Iterable[Hit] = (),
    aim: Aim = Aim.OVERVIEW,
    **evidence: Any,
) -> Answer:
    """What is answered from these themes and posts of the last 30 days."""
    period = Period(query.since or ago(30), query.until or NOW)
    told, said = tuple(views), tuple(hits)
    members = {member.key for view in told for member in view.theme.members}
    inside = sum(hit.post.key in members for hit in said)
    found = Found(query, period, said, told, themes=len(told), inside=inside)
    asked = Question(evidence.pop("text", "what is said?"), query, aim)
    return answer(Evidence(asked, found, evidence.pop("coverage", some_coverage()), **evidence))
