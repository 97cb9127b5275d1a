"""The agent pane: what it proposes when it is opened, that it works, and how answers are found.

https://docs.slack.dev/ai/developing-agents
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.deliveries import Feedback, Message
from bot.model import ThemeView
from bot.rights import Right
from bot.slack.blocks import plain_messages
from bot.slack.kit import seen
from bot.speak.digest import MOVING
from handlers.desk import Asker, Desk

Body = dict[str, Any]

PROMPTS = 4
"""Questions that Slack shows."""
PROMPT, TITLE = 50, 60
"""Characters of a question's button, and of a thread's title."""
QUESTION = 1_000
"""Characters of a question that are kept with what somebody says of its answer."""

ALWAYS: tuple[tuple[str, str], ...] = (
    ("What hurts most?", "What are users complaining about this week?"),
    ("What is new?", "What is new since last week?"),
    ("What waits?", "Which questions are unanswered?"),
)
"""What can be asked of any community: the button, and what is asked then."""

WORKING = "is reading what people said…"

_MARKS = str.maketrans(dict.fromkeys("<>*_~`|", " ") | {"&": "+", ":": " "})
"""What could be mark-up, or an emoji's name, where nobody says that nothing is."""

_log = structlog.get_logger()


def opened(desk: Desk, client: WebClient, event: Body) -> None:
    """Somebody opens the pane: propose what is worth asking today."""
    prompts = ALWAYS
    if desk.rights.may(str(event.get("user") or ""), Right.ASK):
        prompts = prompts_of(desk.pipeline.themes("since:7d"))
    shown = [{"title": title, "message": message} for title, message in prompts]
    # Without a thread: with one, Slack shows nothing to whoever has an agent's view.
    _decorate(client, "setSuggestedPrompts", channel_id=event["channel"], prompts=shown)


def prompts_of(views: Sequence[ThemeView]) -> tuple[tuple[str, str], ...]:
    """A question for all, and one for each of the first themes that move."""
    moving = [view for view in views if view.status in MOVING and view.mute is None]
    asked = [(clean(view.theme.label, PROMPT), f"Tell me about {view.theme.id}") for view in moving]
    return (ALWAYS[0], *asked, *ALWAYS[1:])[:PROMPTS]


def clean(text: str, most: int) -> str:
    """Somebody's words on one line, with nothing that could be mark-up."""
    return seen(" ".join(text.translate(_MARKS).split()), most)


def asks(event: Body) -> bool:
    """Whether an event is something that will be answered in its thread."""
    if event.get("type") == "app_mention":
        return True
    direct = event.get("type") == "message" and event.get("channel_type") == "im"
    return direct and not event.get("subtype") and not event.get("bot_id")


def status(client: WebClient, event: Body, text: str = WORKING) -> None:
    """Show in the thread of a question that something goes on, until it is answered."""
    _decorate(client, "setStatus", **_thread(event), status=text)


def name(client: WebClient, event: Body) -> None:
    """A thread in the pane is called after the question that it began with."""
    if not event.get("thread_ts"):
        title = clean(str(event.get("text") or ""), TITLE)
        _decorate(client, "setTitle", **_thread(event), title=title)


def judged(desk: Desk, asker: Asker, value: str) -> Sequence[Message]:
    """Keep how somebody found an answer: `good 1f2e what hurts most?`."""
    desk.demand(asker, Right.ASK)
    verdict, _, rest = value.partition(" ")
    answer, _, question = rest.partition(" ")
    given = Feedback(
        answer[:32],
        question[:QUESTION],
        verdict == "good",
        f"slack:{asker.user}",
        desk.pipeline.clock(),
    )
    desk.pipeline.store.feedback.keep(given)
    found = "good" if given.good else "not good"
    return plain_messages(
        f"Thank you: kept as {found}. Whoever runs Groundswell sees how many there are."
    )


def _thread(event: Body) -> dict[str, str]:
    root = str(event.get("thread_ts") or event["ts"])
    return {"channel_id": str(event["channel"]), "thread_ts": root}


def _decorate(client: WebClient, method: str, **given: object) -> None:
    """Ask Slack for what is nice to have: nothing waits for it, and nothing breaks without it."""
    try:
        client.api_call(f"assistant.threads.{method}", json=given)
    except (SlackClientError, OSError, ValueError) as error:
        _log.info("Slack did not show it", method=method, error=type(error).__name__)
