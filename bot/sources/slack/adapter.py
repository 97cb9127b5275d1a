"""Channels of a Slack workspace: read by their history, kept up by events.

https://docs.slack.dev/reference/methods/conversations.history
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace
from bot.sources.base import Batch
from bot.sources.slack.api import Api, Refused, all_of, items, next_cursor
from bot.sources.slack.directory import Directory
from bot.sources.slack.events import EVENTS, happened, spoken_in, told_of
from bot.sources.slack.messages import Messages
from bot.sources.slack.posts import Channel, batch_of
from bot.sources.slack.reading import OVERLAP, WATCHED, Reading, read_cursor, write_cursor
from bot.sources.slack.stamps import hidden, is_stamp, message_at, stamp_of, threads_with_news

API = "https://slack.com/api"

HIDDEN = timedelta(days=89)
"""What is older may be hidden by the workspace's plan: not shown is then not gone."""
RESTRICTED_STEPS = 5
"""Requests, at one a minute, after which a run in the restricted profile makes room for others."""


@dataclass(frozen=True, slots=True)
class Slack:
    """The channels in `channels`, by id or, where they are public, by name."""

    http: Http
    now: Callable[[], datetime]
    bot_token: str | None = field(repr=False)
    channels: tuple[str, ...]
    history_days: int = 30
    restricted: bool = False
    """One request a minute and 15 messages: an app sold outside Slack's Marketplace."""
    api_url: str = API
    paced: Callable[[int, float], Pace] = Pace
    name: str = "slack"
    _directory: Directory = field(init=False, repr=False)
    _messages: Messages = field(init=False, repr=False)

    def __post_init__(self) -> None:
        api = Api(self.http, self.api_url, self.bot_token, self.restricted, self.paced)
        directory = Directory(api, self.channels)
        object.__setattr__(self, "_directory", directory)
        object.__setattr__(self, "_messages", Messages(api, directory))

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield a batch a step: a page of a channel, or a thread with new replies.

        Each cursor says what is still to be read of the window under way. A channel that cannot
        be read is told of when the others have been.
        """
        now, kept = self.now(), read_cursor(cursor)
        first = stamp_of(since or now - timedelta(days=self.history_days))
        faults: list[Refused] = []
        steps = 0
        self._directory.forget_people()
        for channel in self._directory.look(faults):
            reading = kept.get(channel.id) or Reading(first, first)
            try:
                for batch, place in self._read(channel, reading, now):
                    kept[channel.id] = place
                    yield replace(batch, cursor=write_cursor(kept))
                    steps += 1
                    self._make_room(steps, place)
            except Refused as refused:
                refused.put_aside(faults)
        if faults:
            raise all_of(faults)

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield these posts as they are; in the restricted profile nothing: there, events tell."""
        oldest = stamp_of(self.now() - HIDDEN)
        asked: dict[str, set[str]] = {}
        for external_id in () if self.restricted else external_ids:
            place, _, ts = external_id.partition("/")
            if is_stamp(ts) and ts > oldest:
                asked.setdefault(place, set()).add(ts)
        for place, stamps in asked.items():
            if channel := self._directory.channel(place):
                yield self._messages.as_they_are(channel, stamps)

    def owns(self, url: str) -> bool:
        """Whether it has the form of a message's permalink."""
        return message_at(url) is not None

    def find(self, url: str) -> Batch:
        """The message at a permalink, if its channel is one that is read."""
        place, ts = message_at(url) or ("", "")
        channel = self._directory.channel(place)
        if channel is None:
            raise SourceError(
                "slack: that channel is not read; name it under channels in [sources.slack]",
                permanent=True,
            )
        found = self._messages.as_they_are(channel, {ts})
        if not found.posts:
            raise SourceError("slack: nobody said anything there, or it is gone", permanent=True)
        return found

    def heard(
        self,
        event: str,
        payload: object,
        cursor: str | None = None,  # noqa: ARG002 channels keep their ids
    ) -> Batch:
        """What an event of the Events API brings; nothing for other channels.

        `payload` is the event itself, `payload["event"]` of its envelope, and `event` its type.
        Asks Slack for the names of people it has not met, and for the message of a reaction.
        """
        place, ts = told_of(payload) if event in EVENTS else ("", None)
        channel = self._directory.channel(place) if place else None
        if channel is None:
            return Batch((), None)
        if ts is not None:
            return self._messages.as_they_are(channel, {ts})
        return happened(payload, channel, self._directory.people([spoken_in(payload)]))

    def _read(
        self, channel: Channel, reading: Reading, now: datetime
    ) -> Iterator[tuple[Batch, Reading]]:
        """What is left of a window, then this run's own; and the place after each step."""
        watched = OVERLAP if self.restricted else WATCHED
        for _ in range(2 if reading.under_way else 1):
            reading = reading if reading.under_way else reading.begun(now, watched)
            while reading.under_way:
                step = self._thread if reading.threads else self._page
                batch, reading = step(channel, reading)
                yield batch, reading

    def _page(self, channel: Channel, reading: Reading) -> tuple[Batch, Reading]:
        """The window's next page, and the place after it."""
        bounds = {"oldest": reading.oldest, "latest": reading.latest}
        try:
            answer = self._messages.history(channel, cursor=reading.page, **bounds)
        except Refused as refused:
            if refused.error != "invalid_cursor":
                raise
            answer = self._messages.history(channel, **bounds)
        messages, page = items(answer, "messages", "conversations.history"), next_cursor(answer)
        if page and page == reading.page:
            raise SourceError("slack: conversations.history gives the same page again and again")
        batch = batch_of(messages, channel, self._directory.people(messages))
        if answer.get("is_limited") is True and not page and reading.oldest == reading.floor:
            batch = replace(batch, gaps=hidden(messages, reading.floor, reading.latest))
        return batch, reading.after_page(page, threads_with_news(messages, reading.fresh_from))

    def _thread(self, channel: Channel, reading: Reading) -> tuple[Batch, Reading]:
        """The next thread's new replies with the message that opened it, and the place after it."""
        root = reading.threads[0]
        messages = self._messages.replies(channel, root, reading.fresh_from)
        batch = batch_of(messages, channel, self._directory.people(messages))
        if not messages:
            batch = replace(batch, deleted=(channel.external_id(root),))
        return batch, reading.after_thread()

    def _make_room(self, steps: int, place: Reading) -> None:
        if self.restricted and steps >= RESTRICTED_STEPS and place.under_way:
            raise SourceError(
                "slack: one request a minute is allowed; the next run goes on from here",
                retry_after=60.0,
            )
