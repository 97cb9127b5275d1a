"""Rules for bursts in words, read and written, and what a backtest of one found."""

from __future__ import annotations

import re
from datetime import timedelta
from math import ceil

from bot.alarms import Backtest, Burst, Rule
from bot.errors import QueryError
from bot.model import Crowd
from bot.speak.coverage import line
from bot.speak.data import Data, coverage_data, stamp
from bot.speak.query import written
from bot.speak.words import counted, listed, people, span

PEOPLE, ODDS = (2, 1_000), (10, 10**9)
"""Least and most of what a rule may ask for: one person is no burst."""
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=14)

_PART = re.compile(r"(?:people:\d+|within:\S+|odds:\d+)", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,3})([hd])", re.IGNORECASE)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_rule(text: str) -> Rule:
    """Read a rule: `people:5 within:6h,3d odds:1000`; what is left out is as in the default.

    Raises:
        QueryError: it is none.
    """
    found, plain = dict.fromkeys(("people", "within", "odds"), ""), Rule()
    for word in text.split():
        key, _, value = word.partition(":")
        if key.lower() not in found or not value:
            raise QueryError(
                f"{word!r} is no part of a rule, as in: people:5 within:6h,3d odds:1000"
            )
        found[key.lower()] = value
    return Rule(
        people=_number("people", found["people"], PEOPLE) if found["people"] else plain.people,
        windows=_windows(found["within"]) if found["within"] else plain.windows,
        odds=_number("odds", found["odds"], ODDS) if found["odds"] else plain.odds,
    )


def rule_and_query(text: str) -> tuple[str, str]:
    """`people:5 within:6h source:reddit`: what of a text is the rule's, and the query around it.

    `people:` is the rule's here.
    """
    parts = text.split()
    own = [part for part in parts if _PART.fullmatch(part)]
    return " ".join(own), " ".join(part for part in parts if part not in own)


def rule_text(rule: Rule) -> str:
    """`3 or more people within 6 hours, 24 hours or 3 days where ...: chance below 1 in 1,000`."""
    windows = listed([lasting(window) for window in rule.windows]).replace(" and ", " or ")
    return (
        f"{rule.people:,} or more people within {windows}, "
        f"where so many or more come by chance less than once in {rule.odds:,}"
    )


def burst_text(burst: Burst) -> str:
    """`6 people in 24 hours where 0.8 are usual: chance below 1 in 1,000`."""
    return (
        f"{people(burst.crowd)} in {lasting(burst.window)} "
        f"where {usual(burst)} usual: chance below 1 in {odds(burst):,}"
    )


def usual(burst: Burst) -> str:
    """`0.8 are`; what rounds to nothing is less than that."""
    if burst.usual < 0.01:  # noqa: PLR2004 what two decimals cannot show
        return "less than 0.01 is"
    digits = 1 if burst.usual >= 0.1 else 2  # noqa: PLR2004 one decimal is enough from there on
    return f"{burst.usual:.{digits}f} {'is' if burst.usual <= 1 else 'are'}"


def odds(burst: Burst) -> int:
    """The power of ten that the chance is still below; the million is as good as certain."""
    found = 1
    while found < 10**6 and burst.chance * found * 10 <= 1:
        found *= 10
    return found


def lasting(window: timedelta) -> str:
    """`6 hours`, `24 hours`, `3 days`."""
    hours = round(window / timedelta(hours=1))
    return counted(hours // 24, "day") if hours % 24 == 0 and hours > 24 else counted(hours, "hour")  # noqa: PLR2004 a day has 24


def backtest_text(test: Backtest) -> str:
    """When the rule would have told of which theme, how often that is, and how often in error."""
    lines = [
        f"Rule: {rule_text(test.rule)}.",
        _told(test),
        f"False alarms: {false_text(test)}.",
        *(
            f"\n{alarm.burst.at:%Y-%m-%d %H:%M}  {alarm.label}  ({alarm.theme})\n"
            f"  {burst_text(alarm.burst)}"
            for alarm in test.alarms
        ),
        f"\n{line(test.coverage)}",
    ]
    return "\n".join(lines)


def _told(test: Backtest) -> str:
    alarms, themes = counted(len(test.alarms), "alarm"), counted(test.themes, "theme")
    when, often = span(test.period), len(test.alarms) / test.months
    return f"{when}, {themes} as they stand now: {alarms}, {often:.1f} a month."


def false_text(test: Backtest) -> str:
    """The stated rate, with what it rests on."""
    made = f"in {counted(test.shuffles, 'history', 'histories')} with the times shuffled"
    if not test.false_alarms:
        # Three were to be expected of a rate that shows none once in twenty times.
        most = ceil(300 / (test.shuffles * test.months)) / 100
        return f"none {made} (seed {test.seed}), so under {most:.2f} a month"
    return (
        f"{test.false_a_month:.2f} a month "
        f"({counted(test.false_alarms, 'alarm')} {made}, seed {test.seed})"
    )


def backtest_data(test: Backtest) -> Data:
    """A backtest; each alarm with the keys of exactly the posts it counts."""
    return {
        "rule": {
            "people": test.rule.people,
            "hours": [window / timedelta(hours=1) for window in test.rule.windows],
            "odds": test.rule.odds,
            "text": rule_text(test.rule),
        },
        "period": {"since": stamp(test.period.since), "until": stamp(test.period.until)},
        "query": written(test.query),
        "themes": test.themes,
        "memberships": "now",
        "alarms": [
            {"theme": alarm.theme, "label": alarm.label, **_burst_data(alarm.burst)}
            for alarm in test.alarms
        ],
        "alarms_a_month": round(len(test.alarms) / test.months, 3),
        "false_alarms_a_month": round(test.false_a_month, 3),
        "false_alarms": test.false_alarms,
        "shuffles": test.shuffles,
        "seed": test.seed,
        "coverage": coverage_data(test.coverage),
        "text": backtest_text(test),
    }


def _burst_data(burst: Burst) -> Data:
    crowd: Crowd = burst.crowd
    return {
        "at": stamp(burst.at),
        "hours": burst.window / timedelta(hours=1),
        "people": crowd.people,
        "unknown_authors": crowd.unknown,
        "posts": crowd.posts,
        "counted": burst.people,
        "usual": round(burst.usual, 4),
        "chance": burst.chance,
        "text": burst_text(burst),
        "post_keys": list(burst.posts),
    }


def _number(key: str, value: str, bounds: tuple[int, int]) -> int:
    digits = value.replace(",", "")
    least, most = bounds
    if not (digits.isascii() and digits.isdecimal() and least <= int(digits[:12]) <= most):
        raise QueryError(f"{key}:{value} is no whole number from {least:,} to {most:,}")
    return int(digits)


def _windows(value: str) -> tuple[timedelta, ...]:
    found = []
    for part in value.split(","):
        match = _SPAN.fullmatch(part)
        window = int(match[1]) * _UNITS[match[2].lower()] if match else timedelta()
        if not SHORTEST <= window <= LONGEST:
            raise QueryError(f"within:{value} is no list of spans from 1h to 14d, such as 6h,3d")
        found.append(window)
    return tuple(sorted(set(found)))
