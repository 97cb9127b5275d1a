"""One message of a conversation as it stands now, and who can read it.

https://docs.slack.dev/reference/methods/conversations.replies
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import SlackError
from bot.slack.poster import MARK

GONE = frozenset({"message_not_found", "thread_not_found", "channel_not_found", "not_in_channel"})
_MOST = 20


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody said."""

    text: str
    """As Slack has it, marked up."""
    user: str | None
    ts: str
    thread: str
    """The timestamp of the message that it answers; its own if it answers none."""
    channel: str
    name: str
    """Of the channel; empty where not everybody can read it."""
    url: str | None
    reactions: Mapping[str, frozenset[str]]
    """By name who reacted so, as far as Slack tells."""

    @property
    def public(self) -> bool:
        """Whether everybody in the workspace can read it."""
        return bool(self.name)


def spoken(client: WebClient, channel: str, ts: str) -> Spoken | None:
    """The message; None if it is gone, out of reach, or one of our own.

    Raises:
        SlackError: Slack did not answer.
    """
    try:
        answer = client.conversations_replies(
            channel=channel,
            ts=ts,
            oldest=ts,
            latest=ts,
            inclusive=True,
            limit=_MOST,
            include_all_metadata=True,
        )
        found = [one for one in answer.get("messages") or () if one.get("ts") == ts]
        if not found or _ours(found[0]):
            return None
        name, url = _name(client, channel), _url(client, channel, ts)
    except SlackApiError as error:
        if error.response.get("error") in GONE:
            return None
        raise SlackError(f"Slack refuses to show a message: {_told(error)}") from error
    except (SlackClientError, OSError) as error:
        raise SlackError(f"Slack did not answer: {type(error).__name__}", uncertain=True) from error
    return _spoken(found[0], channel, name, url)


def _spoken(message: dict[str, Any], channel: str, name: str, url: str | None) -> Spoken:
    reactions = {
        str(one.get("name")): frozenset(map(str, one.get("users") or ()))
        for one in message.get("reactions") or ()
    }
    return Spoken(
        str(message.get("text") or ""),
        message.get("user"),
        str(message["ts"]),
        str(message.get("thread_ts") or message["ts"]),
        channel,
        name,
        url,
        reactions,
    )


def _ours(message: dict[str, Any]) -> bool:
    return bool((message.get("metadata") or {}).get("event_type") == MARK)


def _name(client: WebClient, channel: str) -> str:
    """The name of a channel that everybody can read; of what is not known to be one, nothing."""
    told = client.conversations_info(channel=channel).get("channel") or {}
    hidden = ("is_private", "is_im", "is_mpim", "is_group")
    shown = told.get("is_channel") is True and not any(told.get(sign) for sign in hidden)
    # A channel that is shared with other workspaces is read by strangers, but by all of ours, too.
    return str(told.get("name") or "") if shown else ""


def _url(client: WebClient, channel: str, ts: str) -> str | None:
    link = client.chat_getPermalink(channel=channel, message_ts=ts).get("permalink")
    return str(link) if link else None


def _told(error: SlackApiError) -> str:
    return str(error.response.get("error") or "no reason told")
