"""What the bot in Slack must hold: nothing lost, nothing doubled, acknowledged at once.

    python -m benchmarks.slack [PART ...]      # delivery, events, ack, reconnect, blocks, clocks

The bot is the real one, on a SQLite file, in processes of its own; Slack is on loopback in this
one, keeps what it is told, and misbehaves. Chance is seeded: what was drawn is the same each time,
but not where a process is when it is killed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.slack import ack, blocks, clocks, delivery, events, reconnect

PARTS: dict[str, Callable[[], None]] = {
    "delivery": delivery.main,
    "events": events.main,
    "ack": ack.main,
    "reconnect": reconnect.main,
    "blocks": blocks.main,
    "clocks": clocks.main,
}


def main() -> None:
    words = sys.argv[1:] if sys.argv[0].endswith("slack/__main__.py") else []
    if unknown := [word for word in words if word not in PARTS]:
        sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    for name in words or PARTS:
        print(f"\n{name}:", flush=True)
        PARTS[name]()
