"""How far Slack's channels have been read: what the cursor holds, and how it moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.sources.slack.stamps import is_stamp, moment_of, stamp_of

WATCHED = timedelta(days=7)
"""Channels are read again this far back: for edits, reactions, and replies to what is older."""
OVERLAP = timedelta(minutes=10)
"""Each window begins this long before the last one's end: clocks differ."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one channel has been read, and the window that is under way, its newest page first.

    Timestamps are Slack's, which compare as text.
    """

    floor: str
    """Nothing before it is read."""
    until: str
    """Read up to here."""
    oldest: str = ""
    latest: str = ""
    """The window under way; empty between two."""
    page: str = ""
    """Slack's cursor of the window's next page; empty before its first."""
    paged: bool = False
    """Whether its last page was read, so that only threads are left."""
    threads: tuple[str, ...] = ()
    """Threads found on its pages that are still to be read."""

    @property
    def under_way(self) -> bool:
        """Whether something of a window is left to read."""
        return bool(self.latest)

    @property
    def fresh_from(self) -> str:
        """From where on replies may be new."""
        return max(self.floor, stamp_of(moment_of(self.until) - OVERLAP))

    def begun(self, now: datetime, watched: timedelta) -> Reading:
        """With the window of a run under way, which goes back as far as posts are watched."""
        oldest = max(self.floor, min(self.fresh_from, stamp_of(now - watched)))
        return replace(self, oldest=oldest, latest=max(stamp_of(now), self.until))

    def after_page(self, page: str, threads: tuple[str, ...]) -> Reading:
        """With another page read, on which these threads were found."""
        return _ended(replace(self, page=page, paged=not page, threads=threads))

    def after_thread(self) -> Reading:
        """With the first of the threads read."""
        return _ended(replace(self, threads=self.threads[1:]))


def _ended(reading: Reading) -> Reading:
    over = reading.paged and not reading.threads
    return Reading(reading.floor, reading.latest) if over else reading


def read_cursor(cursor: str | None) -> dict[str, Reading]:
    """What was kept, by channel id; nothing if this version does not understand it."""
    try:
        kept = json.loads(cursor or "")
        return {channel: _reading(one) for channel, one in kept["channels"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_cursor(kept: Mapping[str, Reading]) -> str:
    """The cursor that `read_cursor` reads."""
    return json.dumps({"channels": {channel: asdict(one) for channel, one in kept.items()}})


def _reading(kept: Any) -> Reading:  # noqa: ANN401 whatever stood in the cursor
    reading = Reading(**kept | {"threads": tuple(kept["threads"])})
    needed = (reading.floor, reading.until, *reading.threads)
    window = (reading.oldest, reading.latest) if reading.latest else ()
    if not all(is_stamp(ts) for ts in (*needed, *window)):
        raise ValueError("not a timestamp of Slack's")
    return reading
