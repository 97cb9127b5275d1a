"""Who asks in Slack, what they may, and what the bot answers: everything but Slack itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.deliveries import Message
from bot.errors import GroundswellError, SlackError
from bot.pipeline import Pipeline
from bot.rights import Right, Rights
from bot.slack import blocks
from bot.slack.outbox import Sender

_log = structlog.get_logger()

CAPTURE, OFF = "capture", "off"
"""A setting: the reaction that files a message; and what it is set to so that none does."""

WHO_MAY = {
    Right.ASK: "ask",
    Right.SUBSCRIBE: "subscribe a channel",
    Right.DECIDE: "decide about themes",
    Right.SOURCES: "add posts or change what is read",
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, and where."""

    user: str
    channel: str
    direct: bool = False
    """Whether they speak with the bot alone."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every handler is given."""

    pipeline: Pipeline
    rights: Rights
    sender: Sender | None = None
    """Who changes what was posted; None where nothing is."""
    named: Callable[[str], str] = str
    """What somebody is called, by their id."""
    capture: str = ""
    """By which reaction a message is filed; empty: by none."""

    @property
    def reaction(self) -> str:
        """By which reaction a message is filed now, as it may be set in Slack; empty: by none."""
        value = self.pipeline.preferences.value(CAPTURE)
        if value is None:
            return self.capture
        return "" if value == OFF else value

    def spread(self, theme: str, label: str, note: str, *, linked: bool = False) -> None:
        """Say in every message that shows a theme what was decided about it."""
        if self.sender is None:
            return
        try:
            self.sender.note(theme, label, note, linked=linked)
        except SlackError as error:
            # The decision stands all the same; the next digest shows it.
            _log.warning("messages could not be changed", theme=theme, error=str(error))

    def tell(self, user: str, message: Message, mark: str) -> None:
        """Say something to somebody alone, under a mark of its own."""
        if self.sender is None:
            return
        try:
            self.sender.poster.post(user, message, mark, None)
        except SlackError as error:
            _log.warning("somebody could not be told", mark=mark, error=str(error))

    def mark(self, channel: str, ts: str, block: str, note: str) -> None:
        """Say something below one block of a message that was told to a channel."""
        if self.sender is None:
            return
        try:
            self.sender.mark(channel, ts, block, note)
        except SlackError as error:
            _log.warning("a message could not be changed", channel=channel, error=str(error))

    def demand(self, asker: Asker, right: Right) -> None:
        """Raise GroundswellError unless somebody has a right."""
        if not self.rights.may(asker.user, right):
            raise GroundswellError(
                f"you may not {WHO_MAY[right]} here. Whoever runs Groundswell can allow it: "
                f"[slack.rights] {right.value} in groundswell.toml"
            )


def answered(work: Callable[[], Sequence[Message]]) -> Sequence[Message]:
    """What some work says. A foreseen failure is told; any other by a reference to the log.

    One of the two places that catch everything: nobody in Slack may be left without an answer.
    """
    try:
        return work()
    except GroundswellError as error:
        return blocks.plain_messages(f"Sorry: {error}")
    except Exception:  # noqa: BLE001 see above
        reference = secrets.token_hex(4)
        _log.exception("an answer failed", reference=reference)
        return blocks.plain_messages(
            f"Sorry, that went wrong on our side. Whoever runs Groundswell finds it in the log "
            f"under {reference}."
        )
