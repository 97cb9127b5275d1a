"""What people decided, as judgements of where the bot had placed posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, tzinfo

from bot.model import Decision, Precision


def judgements(decisions: Iterable[Decision], zone: tzinfo = UTC) -> dict[str, tuple[str, bool]]:
    """By post, the month in which it was judged, as `2026-11`, and whether it stood rightly.

    A post counts once, by the last decision that stands and judges it, in the month of that
    decision as the zone has it. `decisions` are in the order in which they were taken.
    """
    return {
        post.key: (f"{one.at.astimezone(zone):%Y-%m}", post.right)
        for one in decisions
        if one.stands
        for post in one.touched
        if post.right is not None
    }


def by_month(decisions: Iterable[Decision]) -> list[Precision]:
    """The bot's precision in each month, in UTC, in which it was judged, the latest month last.

    `decisions` are in the order in which they were taken.
    """
    last = judgements(decisions).values()
    judged = Counter(month for month, _ in last)
    right = Counter(month for month, rightly in last if rightly)
    return [Precision(month, right[month], judged[month]) for month in sorted(judged)]
