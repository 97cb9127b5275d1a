from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Aim
from bot.speak.follow import follow
from bot.speak.query import parse
from bot.speak.question import understand
from tests.speak.quill import AT

FIRST = "what are people complaining about in plugins on Reddit since v2.4.0?"
BEFORE = "since:v2.4.0 source:reddit kind:complaint plugins"


@pytest.mark.parametrize(
    ("text", "query", "aim"),
    [
        ("and on HN?", "since:v2.4.0 source:hackernews kind:complaint plugins", "hurts"),
        ("and HN?", "since:v2.4.0 source:hackernews kind:complaint plugins", "hurts"),
        ("what about HN?", "since:v2.4.0 source:hackernews kind:complaint plugins", "hurts"),
        ("also on HN", "since:v2.4.0 source:reddit,hackernews kind:complaint plugins", "hurts"),
        ("in r/quill", "since:v2.4.0 venue:r/quill kind:complaint plugins", "hurts"),
        ("everywhere", "since:v2.4.0 kind:complaint plugins", "hurts"),
        ("only the unanswered ones", f"{BEFORE} unanswered:yes", "hurts"),
        ("just the untracked ones", f"{BEFORE} untracked:yes", "hurts"),
        ("show me the posts", BEFORE, "show"),
        ("how many?", BEFORE, "how many"),
        ("who is hit?", BEFORE, "who"),
        ("is it fixed?", BEFORE, "fixed"),
        ("and is it any good?", BEFORE, "problem"),
        ("since last week", 'since:"last week" source:reddit kind:complaint plugins', "hurts"),
        (
            "and yesterday?",
            "since:yesterday until:today source:reddit kind:complaint plugins",
            "hurts",
        ),
        ("ever", "source:reddit kind:complaint plugins", "hurts"),
        ("what about Windows?", "since:v2.4.0 source:reddit kind:complaint Windows", "hurts"),
        ("and Windows?", "since:v2.4.0 source:reddit kind:complaint Windows", "hurts"),
        ("on Windows", f"{BEFORE} Windows", "hurts"),
        ("only in German", f"{BEFORE} lang:de", "hurts"),
        ("and the bugs?", "since:v2.4.0 source:reddit kind:bug plugins", "hurts"),
        ("what do people like?", "since:v2.4.0 source:reddit kind:praise plugins", "praise"),
        ("without Reddit", "since:v2.4.0 kind:complaint plugins -source:reddit", "hurts"),
        ("but not about docs", f"{BEFORE} -docs", "hurts"),
        ("that hit more than 5 people", f"{BEFORE} people:>5", "hurts"),
        ("kind:bug", "since:v2.4.0 source:reddit kind:bug plugins", "hurts"),
        ("is tree shaking slow?", "tree shaking slow", "problem"),
    ],
)
def test_a_follow_up_changes_what_it_names_and_keeps_the_rest(text, query, aim):
    found = follow(understand(FIRST, AT), text, AT)
    assert found.query == parse(query, AT)
    assert found.aim == Aim(aim)
    assert found.text == text


def test_of_several_sources_one_is_taken_away():
    first = understand("complaints on Reddit and HN", AT)
    assert follow(first, "without Reddit", AT).query == parse(
        "since:30d source:hackernews kind:complaint", AT
    )


def test_a_source_that_was_left_out_can_be_asked_for_again():
    first = follow(understand("complaints", AT), "without Reddit", AT)
    again = follow(first, "and on Reddit?", AT)
    assert again.query == parse("since:30d source:reddit kind:complaint", AT)


def test_both_sides_of_a_comparison_follow():
    first = understand("compare 2.3 and 2.4", AT)
    found = follow(first, "on HN", AT)
    assert found.aim is Aim.COMPARE
    assert found.query == parse("source:hackernews 2.3", AT)
    assert found.against == parse("source:hackernews 2.4", AT)


def test_what_is_not_understood_is_of_the_follow_up_alone():
    first = understand("complaints on Mastodon about plugins", AT)
    assert follow(first, "and on Lemmy?", AT).not_understood == ("Lemmy",)
    assert follow(first, "show me the posts", AT).not_understood == ()


@given(st.text(max_size=40))
def test_no_follow_up_breaks_it(text):
    first = understand(FIRST, AT)
    with suppress(QueryError):
        assert follow(first, text, AT) == follow(first, text, AT)
