from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.understand.alike import close_from, look_alike

RANDOM = np.random.default_rng(7)


def around(*centres: int, each: int, spread: float = 0.3) -> NDArray[np.float32]:
    """Unit vectors about some axes of a space of 40."""
    rows = np.repeat(np.eye(40, dtype=np.float32)[list(centres)], each, axis=0)
    moved = rows + RANDOM.normal(0, spread / np.sqrt(40), rows.shape)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def test_close_is_what_only_a_fifth_of_the_posts_of_themes_are_to_another_theme():
    vectors = around(0, 1, 2, each=40)
    themes = [f"T{n // 40}" for n in range(120)]
    least = close_from(vectors, themes)
    cosines = vectors @ vectors.T
    nearest = [max(cosines[a, b] for b in range(120) if themes[a] != themes[b]) for a in range(120)]
    assert 20 <= sum(close >= least for close in nearest) <= 26
    assert least < cosines[0, 1], "within a theme posts are that close"


def test_where_all_posts_are_alike_more_is_asked_for():
    plain, alike = around(0, 1, 2, each=20), around(0, 1, 2, each=20) + 0.5
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    themes = [f"T{n // 20}" for n in range(60)]
    assert close_from(alike, themes) > close_from(plain, themes) + 0.2


def test_without_themes_to_learn_from_only_near_copies_are_close():
    assert close_from(around(0, each=50), ["T1"] * 50) == close_from(around(0, each=3), [None] * 3)


def asked(kept: set[str], themes: dict[str, str], doubtful: set[str]) -> list[str]:
    """Two themes of 20, then posts about axis 9: `s0` to `s4`; `s0` is marked."""
    vectors = np.concatenate([around(0, 1, each=20), around(9, each=5, spread=0.1)])
    keys = [f"p{n}" for n in range(40)] + [f"s{n}" for n in range(5)]
    placed = {f"p{n}": f"T{n // 20}" for n in range(40)} | themes
    return look_alike(keys, vectors, placed, {"s0"}, kept, doubtful)


def test_only_posts_like_the_marked_one_are_found():
    assert sorted(asked(set(), {}, set())) == ["s1", "s2", "s3", "s4"]


def test_posts_of_the_theme_it_was_taken_out_of_are_in_doubt_those_of_others_are_kept():
    spam = {f"s{n}": "T5" for n in range(5)}
    assert sorted(asked(set(), spam, {"T5"})) == ["s1", "s2", "s3", "s4"]
    assert len(asked(set(), spam, set())) < 4


def test_what_a_person_kept_is_not_found_nor_what_is_closer_to_it():
    found = asked({"s1"}, {"s1": "T0"}, set())
    assert "s1" not in found
    assert len(found) < 3
