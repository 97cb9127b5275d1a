from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from bot.understand.label import centrality, headline, keywords

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
