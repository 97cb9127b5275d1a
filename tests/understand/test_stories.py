from __future__ import annotations

import numpy as np
import pytest

from bot.understand.stories import adopted, drawn, stories


def test_a_cross_post_stands_where_its_story_stands():
    labels = np.array([0, 0, 0, -1, -1, -1])
    hn, see, other = 14, 15, 16
    found = [(hn, 11, "url"), (see, 11, "mention"), (other, 99, "url")]
    assert adopted(labels, stories([11, 12, 13, hn, see, other], found)).tolist() == [
        0,
        0,
        0,
        0,
        -1,
        -1,
    ]


def test_strays_of_one_story_follow_the_majority_of_it_through_other_strays():
    labels = np.array([0, 0, 1, -1, -1])
    rows = [11, 12, 13, 21, 29]
    same = [(row, 21, "same error") for row in (11, 12, 13, 29)]
    assert adopted(labels, stories(rows, same)).tolist() == [0, 0, 1, 0, 0]
    assert adopted(labels, stories(rows, same[1:])).tolist() == [0, 0, 1, -1, -1]


def test_what_tells_one_story_lies_closer_than_its_words_and_nothing_else_moves():
    vectors = np.eye(4, dtype=np.float32)

    moved = drawn(vectors, [[0, 2]])

    assert moved[0] @ moved[2] == pytest.approx(0.6)
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1)
    assert moved[[1, 3]].tolist() == vectors[[1, 3]].tolist()
