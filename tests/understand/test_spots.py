from __future__ import annotations

import re
from itertools import chain
from re import _parser as parser  # type: ignore[attr-defined]  # what a pattern is made of is public nowhere else
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand import criteria, cues, kinds, spots
from bot.understand.spots import READ, Cue, Said

ANY, EDGE, DONE = "\0", "\1", "\2"
"""In how a pattern can begin: letters nobody knows, the border of a word, and that it is told."""

_STEM = re.compile(f"{EDGE}+([a-z]{{4}}|[a-z]{{1,3}}(?=[^a-z{ANY}{DONE}]))")


EVERY = sorted(
    set(chain(*spots._CUES.values(), *spots._MARKED.values())), key=lambda cue: cue.pattern.pattern
)
"""Every cue of the modules imported here, in the same order in every process."""


def begins(parts: Any) -> set[str]:
    """The ways in which a parsed pattern can begin, no longer than is needed to know the word."""
    ways = {""}
    for kind, value in parts:
        following = _part(str(kind), value)
        ways = {w if w.endswith(DONE) else _cut(w + f) for w in ways for f in following}
    return ways


def _part(kind: str, value: Any) -> set[str]:
    match kind:
        case "AT":
            return {EDGE}
        case "ASSERT" | "ASSERT_NOT":
            return {""}
        case "SUBPATTERN":
            return begins(value[3])
        case "BRANCH":
            return set().union(*(begins(branch) for branch in value[1]))
        case "MAX_REPEAT":
            return _repeated(*value)
    return _letters(kind, value)


def _repeated(least: int, most: int, parts: Any) -> set[str]:
    once = begins(parts)
    more = once if most == 1 else {way if way.endswith(DONE) else way + ANY for way in once}
    return more if least else {"", *more}


def _letters(kind: str, value: Any) -> set[str]:
    if kind == "LITERAL":
        return {chr(value)}
    if kind == "IN" and all(str(kind) == "LITERAL" for kind, _ in value):
        return {chr(letter) for _, letter in value}
    return {ANY}


def _cut(way: str) -> str:
    if match := _STEM.match(way):
        return f"{EDGE}{match[1]}{DONE}"
    return way[:8] + DONE if len(way) > 8 and not way.startswith(EDGE) else way


def unknown_to(cue: Cue) -> list[str]:
    """The ways in which a match can begin that the cue does not name."""
    ways = begins(parser.parse(cue.pattern.pattern))
    return sorted(repr(way) for way in ways if not _named(cue, way.strip(EDGE + DONE), way))


def _named(cue: Cue, plain: str, way: str) -> bool:
    letters = re.match("[a-z]*", plain)
    assert letters is not None
    stem = letters[0][:4]
    open_ended = ANY in plain[: len(stem) + 1]
    endings = [stem + letter for letter in ("", "a", "z")] if open_ended else [stem]
    at_a_word = way.startswith(EDGE) and stem and all(word in cue.begins for word in endings)
    return bool(at_a_word) or any(plain.replace(EDGE, "").startswith(mark) for mark in cue.marks)


@pytest.mark.parametrize("cue", EVERY, ids=lambda cue: cue.pattern.pattern[:40])
def test_a_cue_names_every_word_that_it_can_begin_with(cue: Cue) -> None:
    assert unknown_to(cue) == []


@pytest.mark.parametrize(
    ("begins", "pattern", "unknown"),
    [
        ("cras", r"\bcrash|\bfail", ["fail"]),
        ("cras", r"crash", ["crash"]),
        ("cras", r"\bcrash|!!!", ["!!!"]),
        ("bug", r"\bbug\w*", ["bug"]),
        ("cant", r"\bcan['t]", ["can"]),
    ],
)
def test_a_word_that_a_cue_forgets_is_noticed(
    begins: str, pattern: str, unknown: list[str]
) -> None:
    found = unknown_to(Cue(begins, pattern))

    assert len(found) == len(unknown)
    assert all(word in text for word, text in zip(unknown, found, strict=True))


def test_all_the_cues_are_looked_at() -> None:
    assert len(EVERY) > 25
    assert {cues.BROKEN, criteria._WEAKNESS, kinds._ANGRY} <= set(EVERY)


WORDS = (
    "crash",
    "crashed",
    "it",
    "does",
    "not",
    "work",
    "?",
    "!!!",
    "can\u2019t",
    "rip off",
    "10/10",
)
OTHERS = ("i", "love", "lost", "my files", "bugs", "\n", "a-b", "x_crash", "\u00e9rror", "\u0130")
said = st.lists(st.sampled_from(WORDS + OTHERS)).map(" ".join) | st.text(max_size=40)


@given(said, st.sampled_from(EVERY), st.integers(0, 60))
def test_a_cue_finds_what_its_pattern_finds(text: str, cue: Cue, end: int) -> None:
    known = Said(text)
    spans = [match.span() for match in cue.pattern.finditer(known.low[:end])]

    assert [match.span() for match in known.matches(cue, end)] == spans
    assert known.has(cue, end) is bool(spans)
    assert known.count(cue, 2, end) == min(len(spans), 2)
    assert known.may_have(cue) or not cue.pattern.search(known.low)


def test_words_are_given_as_they_stand_in_the_text() -> None:
    cue = Cue("cras", r"\bcrashed on\b")
    text = Said("\u0130t CRASHED on save")
    match = next(text.matches(cue))

    assert text.words(match) == "CRASHED on"


def test_only_the_start_of_a_text_is_looked_at() -> None:
    cue = Cue("zzyz", r"\bzzyzx\b")

    assert Said(" " * (READ - 6) + "zzyzx").has(cue)
    assert not Said(" " * READ + "zzyzx").has(cue)
