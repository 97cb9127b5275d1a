from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.speak.hints import MOST, Known, hints
from bot.speak.query import KEYS, parse
from tests.speak.quill import AT

KNOWN = Known(
    sources=("github", "reddit"),
    venues=("acme/quill", "r/quill", "Hacker News"),
    labels=("bug", "has repro"),
    areas=("plugin api",),
    releases=("v2.4.1", "v2.4.0"),
)


@pytest.mark.parametrize(
    ("text", "next_"),
    [
        ("s", ("since:", "source:", "state:", "strength:")),
        ("kind:bug un", ("until:", "untracked:", "unanswered:")),
        ("source:", ("source:github", "source:reddit")),
        ("source:github,", ("source:github,reddit",)),
        ("since:7d -so", ("-source:",)),
        ("-label:h", ('-label:"has repro"',)),
        ('label:"has', ('label:"has repro"',)),
        ("venue:h", ('venue:"Hacker News"',)),
        ("repo:", ("repo:acme/quill",)),
        ("area:", ('area:"plugin api"',)),
        ("kind:comp", ("kind:complaint",)),
        ("state:clo", ("state:closed",)),
        ("criterion:da", ("criterion:data-loss",)),
        ("since:v", ("since:v2.4.1", "since:v2.4.0")),
        ("since:last", ('since:"last week"', 'since:"last month"', 'since:"last release"')),
        ("untracked:", ("untracked:yes", "untracked:no")),
        ("author:", ()),
        ("-since:", ()),
        ('"exact wo', ()),
        ("slow", ()),
    ],
)
def test_what_could_stand_next_is_told(text, next_):
    assert hints(text, KNOWN) == next_


def test_after_a_space_every_key_may_stand():
    assert hints("kind:bug ", KNOWN) == tuple(f"{key}:" for key in KEYS)
    assert hints("", KNOWN) == tuple(f"{key}:" for key in KEYS)


def test_a_long_list_is_cut():
    assert len(hints("label:", Known(labels=tuple(f"label{n}" for n in range(99))))) == MOST


def test_every_value_that_is_offered_can_be_read():
    for key in KEYS:
        for hint in hints(f"{key}:", KNOWN):
            assert parse(hint, AT), hint


@given(st.text(max_size=30))
def test_no_text_breaks_it(text):
    assert len(hints(text, KNOWN)) <= max(len(KEYS), MOST)
