from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Query
from bot.speak.question import understand
from tests.builders import NOW, ago

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
                kinds=("bug",),
            ),
        ),
        ('who says "tool names must be unique"?', Query(phrases=("tool names must be unique",))),
        ("since:7d kind:bug compact", Query(since=ago(7), kinds=("bug",), words=("compact",))),
    ],
)
def test_a_question_becomes_the_query_it_asks(question, query):
    assert understand(question, NOW) == query


def test_a_wrong_query_in_a_question_is_told():
    with pytest.raises(QueryError, match="no source"):
        understand("source:twitter what hurts", NOW)


@given(st.text(max_size=60))
def test_no_question_breaks_it(question):
    with suppress(QueryError):
        assert understand(question, NOW) == understand(question, NOW)
