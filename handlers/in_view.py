"""Buttons in views: a view has no thread to answer in, so they are answered in a modal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.deliveries import Message
from bot.slack import modals as drawn
from bot.slack.cards import ISSUE, MENU
from bot.slack.home_forms import KIND_CHOSEN
from bot.slack.modals import CHANGE, TARGET, TURN
from bot.slack.poster import SlackPoster
from handlers.views import Body, external, opened, place_of, updated

OWN = (CHANGE, TURN, TARGET, KIND_CHOSEN, ISSUE, f"{MENU} change", "home_")
"""How actions begin that show a view themselves, or nothing."""


Again = Callable[[WebClient, str, str], None]
"""Draws somebody's Home again: a client, whose, and where they speak with the bot alone."""


@dataclass(frozen=True, slots=True)
class InView:
    """Takes the place of Bolt's `respond`: what is said is shown in the modal that was opened.

    Where none could be, it is said in a direct message.
    """

    client: WebClient
    user: str
    external: str = ""
    after: Callable[[], None] | None = None
    """What is to be done once something was said."""
    said: list[Message] = field(default_factory=list)

    def __call__(self, text: str = "", blocks: Sequence[Any] = (), **_: object) -> None:
        """Say one message more."""
        message = Message(text, tuple(blocks))
        self.said.append(message)
        if self.external:
            view = drawn.telling(self.said)
            updated(lambda: self.client.views_update(external_id=self.external, view=view))
        else:
            SlackPoster(self.client).whisper("", self.user, message, None)
        if self.after is not None and len(self.said) == 1:
            self.after()

    def __deepcopy__(self, _memo: object) -> InView:
        """Itself: Bolt copies all that it hands to a worker, and this holds what has no copy."""
        return self


def answering(again: Again) -> Callable[..., BoltResponse]:
    """A middleware that opens a modal for the answer to a button of a view.

    After one of Home's, that is drawn `again`: what was done may have changed it.
    """

    def middleware(
        body: Body,
        client: WebClient,
        context: BoltContext,
        next: Callable[[], BoltResponse],  # noqa: A002 Bolt's name
    ) -> BoltResponse:
        if _from_view(body) and not _action(body).startswith(OWN):
            user, at_home = body["user"]["id"], (body.get("view") or {}).get("type") == "home"
            after = partial(again, client, user, place_of(body).channel) if at_home else None
            modal = external(body) if opened(body, client) else ""
            context["respond"] = InView(client, user, modal, after)
        return next()

    return middleware


def _from_view(body: Body) -> bool:
    return body.get("type") == "block_actions" and not body.get("response_url")


def _action(body: Body) -> str:
    """What was pressed, and what was chosen of a menu: `theme_menu mute`."""
    action = body["actions"][0]
    chosen = str((action.get("selected_option") or {}).get("value") or "")
    return f"{action.get('action_id')} {chosen.partition(' ')[0]}".strip()
