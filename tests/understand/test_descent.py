from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.understand.descent import minimum

Matrix = NDArray[np.float64]
STEEP = np.array([[1.0, 10.0], [100.0, 1_000.0]])
LOWEST = np.array([[3.0, -2.0], [0.5, 1.0]])


def valley(at: Matrix) -> tuple[float, Matrix]:
    """A long narrow one, where going straight downhill takes thousands of steps."""
    away = at - LOWEST
    return float((STEEP * away**2).sum()), 2 * STEEP * away


def test_the_lowest_point_of_a_narrow_valley_is_found_in_few_steps() -> None:
    assert minimum(valley, np.zeros((2, 2)), 60) == pytest.approx(LOWEST, abs=1e-3)


def test_no_step_goes_up() -> None:
    heights = [valley(minimum(valley, np.zeros((2, 2)), steps))[0] for steps in range(12)]

    assert heights == sorted(heights, reverse=True)
    assert heights[-1] < heights[0]


def test_at_the_lowest_point_it_stays_there() -> None:
    assert np.array_equal(minimum(valley, LOWEST, 10), LOWEST)


def test_a_slope_that_lies_ends_the_search_where_it_began() -> None:
    def wrong(at: Matrix) -> tuple[float, Matrix]:
        value, slope = valley(at)
        return value, -slope

    assert np.array_equal(minimum(wrong, np.zeros((2, 2)), 10), np.zeros((2, 2)))
