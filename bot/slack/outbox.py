"""Sending what is written, so that nothing is lost and nothing is posted twice.

Slack knows no key that makes a repeat harmless, so each message carries the id of its delivery.
Before it is sent it is noted that it may stand there from now on; whoever finds such a note later,
without Slack's word for it, looks before posting again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.deliveries import Delivery, Stage
from bot.errors import SlackError
from bot.slack.changing import noted, without
from bot.slack.poster import Poster
from bot.store import Store
from bot.store.outbox import Written

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
"""Between tries; each is twice as long as the one before."""

_log = structlog.get_logger()

SKEW = timedelta(minutes=5)
"""By how much Slack's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what the outbox holds. Several may run on one database, but one at a time.

    `may_go_on` is asked before each message: False as soon as another sends.
    """

    store: Store
    poster: Poster
    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool] = lambda: True

    def send(self, its: Delivery) -> Stage:
        """Post what of a delivery does not stand there yet; how far it came.

        What Slack refuses for good is `FAILED`, and why is kept; for anything else a later time
        is noted, and the stage stays `SENDING`.
        """
        try:
            done = self._posted(its)
        except SlackError as error:
            return self._failed(its, error)
        if done:
            self.store.outbox.finish(its.id, Stage.SENT)
            return Stage.SENT
        return Stage.SENDING

    def mend(self, one: Written, blocks: tuple[str, ...]) -> None:
        """Take words that are gone at their source out of a message, in Slack and here.

        Where Slack refuses that for good (the channel is gone, say), they go here all the same.
        Raises SlackError.
        """
        changed = without(one.message, blocks)
        try:
            if one.ts is not None:
                self.poster.update(one.channel, one.ts, changed)
        except SlackError as error:
            if error.permanent:
                self.store.outbox.rewrite(one, changed)
            raise
        self.store.outbox.rewrite(one, changed)

    def note(self, theme: str, label: str, note: str, *, linked: bool = False) -> int:
        """Say in every message that shows a theme what was decided about it; how many there are.

        With `linked` that an issue tracks it from now on.

        Raises SlackError.
        """
        found = self.store.outbox.showing(theme)
        for one in found:
            changed = noted(one.message, theme, label, note, linked=linked)
            if changed != one.message:
                self.poster.update(one.channel, str(one.ts), changed)
                self.store.outbox.rewrite(one, changed)
        return len(found)

    def mark(self, channel: str, ts: str, block: str, note: str) -> None:
        """Say something below one block of one message; an empty note takes that away.

        What is none of our deliveries stays as it is. Raises SlackError.
        """
        one = self.store.outbox.at(channel, ts)
        if one is not None:
            changed = noted(one.message, block, "", note)
            self.poster.update(channel, ts, changed)
            self.store.outbox.rewrite(one, changed)

    def _posted(self, its: Delivery) -> bool:
        first: str | None = None
        for one in self.store.outbox.written(its.id):
            thread = first if one.message.in_thread else None
            ts = one.ts or self._found(one, thread)
            if ts is None:
                if not self.may_go_on():
                    return False
                self.store.outbox.begin(one.delivery, one.part, self.clock())
                ts = self._sent(one, thread)
            if one.ts is None and ts is not None:
                self.store.outbox.posted(one.delivery, one.part, ts)
            first = first or ts
        return True

    def _sent(self, one: Written, thread: str | None) -> str | None:
        """Slack's name for it; None for a picture that is gone, or that Slack does not take.

        What a picture shows is told in words beside it: nothing else waits for it.
        """
        if not (one.message.text or one.message.blocks or one.message.picture):
            return None
        try:
            return self.poster.post(one.channel, one.message, _mark(one), thread)
        except SlackError as error:
            if one.message.picture is None or not error.permanent:
                raise
            _log.warning("a picture was not taken", channel=one.channel, error=str(error))
            return None

    def _found(self, one: Written, thread: str | None) -> str | None:
        """What was sent before and may have arrived, if it did."""
        if one.begun_at is None:
            return None
        return self.poster.find(one.channel, _mark(one), one.begun_at - SKEW, thread)

    def _failed(self, its: Delivery, error: SlackError) -> Stage:
        if error.permanent:
            self.store.outbox.finish(its.id, Stage.FAILED, error=str(error))
            return Stage.FAILED
        wait = min(FIRST_WAIT * 2 ** min(its.tries, 20), LONGEST_WAIT)
        asked = timedelta(seconds=error.retry_after or 0)
        self.store.outbox.later(its, self.clock() + max(wait, asked), str(error))
        return Stage.SENDING


def _mark(one: Written) -> str:
    return f"{one.delivery}/{one.part}"
