"""Alerts as people write them, `on:bursts,crash people:5 source:reddit`, and as they are told."""

from __future__ import annotations

import re

from bot.alarms import Alerts, FirstReport
from bot.errors import QueryError
from bot.model import Criterion
from bot.speak.bursts import parse_rule, rule_and_query, rule_text
from bot.speak.criteria import TOLD
from bot.speak.words import counted, listed

BURSTS, BACK, URGENT = "bursts", "back", "urgent"
USUAL = (BURSTS, BACK)
"""What is told if nothing is named: first reports are many, and are asked for."""

PRESSING = {
    "crash": Criterion.CRASH,
    "data-loss": Criterion.DATA_LOSS,
    "security": Criterion.SECURITY,
}
"""Criteria of which one report is enough; `urgent` is all of them."""

_ON = re.compile(r"on:(\S*)", re.IGNORECASE)


def parse_alerts(text: str) -> Alerts:
    """Read what a channel wants alerts of; what is no part of that is a query.

    Raises:
        QueryError: there is no such kind of alert, or the rule is none.
    """
    named: list[str] = []
    rest: list[str] = []
    for part in text.split():
        found = _ON.fullmatch(part)
        if found:
            named += [_known(name) for name in found[1].lower().split(",")]
        else:
            rest.append(part)
    rule, query = rule_and_query(" ".join(rest))
    wanted = set(named or USUAL)
    wanted |= PRESSING.keys() if URGENT in wanted else set()
    return Alerts(
        bursts=BURSTS in wanted,
        back=BACK in wanted,
        criteria=tuple(met for name, met in PRESSING.items() if name in wanted),
        rule=parse_rule(rule),
        query=query,
    )


def burst_words(text: str) -> tuple[str, str]:
    """The rule for bursts and the query that stand in what was written."""
    rest = " ".join(part for part in text.split() if not _ON.fullmatch(part))
    return rule_and_query(rest)


def alerts_text(alerts: Alerts) -> str:
    """When a channel is told, in words."""
    parts = [f"a burst is {rule_text(alerts.rule)}"] if alerts.bursts else []
    parts += ["a theme came back if it was quiet for weeks"] if alerts.back else []
    if alerts.criteria:
        met = listed([TOLD[one] for one in alerts.criteria]).replace(" and ", " or ")
        parts += [f"the first report of {met} is told by itself"]
    return "; ".join(parts)


def first_text(report: FirstReport) -> str:
    """`First report of a crash and data loss`."""
    return f"First report of {listed([TOLD[one] for one in report.criteria])}"


def kept_back_text(number: int) -> str:
    """That something was read which no channel is shown."""
    looks = "looks" if number == 1 else "look"
    return (
        f"{counted(number, 'post')} {looks} like an undisclosed vulnerability. No channel is "
        "shown it: whoever runs Groundswell sees it with groundswell security."
    )


def held_text(most: int) -> str:
    """Why something is told late."""
    return (
        f"Some of this waited: a channel gets at most {counted(most, 'alert')} an hour. "
        "Snooze a theme, or ask for less, to get fewer."
    )


def _known(name: str) -> str:
    if name not in {BURSTS, BACK, URGENT, *PRESSING}:
        known = ", ".join((BURSTS, BACK, *PRESSING, URGENT))
        raise QueryError(f"there are no alerts on:{name}; they are {known}, as in: on:bursts,crash")
    return name
