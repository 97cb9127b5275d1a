from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

from bot.model import Citation, Coverage, Dissent, Period, Query, Role, ThemeView
from bot.slack.console import digest_drawing
from bot.speak.data import theme_data
from bot.speak.digest import compose
from bot.speak.dissent import dissent_text
from bot.speak.page import digest_page
from bot.speak.plain import card
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_theme, ago

WEEK = Period(ago(7), NOW)


def a_dissent(claim: str, against: str, url: str | None = "https://example.org/1") -> Dissent:
    def cite(words: str, author: str) -> Citation:
        return Citation(f"github:{author}", words, "acme/tool", author, ago(1), url)

    return Dissent("a bug or not", cite(claim, "ann"), cite(against, "bob"), against_by=Role.TEAM)


def a_view(dissent: Dissent | None) -> ThemeView:
    return replace(view(a_theme(*(a_member() for _ in range(3))), WEEK), dissent=dissent)


def test_a_disagreement_in_one_sentence_names_both_and_who_speaks_for_the_team():
    assert dissent_text(a_dissent("It is a bug.", "It is by design.")) == (
        "They disagree (a bug or not): “It is a bug.” (ann, acme/tool, 1 Mar 2026), "
        "but “It is by design.” (bob of the team, acme/tool, 1 Mar 2026)"
    )


def test_a_card_quotes_both_sides_with_their_addresses():
    text = card(a_view(a_dissent("It is a bug.", "It is by design.")))

    assert text.endswith(
        "  They disagree (a bug or not):\n"
        "  “It is a bug.”\n"
        "    ann, acme/tool, 1 Mar 2026  https://example.org/1\n"
        "  “It is by design.”\n"
        "    bob of the team, acme/tool, 1 Mar 2026  https://example.org/1"
    )


def test_a_machine_is_told_null_where_nobody_disagrees():
    assert theme_data(a_view(None))["dissent"] is None

    told = theme_data(a_view(a_dissent("It is a bug.", "No.")))["dissent"]

    assert told["over"] == "a bug or not"
    assert (told["claim"]["quote"], told["claim"]["role"]) == ("It is a bug.", "user")
    assert (told["against"]["key"], told["against"]["role"]) == ("github:bob", "team")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 7 * 7 }}", "[bold]x[/bold]"])
def test_what_strangers_say_against_each_other_is_shown_and_never_run(hostile: str):
    made = compose([a_view(None)], WEEK, 3, Coverage(()), Query())
    told = a_view(a_dissent(hostile, hostile, url="javascript:alert(1)"))
    made = replace(made, sections=(replace(made.sections[0], shown=(told,)),))
    console = Console(width=200, force_terminal=False, highlight=False)

    with console.capture() as capture:
        console.print(digest_drawing(made))
    page = digest_page(made)

    assert capture.get().count(hostile) == 2
    assert "<script>" not in page
    assert "javascript:" not in page
    assert "49" not in page.partition("They disagree")[2].partition("</article>")[0]
