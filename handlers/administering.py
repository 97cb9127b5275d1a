"""What is read and how the bot is set, changed from its Home by whoever has the right to sources.

Each change is kept with who made it and when, and is told with a button that takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.added_sources import KINDS, SOURCE, Added, Unfit, added, fitted, merged
from bot.configured import Configured
from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.pipeline import ZONE
from bot.rights import Right
from bot.slack import home as buttons
from bot.slack import modals
from bot.slack.blocks import plain_messages
from bot.slack.home_forms import (
    ADD_FORM,
    KIND,
    KIND_CHOSEN,
    NAME,
    SETTINGS_FORM,
    TAKE_BACK,
    WHAT,
    add_form,
    done,
    settings_form,
)
from bot.slack.views import Held, View
from bot.source_settings import SourcesSettings
from bot.store import Change
from bot.store.configuration import SETTING
from handlers.desk import Asker, Desk, answered
from handlers.home import publish
from handlers.settable import SETTINGS
from handlers.views import (
    Asked,
    Body,
    Later,
    Wrong,
    asked_of,
    opening,
    place_of,
    refused,
    show,
    update,
    whisper,
)

FIRST = "github"
"""The kind that is shown first."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Administering:
    """Every callback, as a plain function of what Slack gives."""

    desk: Desk

    def adding(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """The form for something more to read."""
        asked = asked_of(body)
        show(body, client, context, asked, lambda: self._for_admins(asked, self._form(asked)))

    def chosen(self, body: Body, client: WebClient) -> None:
        """The form again, for the kind that was chosen."""
        asked = asked_of(body)
        update(client, body, self._for_admins(asked, self._form(asked)))

    def check_added(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Acknowledge what is to be read, or say at its field what is wrong with it."""
        asked = asked_of(body)
        self._checked(ack, body, context, lambda: self._wanted(asked), WHAT)

    def added(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """Something more is read from now on."""
        if context.get("refused"):
            return
        asked = asked_of(body)
        self._tell(asked, client, lambda: self._add(asked))

    def source(self, body: Body, client: WebClient) -> None:
        """Something is read no more, or again."""
        deed, _, number = str(body["actions"][0]["selected_option"]["value"]).partition(" ")
        asked = asked_of(body)
        self._tell(asked, client, lambda: self._turn(asked, deed, number))

    def setting(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """The form for what may be set."""
        asked = asked_of(body)
        show(body, client, context, asked, lambda: self._for_admins(asked, self._settings(asked)))

    def check_set(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Acknowledge what is to be set, or say at its field what is wrong with it."""
        asked = asked_of(body)
        self._checked(ack, body, context, lambda: self._values(asked), ZONE)

    def set(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """Settings hold from now on."""
        if context.get("refused"):
            return
        asked = asked_of(body)
        self._tell(asked, client, lambda: self._set(asked))

    def undo(self, body: Body, respond: Respond) -> None:
        """A change is taken back."""
        asker = Asker(body["user"]["id"], place_of(body).channel)
        said = answered(lambda: self._undo(asker, str(body["actions"][0]["value"])))
        for message in said:
            respond(
                text=message.text,
                blocks=list(message.blocks),
                response_type="ephemeral",
                replace_original=False,
            )

    def _checked(
        self,
        ack: Ack,
        body: Body,
        context: BoltContext,
        work: Callable[[], object],
        main: str,
    ) -> None:
        """Acknowledge what could be done, or say at its field why it cannot."""
        wrong = refused(body, work, main)
        context["refused"] = bool(wrong)
        ack(response_action="errors", errors=wrong) if wrong else ack()

    def _tell(self, asked: Asked, client: WebClient, work: Callable[[], Sequence[Message]]) -> None:
        """Do something, tell whoever asked, and show them their Home as it is then."""
        whisper(client, asked, answered(work))
        publish(self.desk, client, asked.asker.user, asked.carries.channel)

    def _for_admins(self, asked: Asked, view: Callable[[], View]) -> View:
        """A view for whoever may change what is read; for others, that they may not."""
        made: list[View] = []

        def work() -> Sequence[Message]:
            self.desk.demand(asked.asker, Right.SOURCES)
            made.append(view())
            return ()

        sorry = answered(work)
        return made[0] if made else modals.telling(sorry)

    def _form(self, asked: Asked) -> Callable[[], View]:
        name = asked.filled.get(KIND, FIRST)
        kind = KINDS[name if name in KINDS else FIRST]
        kinds = [(one, its.title) for one, its in KINDS.items()]
        carries = Held(channel=asked.carries.channel)
        return lambda: add_form(kinds, name, kind.example, kind.named, carries)

    def _wanted(self, asked: Asked) -> Added:
        """What is to be read, in the form in which it is kept. Raises GroundswellError."""
        self.desk.demand(asked.asker, Right.SOURCES)
        given = asked.filled
        wanted = Added(given.get(KIND, ""), given.get(WHAT, ""), given.get(NAME, ""))
        try:
            _, found = fitted(self._read(), wanted)
        except Unfit as error:
            raise Wrong(self._field(wanted.kind, error.field), str(error)) from error
        if any(one.kept_as == found.kept_as for _, one in self._standing()):
            raise Wrong(WHAT, "that was added and is switched off: switch it on in Home")
        return found

    def _field(self, kind: str, field: str) -> str:
        """The field of the form where something is told; a name is not asked of every kind."""
        return NAME if field == NAME and kind in KINDS and KINDS[kind].named else WHAT

    def _read(self) -> SourcesSettings:
        """All that is read now, from the file and from here."""
        sources = self.desk.pipeline.sources
        filed = sources.file if isinstance(sources, Configured) else SourcesSettings()
        return merged(filed, [one for _, one in self._standing()])[0]

    def _standing(self) -> list[tuple[Change, Added]]:
        return added(self.desk.pipeline.store.configuration.standing())

    def _add(self, asked: Asked) -> Sequence[Message]:
        found = self._wanted(asked)
        change = self._keep(asked.asker, found.kept_as, found.value())
        return done(f"Done: {found.text()} is read from the next reading on.", change.id)

    def _turn(self, asked: Asked, deed: str, number: str) -> Sequence[Message]:
        """Switch something that was added off or on, or take it away."""
        self.desk.demand(asked.asker, Right.SOURCES)
        standing = self._standing()
        one = next((its for change, its in standing if str(change.id) == number), None)
        if one is None:
            raise GroundswellError("somebody changed that meanwhile: look at Home again")
        value = None if deed == "gone" else replace(one, on=deed == "on").value()
        change = self._keep(asked.asker, one.kept_as, value)
        if deed == "on":
            return done(f"Done: {one.text()} is read from the next reading on.", change.id)
        what = "is switched off" if deed == "off" else "is removed"
        text = f"Done: {one.text()} {what}. What was read of it stays."
        return done(text, change.id)

    def _settings(self, asked: Asked) -> Callable[[], View]:
        preferences = self.desk.pipeline.preferences
        rows = [
            (
                name,
                its.label,
                preferences.value(name) or "",
                f"{its.hint}. Left empty: {its.otherwise(self.desk)}",
            )
            for name, its in SETTINGS.items()
        ]
        carries = Held(channel=asked.carries.channel)
        return lambda: settings_form(rows, preferences.filed, carries)

    def _values(self, asked: Asked) -> dict[str, str | None]:
        """What is to be set, None for nothing any more. Raises GroundswellError."""
        self.desk.demand(asked.asker, Right.SOURCES)
        preferences, found = self.desk.pipeline.preferences, dict[str, str | None]()
        for name, its in SETTINGS.items():
            if name in preferences.filed:
                continue
            given = asked.filled.get(name)
            try:
                value = its.checked(given) if given else None
            except GroundswellError as error:
                raise Wrong(name, str(error)) from error
            if value != preferences.value(name):
                found[name] = value
        return found

    def _set(self, asked: Asked) -> Sequence[Message]:
        said: list[Message] = []
        for name, value in self._values(asked).items():
            change = self._keep(asked.asker, f"{SETTING}{name}", value)
            text = f"Done: {SETTINGS[name].label} is {value or 'not set any more'}."
            said += done(text, change.id)
        return said or plain_messages("Nothing changed.")

    def _undo(self, asker: Asker, number: str) -> Sequence[Message]:
        self.desk.demand(asker, Right.SOURCES)
        pipeline = self.desk.pipeline
        change = pipeline.store.configuration.undo(
            int(number) if number.isdecimal() else 0, f"slack:{asker.user}", pipeline.clock()
        )
        if change is None:
            raise GroundswellError("that was changed again since, or taken back already")
        _log.info("configuration changed", name=change.name, by=change.by, undone=number)
        what = "source" if change.name.startswith(SOURCE) else "setting"
        return plain_messages(f"Taken back: that {what} is as it was before.")

    def _keep(self, asker: Asker, name: str, value: Any) -> Change:  # noqa: ANN401 whatever JSON holds
        pipeline = self.desk.pipeline
        by, now = f"slack:{asker.user}", pipeline.clock()
        change = pipeline.store.configuration.set(name, value, by, now)
        _log.info("configuration changed", name=name, by=by, gone=value is None)
        return change


def register(app: App, desk: Desk, later: Later) -> None:
    """Tell Bolt which callback is for what."""
    its = Administering(desk)
    app.action(buttons.ADD)(**later(its.adding) | {"ack": opening})
    app.action(KIND_CHOSEN)(**later(its.chosen))
    app.view(ADD_FORM)(**later(its.added) | {"ack": its.check_added})
    app.action(buttons.SOURCE)(**later(its.source))
    app.action(buttons.SET)(**later(its.setting) | {"ack": opening})
    app.view(SETTINGS_FORM)(**later(its.set) | {"ack": its.check_set})
    app.action(TAKE_BACK)(**later(its.undo))
