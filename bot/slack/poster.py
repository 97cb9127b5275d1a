"""Posting to Slack, and looking whether something was posted.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.deliveries import Message, Picture
from bot.errors import SlackError

MARK = "groundswell_delivery"
"""The type of the metadata that tells our messages apart."""

_PAGE, _PAGES = 100, 10
_CODE = re.compile(r"[a-z][a-z0-9_]*")
"""What Slack's errors look like; the client says other things in their place."""

PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "service_unavailable",
        "fatal_error",
        "internal_error",
        "request_timeout",
        "team_added_to_org",
        "accesslimited",
    }
)
"""Errors that may be over the next time; all others will come again."""


class Poster(Protocol):
    """What can be done in Slack. All of them raise SlackError."""

    def post(self, channel: str, message: Message, mark: str, thread: str | None) -> str:
        """Post a message under a mark, below another or by itself; returns Slack's name for it.

        For a picture that is the file's. A SlackError that is `uncertain` leaves open whether it
        stands there.
        """
        ...

    def find(self, channel: str, mark: str, since: datetime, thread: str | None) -> str | None:
        """Slack's name for what was posted under a mark since then; None if it is not there."""
        ...

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Put other words in place of a message's."""
        ...


@dataclass(frozen=True, slots=True)
class SlackPoster:
    """Over Slack's own client, whose habit of sending again by itself must be off."""

    client: WebClient

    def post(self, channel: str, message: Message, mark: str, thread: str | None) -> str:
        """See `Poster.post`."""
        if message.picture:
            return self._shared(channel, message.picture, mark, thread)
        answer = self._asked(
            "chat.postMessage",
            channel=channel,
            thread_ts=thread,
            metadata={"event_type": MARK, "event_payload": {"delivery_id": mark}},
            unfurl_links=False,
            unfurl_media=False,
            **_content(message),
        )
        return str(answer["ts"])

    def find(self, channel: str, mark: str, since: datetime, thread: str | None) -> str | None:
        """See `Poster.find`."""
        for message in self._messages(channel, since, thread):
            told = message.get("metadata") or {}
            payload = told.get("event_payload") or {}
            if told.get("event_type") == MARK and payload.get("delivery_id") == mark:
                return str(message["ts"])
            for file in message.get("files") or ():
                if file.get("name") == _file_name(mark):
                    return str(file["id"])
        return None

    def whisper(self, channel: str, user: str, message: Message, thread: str | None) -> None:
        """Say something to one person alone, where they are or else directly. Raises SlackError.

        Without a channel, and where the bot or the person is not in it, it is a direct message.
        """
        if channel[:1] in {"C", "G"}:
            told = {"channel": channel, "user": user, "thread_ts": thread, **_content(message)}
            try:
                self._asked("chat.postEphemeral", **told)
            except SlackError as error:
                if not error.permanent:
                    raise
            else:
                return
        self._asked(
            "chat.postMessage",
            channel=channel if channel[:1] == "D" else user,
            unfurl_links=False,
            unfurl_media=False,
            **_content(message),
        )

    def update(self, channel: str, ts: str, message: Message) -> None:
        """See `Poster.update`."""
        self._asked("chat.update", channel=channel, ts=ts, **_content(message))

    def publish(self, user: str, view: dict[str, Any]) -> None:
        """Show somebody their Home. Raises SlackError."""
        self._asked("views.publish", user_id=user, view=view)

    def _shared(self, channel: str, picture: Picture, mark: str, thread: str | None) -> str:
        """A picture as a file, whose name is the mark: a file carries no metadata."""
        try:
            done = self.client.files_upload_v2(
                channel=channel,
                thread_ts=thread,
                filename=_file_name(mark),
                content=picture.png,
                title=picture.title,
                alt_txt=picture.words,
            )
        except SlackApiError as error:
            raise _told("files.upload", error) from error
        except (SlackClientError, OSError, ValueError) as error:
            raise SlackError(
                f"Slack did not take a file: {type(error).__name__}", uncertain=True
            ) from error
        return str((done.get("file") or {}).get("id") or _file_name(mark))

    def _messages(
        self, channel: str, since: datetime, thread: str | None
    ) -> Iterator[dict[str, Any]]:
        method = "conversations.replies" if thread else "conversations.history"
        asked: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": _PAGE,
        }
        asked |= {"ts": thread} if thread else {}
        for _ in range(_PAGES):
            answer = self._asked(method, **asked)
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked["cursor"] = cursor

    def _asked(self, method: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 whatever JSON holds
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            answer = self.client.api_call(method, json=given)
        except SlackApiError as error:
            raise _told(method, error) from error
        except (SlackClientError, OSError, ValueError) as error:
            # A broken connection, or an answer that is none: it may have been done all the same.
            raise SlackError(
                f"Slack did not answer {method}: {type(error).__name__}", uncertain=True
            ) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _file_name(mark: str) -> str:
    return f"groundswell-{mark.replace('/', '-')}.png"


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks) or None}


def _told(method: str, error: SlackApiError) -> SlackError:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    told = response.get("error") if hasattr(response, "get") else None
    wait = str((getattr(response, "headers", None) or {}).get("Retry-After") or "")
    seconds = float(wait) if wait.isdecimal() else None
    if status == 429 or told in {"ratelimited", "rate_limited"}:  # noqa: PLR2004 HTTP's number
        return SlackError(f"Slack asks to wait before {method}", retry_after=seconds or 30.0)
    if status >= 500 or told in PASSING or not _CODE.fullmatch(told or ""):  # noqa: PLR2004 see above
        return SlackError(f"Slack could not do {method} ({told or status})", uncertain=True)
    return SlackError(f"Slack refuses {method}: {told}", permanent=True)
