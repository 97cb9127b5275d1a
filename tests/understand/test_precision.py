from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Decision, Deed, Part, Touched
from bot.model.precision import LEAST, wilson
from bot.understand.precision import by_month
from tests.builders import NOW


def judged(number: int, at: datetime, **posts: bool | None) -> Decision:
    touched = tuple(
        Touched(0, key, Part.IN, "T1", "T1", right=right) for key, right in posts.items()
    )
    return Decision(number, at, "ann", Deed.CONFIRM, "T1", touched=touched)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (81, 263, 0.2553, 0.3662),
        (10, 10, 0.7225, 1.0),
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_the_interval_is_that_of_the_published_examples(right, of, low, high):
    """Newcombe 1998, table I, method 3, to its four places."""
    assert wilson(right, of) == pytest.approx((low, high), abs=2e-4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_lies_within_all_shares(right, wrong):
    low, high = wilson(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low - 1e-12 <= right / (right + wrong) <= high + 1e-12


def test_a_post_counts_once_in_the_month_of_its_last_judgement():
    march, april = NOW, datetime(2026, 4, 1, tzinfo=UTC)
    log = [judged(1, march, a=True, b=True, c=None), judged(2, april, a=False)]
    assert [(m.month, m.right, m.judged) for m in by_month(log)] == [
        ("2026-03", 1, 1),
        ("2026-04", 0, 1),
    ]
    undone = [log[0], replace(log[1], undone_at=april)]
    assert [(m.month, m.right, m.judged) for m in by_month(undone)] == [("2026-03", 2, 2)]


@pytest.mark.parametrize(("posts", "tells"), [(LEAST - 1, False), (LEAST, True)])
def test_under_thirty_judged_posts_nothing_is_told(posts, tells):
    [month] = by_month([judged(1, NOW, **{f"p{n}": True for n in range(posts)})])
    assert month.tells is tells
