"""Views of Slack, whatever is in them: opened in time, filled later, and answered.

A view can be opened for three seconds after a button was pressed. So it is opened where the press
comes in, with nothing in it, and filled by a worker.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import structlog
from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.slack import modals as drawn
from bot.slack.blocks import plain_messages
from bot.slack.kit import seen
from bot.slack.poster import SlackPoster
from bot.slack.views import Held, View, filled, held, ticked
from handlers.desk import Asker, answered

Body = dict[str, Any]
Later = Callable[[Callable[..., None]], dict[str, Any]]
"""What makes of some work what Bolt has to know to acknowledge at once and to do it then."""

OPENING_S = 2
"""Seconds in which a modal is open or is not: until then nothing is acknowledged."""

ERROR = 500
"""Characters of what stands at a field."""

_log = structlog.get_logger()


class Wrong(GroundswellError):  # noqa: N818 it says more than "error"
    """What was filled in is wrong, and where."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what, with what they filled in."""

    asker: Asker
    carries: Held
    filled: Mapping[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()


def opening(ack: Ack, body: Body, client: WebClient, context: BoltContext) -> None:
    """Acknowledge, and open a modal in which a worker will show more."""
    ack()
    context["unopened"] = not opened(body, client)


def opened(body: Body, client: WebClient) -> bool:
    """Open a modal for what a button asks for, above the one that it stands in; whether it was."""
    above = (body.get("view") or {}).get("type") == "modal"
    brief = copy(client)
    brief.timeout = OPENING_S
    call = brief.views_push if above else brief.views_open
    try:
        call(trigger_id=body["trigger_id"], view=drawn.waiting(external(body)))
    except (SlackClientError, OSError) as error:
        _log.warning("a modal could not be opened", error=_told(error))
        return False
    return True


def show(
    body: Body, client: WebClient, context: BoltContext, asked: Asked, draw: Callable[[], View]
) -> None:
    """Fill the modal that was opened when a button was pressed."""
    if context.get("unopened"):
        whisper(client, asked, plain_messages("Slack was too slow to open that: press again."))
        return
    made: list[View] = []

    def work() -> Sequence[Message]:
        made.append(draw())
        return ()

    sorry = answered(work)
    view = made[0] if made else drawn.telling(sorry)
    updated(lambda: client.views_update(external_id=external(body), view=view))


def external(body: Body) -> str:
    """The name of the modal that a press opens, by which a worker finds it."""
    return blake2b(str(body["trigger_id"]).encode(), digest_size=16).hexdigest()


def update(client: WebClient, body: Body, view: View) -> None:
    """Put another view in place of the one in which something was chosen, unless that changed."""
    its = body["view"]
    updated(lambda: client.views_update(view_id=its["id"], hash=its["hash"], view=view))


def updated(change: Callable[[], object]) -> None:
    """Change a view; that somebody has closed it meanwhile is no fault."""
    try:
        change()
    except SlackApiError as error:
        if error.response.get("error") not in {"not_found", "hash_conflict"}:
            raise
        _log.info("a modal was gone or had changed", error=error.response.get("error"))


def whisper(client: WebClient, asked: Asked, said: Sequence[Message]) -> None:
    """Tell somebody what became of what they asked for. Raises SlackError."""
    carries = asked.carries
    for message in said:
        SlackPoster(client).whisper(
            carries.channel, asked.asker.user, message, carries.thread or None
        )


def refused(body: Body, work: Callable[[], object], main: str) -> dict[str, str]:
    """Why some work cannot be done, by the field where that is to stand; nothing if it can."""
    try:
        work()
    except Wrong as wrong:
        return _at_field(body, wrong.field, str(wrong))
    except GroundswellError as error:
        return _at_field(body, main, str(error))
    except Exception:  # noqa: BLE001 nobody in Slack may be left without an answer
        reference = secrets.token_hex(4)
        _log.exception("a form could not be checked", reference=reference)
        why = f"That went wrong on our side: reference {reference} in the log."
        return _at_field(body, main, why)
    return {}


def _at_field(body: Body, field: str, why: str) -> dict[str, str]:
    """What is wrong, at a field that the form has: Slack shows it nowhere else."""
    blocks = body["view"].get("blocks") or ()
    names = [str(one.get("block_id")) for one in blocks if one.get("type") == "input"]
    at = field if field in names or not names else names[0]
    return {at: seen(why, ERROR)}


def asked_of(body: Body) -> Asked:
    """Who asks for what, out of a request from a view or a message."""
    view = body.get("view") or {}
    carries = held(str(view.get("private_metadata") or ""))
    asker = Asker(body["user"]["id"], carries.channel, carries.channel[:1] == "D")
    shown = {one["value"] for block in view.get("blocks") or () for one in _options(block)}
    elsewhere = (one for one in carries.ticked if one not in shown)
    return Asked(asker, carries, filled(view), (*elsewhere, *ticked(view)))


def place_of(body: Body) -> Held:
    """Where a button was pressed: a message's channel and thread, or what a view carries."""
    if channel := (body.get("channel") or {}).get("id"):
        return Held(channel=channel, thread=(body.get("message") or {}).get("thread_ts") or "")
    carries = held(str((body.get("view") or {}).get("private_metadata") or ""))
    return Held(channel=carries.channel, thread=carries.thread)


def _options(block: Body) -> list[Body]:
    """What can be ticked in a block."""
    element = block.get("element") or {}
    return list(element.get("options") or ()) if element.get("type") == "checkboxes" else []


def _told(error: Exception) -> str:
    """What Slack says of it, in its own code and not in anybody's words."""
    told = error.response.get("error") if isinstance(error, SlackApiError) else None
    return str(told or type(error).__name__)
