"""The picture that goes with a digest."""

from __future__ import annotations

from datetime import timedelta

from bot.deliveries import Picture
from bot.model import Digest
from bot.speak.chart import chart_of, chart_text

WEEKLY = timedelta(days=6)
"""How far apart digests are, at least, for which weeks are worth seeing."""

TITLE = "People a week"


def picture_of(digest: Digest) -> Picture | None:
    """The themes of a digest over the last weeks; None where there is too little to see."""
    chart = chart_of(digest)
    if chart is None:
        return None
    from bot.speak.picture import draw  # noqa: PLC0415 half a second, for one digest a week

    return Picture(draw(chart), TITLE, chart_text(chart))
