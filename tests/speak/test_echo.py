from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model import Query
from bot.speak.echo import compared, echo
from bot.speak.query import parse
from bot.speak.question import understand
from tests.speak.quill import AT

LEFT_OUT = (
    "without reddit · without posts of praise · without German · without label wontfix · "
    'not "dark mode"'
)


def test_a_question_is_shown_back_as_it_was_understood():
    asked = "what are people on Reddit complaining about in torch.compile since the last release?"
    said = echo(understand(asked, AT).query, AT)
    assert said == 'complaints · reddit · since v2.4.1, 12 Nov · about "torch.compile"'


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "everything"),
        ("since:2026-11-01 until:2026-11-08", "1 Nov to 7 Nov"),
        ("since:yesterday until:today", "24 Nov"),
        ("since:2025", "since 1 Jan 2025"),
        ("since:3d", "since 22 Nov, 15:30"),
        ("until:v2.4.0", "until v2.4.0, 20 Oct"),
        ("kind:bug,request", "bug reports or requests"),
        ("kind:issue state:open unanswered:yes", "issue posts · open · unanswered"),
        ("untracked:no people:>5", "tracked · themes of 6 people or more"),
        ("lang:de author:ann label:x theme:T1 area:api", "in German · area api · theme T1"),
        (
            '-source:reddit -kind:praise -lang:de -label:wontfix -"dark mode"',
            LEFT_OUT,
        ),
        ('slow "a b" sync', 'about "slow sync" and "a b"'),
        ("criterion:crash strength:2", "crash · strength 2 or more"),
    ],
)
def test_every_part_of_a_query_is_said(query, said):
    assert said in echo(parse(query, AT), AT)


def test_both_sides_of_a_comparison_are_shown():
    asked = understand("compare 2.3 and 2.4", AT)
    assert compared(asked.query, asked.against, AT) == 'about "2.3"  against  about "2.4"'
    assert compared(Query(), None, AT) == "everything"


def test_nothing_that_narrows_is_left_out_of_the_echo():
    whole = parse(
        "since:7d until:1d source:mail kind:spam theme:T1 area:q author:w label:e state:merged "
        "venue:v lang:fr criterion:crash strength:3 untracked:yes unanswered:no people:4 "
        '"p p" word -label:z -without',
        AT,
    )
    said = echo(whole, AT)
    for name in set(Query.__dataclass_fields__) - {"audience"}:  # which nobody writes
        empty: dict[str, Any] = {name: getattr(Query(), name)}
        assert echo(replace(whole, **empty), AT) != said, name
