"""Subscriptions to messages in the outbox: what is due, and what is to be said then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.alarms import Alarm, Rule
from bot.cadence import Cadence, cadence
from bot.deliveries import Asks, Delivery, Message, Stage, Style, Subscription
from bot.model import Answer, Digest, Hit, Period, ThemeView
from bot.pipeline.backtesting import Backtesting
from bot.pipeline.telling import Telling
from bot.speak.bursts import parse_rule, rule_and_query
from bot.speak.digest import MOVING
from bot.speak.subscribing import exactly
from bot.speak.writer import Extractive, Writer
from bot.store import Store

LATE = timedelta(days=2)
"""How late a post may come in and still be told of at once."""

WATCHED = 20
"""Posts that are told at once at most: what is more comes with the next look."""


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

    def bursts(self, alarms: Sequence[tuple[Alarm, ThemeView]], rule: Rule) -> Sequence[Message]:
        """Themes that burst, each with what spoke for it."""
        ...

    def watched(self, hits: Sequence[Hit], words: str) -> Sequence[Message]:
        """New posts that a query found."""
        ...


@dataclass(frozen=True, slots=True)
class Delivering:
    """Takes up what is due and writes it; sending is another's work."""

    store: Store
    telling: Callable[[Subscription], Telling]
    """What may be told to the channel of a subscription, as of now."""
    renderer: Renderer
    writer: Writer = field(default_factory=Extractive)

    def plan(self, now: datetime) -> int:
        """Take up what has come due since it was due last; returns how much.

        After an outage a subscription is due once, for its latest time, and tells of all since.
        """
        last = self.store.subscriptions.last_due()
        planned = 0
        for its in self.store.subscriptions.all():
            due_at = cadence(its.cadence, its.zone).latest(last.get(its.id, its.made_at), now)
            if due_at is not None:
                said = self.store.outbox.last_said(its.id)
                since = said.due_at if said else None
                planned += self.store.outbox.due(its.id, its.channel, due_at, since)
        return planned

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
        if its.asks is Asks.BURSTS:
            return self._burst(its, telling), ""
        if its.asks is Asks.WATCH:
            return self._watched(its, telling), ""
        since = due.since or _before(cadence(its.cadence, its.zone), due.due_at)
        digest = telling.digest(telling.parse(its.words), Period(since, due.due_at))
        said = fingerprint(f"{v.theme.id} {v.status}" for s in digest.sections for v in s.shown)
        if any(view.status in MOVING for s in digest.sections for view in s.shown):
            return self.renderer.digest(digest, its.style), said
        quiet = its.style is Style.CHANGES
        return () if quiet else self.renderer.nothing_new(digest), said

    def _burst(self, its: Subscription, telling: Telling) -> Sequence[Message]:
        """The bursts of the last days that this channel was not told of; none of a muted theme."""
        written, words = rule_and_query(its.words)
        rule = parse_rule(written)
        query = telling.narrowed(telling.parse(words))
        since = max(its.made_at, telling.now - LATE)
        backtesting = Backtesting(self.store, telling.now)
        told = self.store.outbox.told_themes(its.id, since)
        found = {
            alarm.theme: alarm
            for alarm in backtesting.alarms(rule, query, telling.coverage(), since)
            if alarm.burst.at > told.get(alarm.theme, since)
        }
        if not found:
            return ()
        views = {v.theme.id: v for v in telling.themes(replace(query, themes=tuple(found)))}
        shown = [(alarm, views[theme]) for theme, alarm in found.items() if theme in views]
        open_ = [(alarm, view) for alarm, view in shown if view.mute is None]
        return self.renderer.bursts(open_, rule) if open_ else ()

    def _watched(self, its: Subscription, telling: Telling) -> Sequence[Message]:
        """The posts of the last days that this channel was not told of."""
        since = max(its.made_at, telling.now - LATE)
        query = replace(exactly(telling.parse(its.words)), since=since, until=None)
        told = self.store.outbox.told_posts(its.id, since)
        # Told ones stand among the newest: beside them there is room for as many again.
        found = telling.search(query, WATCHED + len(told))
        hits = [hit for hit in found if hit.post.key not in told][:WATCHED]
        return self.renderer.watched(hits, its.words) if hits else ()

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
