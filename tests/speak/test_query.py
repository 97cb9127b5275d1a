from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import SOURCES_KNOWN, Query
from bot.speak.query import parse, written
from bot.speak.standpoint import Released, Standpoint
from bot.speak.values import KINDS
from tests.builders import NOW, ago
from tests.speak.quill import AT as QUILL

MIDNIGHT = NOW.replace(hour=0)
TWICE = Standpoint(
    QUILL.now,
    releases=(
        Released("v2.4.0", datetime(2026, 10, 1, tzinfo=UTC), "acme/quill"),
        Released("v2.4.0", datetime(2026, 11, 1, tzinfo=UTC), "acme/quill-ui"),
    ),
)


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
        ("area:mcp", Query(areas=("mcp",))),
        ("untracked:yes unanswered:no", Query(untracked=True, unanswered=False)),
        ("people:>5", Query(people=6)),
        ("people:>=5", Query(people=5)),
        ("people:5", Query(people=5)),
        ("repo:acme/tool", Query(venues=("acme/tool",))),
        (
            "-label:wontfix -source:reddit,github",
            Query(excluded=(("label", "wontfix"), ("source", "reddit"), ("source", "github"))),
        ),
        ("-repo:acme/tool", Query(excluded=(("venue", "acme/tool"),))),
        ('-"dark mode"', Query(without=("dark mode",))),
        ("std::bad_alloc", Query(words=("std::bad_alloc",))),
        ("-std::bad_alloc", Query(without=("std::bad_alloc",))),
        ('label:"a, b"', Query(labels=("a, b",))),
        ("since:1d since:3d", Query(since=ago(3))),
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
        ("sorce:reddit", "there is no key 'sorce'; did you mean source", 0),
        ("kind:bug source:redit", "there is no source 'redit'; did you mean reddit", 9),
        ("kind:complant", "there is no kind 'complant'; did you mean complaint", 0),
        ("state:opne", "there is no state 'opne'; did you mean open", 0),
        ("criterion:crahs", "there is no criterion 'crahs'; did you mean crash", 0),
        ("untracked:maybe", "'maybe' is neither yes nor no", 0),
        ("people:<5", "'<5' is no number of people", 0),
        ("repo:r/tool", "'r/tool' is no repository", 0),
        ("slow -since:7d", "since: cannot be left out", 6),
        ("since:v9.9", "'v9.9' is no release that is known; none is", 0),
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
        "since:2026-01-05T00:00:00Z until:2026-02-01T10:30:00Z source:reddit kind:bug "
        'area:"plugin api" label:"has repro" lang:zh untracked:yes unanswered:no people:>=6 '
        'strength:2 "a b" slow -label:wontfix -spam -"dark mode"'
    )
    assert written(parse(text, NOW)) == text


def test_the_kind_of_an_archive_is_taken_as_it_is():
    assert parse("kind:incident state:triaged", NOW).kinds == ("incident",)


def test_a_caret_points_into_the_line_that_is_wrong():
    with pytest.raises(QueryError) as caught:
        parse("kind:bug\nslow colour:red", NOW)
    assert str(caught.value).splitlines()[1:] == ["  slow colour:red", "       ^"]


def test_a_version_of_two_repositories_is_no_time_until_one_is_named():
    with pytest.raises(QueryError, match="a release of acme/quill and of acme/quill-ui"):
        parse("since:2.4", TWICE)
    assert parse("since:2.4 repo:acme/quill-ui", TWICE).since == datetime(2026, 11, 1, tzinfo=UTC)


def test_an_unknown_version_names_those_that_are_known():
    with pytest.raises(QueryError, match=r"the last ones are v2.5.0-rc.1, v2.4.1, v0.9.0"):
        parse("since:v7.7", QUILL)


def test_the_last_release_is_that_of_the_place_that_is_asked_for():
    assert parse('since:"last release"', QUILL).since == QUILL.releases[2].at
    narrowed = parse('since:"last release" venue:acme/quill-ui', QUILL)
    assert narrowed.since == QUILL.releases[4].at


def test_times_are_read_and_written_in_the_readers_zone():
    query = parse("since:2026-11-24", QUILL)
    assert query.since == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert written(query) == "since:2026-11-23T23:00:00Z"
    assert written(query, QUILL.zone) == "since:2026-11-24"


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_a_query_error(text):
    try:
        query = parse(text, NOW)
    except QueryError:
        return
    assert parse(written(query), NOW) == query
    assert parse(written(query, QUILL.zone), QUILL) == query


VALUES = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1)
WORDS = st.from_regex(r"[A-Za-z0-9._/#][^\s\":]*", fullmatch=True)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 the zone comes with `timezones`


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Any query that can be written."""
    many = st.lists(VALUES, max_size=2).map(tuple)
    names = st.sampled_from(("author", "label", "venue", "area", "theme"))
    until = draw(st.none() | MOMENTS)
    since = draw(st.none() | MOMENTS)
    return Query(
        since=None if since and until and since >= until else since,
        until=until,
        sources=tuple(draw(st.lists(st.sampled_from(SOURCES_KNOWN), max_size=2))),
        kinds=tuple(draw(st.lists(st.sampled_from(KINDS), max_size=2))),
        labels=draw(many),
        authors=draw(many),
        venues=draw(many),
        areas=draw(many),
        phrases=draw(many),
        without=draw(many),
        words=tuple(draw(st.lists(WORDS, max_size=3))),
        untracked=draw(st.none() | st.booleans()),
        unanswered=draw(st.none() | st.booleans()),
        people=draw(st.none() | st.integers(0, 999_999)),
        strength=draw(st.none() | st.integers(1, 3)),
        excluded=tuple(draw(st.lists(st.tuples(names, VALUES), max_size=2))),
    )


@given(queries(), st.sampled_from((None, "UTC", "Europe/Berlin", "America/St_Johns")))
def test_every_query_comes_back_as_it_was_written(query, zone):
    at = Standpoint(NOW, zone or "Asia/Kolkata")
    assert parse(written(query, zone), at) == query
