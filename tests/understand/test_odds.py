from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.odds import Odds, shipped
from bot.understand.traits import TRAITS


def test_a_branch_is_taken_by_what_is_at_most_the_limit() -> None:
    odds = Odds(
        prior=0.5,
        root=np.array([0, 3]),
        trait=np.array([1, -1, -1, -1]),
        limit=np.array([2.0, 0.0, 0.0, 0.0]),
        left=np.array([1, 0, 0, 0]),
        right=np.array([2, 0, 0, 0]),
        value=np.array([0.0, -1.0, 4.0, 0.25]),
    )

    found = odds.of(np.array([[9.0, 2.0], [9.0, 2.1]]))

    assert found == pytest.approx([1 / (1 + math.exp(0.25)), 1 / (1 + math.exp(-4.75))])


def test_nothing_asked_is_nothing_told() -> None:
    assert shipped().of(np.empty((0, len(TRAITS)))).shape == (0,)


PROUD = ("alike", "halves", "stands out", "kept", "inside", "apart", "words but one")
HUMBLE = ("outer", "outside", "spread")


@given(
    st.lists(st.floats(0, 1), min_size=len(TRAITS), max_size=len(TRAITS)),
    st.sampled_from(PROUD + HUMBLE),
    st.floats(0, 1),
)
def test_more_of_what_makes_a_theme_never_lowers_its_odds(
    traits: list[float], changed: str, more: float
) -> None:
    before = np.array([traits])
    after = before.copy()
    after[0, TRAITS.index(changed)] += more

    low, high = shipped().of(np.concatenate((before, after)))

    assert low <= high if changed in PROUD else low >= high
