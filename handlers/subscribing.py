"""`/groundswell subscribe` and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.alarms import Alerts
from bot.cadence import cadence
from bot.deliveries import Asks, Message, Style, Subscription
from bot.errors import GroundswellError
from bot.rights import Right
from bot.slack.blocks import hits_messages, plain_messages
from bot.speak.alerting import alerts_text, burst_words, parse_alerts
from bot.speak.subscribing import OFTEN, Wanted, exactly, subscription_text, wanted
from bot.speak.words import counted
from handlers.desk import Asker, Desk

MORNINGS = "weekdays 09:00"
LATELY, MANY = timedelta(days=30), 50
"""Posts that are counted of what a watch would have told."""

MOST = 20
"""Subscriptions that a channel may have: more is noise."""


def subscribe(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Tell this channel again and again; told back with the first time it will come."""
    _may_subscribe(desk, asker)
    asked = wanted(text)
    if asked.asks is Asks.DIGEST:
        desk.pipeline.check(asked.words)
    made = _kept(desk, asker, asked)
    its = cadence(made.cadence, made.zone)
    first = its.next(made.made_at).astimezone(its.zone)
    return plain_messages(
        f"Done: {subscription_text(made)}. First on {first:%a %d %b, %H:%M}. "
        f"End it with /groundswell unsubscribe {made.id}"
    )


def _may_subscribe(desk: Desk, asker: Asker) -> None:
    if not asker.direct:
        desk.demand(asker, Right.SUBSCRIBE)


def _kept(desk: Desk, asker: Asker, asked: Wanted) -> Subscription:
    its = cadence(asked.cadence, asked.zone or desk.pipeline.local_zone())
    store, now = desk.pipeline.store, desk.pipeline.clock()
    if len(store.subscriptions.all(asker.channel)) >= MOST:
        raise GroundswellError(f"this channel has {MOST} subscriptions: end one first")
    return store.subscriptions.add(
        Subscription(
            0,
            asker.channel,
            asked.asks,
            asked.words,
            its.words,
            its.zone.key,
            asked.style,
            asker.user,
            now,
        )
    )


def alerts(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Tell this channel of bursts, of what came back and of first reports, as it asks for.

    With what that would have told.
    """
    _may_subscribe(desk, asker)
    asked = parse_alerts(text)
    would = [_bursts(desk, text)] if asked.bursts else []
    would += [_first(desk, asked)] if asked.criteria else []
    desk.pipeline.check(asked.query)
    made = _at_once(desk, asker, Asks.BURSTS, text)
    lines = [f"Done: {subscription_text(made)}. Told when: {alerts_text(asked)}.", *would]
    return plain_messages(" ".join(lines))


def _bursts(desk: Desk, text: str) -> str:
    """How often bursts would have been told, and how often in error."""
    found = desk.pipeline.backtest(*burst_words(text))
    return (
        f"In the last half year it would have told {counted(len(found.alarms), 'burst')}; where "
        f"nothing happens it tells {found.false_a_month:.1f} times a month."
    )


def _first(desk: Desk, asked: Alerts) -> str:
    """How many posts lately met what first reports are told of: an upper bound."""
    telling = desk.pipeline.telling()
    names = tuple(one.value for one in asked.criteria)
    query = replace(exactly(telling.parse(asked.query)), criteria=names, since=telling.now - LATELY)
    posts = len(telling.search(query, MANY))
    some = f"{posts}{' or more' if posts == MANY else ''} posts"
    return f"In the last 30 days {some} met that; only the first of each theme is told."


def watch(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Tell this channel each new post that a query finds, with what that would have told."""
    _may_subscribe(desk, asker)
    if not text.strip():
        raise GroundswellError('watch what? As in: watch "torch.compile" kind:complaint')
    telling = desk.pipeline.telling()
    query = replace(exactly(telling.parse(text)), since=telling.now - LATELY)
    before = telling.search(query, MANY)
    made = _at_once(desk, asker, Asks.WATCH, text)
    would = f"{len(before)}{' or more' if len(before) == MANY else ''}"
    first = plain_messages(
        f"Done: {subscription_text(made)}. In the last 30 days that would have been {would} posts"
        f"{', the last of them:' if before else '.'}"
    )
    return (*first, *hits_messages(before[:3], text)) if before else first


def follow(desk: Desk, asker: Asker, question: str) -> Sequence[Message]:
    """Answer a question here again on every weekday on which the answer is another."""
    desk.demand(asker, Right.ASK)
    _may_subscribe(desk, asker)
    made = _kept(desk, asker, Wanted(MORNINGS, None, Style.FULL, Asks.QUESTION, question))
    return plain_messages(
        f"Done: {subscription_text(made)}. End it with /groundswell unsubscribe {made.id}"
    )


def _at_once(desk: Desk, asker: Asker, asks: Asks, words: str) -> Subscription:
    return _kept(desk, asker, Wanted(OFTEN, "UTC", Style.FULL, asks, words.strip()))


def subscriptions(desk: Desk, asker: Asker, _text: str) -> Sequence[Message]:
    """What this channel is told."""
    found = desk.pipeline.store.subscriptions.all(asker.channel)
    if not found:
        return plain_messages("This channel is told nothing by itself yet.")
    lines = "\n".join(map(subscription_text, found))
    return plain_messages(f"{counted(len(found), 'subscription')} here:\n{lines}")


def unsubscribe(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Tell this channel something no more."""
    _may_subscribe(desk, asker)
    number = text.strip().lstrip("#")
    subscriptions_ = desk.pipeline.store.subscriptions
    if not number.isdecimal() or not subscriptions_.end(
        int(number[:9]), asker.channel, desk.pipeline.clock()
    ):
        raise GroundswellError(
            f"this channel has no subscription {text!r}; /groundswell subscriptions shows them"
        )
    return plain_messages(f"Done: #{number} comes no more.")
