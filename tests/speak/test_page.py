from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Citation, Digest, Period, Query
from bot.speak.digest import compose
from bot.speak.page import BAR, GAP, HEIGHT, WEEKS, bars, digest_page, safe_url
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_theme, ago, some_coverage

WEEK = Period(ago(7), NOW)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "{{ 7 * 7 }}{% include 'x' %}",
    "<!--",
    "javascript:alert(1)",
    "&lt;b&gt;",
]


class Reader(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def a_digest(said: str, url: str | None = "https://example.org/1") -> Digest:
    """A digest in which every word that a stranger could choose is `said`."""
    members = [
        a_member(title=said, text=said, author=f"{n}{said}", venue=said, url=url) for n in range(3)
    ]
    seen = view(a_theme(*members, label=said, keywords=(said,)), WEEK)
    made = compose([seen], WEEK, 3, some_coverage(), Query(words=(said,)))
    quote = Citation(members[0].key, said, said, said, NOW, url)
    [section] = made.sections
    shown = tuple(replace(v, quotes=(quote,), notes=(said,)) for v in section.shown)
    return replace(made, sections=(replace(section, shown=shown),))


ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "article"),
    *("div", "p", "h1", "h2", "h3", "strong", "span", "svg", "rect", "blockquote", "cite", "a"),
    "footer",
}


def check(page: str) -> None:
    """Nothing in the page was made of a stranger's words but text, and a link to a web address."""
    for tag, attributes in Reader(page).tags:
        assert tag in ALLOWED
        assert not [name for name in attributes if name.startswith("on")]
        assert "src" not in attributes
        assert (attributes.get("href") or "https://").startswith(("http://", "https://"))


@pytest.mark.parametrize("said", HOSTILE)
def test_a_stranger_s_words_are_text_and_nothing_else(said):
    page = digest_page(a_digest(said))
    check(page)
    assert said in Reader(page).text


@settings(max_examples=60, deadline=None)
@given(said=st.text(min_size=1), url=st.text())
def test_no_words_and_no_address_break_out_of_the_page(said, url):
    check(digest_page(a_digest(said, url)))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://[", "", None]
)
def test_only_web_addresses_are_linked(url):
    assert safe_url(url) is None
    assert "read it" not in digest_page(a_digest("words", url))


def test_the_page_loads_nothing_and_runs_nothing():
    page = digest_page(a_digest("words"))
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "url(" not in page


def test_the_bars_stand_inside_their_picture_with_the_newest_on_the_right():
    seen = view(a_theme(*(a_member(created_at=ago(day)) for day in (1, 2, 9, 80, 300))), WEEK)
    found = bars(seen)
    assert len(found) == WEEKS
    assert found[-1][0] == (WEEKS - 1) * (BAR + GAP)
    assert all(0 <= y < HEIGHT and y + height == HEIGHT for _, y, height, _ in found)
