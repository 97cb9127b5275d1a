from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from bot.model import Coverage, Hit, Intent, Period, Query
from bot.slack.console import (
    answer_drawing,
    areas_drawing,
    coverage_drawing,
    digest_drawing,
    hits_drawing,
    themes_drawing,
    untracked_drawing,
)
from bot.speak.digest import compose
from bot.speak.plain import SHELL, command
from bot.tracking import Issue, State, Tracking
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_post, a_theme, ago, an_answer, some_coverage

WEEK = Period(ago(7), NOW)


def drawn(drawing: RenderableType) -> str:
    console = Console(width=100, force_terminal=False, highlight=False)
    with console.capture() as capture:
        console.print(drawing)
    return capture.get()


def a_view(said: str = "Push fails on big files"):
    members = [a_member(title=f"{said} {n}", venue=said or "v", author=said or None) for n in "abc"]
    others = [a_member(title=said), a_member(title=said)]
    return view(a_theme(*members, *others, label=said, keywords=(said,)), WEEK)


def test_a_digest_shows_its_headline_its_themes_and_its_coverage():
    text = drawn(digest_drawing(compose([a_view()], WEEK, 5, some_coverage(), Query())))
    assert "look first at “Push fails on big files”" in text
    assert "3 people · 5 posts" in text
    assert "Read: GitHub to 1 Mar 2026." in text


def test_an_answer_shows_under_each_sentence_where_it_can_be_checked():
    hits = [Hit(a_post(url="https://example.org/9"), Intent.BUG, "", 1.0)]
    text = drawn(answer_drawing(an_answer(Query(kinds=("bug",)), hits=hits)))
    assert "→ /groundswell search kind:bug" in text
    assert "https://example.org/9" in text


def test_themes_have_a_column_for_areas_where_there_are_any():
    plain = a_view()
    filed = replace(plain, theme=replace(plain.theme, area="Uploads"))

    assert "area" not in drawn(themes_drawing([plain]))
    assert "Uploads" in drawn(themes_drawing([filed, plain]))


def test_themes_by_area_stand_under_its_name_with_what_is_left_out_counted():
    plain = a_view()
    filed = replace(plain, theme=replace(plain.theme, area="Uploads"))

    text = drawn(areas_drawing([plain, filed, filed, filed], most=2))

    heads = [line.strip() for line in text.splitlines() if " posts" in line and "theme" in line]
    assert heads[0] == "Uploads  3 themes, 15 posts"
    assert "… and 1 more theme" in text
    assert "no area  1 theme, 5 posts" in text
    assert text.index("Uploads") < text.index("no area")


def test_nothing_found_is_said_in_words():
    assert "No theme" in drawn(themes_drawing([]))
    assert "No theme" in drawn(areas_drawing([]))
    assert "No post matches" in drawn(hits_drawing([]))
    assert "Nothing has been read yet" in drawn(coverage_drawing(Coverage(())))


def test_more_themes_than_fit_are_counted():
    assert "… and 2 more themes" in drawn(themes_drawing([a_view()] * 5, most=3))


@pytest.mark.parametrize("said", ["[bold red]x[/]", "[link=https://evil.example]x[/link]", "[/]"])
def test_mark_up_of_the_terminal_is_only_words(said):
    text = drawn(digest_drawing(compose([a_view(said)], WEEK, 5, some_coverage(), Query())))
    assert said in text


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=30))
def test_no_words_break_a_drawing(said):
    hits = [Hit(a_post(title=said, text=said), None, said, 0.1)]
    digest = compose([a_view(said)], WEEK, 5, some_coverage(), Query(words=(said,)))
    for drawing in (
        digest_drawing(digest),
        hits_drawing(hits),
        answer_drawing(an_answer(Query(), [a_view(said)], hits, text=said)),
    ):
        assert drawn(drawing)


def test_a_card_says_what_tracks_the_theme():
    issue = Issue("github:acme/[bold]tool#7", "It stalls", None)
    tracked = replace(a_view(), tracking=Tracking(State.OPEN, issue))
    text = drawn(digest_drawing(compose([tracked], WEEK, 5, some_coverage(), Query())))
    assert "tracked in acme/[bold]tool#7 (open)" in text


def test_untracked_complaints_are_drawn_with_how_many_themes_are_left_out():
    text = drawn(untracked_drawing([a_view(), a_view(), a_view()], most=2))
    assert text.count("3 people · 5 posts") == 2
    assert "… and 1 more theme" in text
    assert "No complaint" in drawn(untracked_drawing([]))


def test_printed_commands_are_those_of_the_place_where_they_are_printed():
    query = Query(phrases=("it's here",), kinds=("bug",))
    hits = [Hit(a_post(url="https://example.org/9"), Intent.BUG, "", 1.0)]
    answer = an_answer(query, hits=hits)
    here = drawn(answer_drawing(answer))
    shell = drawn(answer_drawing(answer, SHELL))
    assert '→ /groundswell search kind:bug "it\'s here"' in here
    (line,) = (line for line in shell.splitlines() if line.startswith("→ "))
    assert shlex.split(line)[1:] == ["groundswell", "search", 'kind:bug "it\'s here"']

    made = compose([a_view()], WEEK, 5, some_coverage(), Query())
    more = replace(made, sections=(replace(made.sections[0], left_out=2),))
    assert "… and 2 more themes: /groundswell themes" in drawn(digest_drawing(more))
    assert "… and 2 more themes: groundswell themes" in drawn(digest_drawing(more, SHELL))


def test_a_query_that_begins_with_what_it_leaves_out_is_no_option_to_a_shell():
    assert command(SHELL, "search", "-label:x") == "groundswell search -- -label:x"
