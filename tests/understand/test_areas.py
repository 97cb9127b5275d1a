from __future__ import annotations

from random import Random
from time import perf_counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.area_evidence import Row, Subject
from bot.understand.areas import MOST, areas, joined, says


def a_subject(theme: str, *titles: str, labels: tuple[str, ...] = ()) -> Subject:
    """A theme whose posts all have the same labels, and titles thrice each."""
    texts = tuple(title for title in titles for _ in range(3))
    return Subject(theme, texts, (labels,) * len(texts))


OTHERS = tuple(
    a_subject(f"T9{n}", f"{one} {two} {n}", f"{two} {one}")
    for n, (one, two) in enumerate(
        [
            ("zebra", "crossing"),
            ("lamp", "shade"),
            ("river", "bank"),
            ("cloud", "burst"),
            ("paper", "clip"),
            ("rail", "road"),
            ("wind", "mill"),
        ]
    )
)
"""Themes that share no word with any other, so that words of two or three are not the product's."""


def named(*subjects: Subject, standing: dict[str, str] | None = None) -> dict[str, str]:
    return {t: area.name for t, area in areas((*subjects, *OTHERS), standing).items()}


def test_a_word_that_several_themes_share_names_their_area() -> None:
    found = named(
        a_subject("T1", "MCP servers do not start", "MCP is slow"),
        a_subject("T2", "mcp tokens expire", "MCP login"),
        a_subject("T3", "Charts are empty", "chart axes overlap"),
        a_subject("T4", "Export of charts", "Charts as pictures"),
    )

    assert found == {"T1": "MCP", "T2": "MCP", "T3": "Charts", "T4": "Charts"}


def test_where_nothing_speaks_for_an_area_there_is_none() -> None:
    assert named() == {}
    assert areas([]) == {}
    assert areas([Subject("T1", ())]) == {}


def test_a_tracker_s_labels_come_before_words() -> None:
    found = areas(
        (
            a_subject("T1", "MCP servers do not start", labels=("bug", "area:tools")),
            a_subject("T2", "mcp tokens expire", labels=("area: tools", "platform:linux")),
            a_subject("T3", "MCP login"),
            *(a_subject(f"T4{n}", f"thing{n}", labels=("component/parser",)) for n in range(3)),
        )
    )

    assert (found["T1"].name, found["T1"].ground, found["T1"].share) == ("Tools", "label", 1.0)
    assert found["T2"].name == "Tools"
    assert "T3" not in found
    assert {found[f"T4{n}"].name for n in range(3)} <= {"Parser"}


def test_words_join_the_area_that_labels_named() -> None:
    found = areas(
        (
            a_subject("T1", "The parser fails", labels=("area:parser",)),
            a_subject("T2", "Parser loses quotes"),
            a_subject("T3", "Colours", labels=("area:tui",)),
            a_subject("T4", "Fonts", labels=("area:auth",)),
            a_subject("T5", "Keys", labels=("area:cost",)),
            *OTHERS,
        )
    )

    assert (found["T1"].name, found["T1"].ground) == ("Parser", "label")
    assert (found["T2"].name, found["T2"].ground) == ("Parser", "words")
    assert found["T3"].name == "TUI"


def test_a_label_that_is_on_everything_names_no_part() -> None:
    subjects = [a_subject(f"T{n}", f"thing{n}", labels=("area:core",)) for n in range(9)]

    assert areas(subjects) == {}


def test_kinds_states_and_platforms_are_no_areas() -> None:
    labels = ("bug", "priority/high", "platform:windows", "state: open", "kind/feature")

    assert named(*(a_subject(f"T{n}", f"thing{n}", labels=labels) for n in range(3))) == {}


def test_a_label_that_a_few_of_the_posts_have_does_not_speak_for_all() -> None:
    posts = tuple(f"trouble{n}" for n in range(20))
    labels = (("area:mcp",), ("area:mcp",), *((),) * 18)

    assert named(Subject("T1", posts, labels)) == {}


def test_a_forum_s_tags_name_parts_and_its_categories_of_kinds_do_not() -> None:
    def forum(theme: str, *tags: str) -> Subject:
        return Subject(theme, (theme,) * 4, tags=(tags,) * 4)

    found = named(
        forum("T1", "Support", "query_results"),
        forum("T2", "Feature Requests", "alerts"),
        forum("T3", "Support"),
        forum("T4", "Support", "maps"),
        forum("T5", "Support", "axes"),
    )

    assert found == {"T1": "Query results", "T2": "Alerts", "T4": "Maps", "T5": "Axes"}


def test_a_large_theme_that_shares_nothing_is_an_area_of_its_own_and_a_small_one_is_not() -> None:
    texts = tuple(f"Invoices thing{n}" for n in range(15))

    assert named(Subject("T1", texts)) == {"T1": "Invoices"}
    assert named(Subject("T1", texts[:5])) == {}


def test_the_product_s_own_name_is_no_area() -> None:
    subjects = [a_subject(f"T{n}", f"Acme widget{n}", f"Acme gadget{n}") for n in range(12)]

    assert areas(subjects) == {}


def test_words_of_trouble_are_no_areas() -> None:
    assert named(a_subject("T1", "Error on start"), a_subject("T2", "errors all day")) == {}


def test_what_only_logs_and_forms_say_names_nothing() -> None:
    def subject(theme: str) -> Subject:
        return Subject(theme, tuple(f"{theme}{n}\nkubernetes 1.2" for n in range(4)))

    assert named(subject("T1"), subject("T2")) == {}


def test_a_theme_that_lies_with_an_area_and_says_a_little_joins_it() -> None:
    def subject(theme: str, vector: list[float], *texts: str) -> Subject:
        return Subject(theme, texts, vector=np.array(vector, dtype=np.float32))

    charts = ("Charts are empty", "Chart colours", "Charts overlap", "Charts with gaps")
    few = ("Charts again", "charts once more", "axes", "legends", "colours", "bars")
    shared = (subject("T1", [1, 0], *charts), subject("T2", [0.9, 0.1], *charts))

    apart = [subject(f"T4{n}", [0, 1], "x") for n in range(3)]
    near = named(*shared, subject("T3", [0.8, 0.2], *few), *apart)
    far = named(*shared, subject("T3", [0, 1], *few), *apart)

    assert near["T3"] == "Charts"
    assert "T3" not in far


def test_a_theme_keeps_its_area_while_its_posts_still_say_it() -> None:
    subject = a_subject("T1", "Invoices are late", "Invoices twice", "the bill")

    assert named(subject) == {}
    assert named(subject, standing={"T1": "Invoices"}) == {"T1": "Invoices"}
    assert named(subject, standing={"T1": "Refunds"}) == {}


def test_a_theme_keeps_a_label_s_area_while_any_of_its_posts_there_has_it() -> None:
    others = [a_subject(f"T5{n}", f"thing{n}", labels=("area:tui",)) for n in range(9)]
    posts = ("One trouble", "Another trouble", "Third trouble")

    def area(labels: tuple[tuple[str, ...], ...]) -> str | None:
        found = areas([Subject("T1", posts, labels), *others], {"T1": "MCP"})
        return found["T1"].name if "T1" in found else None

    assert area((("area:mcp",), (), ())) == "MCP"
    assert area(((), (), ())) is None
    assert area((("area:tui", "area:mcp"),) * 3) == "MCP"


def test_who_joins_an_area_takes_the_name_it_has_though_no_theme_of_it_is_there() -> None:
    subjects = (
        a_subject("T1", "slash command is lost", "a slash command hangs"),
        a_subject("T2", "Slash commands twice", "slash commands late"),
    )

    assert named(*subjects, standing={"T900": "Slash Commands"}) == {
        "T1": "Slash Commands",
        "T2": "Slash Commands",
    }


def test_two_themes_that_use_one_word_for_two_things_make_no_area() -> None:
    apart = np.eye(6, dtype=np.float32)
    texts = ("a card", "the card", "no card", "card!")

    def found(second: Row) -> dict[str, str]:
        subjects = Subject("T1", texts, vector=apart[0]), Subject("T2", texts, vector=second)
        return named(*subjects, *(Subject(f"T3{n}", ("x",), vector=apart[n]) for n in range(2, 6)))

    assert found(apart[0] + apart[1]) == {"T1": "Card", "T2": "Card"}
    assert found(apart[1]) == {}


def test_a_word_that_few_posts_of_few_themes_share_makes_no_area() -> None:
    assert named(a_subject("T1", "A card"), a_subject("T2", "The card")) == {}


def test_the_name_of_the_place_that_most_posts_are_from_is_no_area() -> None:
    texts = ("Acme extension", "acme extension again", "acme", "acme")

    def found(*venues: str) -> dict[str, str]:
        subjects = (Subject(f"T{n}", texts, venues=venues * 4) for n in range(3))
        return named(*subjects, Subject("T7", ("x", "y"), venues=("other",) * 2))

    assert set(found("acme/tool").values()) == {"Extension"}
    assert set(found("r/things").values()) == {"Acme"}


def test_joining_makes_no_new_area_and_asks_for_nothing_but_the_themes_that_join() -> None:
    charts = a_subject("T1", "Charts are empty", "Chart colours", "Charts overlap")
    invoices = a_subject("T2", "Invoices are late", "Invoices twice", "Invoices lost")
    labelled = a_subject("T3", "Fonts", labels=("area:TUI",))

    found = joined((charts, invoices, labelled), {"T8": "Charts", "T9": "TUI"})

    assert {theme: area.name for theme, area in found.items()} == {"T1": "Charts", "T3": "TUI"}


def test_who_joins_an_area_lies_with_its_themes() -> None:
    def found(*own: float) -> dict[str, str]:
        subject = Subject("T1", ("a card",) * 4, vector=np.array(own, dtype=np.float32))
        means = {"T8": [1, 0, 0], "T9": [0, 1, 0]} | {f"T7{n}": [0, 0, 1] for n in range(3)}
        rows = {theme: np.array(mean, dtype=np.float32) for theme, mean in means.items()}
        return {t: a.name for t, a in joined([subject], {"T8": "Card"}, rows).items()}

    assert found(0.9, 0.1, 0) == {"T1": "Card"}
    assert found(0, 0.9, 0.1) == {}


def test_a_name_that_two_of_the_posts_say_is_said() -> None:
    assert says(["The slash commands", "a slash command", "else"], "Slash commands")
    assert not says(["The slash commands", "else", "other"], "Slash commands")
    assert not says([], "Slash commands")


def test_there_are_never_many_areas() -> None:
    subjects = [a_subject(f"T{n}", f"subject{n // 3}x thing{n}") for n in range(150)]

    found = areas(subjects)

    assert 0 < len({area.name for area in found.values()}) <= MOST


_WORDS = st.sampled_from(
    ["mcp", "Charts", "chart", "login", "acme", "the", "error", "\n", "é", "#"]
)
_SUBJECTS = st.lists(
    st.tuples(
        st.lists(st.lists(_WORDS, max_size=5).map(" ".join), max_size=5),
        st.lists(st.sampled_from(["area:mcp", "area: x", "bug", ""]), max_size=2),
    ),
    max_size=7,
)


@given(_SUBJECTS, st.randoms())
def test_the_order_of_the_themes_does_not_matter(
    drawn: list[tuple[list[str], list[str]]], dice: Random
) -> None:
    subjects = [
        Subject(f"T{n}", tuple(texts), (tuple(labels),) * len(texts))
        for n, (texts, labels) in enumerate(drawn)
    ]
    shuffled = dice.sample(subjects, len(subjects))

    assert areas(subjects) == areas(shuffled)


def test_hundreds_of_themes_with_long_posts_take_little_time() -> None:
    subjects = [
        a_subject(f"T{n}", f"subject{n % 40} of things {n} " * 2_000, "a" * 50_000)
        for n in range(150)
    ]
    start = perf_counter()
    areas(subjects)

    assert perf_counter() - start < 6  # under 1 s on a quiet machine
