from __future__ import annotations

from random import Random
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.keywords import keywords
from bot.understand.label import centrality, headline

UPLOADS = (
    "Upload of large files fails with a timeout",
    "Large file upload times out",
    "Timeout when I upload large files",
)
NAMES = (
    "/compact fails: tool names must be unique",
    "Tool names must be unique error on /compact",
    "Tool names must be unique after reconnect",
)


def test_keywords_are_what_sets_a_theme_apart() -> None:
    words = keywords({"T1": UPLOADS, "T2": NAMES})

    assert "tool names" in words["T2"]
    assert any("upload" in word for word in words["T1"])
    assert not any("upload" in word for word in words["T2"])


def test_no_keyword_repeats_another() -> None:
    for words in keywords({"T1": UPLOADS * 2, "T2": NAMES * 2}).values():
        parts = [part for word in words for part in word.split()]
        assert len(parts) == len(set(parts))


def test_a_word_that_every_theme_uses_is_no_keyword_where_others_exist() -> None:
    themes = {f"T{n}": [f"acme widget{n} gadget{n}"] * 3 for n in range(12)}

    for words in keywords(themes).values():
        assert words[0] != "acme"


def test_one_long_post_does_not_outweigh_the_others() -> None:
    themes = {"T1": ["login fails", "login fails", "login fails", "banana " * 50], "T2": NAMES}

    assert keywords(themes)["T1"][0] == "login fails"


@pytest.mark.parametrize("texts", [[], [""], ["the and of"], ["🙂🙂🙂"]])
def test_texts_without_words_give_no_keywords(texts: list[str]) -> None:
    assert keywords({"T1": texts}) == {"T1": ()}


def test_the_headline_is_the_central_title_that_says_the_keywords() -> None:
    titles = [
        "Help!",
        "[BUG] Upload of large files fails with a timeout 🚨",
        "Something about files",
    ]

    label = headline(titles, [0.9, 0.85, 0.86], ("large files", "upload", "timeout"))

    assert label == "Upload of large files fails with a timeout"


def test_a_long_headline_is_cut_at_a_word() -> None:
    label = headline(["word " * 40], [1.0], ())

    assert len(label) <= 81
    assert label.endswith("word…")


def test_without_titles_the_keywords_are_the_headline() -> None:
    assert headline(["", "  "], [1.0, 1.0], ("push fails", "proxy")) == "push fails, proxy"
    assert headline([], [], ()) == "Untitled"


LIMITS = (
    "Usage limits hit after an hour",
    "Why are the usage limits so low",
    "Usage limits reset late",
    "My usage limits are gone",
    "usage limits and weekends",
    "Higher limits coming",
    "Usage limits on the small plan",
    "limits again",
    "I ran into usage limits today",
    "Are usage limits the same for teams",
    "Limits for students",
    "Usage limits: what counts",
)
"""A broad theme: no title says more than the one thing that all of them say."""


def test_a_broad_theme_is_named_where_no_title_is_typical() -> None:
    label = headline(LIMITS, [0.7 + i / 100 for i in range(len(LIMITS))], ("limits", "usage"))

    assert label == "Usage limits"


def test_a_name_is_written_as_most_write_it() -> None:
    wrote = ("MCP servers", "MCP servers", "mcp server")
    titles = [f"{wrote[n % 3]} zebra{n} crossing{n}" for n in range(12)]

    assert headline(titles, [0.5] * len(titles), ("mcp", "server")) == "MCP servers"


def test_a_title_that_only_its_own_post_says_is_not_typical() -> None:
    titles = [
        "Export of charts fails",
        "Chart export is empty since Tuesday's zebra migration",
        "Export of a chart fails on every page",
    ]

    assert headline(titles, [0.8, 0.83, 0.8], ("export", "charts")) == "Export of charts fails"


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Status report: Mon, 09 Jun 10:24:42", "Status report"),
        ("Status report - Starting April 27", "Status report"),
        ("fix(parser): quotes are lost", "quotes are lost"),
        ('Upload" of large files', "Upload of large files"),
        ("Persistent status report?", "Persistent status report"),
        ("**Status report**", "Status report"),
        ("Is the status report worth it?", "Is the status report worth it?"),
    ],
)
def test_what_belongs_to_one_post_alone_is_taken_off(title: str, label: str) -> None:
    assert headline([title], [0.9], ("status report", "quotes", "upload")) == label


def test_a_standing_label_stays_until_another_is_clearly_better() -> None:
    titles = ["Export of charts fails", "Chart export fails", "Export fails for charts"]
    words = ("export", "charts")
    before = headline(titles, [0.9, 0.85, 0.85], words)

    assert before == "Export of charts fails"
    assert headline(titles, [0.85, 0.85, 0.95], words) == "Export fails for charts"
    assert headline(titles, [0.85, 0.85, 0.95], words, before) == before
    assert headline(titles, [0.6, 0.85, 0.95], words, before) == "Export fails for charts"


def test_a_standing_name_stays_while_many_still_say_it() -> None:
    usage = [f"Usage limits zebra{n} crossing{n}" for n in range(10)]
    rate = [f"Rate limits number{n} thing{n}" for n in range(12)]
    words = ("limits", "rate", "usage")

    def called(titles: list[str], standing: str = "") -> str:
        return headline(titles, [0.7] * len(titles), words, standing)

    assert called(usage + rate) == "Rate limits"
    assert called(usage + rate, "Usage limits") == "Usage limits"
    assert called(usage[:4] + rate, "Usage limits") == "Rate limits"


def test_a_standing_label_goes_when_nobody_says_it_any_more() -> None:
    label = headline(UPLOADS, [0.9, 0.8, 0.8], ("upload",), "Something somebody else once said")

    assert label in UPLOADS


@given(st.lists(st.tuples(st.text(max_size=60), st.floats(-1, 1)), max_size=14), st.randoms())
def test_the_order_of_the_posts_does_not_matter(
    posts: list[tuple[str, float]], dice: Random
) -> None:
    shuffled = dice.sample(posts, len(posts))
    words = ("export", "charts")

    one = headline([t for t, _ in posts], [c for _, c in posts], words)
    other = headline([t for t, _ in shuffled], [c for _, c in shuffled], words)

    assert one == other
    assert len(one) <= 81


def test_hundreds_of_themes_are_headed_in_little_time() -> None:
    titles = [f"{UPLOADS[n % 3]} in case {n}: and more of it" for n in range(10)]
    start = perf_counter()
    for _ in range(300):
        headline(titles, [0.8] * 10, ("upload", "large files", "timeout"), "Large file upload")

    assert perf_counter() - start < 3  # about 0.3 s on a quiet machine


def test_a_title_of_a_hundred_thousand_characters_is_cheap() -> None:
    start = perf_counter()
    for bomb in ("a " * 50_000, "(" * 100_000, "x: " * 33_000, ', "' * 33_000, "- " * 50_000):
        assert len(headline([bomb] * 3, [0.5] * 3, ("a",))) <= 81

    assert perf_counter() - start < 5


def test_centrality_is_the_cosine_to_the_centre() -> None:
    rows = np.array([[1, 0], [1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)

    close = centrality(rows, np.array([0, 0, 1, -1]))

    assert close == pytest.approx([1, 1, 1, 0])


def test_thousands_of_posts_are_labelled_in_little_time() -> None:
    themes = {
        f"T{n}": [f"{UPLOADS[n % 3]} case {n} {i} " * 6 for i in range(20)] for n in range(300)
    }
    start = perf_counter()
    keywords(themes)

    assert perf_counter() - start < 4  # about 0.6 s on a quiet machine
