"""A workspace's export from Slack: a zip with a folder a channel, and in it a file a day.

https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from bot.model import Post
from bot.sources import fields
from bot.sources.exports.form import Form, Item, Look, Told, json_items
from bot.sources.exports.packed import Pack
from bot.sources.slack.posts import SAID, Channel, People, Person, parse

PUBLIC, PRIVATE = "channels.json", "groups.json"
"""The lists of channels. What people say to each other in `dms.json` and `mpims.json` is not read.
"""

_ID = re.compile(r"[A-Z][A-Z0-9]{1,20}")


def _detects(look: Look) -> bool:
    return "users.json" in look.names and not look.names.isdisjoint({PUBLIC, PRIVATE})


def _items(pack: Pack, told: Told) -> Iterator[Item]:
    """The messages of every channel, in the export's own order."""
    people = dict(_people(pack))
    channels = dict(_channels(pack, told))
    for name in pack.names:
        place, slash, day = name.partition("/")
        if slash and place in channels and day.endswith(".json"):
            parse_here = partial(_said, channel=channels[place], people=people)
            for where, row in json_items(pack, name):
                yield Item(where, row, parse_here)


def _said(value: object, channel: Channel, people: People) -> Post | None:
    """A message as a post; None if nobody said anything: joins, pins, bare pictures."""
    row = fields.row(value)
    is_said = fields.text(row, "subtype") in SAID and bool(fields.text(row, "text"))
    return parse(row, channel, people) if is_said else None


def _channels(pack: Pack, told: Told) -> Iterator[tuple[str, Channel]]:
    """(folder, channel): a folder is called like its channel."""
    workspace = f"{told.site}/" if told.site else None
    for name in (PUBLIC, PRIVATE):
        for row in _rows(pack, name):
            place, folder = row.get("id"), row.get("name")
            if isinstance(place, str) and _ID.fullmatch(place) and isinstance(folder, str):
                shown = fields.named(folder) or place
                yield folder, Channel(place, shown, name == PRIVATE, workspace)


def _people(pack: Pack) -> Iterator[tuple[str, Person]]:
    for row in _rows(pack, "users.json"):
        told = row.get("profile")
        profile = told if isinstance(told, dict) else {}
        names = (
            *(profile.get("display_name"), profile.get("real_name")),
            *(row.get("real_name"), row.get("name"), row.get("id")),
        )
        name = next(filter(None, map(fields.named, names)), None)
        if name and isinstance(row.get("id"), str):
            yield row["id"], Person(name, bot=row.get("is_bot") is True)


def _rows(pack: Pack, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list; what is none of them is passed over."""
    for _, row in json_items(pack, name) if name in pack.names else ():
        if isinstance(row, dict):
            yield row


FORM = Form(_detects, _items)
