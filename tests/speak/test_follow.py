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
        ("and what do people like?", "since:v2.4.0 source:reddit kind:praise plugins", "praise"),
        ("about Windows", "since:v2.4.0 source:reddit kind:complaint Windows", "hurts"),
        ("about anything", "since:v2.4.0 source:reddit kind:complaint", "hurts"),
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


STANDING = (
    ("what is new?", "since:30d", "new"),
    ("hi, whats new?", "since:30d", "new"),
    ("anything new?", "since:30d", "new"),
    ("is there anything new on HN?", "since:30d source:hackernews", "new"),
    ("what hurts most?", "since:30d kind:complaint", "hurts"),
    ("what are users complaining about this week?", 'since:"this week" kind:complaint', "hurts"),
    ("what changed last week?", 'since:"last week" until:"this week"', "changed"),
    ("is anything getting worse?", "since:30d", "changed"),
    ("what broke in v2.4.1?", "since:v2.4.1 kind:complaint", "new"),
    ("what do people like?", "since:30d kind:praise", "praise"),
    ("what is everybody asking for?", "since:30d kind:request", "overview"),
    ("what are people talking about?", "since:30d", "overview"),
    ("what are the main themes?", "since:30d", "overview"),
    ("what is unanswered?", "since:30d unanswered:yes", "unanswered"),
)


@pytest.mark.parametrize(("text", "query", "aim"), STANDING)
def test_a_whole_question_that_asks_for_a_subject_stands_for_itself(text, query, aim):
    found = follow(understand(FIRST, AT), text, AT)
    assert found == understand(text, AT)
    assert (found.query, found.aim) == (parse(query, AT), Aim(aim))


@pytest.mark.parametrize(
    "text",
    [
        *(f"and {text}" for text, _, _ in STANDING),
        "so what is new?",
        "what is new there?",
        "what is new with that?",
        "what else is new?",
        "what do they complain about?",
        "what do people say?",
        "what do people think of it?",
        "what is the problem?",
        "what happened?",
        "what complaints are there?",
        "what new bugs are there?",
        "any new bugs?",
        "which complaints are new?",
        "how is the mood?",
        "how often?",
        "who complains most?",
        "was it ever fixed?",
        "compare this month and last month",
        "anything on HN?",
    ],
)
def test_what_points_back_or_asks_of_something_keeps_the_subject(text):
    assert follow(understand(FIRST, AT), text, AT).query.words == ("plugins",)


def test_about_anything_has_a_time_where_nothing_else_bounds_it():
    first = understand("what do people say about plugins?", AT)
    assert follow(first, "And about everything?", AT).query == parse("since:30d", AT)
    ever = understand("what did people ever say about plugins?", AT)
    assert follow(ever, "about anything", AT).query == parse("", AT)
    sides = follow(understand("compare 2.3 and 2.4 on HN", AT), "about anything", AT)
    assert (sides.query, sides.against) == (parse("since:30d source:hackernews", AT), None)


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
