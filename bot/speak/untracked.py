"""Whom a tracker lost: complaints that no issue stands for, and who was never told of a fix."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Member, ThemeView
from bot.speak.data import Data, stamp
from bot.speak.tracking import tracking_data, tracking_text
from bot.speak.words import counted, day, facts, source_name
from bot.tracking import State

MOST_POSTS = 3
"""So many of a theme's complaints are shown to a reader, the newest; JSON has all."""
TITLE_MOST = 80
"""Characters of a text that stand for a title that is not there."""


def untracked_data(views: Sequence[ThemeView]) -> list[Data]:
    """Themes that hold nothing but their untracked complaints, each of those with its address."""
    return [
        {
            "id": view.theme.id,
            "label": view.theme.label,
            "people": view.crowd.people,
            "unknown_authors": view.crowd.unknown,
            "posts": view.crowd.posts,
            "tracker": tracking_data(view.tracking),
            "complaints": [_post_data(member) for member in view.theme.members],
        }
        for view in views
    ]


def untracked_text(views: Sequence[ThemeView]) -> str:
    """The same for people."""
    return "\n\n".join(map(_lost, views)) or "No complaint in a theme is without an issue."


def _lost(view: ThemeView) -> str:
    lines = [f"{view.theme.label}  ({view.theme.id})", f"  {facts(view.crowd, view.venues)}"]
    if view.tracking and view.tracking.state is State.PROPOSED:
        lines.append(f"  {tracking_text(view.tracking).rpartition(' · ')[2]}")
    newest = view.theme.members[::-1]
    lines += [f"  - {_post_text(member)}" for member in newest[:MOST_POSTS]]
    rest = len(newest) - MOST_POSTS
    return "\n".join([*lines, f"  … and {counted(rest, 'more complaint')}"] if rest > 0 else lines)


def untold_data(view: ThemeView) -> Data:
    """Who complained before the fix and was never told, each with their posts."""
    posts = {member.key: member for member in view.theme.members}
    return {
        "id": view.theme.id,
        "label": view.theme.label,
        "tracker": tracking_data(view.tracking),
        "people": [
            {
                "source": who.source,
                "author": who.author,
                "posts": [_post_data(posts[key]) for key in who.posts if key in posts],
            }
            for who in (view.tracking.untold if view.tracking else ())
        ],
    }


def untold_text(view: ThemeView) -> str:
    """The same for people."""
    posts = {member.key: member for member in view.theme.members}
    tracking = view.tracking
    lines = [f"{view.theme.label}  ({view.theme.id})"]
    lines += [f"  {tracking_text(tracking)}"] if tracking else []
    if tracking is None or tracking.fix is None:
        return "\n".join([*lines, "", "It is not known to be fixed: there is nothing to tell yet."])
    if not tracking.untold:
        return "\n".join([*lines, "", "Nobody is known who complained before and was not told."])
    for who in tracking.untold:
        lines += ["", f"{who.author}, {source_name(who.source)}"]
        lines += [f"  - {_post_text(posts[key])}" for key in who.posts if key in posts]
    return "\n".join(lines)


def _post_text(member: Member) -> str:
    title = member.title or member.text[:TITLE_MOST]
    return f"{title}  {day(member.created_at)}  {member.url or member.key}"


def _post_data(member: Member) -> Data:
    return {
        "key": member.key,
        "url": member.url,
        "title": member.title,
        "venue": member.venue,
        "author": member.author,
        "created_at": stamp(member.created_at),
    }
