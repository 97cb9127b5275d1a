from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Query
from bot.speak.query import parse, written
from bot.speak.question import LONGEST, understand
from tests.builders import NOW, ago
from tests.speak.quill import AT

MIDNIGHT = NOW.replace(hour=0)
MONTH = ago(30)


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("what are users complaining about?", Query(since=MONTH, kinds=("complaint",))),
        ("What do people like?", Query(since=MONTH, kinds=("praise",))),
        (
            "what hurts most on Reddit this week",
            Query(since=MIDNIGHT, sources=("reddit",), kinds=("complaint",)),
        ),
        (
            "any bugs on GitHub in the last 3 days?",
            Query(since=ago(3), sources=("github",), kinds=("bug",)),
        ),
        ("is torch.compile slow?", Query(words=("torch.compile", "slow"))),
        (
            "what do people on hacker news say about pricing?",
            Query(sources=("hackernews",), words=("pricing",)),
        ),
        (
            "compact failing since 2026-02-01",
            Query(since=datetime(2026, 2, 1, tzinfo=UTC), words=("compact", "failing")),
        ),
        ("what happened yesterday?", Query(since=MIDNIGHT - timedelta(days=1), until=MIDNIGHT)),
        (
            "what was new on 2026-02-10?",
            Query(since=datetime(2026, 2, 10, tzinfo=UTC), until=datetime(2026, 2, 11, tzinfo=UTC)),
        ),
        (
            "complaints in February",
            Query(
                since=datetime(2026, 2, 1, tzinfo=UTC),
                until=datetime(2026, 3, 1, tzinfo=UTC),
                kinds=("complaint",),
            ),
        ),
        (
            "complaints in December",
            Query(
                since=datetime(2025, 12, 1, tzinfo=UTC),
                until=datetime(2026, 1, 1, tzinfo=UTC),
                kinds=("complaint",),
            ),
        ),
        (
            "crashes between 2026-02-01 and 2026-02-03",
            Query(
                since=datetime(2026, 2, 1, tzinfo=UTC),
                until=datetime(2026, 2, 4, tzinfo=UTC),
                criteria=("crash",),
            ),
        ),
        ('who says "tool names must be unique"?', Query(phrases=("tool names must be unique",))),
        ("since:7d kind:bug compact", Query(since=ago(7), kinds=("bug",), words=("compact",))),
    ],
)
def test_a_question_becomes_the_query_it_asks(question, query):
    assert understand(question, NOW).query == query


def test_a_wrong_query_in_a_question_is_told():
    with pytest.raises(QueryError, match="no source"):
        understand("source:twitter what hurts", NOW)


def test_a_question_that_is_too_long_is_told_so():
    with pytest.raises(QueryError, match="1,000 characters at most, and this has 2,000"):
        understand("why? " * 400, NOW)


@pytest.mark.parametrize(
    "part", ["not about a ", "x", "except, ", "reddit, ", "in ", "compare ", "since ", '"', "by a "]
)
def test_no_question_takes_long_to_read(part):
    text = (part * LONGEST)[:LONGEST]
    began = perf_counter()
    understand(text, NOW)
    assert perf_counter() - began < 2


PARTS = st.sampled_from(
    [
        "since yesterday",
        "until October",
        "older than 2 weeks",
        "in Q3",
        "the last 3 days",
        "on Reddit",
        "in German",
        "not about docs",
        "except HN",
        "by alice",
        "bugs",
        "complaints",
        '"dark mode"',
        "`a b`",
        "--flag",
        "std::x",
        "E0502",
        "open",
        "unanswered",
        "with",
        "vs",
        "compare",
        "and",
        "what",
        "more than 5 people",
        "T12",
        "r/rust",
        'labelled "a, b"',
        "#help",
        "a:b",
        "not labelled c",
        "-spam",
        "v2.4.1",
        "2.4",
        "from",
        "to",
        "between",
        "ago",
        "recently",
        "?",
        ",",
    ]
)


@given(st.lists(PARTS, max_size=8).map(" ".join))
def test_whatever_a_question_becomes_can_be_written_and_read_again(question):
    asked = understand(question, AT)
    for query in (asked.query, asked.against or Query()):
        assert parse(written(query), AT) == query


@given(st.text(max_size=60))
def test_no_question_breaks_it(question):
    with suppress(QueryError):
        assert understand(question, NOW) == understand(question, NOW)
