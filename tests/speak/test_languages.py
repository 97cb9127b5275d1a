from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

from bot.model import Hit, Intent, Member, Period, Query, Theme, ThemeView
from bot.slack.console import theme_drawing
from bot.speak.data import theme_data
from bot.speak.digest import compose
from bot.speak.languages import language_name, languages, languages_text
from bot.speak.page import digest_page
from bot.speak.plain import card
from bot.speak.quotes import quotes
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_post, a_theme, ago, an_answer, some_coverage

WEEK = Period(ago(7), NOW)
CHINESE = "保存文件时程序总是崩溃"


def in_(language: str | None, title: str = "It broke again on every save") -> Member:
    plain = a_member(title=title)
    return replace(plain, reading=replace(plain.reading, language=language))


def a_mixed_theme() -> Theme:
    return a_theme(in_("en"), in_("zh", CHINESE), in_("zh", f"{CHINESE}了"))


def seen(theme: Theme) -> ThemeView:
    return replace(view(theme, WEEK), quotes=quotes(theme, 3))


def everywhere(theme: Theme) -> dict[str, str]:
    """A theme's card as each output shows it."""
    digest = compose([seen(theme)], WEEK, 3, some_coverage(), Query())
    shown = replace(digest.sections[0], shown=(seen(theme),))
    console = Console(width=200, force_terminal=False, highlight=False)
    with console.capture() as capture:
        console.print(theme_drawing(seen(theme)))
    return {
        "plain": card(seen(theme)),
        "page": digest_page(replace(digest, sections=(shown,))),
        "console": capture.get(),
    }


def test_languages_are_counted_most_first_and_an_unknown_one_is_none() -> None:
    theme = a_theme(in_("zh"), in_("en"), in_("en"), in_("de"), in_(None))

    assert list(languages(theme).items()) == [("en", 2), ("de", 1), ("zh", 1)]
    assert theme_data(seen(theme))["languages"] == {"en": 2, "de": 1, "zh": 1}


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        (("zh", "en", "en"), "1 of 3 posts is in another language: Chinese 1"),
        (("zh", "ja", "zh", "en"), "3 of 4 posts are in another language: Chinese 2, Japanese 1"),
        (("zh", "en", "en", "en"), ""),
        (("zh", None, None, None), ""),
        (("en", "en", None), ""),
        ((None, None, None), ""),
        ((), ""),
    ],
)
def test_a_card_tells_of_other_languages_from_a_third_of_the_posts_on(
    codes: tuple[str | None, ...], says: str
) -> None:
    assert languages_text(a_theme(*map(in_, codes))) == says


@pytest.mark.parametrize("where", ["plain", "page", "console"])
def test_every_output_tells_of_them_and_marks_each_quote(where: str) -> None:
    shown = everywhere(a_mixed_theme())[where]

    assert "Note: 2 of 3 posts are in another language: Chinese 2" in shown
    assert shown.count(", in Chinese") == 2
    assert CHINESE in shown  # in the words that were written


@pytest.mark.parametrize("where", ["plain", "page", "console"])
def test_no_output_says_anything_of_english_or_of_what_is_not_known(where: str) -> None:
    shown = everywhere(a_theme(in_("en"), in_(None), in_("en")))[where]

    assert "another language" not in shown
    assert ", in English" not in shown


def test_a_page_says_in_which_language_a_quote_is_to_be_read_out() -> None:
    assert '<blockquote lang="zh">' in everywhere(a_mixed_theme())["page"]


def test_a_quote_knows_its_language() -> None:
    data = theme_data(seen(a_mixed_theme()))

    assert sorted(str(quote["language"]) for quote in data["quotes"]) == ["en", "zh", "zh"]


def test_an_answer_marks_a_quote_in_another_language() -> None:
    theme = a_theme(in_("zh", CHINESE), in_("zh", f"{CHINESE}了"), in_("zh", f"{CHINESE}吗"))
    hits = [
        Hit(a_post(external_id=m.key.removeprefix("github:")), Intent.BUG, "", 1.0)
        for m in theme.members
    ]
    given = an_answer(Query(words=("crash",)), [seen(theme)], hits)

    assert any(", in Chinese: “" in sentence.text for sentence in given.sentences)


def test_a_language_without_a_name_here_is_called_by_its_code() -> None:
    assert language_name("ja") == "Japanese"
    assert language_name("xh") == "xh"
