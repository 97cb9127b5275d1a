"""Whether Slack takes our tokens, and lets the bot do what it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.manifest import scopes

SKEW_S = 120
"""Seconds by which a clock may be off: from 300 on Slack's signatures are refused."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at in Slack. `fix` is empty where nothing needs mending."""

    what: str
    ok: bool
    detail: str
    fix: str = ""


def looks(
    client: WebClient, app_token: str, channels: Sequence[str], now: datetime
) -> Iterator[Look]:
    """The bot's token and its scopes, the clock, the app's token, and each channel told to.

    Over HTTP there is no app's token: it is empty then.
    """
    try:
        who = client.api_call("auth.test")
    except SlackApiError as error:
        fix = "copy the Bot User OAuth Token anew: api.slack.com/apps > OAuth & Permissions"
        yield Look("bot token", ok=False, detail=_error(error), fix=fix)
        return
    except (SlackClientError, OSError) as error:
        fix = "look at the network, or [slack] api_url"
        yield Look("reachable", ok=False, detail=no_answer(client, error), fix=fix)
        return
    yield Look("bot token", ok=True, detail=f"is {who.get('user')} in {who.get('team')}")
    headers = {str(k).lower(): str(v) for k, v in (who.headers or {}).items()}
    yield _scopes(headers)
    yield _clock(headers, now)
    if app_token:
        yield _app_token(client, app_token)
    for channel in channels:
        yield _channel(client, channel)


def no_answer(client: WebClient, error: BaseException) -> str:
    """Which host did not answer, and why: `no answer from slack.com: timed out`."""
    why = getattr(error, "reason", None) or error
    told = getattr(why, "strerror", None) or str(why) or type(why).__name__
    return f"no answer from {urlsplit(client.base_url).hostname}: {told}"


def _scopes(headers: dict[str, str]) -> Look:
    given = frozenset(filter(None, headers.get("x-oauth-scopes", "").split(",")))
    if not given:
        return Look("scopes", ok=True, detail="Slack does not tell them")
    missing = sorted(scopes() - given)
    if missing:
        fix = "add them at api.slack.com/apps > OAuth & Permissions, and install the app again"
        return Look("scopes", ok=False, detail=f"missing: {', '.join(missing)}", fix=fix)
    return Look("scopes", ok=True, detail="all that are needed")


def _clock(headers: dict[str, str], now: datetime) -> Look:
    try:
        theirs = parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return Look("clock", ok=True, detail="Slack does not tell the time")
    off = abs((now - theirs).total_seconds())
    if off > SKEW_S:
        fix = "set this machine's clock by NTP: what is signed would be refused"
        return Look("clock", ok=False, detail=f"{off:.0f} s off", fix=fix)
    return Look("clock", ok=True, detail=f"{off:.0f} s off")


def _app_token(client: WebClient, app_token: str) -> Look:
    try:
        client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        fix = (
            "make one with connections:write: api.slack.com/apps > Basic Information > "
            "App-Level Tokens"
        )
        return Look("app token", ok=False, detail=_error(error), fix=fix)
    except (SlackClientError, OSError) as error:
        return Look("app token", ok=False, detail=no_answer(client, error), fix="try again")
    return Look("app token", ok=True, detail="opens Socket Mode")


def _channel(client: WebClient, channel: str) -> Look:
    name = f"channel {channel}"
    try:
        found: dict[str, Any] = dict(client.conversations_info(channel=channel)["channel"])
    except SlackApiError as error:
        fix = "invite the bot there, or end what it is told: /groundswell unsubscribe"
        return Look(name, ok=False, detail=_error(error), fix=fix)
    except (SlackClientError, OSError) as error:
        return Look(name, ok=False, detail=no_answer(client, error), fix="try again")
    if found.get("is_archived"):
        return Look(name, ok=False, detail="is archived", fix="end what it is told")
    if not found.get("is_im") and not found.get("is_member"):
        fix = "in that channel: /invite @Groundswell"
        return Look(name, ok=False, detail="the bot is not in it", fix=fix)
    return Look(name, ok=True, detail="can be posted to")


def _error(error: SlackApiError) -> str:
    return str(error.response.get("error") or "no reason told")
