from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.references import Said, mentions, prose, quoted_titles, said_duplicates


def numbers(text: str) -> list[str]:
    return [f"{said.repo or ''}#{said.number}" for said in mentions(prose(text))]


def duplicates(text: str) -> list[str]:
    return [said.url or f"{said.repo or ''}#{said.number}" for said in said_duplicates(prose(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see #7", ["#7"]),
        ("(#7)", ["#7"]),
        ("Fixes #7.", ["#7"]),
        ("GH-7 and acme/tool#8", ["#7", "acme/tool#8"]),
        ("#7, #8 and #9", ["#7", "#8", "#9"]),
        ("#7 is back", ["#7"]),
        ("regression of #1234 in 2.0", ["#1234"]),
        ("the #1234 fix", ["#1234"]),
    ],
)
def test_a_number_names_a_thread(text: str, found: list[str]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "our #1 priority",
        "this is #1 on my list",
        "#1 priority for us",
        "#2 reason to leave",
        "step #2 fails",
        "Option #3 is best",
        "color: #112233",
        "a background of #333333 on white",
        'fill="#123456"',
        "a{color:#123456}",
        "#1a2b3c",
        "#fff",
        "#123abc",
        "room#7",
        "x&#39;y",
        "#7.5",
        "page.html#7",
        "/docs/#7",
        "C#7",
        "`#7`",
        "```\nprint(x) #7\n```",
        "~~~\n#7\n~~~",
        "```\nnever closed #7",
        "> see #7",
        "  > > see #7",
        "Thanks!\nOn Mon, 2 Mar 2026 at 10:00, Ann <ann@example.org> wrote:\nsee #7",
        "Thanks!\n-----Original Message-----\nsee #7",
        "100#%",
    ],
)
def test_what_only_looks_like_a_number_names_none(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Duplicate of #7", ["#7"]),
        ("duplicate of acme/tool#7.", ["acme/tool#7"]),
        ("Dup of #7", ["#7"]),
        ("dupe of #7, thanks", ["#7"]),
        ("Marked as a duplicate of: #7", ["#7"]),
        ("Closing as duplicate of #7", ["#7"]),
        ("Closing this in favour of #7", ["#7"]),
        ("Closing in favor of #7 which has more detail", ["#7"]),
        ("Thanks for the report! This is the same issue as #7.", ["#7"]),
        ("This looks like a duplicate of #7", ["#7"]),
        ("It's probably the same as #7", []),
        ("same as #7", ["#7"]),
        ("Superseded by #7", ["#7"]),
        ("**Duplicate of #7**", ["#7"]),
        (
            "Duplicate of https://github.com/acme/tool/issues/7.",
            ["https://github.com/acme/tool/issues/7"],
        ),
        ("It does not work.\n\nThis appears to be the same root cause as #7", ["#7"]),
    ],
)
def test_somebody_says_that_a_thread_is_a_duplicate(text: str, found: list[str]) -> None:
    assert duplicates(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "This is NOT a duplicate of #7",
        "not a dup of #7",
        "This may be a duplicate of #7",
        "Possibly the same as #7",
        "Is this a duplicate of #7?",
        "Duplicate of #7?",
        "dupe to #7, isn't it?",
        "Closing as duplicate of #7 would make sense",
        "Duplicate of #7 perhaps",
        "#5 was closed as a duplicate of #7",
        "- #5, same error, closed as dup of #7",
        "I closed that one as a duplicate of #7",
        "The duplicate of the key is #7",
        "A duplicate of the file is made",
        "`Duplicate of #7`",
        "```\nDuplicate of #7\n```",
        "> Duplicate of #7",
        "On Mon, 2 Mar 2026, Ann wrote:\nDuplicate of #7",
        "Duplicate of this",
        "Closing #7",
    ],
)
def test_doubts_denials_quotes_and_words_on_others_say_nothing(text: str) -> None:
    assert duplicates(text) == []


def test_a_title_stands_in_double_quotes_of_any_kind() -> None:
    text = (
        'See "Upload stops at ninety percent", \u201cPush fails on big files\u201d and '
        "\u00abLogin loops for ever here\u00bb, not \"short\" or 'a single one that is long'."
    )

    assert list(quoted_titles(prose(text))) == [
        "Upload stops at ninety percent",
        "Push fails on big files",
        "Login loops for ever here",
    ]


def test_prose_keeps_the_words_around_what_it_takes_out() -> None:
    assert prose("before `code` after\n> quoted\nown").split() == ["before", "after", "own"]


def test_a_long_text_is_read_at_its_beginning_only() -> None:
    assert numbers("x " * 12_000 + "#7") == []


@pytest.mark.parametrize(
    "text",
    [
        "#7" * 10_000,
        "a/" * 10_000,
        "`" * 20_000,
        "> " * 10_000,
        '"' * 20_000,
        "this is " * 2_500,
        "On " * 6_000,
        "closing as a duplicate of " * 800,
        "wrote: On \n" * 2_000,
        "- " * 10_000,
    ],
)
def test_a_text_made_to_be_slow_is_read_in_no_time(text: str) -> None:
    start = perf_counter()
    assert len(numbers(text) + duplicates(text) + list(quoted_titles(text))) <= len(text)
    assert perf_counter() - start < 1.0


@given(st.text(alphabet='#/-> \n`~.?"adeflopsuyitc17', max_size=60))
def test_whatever_is_written_a_reference_has_a_number_or_an_address(text: str) -> None:
    for said in [*mentions(prose(text)), *said_duplicates(prose(text))]:
        assert isinstance(said, Said)
        assert (said.number is None) != (said.url is None)
