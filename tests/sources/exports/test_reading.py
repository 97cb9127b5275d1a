from __future__ import annotations

import io
import json
from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sources.base import NotAPost
from bot.sources.exports import reading
from bot.sources.exports.reading import first_item, items, tables

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)
)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4)
)
OBJECTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=5)


class Dripping(io.RawIOBase):
    """Gives a few bytes at a time, whatever it is asked for."""

    def __init__(self, data: bytes, at_once: int) -> None:
        self._rest = io.BytesIO(data)
        self._at_once = at_once

    def read(self, size: int = -1) -> bytes:
        return self._rest.read(min(size, self._at_once))


def read(data: bytes, at_once: int = 10**9) -> list[Any]:
    return list(items(Dripping(data, at_once)))  # type: ignore[arg-type]  # only read() is asked


@settings(max_examples=40, deadline=None)
@given(values=st.lists(OBJECTS, max_size=6), at_once=st.integers(4, 40), indent=st.integers(0, 3))
def test_an_array_gives_its_items_however_it_is_written_and_comes(values, at_once, indent):
    data = json.dumps(values, indent=indent or None, ensure_ascii=indent > 1).encode()
    assert read(data, at_once) == values
    assert read(json.dumps(values).encode("utf-16")) == values
    assert read(json.dumps(values).encode("utf-8-sig")) == values


@settings(max_examples=40, deadline=None)
@given(values=st.lists(OBJECTS, max_size=6), at_once=st.integers(4, 40))
def test_lines_pages_and_arrays_one_after_the_other_give_the_same_items(values, at_once):
    lines = "\n".join(map(json.dumps, values))
    pages = [values[:2], values[2:]]
    for text in (lines, "".join(map(json.dumps, values)), json.dumps(pages)):
        assert read(text.encode(), at_once) == values
    assert read("\n".join(map(json.dumps, pages)).encode(), at_once) == values


@settings(max_examples=40, deadline=None)
@given(values=st.lists(OBJECTS, min_size=1, max_size=6), data=st.data())
def test_an_array_that_breaks_off_gives_whole_items_and_then_the_fault(values, data):
    whole = json.dumps(values).encode()
    cut = data.draw(st.integers(1, len(whole) - 1))
    found: list[Any] = []
    with pytest.raises(NotAPost, match="not JSON"):
        deque(map(found.append, items(io.BytesIO(whole[:cut]))))
    assert found == values[: len(found)]


def test_a_line_that_is_no_json_comes_as_one_and_the_others_as_ever():
    found = read(b'{"a": 1}\n{"a": \n{"a": 3}\nwords\n{"a": "open\n{"a": 6}\n', 7)
    assert [item for item in found if not isinstance(item, NotAPost)] == [
        *({"a": 1}, {"a": 3}, {"a": 6})
    ]
    assert sum(isinstance(item, NotAPost) for item in found) == 3


def test_bytes_that_are_no_utf_8_cost_a_character_and_no_item():
    assert read(b'[{"a": "caf\xe9"}, {"a": 2}]') == [{"a": "caf\ufffd"}, {"a": 2}]


def test_line_breaks_inside_a_text_are_forgiven():
    assert read(b'[{"a": "two\nlines"}]') == [{"a": "two\nlines"}]


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"", []), (b" \n", []), (b"[]", []), (b"[[]]", []), (b"12", [12]), (b"[12]", [12])],
)
def test_little_or_nothing(data, found):
    assert read(data, 1) == read(data) == found


@pytest.mark.parametrize(
    "data",
    [
        b"[1 2]",
        b"[1,,2]",
        b'["a"',
        b"[" * 100_000,
        b"[" + b"9" * 5_000 + b"]",
        b'[{"a": 1}, {"a": \x00}]',
    ],
)
def test_what_is_broken_ends_in_a_reason_from_a_short_list(data):
    with pytest.raises(NotAPost) as caught:
        read(data)
    assert caught.value.reason == "not JSON"
    assert len(caught.value.detail) < 60


def test_an_item_without_end_is_not_held_in_memory(monkeypatch):
    monkeypatch.setattr(reading, "ITEM_MOST", 100_000)
    stream = io.BytesIO(b'[{"a": "' + b"x" * 10_000_000 + b'"}]')
    with pytest.raises(NotAPost, match="item too long"):
        list(items(stream))
    assert stream.tell() < 500_000


def test_an_item_that_is_plainly_wrong_is_not_read_on_for():
    stream = io.BytesIO(b'[{"a" 1}' + b" " * 10_000_000)
    with pytest.raises(NotAPost):
        list(items(stream))
    assert stream.tell() < 500_000


@pytest.mark.parametrize("data", [b"", b"x", b"[", b"[{]", b"[]"])
def test_a_first_look_at_what_holds_nothing_finds_nothing(data):
    assert first_item(io.BytesIO(data)) is None


def test_a_first_look_finds_the_first_item():
    assert first_item(io.BytesIO(b'[[{"a": 1}], [2]]')) == {"a": 1}
    assert first_item(io.BytesIO(b'{"a": 1}\n{"a"')) == {"a": 1}


TABLES = {"skip": [{"x": 1}] * 3, "a": [1, {"b": []}], "n": {"a": [9]}, "t": "a", "z": ["end"]}


@settings(max_examples=40, deadline=None)
@given(at_once=st.integers(1, 30), indent=st.sampled_from([None, 1]))
def test_tables_are_the_named_arrays_of_an_object_in_their_order(at_once, indent):
    data = json.dumps(TABLES, indent=indent).encode()
    stream = Dripping(data, at_once)
    found = list(tables(stream, {"a", "z", "n"}))  # type: ignore[arg-type]  # only read() is asked
    assert found == [("a", 1), ("a", {"b": []}), ("z", "end")]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a"', b'{"a": [1', b'{"a": [1] x'])
def test_tables_of_what_is_no_object_or_breaks_off_are_a_fault(data):
    with pytest.raises(NotAPost, match="not JSON"):
        list(tables(io.BytesIO(data), {"a"}))


def test_no_tables_are_no_fault():
    assert list(tables(io.BytesIO(b" { } "), {"a"})) == []
