"""The App Home: drawn for whoever opens it, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.added_sources import added
from bot.cadence import cadence, zone_of
from bot.deliveries import Asks, Message, Style, Subscription
from bot.errors import CadenceError, GroundswellError
from bot.model import Period
from bot.pipeline import SourceStatus
from bot.rights import Right
from bot.slack import home as drawn
from bot.slack import modals
from bot.slack.blocks import plain_messages
from bot.slack.home import CHANNELS, RETIME, STOP, AddedRow, Sight, SourceRow
from bot.slack.home_forms import RETIME_FORM, STYLE, WHEN, WORDS, ZONE, retime_form
from bot.slack.poster import SlackPoster
from bot.slack.views import View
from bot.speak.alerting import parse_alerts
from bot.speak.subscribing import exactly, subscription_text
from bot.speak.words import counted
from handlers.deciding import SLACK
from handlers.desk import Asker, Desk, answered
from handlers.views import (
    Asked,
    Body,
    Later,
    Wrong,
    asked_of,
    opening,
    refused,
    show,
    whisper,
)

TODAY = timedelta(days=1)


def sight(desk: Desk, user: str, channel: str) -> Sight:
    """All that somebody sees in their Home, as of now; that they looked is kept."""
    pipeline = desk.pipeline
    now, store = pipeline.clock(), pipeline.store
    telling = pipeline.telling()
    before = store.looks.at(user, now)
    # Of any number of people: themes that nobody spoke of in that time need not be looked at.
    spoken = replace(telling.parse(""), people=0)
    moved = telling.digest(spoken, Period(before, now)) if before else None
    kept = added(store.configuration.standing())
    return Sight(
        told=mine(desk, user),
        mine=pipeline.assigned(f"{SLACK}{user}"),
        today=telling.themes(replace(spoken, since=now - TODAY)),
        coverage=telling.coverage(),
        sources=rows(desk),
        looked=before.astimezone(zone_of(pipeline.local_zone())) if before else None,
        moved=moved,
        added=[AddedRow(str(change.id), one.text(), one.on) for change, one in kept],
        admin=desk.rights.may(user, Right.SOURCES),
        subscriber=desk.rights.may(user, Right.SUBSCRIBE),
        channel=channel,
    )


def publish(desk: Desk, client: WebClient, user: str, channel: str) -> None:
    """Show somebody their Home as it is now. Raises SlackError."""
    allowed = desk.rights.may(user, Right.ASK)
    view = drawn.home(sight(desk, user, channel)) if allowed else _nothing(desk, user)
    SlackPoster(client).publish(user, view)


def mine(desk: Desk, user: str) -> list[Subscription]:
    """What somebody asked to be told, wherever that is told."""
    return [its for its in desk.pipeline.store.subscriptions.all() if its.made_by == user]


def rows(desk: Desk) -> list[SourceRow]:
    """Every source that is configured or was read, with how it is."""
    return [row for source in desk.pipeline.status().sources if (row := _row(desk, source))]


def sources(desk: Desk, _asker: Asker, _text: str) -> Sequence[Message]:
    """What is read, and how each source is."""
    return drawn.sources_messages(rows(desk), desk.pipeline.coverage())


@dataclass(frozen=True, slots=True)
class Home:
    """Every callback, as a plain function of what Slack gives."""

    desk: Desk

    def stop(self, body: Body, client: WebClient) -> None:
        """Something is told no more."""
        asked, number = asked_of(body), str(body["actions"][0]["value"])
        whisper(client, asked, answered(lambda: self._stop(asked, number)))
        self.show(asked, client)

    def retiming(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """How something is told, to be changed."""
        asked, number = asked_of(body), str(body["actions"][0]["value"])
        carries = replace(asked.carries, what=number)

        def draw() -> View:
            its = self._subscription(asked, number)
            if its is None:
                return modals.telling(plain_messages("That is told no more."))
            return retime_form(its, carries)

        show(body, client, context, asked, draw)

    def check(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Acknowledge what is to be told how, or say at its field what is wrong with it."""
        asked = asked_of(body)
        wrong = refused(body, lambda: self._retimed(asked), WORDS)
        context["refused"] = bool(wrong)
        ack(response_action="errors", errors=wrong) if wrong else ack()

    def retimed(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """Something is told in another way from now on."""
        if context.get("refused"):
            return
        asked = asked_of(body)
        whisper(client, asked, answered(lambda: self._retime(asked)))
        self.show(asked, client)

    def show(self, asked: Asked, client: WebClient) -> None:
        """Their Home, as it is now."""
        publish(self.desk, client, asked.asker.user, asked.carries.channel)

    def _stop(self, asked: Asked, number: str) -> Sequence[Message]:
        its, pipeline = self._subscription(asked, number), self.desk.pipeline
        if its is not None:
            self._demand(asked, its)
            pipeline.store.subscriptions.end(its.id, its.channel, pipeline.clock())
        return ()  # Home shows it

    def _retime(self, asked: Asked) -> Sequence[Message]:
        made = self._retimed(asked)
        if not self.desk.pipeline.store.subscriptions.change(made):
            raise GroundswellError("that is told no more")
        return plain_messages(f"Done: {subscription_text(made)}.")

    def _retimed(self, asked: Asked) -> Subscription:
        """A subscription as it is to be. Raises GroundswellError for what cannot be told so."""
        its = self._subscription(asked, asked.carries.what)
        if its is None:
            raise GroundswellError("that is told no more")
        self._demand(asked, its)
        given = asked.filled
        made = replace(
            its,
            words=_words(self.desk, its, given.get(WORDS, "")),
            style=Style(given[STYLE]) if given.get(STYLE) in set(Style) else its.style,
        )
        if WHEN not in given and ZONE not in given:
            return made
        zone = _at(ZONE, lambda: zone_of(given.get(ZONE, its.zone)).key)
        when = _at(WHEN, lambda: cadence(given.get(WHEN, its.cadence), zone).words)
        return replace(made, cadence=when, zone=zone)

    def _demand(self, asked: Asked, its: Subscription) -> None:
        """Raise GroundswellError for whoever may not say when and whether something is told."""
        self.desk.demand(asked.asker, Right.ASK)
        if its.channel[:1] in CHANNELS:
            self.desk.demand(asked.asker, Right.SUBSCRIBE)

    def _subscription(self, asked: Asked, number: str) -> Subscription | None:
        """One of somebody's own that stands."""
        own = mine(self.desk, asked.asker.user)
        return next((its for its in own if str(its.id) == number), None)


def register(app: App, desk: Desk, later: Later) -> None:
    """Tell Bolt which callback is for what."""
    its = Home(desk)
    app.action(STOP)(**later(its.stop))
    app.action(RETIME)(**later(its.retiming) | {"ack": opening})
    app.view(RETIME_FORM)(**later(its.retimed) | {"ack": its.check})


def _words(desk: Desk, its: Subscription, words: str) -> str:
    """What it is to be about. Raises GroundswellError where that cannot be asked."""
    if its.asks is Asks.DIGEST:
        desk.pipeline.check(words)
    elif its.asks is Asks.BURSTS:
        desk.pipeline.check(parse_alerts(words).query)
    elif not words:
        raise Wrong(WORDS, "of what?")
    elif its.asks is Asks.WATCH:
        exactly(desk.pipeline.telling().parse(words))
    return words


def _at(field: str, work: Callable[[], str]) -> str:
    """What some work makes; what is wrong with it stands at a field."""
    try:
        return work()
    except CadenceError as error:
        raise Wrong(field, str(error)) from error


def _row(desk: Desk, source: SourceStatus) -> SourceRow | None:
    """A source that is configured or was read, with how it is."""
    kept = source.state
    if "@" in kept.name:  # a backfill's own place
        return None
    now = desk.pipeline.clock()
    read = (
        f"read {_ago((now - kept.read_at).total_seconds())}" if kept.read_at else "never read yet"
    )
    origin = f" · from {source.origin}" if source.origin else ""
    gaps = len(desk.pipeline.store.sources.gaps(kept.name))
    missed = f" · {counted(gaps, 'gap')}" if gaps else ""
    gone = "" if source.configured else " · not configured any more"
    rests = f"; left alone until {kept.rests_until:%H:%M} UTC" if kept.rests_until else ""
    fault = f"Not read: {kept.error}{rests}" if kept.error else ""
    return SourceRow(kept.name, f"{read}{missed}{origin}{gone}", fault)


def _ago(seconds: float) -> str:
    """So long ago, as a person says it."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "just now"
    if minutes < 2 * 60:
        return f"{counted(minutes, 'minute')} ago"
    hours = minutes // 60
    return f"{counted(hours, 'hour')} ago" if hours < 48 else f"{counted(hours // 24, 'day')} ago"  # noqa: PLR2004 two days


def _nothing(desk: Desk, user: str) -> View:
    """What whoever may not ask sees."""
    (sorry,) = answered(lambda: _demand(desk, user))
    return {"type": "home", "blocks": list(sorry.blocks)}


def _demand(desk: Desk, user: str) -> Sequence[Message]:
    desk.demand(Asker(user, ""), Right.ASK)
    return ()
