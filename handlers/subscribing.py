"""`/groundswell subscribe` and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cadence import cadence
from bot.deliveries import Asks, Message, Subscription
from bot.errors import GroundswellError
from bot.rights import Right
from bot.slack.blocks import plain_messages
from bot.speak.subscribing import subscription_text, wanted
from bot.speak.words import counted
from handlers.desk import Asker, Desk

MOST = 20
"""Subscriptions that a channel may have: more is noise."""


def subscribe(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Tell this channel again and again; told back with the first time it will come."""
    if not asker.direct:
        desk.demand(asker, Right.SUBSCRIBE)
    asked = wanted(text)
    if asked.asks is Asks.DIGEST:
        desk.pipeline.check(asked.words)
    its = cadence(asked.cadence, asked.zone or desk.pipeline.zone)
    store, now = desk.pipeline.store, desk.pipeline.clock()
    if len(store.subscriptions.all(asker.channel)) >= MOST:
        raise GroundswellError(f"this channel has {MOST} subscriptions: end one first")
    made = store.subscriptions.add(
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
    first = its.next(now).astimezone(its.zone)
    return plain_messages(
        f"Done: {subscription_text(made)}. First on {first:%a %d %b, %H:%M}. "
        f"End it with /groundswell unsubscribe {made.id}"
    )


def subscriptions(desk: Desk, asker: Asker, _text: str) -> Sequence[Message]:
    """What this channel is told."""
    found = desk.pipeline.store.subscriptions.all(asker.channel)
    if not found:
        return plain_messages("This channel is told nothing by itself yet.")
    lines = "\n".join(map(subscription_text, found))
    return plain_messages(f"{counted(len(found), 'subscription')} here:\n{lines}")


def unsubscribe(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Tell this channel something no more."""
    if not asker.direct:
        desk.demand(asker, Right.SUBSCRIBE)
    number = text.strip().lstrip("#")
    subscriptions_ = desk.pipeline.store.subscriptions
    if not number.isdecimal() or not subscriptions_.end(
        int(number[:9]), asker.channel, desk.pipeline.clock()
    ):
        raise GroundswellError(
            f"this channel has no subscription {text!r}; /groundswell subscriptions shows them"
        )
    return plain_messages(f"Done: #{number} comes no more.")
