"""What people say to an alert: that they have seen it, or want none of its theme for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.cadence import zone_of
from bot.deliveries import Acknowledgement, Message
from bot.errors import GroundswellError
from bot.rights import Right
from bot.slack import kit
from bot.slack.alerts import DO, SEEN, SNOOZE, UNSEE
from bot.slack.packing import Item, pack
from handlers.desk import Asker, Desk

SNOOZED = timedelta(days=1)
NAME = 80
"""Characters of somebody's name that are shown."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button below an alert."""

    what: str
    """The theme that it is about, or the key of a post."""
    ts: str
    """The message's."""
    block: str
    """The block that shows it."""
    name: str
    """What whoever pressed it is called."""


def press_of(body: dict[str, Any]) -> Pressed:
    """What Slack tells of a press."""
    (action, *_), user = body["actions"], body["user"]
    return Pressed(
        str(action.get("value") or ""),
        str((body.get("message") or {}).get("ts") or ""),
        str(action.get("block_id") or "").removesuffix(DO),
        str(user.get("username") or user.get("name") or user["id"])[:NAME],
    )


def seen(desk: Desk, asker: Asker, press: Pressed) -> Sequence[Message]:
    """Somebody looks after it: the message says so, to everybody in the channel."""
    desk.demand(asker, Right.ASK)
    made = _kept(desk, asker, press, None)
    desk.mark(asker.channel, press.ts, press.block, f"Seen by {press.name}, {_when(desk, made.at)}")
    return _told(made, press, "Done: the message says that you have seen it.")


def snooze(desk: Desk, asker: Asker, press: Pressed) -> Sequence[Message]:
    """No alert of a theme here for a day."""
    desk.demand(asker, Right.ASK)
    if not asker.direct:
        desk.demand(asker, Right.SUBSCRIBE)
    view = desk.pipeline.theme(press.what)
    until = desk.pipeline.clock() + SNOOZED
    made = _kept(desk, asker, replace(press, what=view.theme.id), until)
    note = f"Snoozed by {press.name} until {_when(desk, until)}"
    desk.mark(asker.channel, press.ts, press.block, note)
    said = f"Done: no alerts of “{view.theme.label}” ({view.theme.id}) here until "
    return _told(made, press, said + _when(desk, until) + ".")


def take_back(desk: Desk, asker: Asker, press: Pressed) -> Sequence[Message]:
    """It is as if it had not been pressed."""
    desk.demand(asker, Right.ASK)
    number, _, place = press.what.partition(" ")
    ts, _, block = place.partition(" ")
    log = desk.pipeline.store.acknowledgements
    now = desk.pipeline.clock()
    taken = (
        log.undo(int(number), asker.channel, f"slack:{asker.user}", now)
        if number.isdecimal()
        else None
    )
    if taken is None:
        raise GroundswellError("that was taken back before")
    desk.mark(asker.channel, ts, block, "")
    return pack("Taken back.", [Item((kit.section("Taken back."),))])


def _kept(desk: Desk, asker: Asker, press: Pressed, until: datetime | None) -> Acknowledgement:
    log, now = desk.pipeline.store.acknowledgements, desk.pipeline.clock()
    by = f"slack:{asker.user}"
    return log.add(Acknowledgement(0, asker.channel, press.what, by, now, until))


def _told(made: Acknowledgement, press: Pressed, said: str) -> Sequence[Message]:
    undo = kit.button("Undo", UNSEE, f"{made.id} {press.ts} {press.block}")
    return pack(said, [Item((kit.rich(kit.words(said)), kit.actions(undo)))])


def _when(desk: Desk, moment: datetime) -> str:
    return f"{moment.astimezone(zone_of(desk.pipeline.local_zone())):%a %d %b, %H:%M}"


ANSWERS: dict[str, Callable[[Desk, Asker, Pressed], Sequence[Message]]] = {
    SEEN: seen,
    SNOOZE: snooze,
    UNSEE: take_back,
}
"""By the button that is pressed."""
