"""Words that judge are what is asked about something, and not what it is about."""

from __future__ import annotations

import pytest

from bot.model import Query
from bot.speak.judging import asks_for_good, least_telling, subject_of

SPREAD = {"windows": 900, "support": 40, "scrollback": 3}


def test_a_judgement_goes_unless_nothing_else_is_asked_about():
    assert subject_of(Query(words=("Windows", "Terrible"))).words == ("Windows",)
    assert subject_of(Query(words=("bad",), phrases=("exit code",))).words == ()
    assert subject_of(Query(words=("bad",))).words == ("bad",)


def test_the_word_to_do_without_judges_or_is_the_commonest():
    assert (
        least_telling(Query(words=("support", "windows", "scrollback")), SPREAD.__getitem__)
        == "windows"
    )
    assert least_telling(Query(words=("windows", "Broken")), SPREAD.__getitem__) == "Broken"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("is sync any good?", True),
        ("is it unstable?", False),
        ("is sync bad?", False),
        ('is the "good first issue" label bad?', False),
    ],
)
def test_only_some_questions_ask_whether_something_is_good(text, good):
    assert asks_for_good(text) is good
