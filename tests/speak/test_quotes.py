from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Role
from bot.speak.quotes import LONGEST, quotes, same, sentence
from tests.builders import a_member, a_theme


def test_quotes_are_of_different_people_and_of_different_places_first():
    here = [a_member(title=f"The push breaks my build, {n}", centrality=0.9) for n in range(3)]
    there = a_member(title="Push broke on me as well", venue="r/tool", centrality=0.5)
    assert {q.venue for q in quotes(a_theme(*here, there))} == {"acme/tool", "r/tool"}
    again = [a_member(title=f"The push breaks it, {n}", author="ann") for n in range(3)]
    assert len(quotes(a_theme(*again))) == 1


def test_no_quote_repeats_the_label_or_another_quote():
    label = "Push fails on big files"
    copies = [a_member(title=label) for _ in range(3)]
    assert quotes(a_theme(*copies, label=label)) == ()
    [quote] = quotes(a_theme(*(a_member(title="It hangs for me every day") for _ in range(3))))
    assert quote.quote == "It hangs for me every day"


def test_the_team_is_quoted_only_where_nobody_else_speaks():
    user = a_member(title="I cannot push my files", centrality=0.1)
    team = a_member(title="We cannot see this on our side", role=Role.TEAM)
    assert quotes(a_theme(user, team), 1)[0].key == user.key


def test_the_sentence_that_says_the_keywords_is_quoted_rather_than_the_form():
    said = "I like tea. My push of large files hangs at ninety percent."
    text = f"### Environment\nLinux\n\n### What happened?\n{said}"
    member = a_member(title="Help", text=text)
    assert sentence(member, ["push", "large files"]) == (
        "My push of large files hangs at ninety percent."
    )


@given(st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_a_quote_is_never_too_long_and_never_breaks(title, text, keywords):
    found = sentence(a_member(title=title, text=text), keywords)
    assert len(found) <= LONGEST
    assert "\n" not in found


def test_the_same_words_in_another_order_say_the_same():
    assert same("Push fails!", "fails: push")
    assert not same("", "")


@pytest.mark.parametrize("heading", ["Description", "Summary", "Bug Description", "Problem"])
def test_the_heading_of_a_form_is_no_part_of_what_somebody_said(heading: str):
    said = "Claude crashes when it is given Korean text."
    member = a_member(title="Crash", text=f"{heading} {said} ## Steps")
    assert sentence(member, ("korean",)) == said


def test_a_sentence_that_only_begins_like_a_form_stays_whole():
    said = "Problem is that it crashes when it is given Korean text."
    assert sentence(a_member(title="Crash", text=said), ("korean",)) == said
