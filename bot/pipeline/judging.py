"""What a digest says of the bot itself: how often it was right in the month that is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from bot.model import Period, Precision, Query
from bot.pipeline.unwanted import narrows
from bot.store import Store
from bot.understand.precision import judgements


def lately_right(
    store: Store, query: Query, period: Period, now: datetime, zone: tzinfo
) -> Precision | None:
    """The bot's precision in the month before, for the first digest of a month; else None.

    None as well where nobody judged a post that whoever asks may read, and for a query that
    narrows what is told: people judge posts of all sources.
    """
    month = month_over(period, zone)
    if month is None or narrows(query):
        return None
    judged = judgements((one for one in store.decisions.all() if one.at <= now), zone)
    right = {key: rightly for key, (when, rightly) in judged.items() if when == month}
    if right and not query.audience.everything:
        read = store.cited.posts(list(right), now, query.audience)
        right = {post.key: right[post.key] for post in read}
    return Precision(month, sum(right.values()), len(right)) if right else None


def month_over(period: Period, zone: tzinfo) -> str | None:
    """The month, as `2026-11`, before the last one that began in a period; None if none did.

    A month that begins as the period ends has begun: of digests that follow each other, the one
    told at that very moment is the first of the month.
    """
    local = period.until.astimezone(zone)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    if first.astimezone(UTC) <= period.since:
        return None
    return f"{first - timedelta(days=1):%Y-%m}"
