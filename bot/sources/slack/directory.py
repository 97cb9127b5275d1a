"""Who and where in a Slack workspace: channels by id or name, people by what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import SourceError
from bot.sources import fields
from bot.sources.slack.api import Api, Refused
from bot.sources.slack.posts import Channel, People, Person, people_in, person_of

_ID = re.compile(r"[CG][A-Z0-9]{5,20}")
_UNKNOWN = {"user_not_found", "user_not_visible", "users_not_found"}


@dataclass(frozen=True, slots=True)
class Directory:
    """Remembers what it was told: `forget_people` before a run, so that new names are seen."""

    api: Api
    wanted: tuple[str, ...]
    """The configured channels, by id or name."""
    _people: dict[str, Person] = field(default_factory=dict)
    _channels: dict[str, Channel] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)

    def forget_people(self) -> None:
        """Ask for each name anew."""
        self._people.clear()

    def channel(self, place: str) -> Channel | None:
        """A configured channel by its id, as it was last looked at; None for any other."""
        if not self._channels:
            list(self.look([]))
        return self._channels.get(place)

    def look(self, faults: list[Refused]) -> Iterator[Channel]:
        """Each configured channel as it is now; what stands in the way of one goes to `faults`."""
        us = self.api.call("auth.test")
        workspace = fields.address(us.get("url"))
        named = (us.get("user_id"), us.get("bot_id"))
        ours = frozenset(own for own in named if isinstance(own, str) and own)
        for wanted in self.wanted:
            try:
                channel = self._looked_at(wanted, workspace, ours)
            except Refused as refused:
                refused.put_aside(faults)
                continue
            self._channels[channel.id] = channel
            yield channel

    def people(self, messages: Sequence[object]) -> People:
        """Whoever these messages were written by, or mention."""
        found = {}
        for user in sorted(people_in(messages)):
            if user not in self._people:
                self._people[user] = self._person(user)
            found[user] = self._people[user]
        return found

    def _looked_at(self, wanted: str, workspace: str | None, ours: frozenset[str]) -> Channel:
        place = wanted if _ID.fullmatch(wanted) else self._id_of(wanted.removeprefix("#"))
        found = self.api.call("conversations.info", channel=place).get("channel")
        if not isinstance(found, dict):
            raise SourceError(f"slack: conversations.info of {place} answered without channel")
        return Channel(
            id=place,
            name=fields.named(found.get("name")) or place,
            # What does not say that it is public is not shown to everybody.
            private=found.get("is_private") is not False,
            workspace=workspace and workspace.rstrip("/") + "/",
            ours=ours,
        )

    def _id_of(self, name: str) -> str:
        """The id of a public channel. Raises Refused if there is none of that name."""
        if name not in self._ids:
            for page in self.api.listed(
                "conversations.list", "channels", limit=1_000, types="public_channel"
            ):
                self._ids.update(_named(page))
        if name not in self._ids:
            raise Refused("conversations.list", {"error": "channel_not_found"}, f"#{name}")
        return self._ids[name]

    def _person(self, user: str) -> Person:
        """By the name that Slack shows; by the id where Slack does not know them any more."""
        try:
            row = self.api.call("users.info", user=user).get("user")
        except Refused as refused:
            if refused.error not in _UNKNOWN:
                raise
            return Person(user)
        if not isinstance(row, dict):
            raise SourceError(f"slack: users.info of {user} answered without user")
        return person_of(row, user)


def _row(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _named(channels: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Name and id of each channel of a page."""
    for channel in map(_row, channels):
        place, name = channel.get("id"), channel.get("name")
        if isinstance(place, str) and isinstance(name, str) and _ID.fullmatch(place):
            yield name, place
