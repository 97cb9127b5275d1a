"""Changing a theme through modals: a menu, a form for each change, and what comes back.

What comes back is tried without doing it before it is acknowledged, so that what is wrong stands at
its field; a worker does it then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.deliveries import Message
from bot.model import Theme
from bot.pipeline.deciding import Decided
from bot.rights import Right
from bot.slack import modals as drawn
from bot.slack.cards import MENU
from bot.slack.modals import CHANGE, FORM, TARGET, TICKED, TURN
from bot.slack.views import View
from handlers.deciding import done, labels_of
from handlers.desk import Desk, answered
from handlers.theme_forms import form_of, main_of, merge_form, theme_of
from handlers.views import (
    Asked,
    Body,
    Later,
    asked_of,
    opening,
    place_of,
    refused,
    show,
    update,
    whisper,
)


@dataclass(frozen=True, slots=True)
class Modals:
    """Every callback, as a plain function of what Slack gives."""

    desk: Desk

    def changing(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """Which change it is to be, of the theme whose menu was used."""
        _, _, theme = str(body["actions"][0]["selected_option"]["value"]).partition(" ")
        asked = replace(asked_of(body), carries=replace(place_of(body), theme=theme))
        show(
            body,
            client,
            context,
            asked,
            lambda: self._drawn(asked, lambda v: drawn.changing(v, asked.carries)),
        )

    def form(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """The form of a change."""
        asked, what = asked_of(body), str(body["actions"][0]["value"])
        asked = replace(asked, carries=replace(asked.carries, what=what))
        show(
            body,
            client,
            context,
            asked,
            lambda: self._drawn(asked, lambda v: form_of(what).draw(self.desk, v, asked.carries)),
        )

    def turned(self, body: Body, client: WebClient) -> None:
        """Another page of a theme's posts, with what was ticked kept."""
        asked, page = asked_of(body), int(body["actions"][0]["value"])
        carries = replace(asked.carries, page=page, ticked=asked.ticked[:TICKED])
        view = self._drawn(asked, lambda v: form_of(carries.what).draw(self.desk, v, carries))
        update(client, body, view)

    def aimed(self, body: Body, client: WebClient) -> None:
        """What it would do to merge a theme with the one that was chosen."""
        asked = asked_of(body)
        if asked.carries.what != "merge":
            return
        view = self._drawn(asked, lambda v: merge_form(self.desk, v, asked.carries, asked))
        update(client, body, view)

    def check(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Acknowledge what was filled in, or say at its field what is wrong with it."""
        asked = asked_of(body)
        wrong = refused(body, lambda: self._deed(asked, dry=True), main_of(asked))
        context["refused"] = bool(wrong)
        if wrong:
            ack(response_action="errors", errors=wrong)
        else:
            ack(response_action="clear")

    def submitted(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """Do what was asked for, and tell whoever asked."""
        if context.get("refused"):
            return
        asked = asked_of(body)
        whisper(client, asked, answered(lambda: self._done(asked)))

    def _done(self, asked: Asked) -> Sequence[Message]:
        before = labels_of(self.desk, [asked.carries.theme])
        return done(self.desk, self._deed(asked, dry=False), before)

    def _deed(self, asked: Asked, *, dry: bool) -> Decided:
        """Take a decision, or try whether it could be taken."""
        self.desk.demand(asked.asker, Right.DECIDE)
        deed = form_of(asked.carries.what).read(self.desk, asked)
        return deed(self.desk.pipeline.deciding(f"slack:{asked.asker.user}", dry=dry))

    def _drawn(self, asked: Asked, draw: Callable[[Theme], View]) -> View:
        """A view of a theme for whoever may decide about it, or why there is none."""
        made: list[View] = []

        def work() -> tuple[Message, ...]:
            self.desk.demand(asked.asker, Right.DECIDE)
            made.append(draw(theme_of(self.desk, asked.carries.theme)))
            return ()

        sorry = answered(work)
        return made[0] if made else drawn.telling(sorry)


def register(app: App, desk: Desk, later: Later) -> None:
    """Tell Bolt which callback is for what. Must come before what takes every choice of a menu."""
    its = Modals(desk)
    app.action(MENU, matchers=[is_change])(**later(its.changing) | {"ack": opening})
    app.action(CHANGE)(**later(its.form) | {"ack": opening})
    for turn in ("back", "on"):
        app.action(f"{TURN}_{turn}")(**later(its.turned))
    app.action(TARGET)(**later(its.aimed))
    app.view(FORM)(**later(its.submitted) | {"ack": its.check})


def is_change(body: Body) -> bool:
    """Whether a menu's choice opens a modal."""
    chosen = body["actions"][0].get("selected_option") or {}
    return str(chosen.get("value") or "").startswith("change ")
