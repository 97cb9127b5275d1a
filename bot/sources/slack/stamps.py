"""Timestamps: Slack's names for the messages of a channel, and what is found by them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from bot.model import Gap, Period
from bot.sources.base import NotAPost
from bot.sources.fields import Row

_TS = re.compile(r"[0-9]{10}\.[0-9]{6}")
_PERMALINK = re.compile(r"/archives/([CG][A-Z0-9]{5,20})/p([0-9]{10})([0-9]{6})/?")


def is_stamp(value: object) -> TypeGuard[str]:
    """Whether it is a timestamp, which is Slack's name for a message in a channel."""
    return isinstance(value, str) and bool(_TS.fullmatch(value))


def stamp(row: Row, name: str = "ts") -> str:
    """The field's timestamp. Raises NotAPost."""
    ts = row.get(name)
    if not is_stamp(ts):
        raise NotAPost(f"wrong type: {name}", "not a timestamp of Slack's")
    return ts


def moment_of(ts: str) -> datetime:
    """When a message with that timestamp was written."""
    seconds, _, micros = ts.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(micros))


def stamp_of(moment: datetime) -> str:
    """The timestamp of a message that was written just then."""
    return f"{int(moment.timestamp()):010d}.{moment.microsecond:06d}"


def message_at(url: str) -> tuple[str, str] | None:
    """The channel and the timestamp that a permalink names; None for any other address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    match = _PERMALINK.fullmatch(parts.path)
    is_slack = host.endswith(".slack.com") and parts.scheme == "https"
    return (match[1], f"{match[2]}.{match[3]}") if match and is_slack else None


def by_stamp(messages: Iterable[object]) -> dict[str, dict[str, Any]]:
    """Whatever has a timestamp, by it."""
    rows = (message for message in messages if isinstance(message, dict))
    return {row["ts"]: row for row in rows if is_stamp(row.get("ts"))}


def threads_with_news(messages: Iterable[object], since: str) -> tuple[str, ...]:
    """The messages whose thread has replies from there on, or does not say."""
    found = []
    for ts, row in by_stamp(messages).items():
        latest = row.get("latest_reply")
        opens = row.get("thread_ts") in (None, ts) and row.get("reply_count")
        if opens and not (isinstance(latest, str) and latest < since):
            found.append(ts)
    return tuple(found)


def hidden(messages: Iterable[object], floor: str, latest: str) -> tuple[Gap, ...]:
    """What lies between where reading began and the oldest message that is shown."""
    period = Period(moment_of(floor), moment_of(min(by_stamp(messages), default=latest)))
    return (Gap(period, "the workspace's plan hides older messages"),)
