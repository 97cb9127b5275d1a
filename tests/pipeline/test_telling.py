"""Answers and digests over the whole sample, checked against the archive itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from bot.model import Gap, Period, Status
from bot.pipeline import Pipeline
from bot.sources.archive import Archive
from bot.speak.data import answer_data, digest_data, hit_data, theme_data
from bot.speak.moments import iso
from bot.store import open_store
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM

SAMPLE = resources.files("bot.sample") / "community.jsonl"
NOW = datetime(2026, 10, 30, tzinfo=UTC)
LAST_DAYS = 30

QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("what are users complaining about?", {}),
    ("what are people complaining about this week on reddit?", {"source": "reddit"}),
    ("which bugs came up in the last 2 weeks?", {}),
    ("what do people like?", {}),
    ("what do people ask for on the forum?", {"source": "discourse"}),
    ("what do people say about memory?", {}),
    ("is there a problem with the manifest epoch?", {}),
    ("bandwidth limit", {}),
    ("source:github E4417", {"source": "github"}),
    ("since:2026-10-01 until:2026-10-10 toml", {"since": "2026-10-01", "until": "2026-10-10"}),
    ('"ferry.toml" source:reddit', {"source": "reddit"}),
    ("verify", {}),
    ("what happened yesterday?", {"since": "2026-10-29", "until": "2026-10-30"}),
    ("questions from hacker news in october", {"source": "hackernews"}),
    ("why is planning so slow?", {}),
)


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    """The archive's own lines, by key: what everything said must agree with."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    return {f"{row['source']}:{row['id']}": row for row in map(json.loads, lines)}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory, minilm: MiniLM) -> Iterator[Pipeline]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('sample')}/sample.db")
    made = Pipeline(store, minilm, AverageTree(), {}, lambda: NOW)
    with resources.as_file(SAMPLE) as path:
        made.import_archives([Archive(Path(path), NOW + timedelta(days=9))])
    made.understand()
    yield made
    store.close()


def written(rows: dict[str, dict[str, Any]], key: str) -> datetime:
    moment = datetime.fromisoformat(rows[key]["created_at"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(("question", "asked"), QUESTIONS)
def test_every_sentence_cites_posts_of_the_time_and_the_places_asked_for(
    pipeline, rows, question, asked
):
    answer = answer_data(pipeline.ask(question))
    assert answer["answer"], answer["query"]
    for sentence in answer["answer"]:
        assert sentence["cites"], sentence["text"]
        for key in sentence["cites"]:
            assert key in rows
            assert written(rows, key) <= NOW
            assert rows[key]["source"] == asked.get("source", rows[key]["source"])
            if "since" in asked:
                assert written(rows, key) >= (iso(asked["since"]) or NOW)
            if "until" in asked:
                assert written(rows, key) < (iso(asked["until"]) or NOW)


@pytest.mark.parametrize("question", [question for question, _ in QUESTIONS])
def test_what_a_sentence_counts_is_what_its_search_shows(pipeline, question):
    for sentence in answer_data(pipeline.ask(question))["answer"]:
        if sentence["opens"] is not None:
            shown = [hit_data(hit)["key"] for hit in pipeline.search(sentence["opens"], 1_000)]
            cited = set(sentence["cites"])
            assert set(shown[: len(cited)]) == cited, sentence["text"]


def test_quotes_are_the_words_of_the_post_they_cite(pipeline, rows):
    quotes = [
        quote
        for section in digest_data(pipeline.digest())["sections"]
        for theme in section["themes"]
        for quote in theme["quotes"]
    ]
    assert len(quotes) >= 6
    for quote in quotes:
        said = "".join(f"{rows[quote['key']]['title']} {rows[quote['key']]['body']}".split())
        for word in quote["quote"].rstrip("…").split():
            assert word.strip("`*_") in said.replace("`", "").replace("*", "")


def test_what_fell_silent_is_quoted_with_what_was_said_of_it_last(pipeline):
    silent = [
        (digest.period, view)
        for until in (NOW, NOW - timedelta(days=5), NOW - timedelta(days=10))
        for digest in [pipeline.digest(f"until:{until:%Y-%m-%d}")]
        for section in digest.sections
        for view in section.shown
        if not view.theme.members
    ]
    assert silent
    for period, view in silent:
        assert view.status is Status.FADING
        own = pipeline.theme(view.theme.id).theme.members
        last = [m.key for m in own if m.created_at < period.since][-5:]
        assert view.quotes
        assert {quote.key for quote in view.quotes} <= set(last)


def test_people_are_counted_as_a_reader_of_the_posts_would(pipeline, rows):
    for theme in map(theme_data, pipeline.themes()):
        users = [rows[key] for key in theme["post_keys"]]
        users = [r for r in users if r["author"] not in {"maren_tarn", "okoro-dev"}]
        names = {(r["source"], r["author"]) for r in users if r["author"]}
        assert theme["people"] == len(names), theme["label"]
        assert theme["posts"] == len(theme["post_keys"])
        assert sum(week["posts"] for week in theme["weekly"]) == theme["posts"]


def test_nothing_after_now_is_known(pipeline, rows):
    early = datetime(2026, 10, 5, tzinfo=UTC)
    then = Pipeline(pipeline.store, pipeline.embedder, pipeline.clusterer, {}, lambda: early)
    said = json.dumps(
        [digest_data(then.digest()), *map(theme_data, then.themes()), answer_data(then.ask("toml"))]
    )
    later = [key for key in rows if written(rows, key) > early]
    assert len(later) > 100
    assert not [key for key in later if f'"{key}"' in said]
    assert "E4417" not in said


def test_a_source_that_was_not_read_makes_nothing_fade(pipeline):
    """Reddit is left out of the last weeks: what was said there must not look like a drop."""
    whole = {v.theme.id: v.usual for v in pipeline.themes("source:reddit")}
    missed = Gap(Period(NOW - timedelta(days=7), NOW + timedelta(days=1)), "too old")
    pipeline.store.sources.read("reddit", NOW)
    pipeline.store.sources.miss("reddit", [missed])
    views = pipeline.themes("source:reddit")
    assert any(whole.values())
    assert all(v.usual == 0 for v in views)
    assert not [v for v in views if v.status is Status.FADING]
