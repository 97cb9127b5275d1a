"""What a stranger writes into a short field: cleaned, and never kept where it could pile up."""

from __future__ import annotations

from bot.sources import fields


def test_a_line_is_the_same_whenever_it_is_asked_for():
    for value, line in ((" a\n b\u202e ", "a b"), ("  ", None), (7, None), (None, None)):
        assert [fields.line(value) for _ in range(3)] == [line] * 3


def test_long_texts_are_not_kept():
    fields._short.cache_clear()
    assert fields.line("x" * 5_000_000) == "x" * 5_000_000
    assert fields._short.cache_info().currsize == 0
    fields.line("bug")
    assert fields._short.cache_info().currsize == 1
