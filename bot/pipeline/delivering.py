"""Subscriptions to messages in the outbox: what is due, and what is to be said then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.alarms import Alerts, Found
from bot.cadence import Cadence, cadence
from bot.deliveries import AT_ONCE, Asks, Delivery, Message, Picture, Stage, Style, Subscription
from bot.model import Answer, Digest, Period, Sensitive
from bot.pipeline.alerting import Alerting
from bot.pipeline.charting import WEEKLY
from bot.pipeline.telling import Telling
from bot.speak.alerting import parse_alerts
from bot.speak.digest import MOVING
from bot.speak.subscribing import OFTEN
from bot.speak.writer import Extractive, Writer
from bot.store import Store

HOUR = timedelta(hours=1)
ALERTS = 6
"""Alerts that a channel gets an hour, if nothing else is set."""

TOLD, HELD = "told", "held"
"""What became of a look for alerts."""


ENTRUSTED = 20
"""So many possible vulnerabilities are told in one message."""


class Renderer(Protocol):
    """How a channel sees it. Pure."""

    def digest(self, digest: Digest, style: Style) -> Sequence[Message]:
        """A digest, the first message first."""
        ...

    def nothing_new(self, digest: Digest) -> Sequence[Message]:
        """That nothing moved, in one line."""
        ...

    def answer(self, answer: Answer) -> Sequence[Message]:
        """An answer, the first message first."""
        ...

    def alerts(self, found: Found, alerts: Alerts, most: int) -> Sequence[Message]:
        """All that there is to alert of; `most` is how many alerts a channel gets an hour."""
        ...

    def watched(self, found: Found, words: str, most: int) -> Sequence[Message]:
        """New posts that a query found."""
        ...

    def entrusted(self, found: Sequence[Sensitive], number: int) -> Sequence[Message]:
        """Some of so many posts that look like an undisclosed vulnerability."""
        ...


@dataclass(frozen=True, slots=True)
class Delivering:
    """Takes up what is due and writes it; sending is another's work."""

    store: Store
    telling: Callable[[Subscription], Telling]
    """What may be told to the channel of a subscription, as of now."""
    renderer: Renderer
    writer: Writer = field(default_factory=Extractive)
    picture: Callable[[Digest], Picture | None] = lambda _: None
    """What goes below a weekly digest; None where there is nothing to see."""
    alerts_an_hour: int = ALERTS
    """How many alerts a channel gets at most: what is more waits, and is told together."""
    contacts: Collection[str] = ()
    """Who is told, in direct messages, what looks like an undisclosed vulnerability."""

    def plan(self, now: datetime) -> int:
        """Take up what has come due since it was due last; returns how much.

        After an outage a subscription is due once, for its latest time, and tells of all since.
        """
        self._entrust(now)
        last = self.store.subscriptions.last_due()
        planned = 0
        for its in self.store.subscriptions.all():
            due_at = cadence(its.cadence, its.zone).latest(last.get(its.id, its.made_at), now)
            if due_at is not None:
                said = self.store.outbox.last_said(its.id)
                since = said.due_at if said else None
                planned += self.store.outbox.due(its.id, its.channel, due_at, since)
        return planned

    def _entrust(self, now: datetime) -> None:
        """Have each security contact told, and nobody who is none any more."""
        kept = self.store.subscriptions
        told = {its.channel: its for its in kept.all() if its.asks is Asks.SECURITY}
        for contact in sorted(set(self.contacts) - told.keys()):
            kept.add(
                Subscription(0, contact, Asks.SECURITY, "", OFTEN, "UTC", Style.FULL, contact, now)
            )
        for contact in sorted(told.keys() - set(self.contacts)):
            kept.end(told[contact].id, contact, now)

    def write(self, due: Delivery) -> bool:
        """Write the messages of what is due and not written yet; whether there are any.

        What has nothing to say, for a channel that wants nothing said then, is over at once; so
        is what nobody subscribes to any more.
        """
        standing = {one.id: one for one in self.store.subscriptions.all()}
        its = standing.get(due.subscription)
        if its is None:
            self.store.outbox.finish(due.id, Stage.QUIET)
            return False
        messages, said = self._said(its, due)
        if messages:
            self.store.outbox.write(due, messages, said)
        else:
            self.store.outbox.finish(due.id, Stage.QUIET, said)
        return bool(messages)

    def _said(self, its: Subscription, due: Delivery) -> tuple[Sequence[Message], str]:
        telling = self.telling(its)
        if its.asks is Asks.QUESTION:
            return self._answered(its, telling)
        if its.asks is Asks.SECURITY:
            return self._entrusted(its, telling), ""
        if its.asks in AT_ONCE:
            return self._alerted(its, telling)
        since = due.since or _before(cadence(its.cadence, its.zone), due.due_at)
        digest = telling.digest(telling.parse(its.words), Period(since, due.due_at))
        said = fingerprint(f"{v.theme.id} {v.status}" for s in digest.sections for v in s.shown)
        if any(view.status in MOVING for s in digest.sections for view in s.shown):
            return [
                *self.renderer.digest(digest, its.style),
                *self._pictured(its, due, digest),
            ], said
        quiet = its.style is Style.CHANGES
        return () if quiet else self.renderer.nothing_new(digest), said

    def _pictured(self, its: Subscription, due: Delivery, digest: Digest) -> Iterator[Message]:
        """In the thread of a digest that comes once a week or less: how its themes went."""
        when = cadence(its.cadence, its.zone)
        if due.due_at - _before(when, due.due_at) >= WEEKLY and (made := self.picture(digest)):
            yield Message("", in_thread=True, picture=made)

    def _alerted(self, its: Subscription, telling: Telling) -> tuple[Sequence[Message], str]:
        """What there is to alert of; what a channel has no room for comes with the next look.

        What is said keeps how many posts were kept back and told of, and whether something waits.
        """
        last = self.store.outbox.last_said(its.id, sent=False)
        was, _, counted = ((last and last.said) or "").partition(" ")
        alerting = Alerting(telling, its, int(counted or 0))
        found = alerting.found()
        if not found.anything:
            return (), f"{TOLD} {counted or 0}"
        if self.store.outbox.alerts(its.channel, telling.now - HOUR) >= self.alerts_an_hour:
            return (), f"{HELD} {counted or 0}"
        found = replace(found, held=was == HELD)
        said = f"{TOLD} {alerting.kept_back + found.kept_back}"
        if its.asks is Asks.WATCH:
            return self.renderer.watched(found, its.words, self.alerts_an_hour), said
        return self.renderer.alerts(found, parse_alerts(its.words), self.alerts_an_hour), said

    def _entrusted(self, its: Subscription, telling: Telling) -> Sequence[Message]:
        """What a security contact was not told yet; of many the newest, the others next time."""
        told = self.store.outbox.entrusted(its.channel)
        found = self.store.readings.sensitive(telling.now, telling.audience)
        new = [one for one in found if one.key not in told]
        return self.renderer.entrusted(new[:ENTRUSTED], len(new)) if new else ()

    def _answered(self, its: Subscription, telling: Telling) -> tuple[Sequence[Message], str]:
        """The answer as of now, if it is another than the last time."""
        answer = telling.ask(its.words)
        said = fingerprint(sentence.text for sentence in answer.sentences)
        last = self.store.outbox.last_said(its.id)
        same = last is not None and last.said == said
        if same:
            return (), said
        read = partial(self.store.cited.posts, now=telling.now, audience=telling.audience)
        return self.renderer.answer(self.writer.write(answer, read)), said


def fingerprint(parts: Iterable[str]) -> str:
    """What tells one saying from another."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _before(its: Cadence, due_at: datetime) -> datetime:
    """As long before as the next one comes after: where the first digest begins."""
    return due_at - (its.next(due_at) - due_at)
