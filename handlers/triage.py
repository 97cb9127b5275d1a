"""`/groundswell triage`: what waits, what is mine, and whose week it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.cadence import DAYS, zone_of
from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.rights import Right
from bot.rota import Person, Rota
from bot.slack.blocks import plain_messages
from bot.slack.heard import nameless, people
from bot.slack.triage import ACKNOWLEDGE, GIVE_BACK, TAKE, mine_messages, queue_messages
from bot.speak.triage import rota_text
from handlers.deciding import SLACK
from handlers.desk import Asker, Desk

USAGE = "triage rota @ann @bob weekly mon"
PRESSED = {
    ACKNOWLEDGE: ("acknowledge", ""),
    TAKE: ("assign", "me"),
    GIVE_BACK: ("assign", "nobody"),
}
"""By the button what is decided about its theme: a deed, and the words after the theme."""

MOST = 50
"""People who take turns: a year has not many more weeks."""


def triage(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """The queue, narrowed by a query; or `mine`; or `rota ...`."""
    word, _, rest = text.strip().partition(" ")
    if word.lower() == "mine" and not rest:
        return mine_messages(desk.pipeline.assigned(f"{SLACK}{asker.user}"))
    if word.lower() == "rota":
        return rota(desk, asker, rest.strip())
    return queue_messages(desk.pipeline.triage(nameless(text)))


def rota(desk: Desk, asker: Asker, text: str) -> Sequence[Message]:
    """Whose week it is; with people who takes turns from now on; with `off` nobody."""
    rotas, now = desk.pipeline.store.rotas, desk.pipeline.clock()
    if not text:
        standing = rotas.standing(now)
        nobody = f"Nobody takes turns yet. Begin with: {USAGE}"
        return plain_messages(rota_text(standing, now) if standing else nobody)
    desk.demand(asker, Right.SUBSCRIBE)
    if text.lower() == "off":
        return plain_messages(
            "Done: nobody takes turns any more." if rotas.end(now) else "Nobody takes turns."
        )
    made = _wanted(desk, asker, text)
    rotas.set(made)
    return plain_messages(f"Done: {rota_text(made, now)}")


def _wanted(desk: Desk, asker: Asker, text: str) -> Rota:
    """A rota as somebody wrote it. Raises GroundswellError, and CadenceError for a zone."""
    users = tuple(dict.fromkeys(people(text)))
    if not users or len(users) > MOST:
        raise GroundswellError(
            f"who takes turns? Pick 1 to {MOST} people from the list that @ opens, as in: {USAGE}"
        )
    words = nameless(text).split()
    words = words[1:] if words[:1] == ["weekly"] else words
    day = words.pop(0).lower()[:3] if words and not re.search(r"[/A-Z]", words[0]) else DAYS[0]
    zone = words.pop(0) if words else desk.pipeline.local_zone()
    if day not in DAYS or words:
        raise GroundswellError(f"on which day do they change? As in: {USAGE} Europe/Berlin")
    named = tuple(Person(user, desk.named(user)) for user in users)
    return Rota(named, day, zone_of(zone).key, asker.user, desk.pipeline.clock())
