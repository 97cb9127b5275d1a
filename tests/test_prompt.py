"""The prompt of the local workspace goes on from one question to the next."""

from __future__ import annotations

from io import StringIO

import pytest

from bot.model import Intent, Query, Reading
from bot.pipeline import Pipeline
from bot.prompt import converse, heard
from bot.store import Store
from bot.terminal import stdout
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    store.posts.save(
        [
            a_post(title="fonts are tiny", source="reddit", venue="r/tool"),
            a_post(title="fonts are tiny"),
        ]
    )
    rows = [row for row, _, _ in store.posts.find(Query(), NOW)]
    store.readings.save((row, Reading(Intent.BUG, 2)) for row in rows)
    return Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)


def test_a_line_goes_on_from_the_question_before(pipeline):
    _, first = heard(pipeline, "what about fonts on Reddit?", None)
    assert first is not None
    _, second = heard(pipeline, "and on GitHub?", first)
    assert second is not None
    assert second.query.words == ("fonts",)
    assert second.query.sources == ("github",)


def test_what_was_understood_is_corrected_by_saying_what_the_prompt_proposes(pipeline, capsys):
    converse(pipeline, StringIO("complaints about fonts on Reddit\nnot only complaints\nexit\n"))
    said = capsys.readouterr().out
    assert "Not what you meant? Say: everywhere · not only complaints · exactly" in said
    assert 'Understood: reddit · about "fonts"' in said


def test_a_question_that_may_not_be_gone_on_from_proposes_nothing(pipeline, capsys):
    stdout.print(heard(pipeline, "complaints about fonts on Reddit", None)[0])
    assert "Not what you meant" not in capsys.readouterr().out


def test_commands_and_mistakes_leave_the_question_before_as_it_was(pipeline):
    _, first = heard(pipeline, "what about fonts?", None)
    for line in ("/groundswell sources", "since:nonsense", "/unknown"):
        assert heard(pipeline, line, first)[1] is first


def test_a_conversation_keeps_its_thread(pipeline, capsys):
    converse(pipeline, StringIO("posts about fonts\nonly on Reddit\nexit\n"))
    said = capsys.readouterr().out
    assert "2 posts about “fonts”" in said
    assert "1 post about “fonts” by 1 person on Reddit" in said
