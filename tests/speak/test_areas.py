from __future__ import annotations

import pytest

from bot.model import Coverage, Hit, Intent, Period, Query, ThemeView
from bot.speak.areas import area_text, by_area
from bot.speak.digest import compose
from bot.speak.page import digest_page
from bot.speak.plain import card
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_post, a_theme, ago, an_answer

WEEK = Period(ago(7), NOW)


def a_view(label: str, area: str | None, number: int = 1) -> ThemeView:
    members = [a_member() for _ in range(3)]
    return view(a_theme(*members, id=f"T{number}", label=label, area=area), WEEK)


@pytest.mark.parametrize(
    ("label", "area", "told"),
    [
        ("Tool names must be unique", "MCP", "MCP"),
        ("MCP servers do not start", "MCP", ""),
        ("A slash command is lost", "Slash commands", ""),
        ("Commands with a slash", "Slash commands", ""),
        ("Charts", "Chart export", "Chart export"),
        ("Charts", None, ""),
    ],
)
def test_an_area_is_told_where_the_label_does_not_say_it(label: str, area: str | None, told: str):
    assert area_text(a_view(label, area).theme) == told


def test_a_card_a_page_and_an_answer_name_the_area_beside_the_id():
    adds, repeats = a_view("Tool names", "MCP"), a_view("MCP tools", "MCP", 2)
    page = digest_page(compose([adds, repeats], WEEK, 6, Coverage(()), Query()))
    hits = [Hit(a_post(), Intent.BUG, "", 1.0)]
    (_, *said) = an_answer(Query(), [adds, repeats], hits).sentences

    assert card(adds).startswith("Tool names  (T1, MCP)\n")
    assert card(repeats).startswith("MCP tools  (T2)\n")
    assert "· T1 · MCP</p>" in page
    assert "· T2</p>" in page
    assert any(s.text.startswith("“Tool names” (T1, MCP): 3 posts") for s in said)
    assert any(s.text.startswith("“MCP tools” (T2): 3 posts") for s in said)


def test_themes_go_under_their_areas_in_their_order_and_those_without_one_last():
    views = [
        a_view("a", None, 1),
        a_view("b", "Charts", 2),
        a_view("c", "MCP", 3),
        a_view("d", "Charts", 4),
    ]

    found = [(area, [v.theme.id for v in of_area]) for area, of_area in by_area(views)]

    assert found == [("Charts", ["T2", "T4"]), ("MCP", ["T3"]), (None, ["T1"])]
    assert by_area([]) == []
