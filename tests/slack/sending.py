"""The outbox sent as the schedule does it."""

from __future__ import annotations

from bot.slack.outbox import LONGEST_WAIT, Sender
from bot.slack.poster import SlackPoster
from bot.store import Store
from tests.fakes import Clock


def send_all(store: Store, poster: SlackPoster, clock: Clock, tries: int = 20) -> None:
    """Send all that is due, again and again, later and later."""
    for _ in range(tries):
        for its in store.outbox.open(clock()):
            Sender(store, poster, clock).send(its)
        clock.now += LONGEST_WAIT
