from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Query
from bot.speak.query import parse, written
from tests.builders import NOW, ago

MIDNIGHT = NOW.replace(hour=0)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("   ", Query()),
        ("since:7d", Query(since=ago(7))),
        ("criterion:crash,data-loss", Query(criteria=("crash", "data loss"))),
        ('criterion:"Wrong Result" strength:2', Query(criteria=("wrong result",), strength=2)),
        ("lang:de lang:JA,zh", Query(languages=("de", "ja", "zh"))),
        ("since:36h", Query(since=ago(hours=36))),
        ("since:2w", Query(since=ago(14))),
        ("since:today", Query(since=MIDNIGHT)),
        ("since:yesterday until:today", Query(since=MIDNIGHT - timedelta(days=1), until=MIDNIGHT)),
        ("since:2026-01-05", Query(since=datetime(2026, 1, 5, tzinfo=UTC))),
        ("since:2026-01-05T10:00:00+02:00", Query(since=datetime(2026, 1, 5, 8, tzinfo=UTC))),
        ("source:reddit source:github", Query(sources=("reddit", "github"))),
        ("source:reddit,github", Query(sources=("reddit", "github"))),
        ("kind:complaint theme:T12", Query(kinds=("complaint",), themes=("T12",))),
        ('label:"has repro" author:ann', Query(labels=("has repro",), authors=("ann",))),
        ("venue:r/python state:open", Query(venues=("r/python",), states=("open",))),
        (
            '"torch.compile" slow -spam',
            Query(phrases=("torch.compile",), words=("slow",), without=("spam",)),
        ),
        ("torch._dynamo.exc E0502 2.4.1", Query(words=("torch._dynamo.exc", "E0502", "2.4.1"))),
        ("https://example.org/x", Query(words=("https://example.org/x",))),
        ("SINCE:7d", Query(since=ago(7))),
    ],
)
def test_a_query_is_read(text, query):
    assert parse(text, NOW) == query


@pytest.mark.parametrize(
    ("text", "says", "column"),
    [
        ("since:someday", "'someday' is no time", 0),
        ("kind:bug since:", "since: needs a value", 9),
        ("source:twitter", "there is no source 'twitter'", 0),
        ("words then colour:red", "there is no key 'colour'", 11),
        ("criterion:smell", "there is no criterion 'smell'; they are crash, wrong-result", 0),
        ("strength:4", "'4' is no strength", 0),
        ("lang:Chinese", "'Chinese' is no code of a language", 0),
        ("lang:zh,d1", "'d1' is no code of a language", 0),
        ('say "never closed', 'this " is never closed', 4),
    ],
)
def test_a_wrong_query_is_shown_with_a_caret_under_the_fault(text, says, column):
    with pytest.raises(QueryError, match=says) as caught:
        parse(text, NOW)
    lines = str(caught.value).splitlines()
    assert lines[1] == f"  {text}"
    assert lines[2] == " " * (column + 2) + "^"


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(QueryError, match="not before until"):
        parse("since:1d until:3d", NOW)


def test_a_query_written_out_reads_as_itself():
    text = (
        "since:2026-01-05 until:2026-02-01T10:30:00Z source:reddit kind:bug "
        'label:"has repro" lang:zh "a b" slow -spam'
    )
    assert written(parse(text, NOW)) == text


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_a_query_error(text):
    try:
        query = parse(text, NOW)
    except QueryError:
        return
    assert parse(written(query), NOW) == query or '"' in written(query)
