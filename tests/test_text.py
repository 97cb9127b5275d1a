from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import ELLIPSIS, TAGS_MOST, cleaned, excerpt, one_line, plain, plain_markdown

ENOUGH_S = 1.0
"""For 300 kB of anything; where time is quadratic it is seconds to minutes."""

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

fragments = st.lists(
    st.text(max_size=8)
    | st.sampled_from(
        ["<", ">", "</", "<p>", "<b>", "</b>", "<script>", "<!--", "-->", "<a href='x'>", "&", "&#",
         "&amp;", "&#x202e;", "&#0;", ";", "*", "**", "_", "`", "```", "\n", "\r\n", " ", "\t", "[",
         "](", ")", "![", "> ", "# ", "|", "\\", "~~~", "http://x.y", "\ud800", "\x1b", "\u202e",
         "a\u0301", "\u0344", "\u0958", "\u0f73", "\u1100", "\u1161", "e", ". "]
    )
).map("".join)  # fmt: skip
"""Text in which mark-up is begun, ended and broken off at random."""


def is_tidy(text: str) -> bool:
    """What `cleaned` promises of everything that goes through it."""
    lines = text.split("\n")
    return (
        text == text.strip()
        and all(unicodedata.category(char) not in {"Cc", "Cs"} for char in text if char != "\n")
        and not set(text) & set(DIRECTIONS)
        and unicodedata.is_normalized("NFC", text)
        and "\n\n\n" not in text
        and all(line == " ".join(line.split()) for line in lines)
    )


class TestCleaned:
    @pytest.mark.parametrize(
        ("text", "clean"),
        [
            ("", ""),
            (" \t\r\n ", ""),
            ("  one   two\t three ", "one two three"),
            ("one\r\ntwo\rthree", "one\ntwo\nthree"),
            ("one \n two", "one\ntwo"),
            ("one\n\n \n\n\ntwo", "one\n\ntwo"),
            ("page one\x0cpage two", "page one\npage two"),
            ("line\u2028line\u2029paragraph", "line\nline\nparagraph"),
            ("non\u00a0breaking\u3000space", "non breaking space"),
            ("\x00a\x07b\x1b[31mc\x7fd\x9be", "ab[31mcde"),
            ("user\u202egnp.exe", "usergnp.exe"),
            (f"a{DIRECTIONS}b", "ab"),
            ("\ufeffstart", "start"),
            ("ignore\U000e0049\U000e0067\U000e006e me", "ignore me"),
            ("half \ud83d a pair \udc00", "half \ufffd a pair \ufffd"),
            ("cafe\u0301", "café"),
            ("한글 emoji 👩\u200d💻 ok", "한글 emoji 👩\u200d💻 ok"),
            ("هذا نص", "هذا نص"),
            ("क्षत्रिय நிலை ไม่ได้", "क्षत्रिय நிலை ไม่ได้"),
            ("─" * 80, "─" * 80),
        ],
    )
    def test_it_keeps_words_and_lines_and_nothing_else(self, text, clean):
        assert cleaned(text) == clean

    def test_of_marks_piled_up_on_a_letter_only_the_lowest_stay(self):
        piled = cleaned("Z" + "\u0301\u0316" * 500 + "algo")
        assert unicodedata.normalize("NFD", piled).startswith("Z")
        assert piled.endswith("algo")
        assert len(piled) < 50

    @given(fragments)
    def test_whatever_comes_is_tidy_and_stays_as_it_is(self, text):
        once = cleaned(text)
        assert is_tidy(once)
        assert cleaned(once) == once

    @given(
        st.text(st.sampled_from("a\u0301\u0316\u0344\u0f73\u0958\u093c\u05b0 \u00e9e"), min_size=31)
    )
    def test_marks_in_any_number_are_tidy_too(self, text):
        once = cleaned(text)
        assert is_tidy(once)
        assert cleaned(once) == once


class TestPlain:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("no mark-up", "no mark-up"),
            ("", ""),
            ("<p>One</p><p>Two <b>bold</b> words</p>", "One\n\nTwo bold words"),
            ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
            ("<ul><li>one<li>two</ul>", "one\ntwo"),
            ("<h1>Title</h1>text", "Title\ntext"),
            ("<div>a</div>b", "a\nb"),
            ("<span>a</span><em>b</em>", "ab"),
            ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "a\nb\n\nc"),
            ("<pre><code>x = 1\ny = 2</code></pre>", "x = 1\ny = 2"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><th>c", "a\n\nb\n\nc"),
            ("<td>a<td>b", "a\nb"),
            ("<a href='https://example.org'>link</a>", "link"),
            ("<p class=x title='a > b'>words", "words"),
            ('<div data-x="a > b">words</div>', "words"),
            ("<img src=x alt=y>words", "words"),
            ("Tom &amp; Jerry &lt;b&gt; &#39;x&#39; &hellip; &#x41;", "Tom & Jerry <b> 'x' … A"),
            ("one&nbsp;&nbsp;two", "one two"),
            ("AT&T, R&D", "AT&T, R&D"),
            ("a < b and c > d", "a < b and c > d"),
            ("I <3 it", "I <3 it"),
            ("<script>alert(1)</script>hi<style>p {}</style>", "hi"),
            ("hi<SCRIPT src=x>alert('<p>')</SCRIPT> there", "hi there"),
            ("hi <script>never closed <p>words", "hi"),
            ("hi<template>x</template><svg><text>x</text></svg><iframe>x</iframe>", "hi"),
            ("hi<noscript>turn it on</noscript>", "hi"),
            ("<html><head><title>x</title></head><body>hi</body></html>", "hi"),
            ("<!-- hidden -->hi<!-- <p>never closed", "hi"),
            ("a<!-- </p><p> -->b", "ab"),
            ("<![CDATA[ hidden ]]>hi", "hi"),
            ("<p>broken off</p", "broken off"),
            ("<p>broken off <b", "broken off"),
            ("<frameset><frame>", ""),
            ("&#x202e;txt.exe &#x61c;", "txt.exe"),
            ("half a pair <b>\ud83d</b> in it", "half a pair \ufffd in it"),
            ("&#" + "9" * 5_000 + ";<b>x</b>", "\ufffdx"),
        ],
    )  # fmt: skip
    def test_it_reads_as_a_browser_shows_it(self, html, text):
        assert plain(html) == text

    def test_thousands_of_paragraphs_of_ordinary_words_are_kept_whole(self):
        text = plain("<p>Some <b>ordinary</b> words.</p>" * 5_000)
        assert text.count("Some ordinary words.") == 5_000

    def test_more_tags_than_anyone_writes_are_cut_between_two(self):
        text = plain("<i>word</i> " * TAGS_MOST)
        assert text.split() == ["word"] * (TAGS_MOST // 2)

    @given(fragments)
    def test_whatever_comes_is_read_and_tidy(self, html):
        assert is_tidy(plain(html))


class TestPlainMarkdown:
    @pytest.mark.parametrize(
        ("markdown", "text"),
        [
            ("no mark-up", "no mark-up"),
            ("", ""),
            ("# Title\n\nwords\n\n### Steps ###", "Title\n\nwords\n\nSteps ###"),
            ("**bold** *it* __bold__ _it_ ***both***", "bold it bold it both"),
            ("snake_case_name 2*3*4 = 24 **kwargs", "snake_case_name 2*3*4 = 24 **kwargs"),
            ("`code` ``more``", "code more"),
            ("```python\nx = 1\n```\nafter", "x = 1\n\nafter"),
            ("~~~\nx = 1\n~~~", "x = 1"),
            ("```\nnever closed", "never closed"),
            ("on one line ```js go() ```", "on one line go()"),
            ("\\`no code\\`", "no code"),
            ("> a\n> > b\n>>> c\nd", "a\nb\nc\nd"),
            ("- one\n* two\n1. three\n- [x] four", "- one\n* two\n1. three\n- [x] four"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
            ("![shot](https://example.org/x.png)", "shot"),
            ("![](x.png)words", "words"),
            ("[docs](https://example.org/guide-7)", "docs (https://example.org/guide-7)"),
            ('[docs](https://example.org/7 "title")', "docs (https://example.org/7)"),
            ("[here](/relative) [me](mailto:a@b.org)", "here me"),
            ("[https://a.org](https://a.org)", "https://a.org"),
            ("[![badge](x.svg)](https://ci.org)", "badge (https://ci.org)"),
            ("[`x`](https://a.org/b)", "x (https://a.org/b)"),
            ("[a][b] [c] [d](e", "[a][b] [c] [d](e"),
            ("<!-- template -->words<!-- open", "words"),
            ("a<br>b <kbd>Ctrl</kbd>", "a b Ctrl"),
            ("<details>\n<summary>Log</summary>\nwords\n</details>", "Log\nwords"),
            ('<img width="3" alt="a > b" src="x">words', "words"),
            ("Vec<String> and a < b > c", "Vec<String> and a < b > c"),
            ("&lt;b&gt; &amp; &#39;x&#39; &#x41; &hellip;", "<b> & 'x' A …"),
            ("&nosuch; &notit; &; AT&T; &amp", "&nosuch; &notit; &; AT&T; &amp"),
            ("https://a.org/?x=1&copy=2&region=eu&timestamp=3",
             "https://a.org/?x=1&copy=2&region=eu&timestamp=3"),
            ("&#x202e;txt.exe&#0;", "txt.exe\ufffd"),
            ("&#" + "9" * 5_000 + ";", "&#" + "9" * 5_000 + ";"),
            ("half **a \ud83d pair**", "half a \ufffd pair"),
            ("#hashtag, C# and #12", "#hashtag, C# and #12"),
            ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ],
    )  # fmt: skip
    def test_it_keeps_the_words(self, markdown, text):
        assert plain_markdown(markdown) == text

    @given(fragments)
    def test_whatever_comes_is_read_and_tidy(self, markdown):
        assert is_tidy(plain_markdown(markdown))


HOSTILE_HTML = [
    "<b>", "<x>", "<a><b>", "<b><p>", "<x></y>", "<x><center>", "<x><form></form>", "<x><rt>",
    "<math></y>", "<table><tr><td>", "<svg>", "<object>", "<template>", "<script>", "<textarea>",
    "<noscript>", "<!--", "<!", "</", "<", "<p ", "<p '", "<a href='", "<br a='<'>", "&#9", "&amp;",
    "a\u0301\u0316", "\u0f73\u0316", "\ud800", " \n",
]  # fmt: skip

HOSTILE_MARKDOWN = [
    "*", " *a", "**a ", "`", "``a", "```", "\n```", "[", "![", "[a](", "[a](b ", "![a](b ",
    "![](" + "a" * 2_300, "[a](" + "a" * 2_300, "[a](" + "a" * 1_999 + " " + "a" * 300,
    "[" + "a" * 499, "*" + "a" * 499, "`" + "a" * 1_999, "\\", "\\\\`", "\n# ", "\n> ", "<!--", "<",
    "<p ", "<p '", "<p " + "a" * 1_999, "&#9", "&amp;", "\u0301\u0316",
]  # fmt: skip


def plenty_of(piece: str) -> str:
    return piece * (300_000 // len(piece))


class TestTime:
    """A post may be as large as an answer may be, and written by somebody who means ill."""

    @pytest.mark.parametrize("piece", HOSTILE_HTML)
    def test_html_takes_linear_time(self, piece):
        assert_soon(plain, plenty_of(piece) + "<p>*")

    @pytest.mark.parametrize(("opening", "closing"), [("<x>", "</y>"), ("<b>", "<center>")])
    def test_html_that_first_only_opens_and_then_only_closes_does(self, opening, closing):
        assert_soon(plain, opening * 60_000 + closing * 60_000)

    @pytest.mark.parametrize("piece", HOSTILE_MARKDOWN, ids=lambda piece: repr(piece[:12]))
    def test_markdown_takes_linear_time(self, piece):
        assert_soon(plain_markdown, plenty_of(piece) + " *")


def assert_soon(read, text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < ENOUGH_S


class TestOneLine:
    @given(st.text())
    def test_it_is_one_line_with_the_same_words(self, text):
        line = one_line(text)
        assert line.split() == text.split()
        assert line == line.strip()
        assert len(line.splitlines()) <= 1


class TestExcerpt:
    @pytest.mark.parametrize(
        ("text", "limit", "beginning"),
        [
            ("short", 20, "short"),
            ("exactly twenty chars", 20, "exactly twenty chars"),
            ("on\ntwo\n\nlines", 20, "on two lines"),
            ("some words that go on and on", 20, "some words that go…"),
            ("a list, of, things, and more", 20, "a list, of…"),
            ("One sentence. Two more go on.", 15, "One sentence."),
            ("One sentence. Two more go on.", 13, "One sentence."),
            ("Really good? It goes on here.", 15, "Really good?"),
            ("One. And then it goes on and on", 20, "One. And then it…"),
            ("averylongwordwithoutanyspace", 10, "averylong…"),
            ("ab", 1, "…"),
            ("", 10, ""),
            (" " * 500 + "late", 10, "late"),
        ],
    )
    def test_it_ends_with_a_sentence_or_between_words(self, text, limit, beginning):
        assert excerpt(text, limit) == beginning

    def test_what_lies_behind_many_spaces_is_not_left_out_in_silence(self):
        assert excerpt("begins" + " " * 500 + "and goes on", 20).endswith(ELLIPSIS)

    @given(st.text(st.sampled_from("ab .!?,\n\u00e4")) | st.text(), st.integers(1, 60))
    def test_it_is_never_longer_than_the_limit(self, text, limit):
        short = excerpt(text, limit)
        assert len(short) <= limit
        assert short == one_line(short)
        whole = one_line(text)
        assert short == whole or short.endswith((ELLIPSIS, ".", "!", "?"))
        assert whole.startswith(short.removesuffix(ELLIPSIS))
