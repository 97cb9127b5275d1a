"""Decisions in words and as data: the same sentence before one is taken, after, and in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.model import Decision, Deed, Part
from bot.speak.data import stamp
from bot.speak.words import counted, day

MOST_NAMED = 10
"""Posts that are named one by one; past that, only counted."""

Labels = Mapping[str, str]


def sentence(decision: Decision, labels: Labels) -> str:
    """What a decision does, with how many posts change their theme."""
    return _SENTENCES[decision.deed](decision, labels)


def named(theme: str | None, labels: Labels) -> str:
    """`T12 “Push fails”`."""
    label = labels.get(theme or "")
    return f"{theme} “{label}”" if label else f"{theme}"


def some(keys: Sequence[str]) -> str:
    """The first few of some posts, by their keys."""
    rest = len(keys) - MOST_NAMED
    return ", ".join(keys[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def decision_data(decision: Decision, labels: Labels) -> dict[str, Any]:
    """A decision: `posts` are those it speaks of and `moves` how many of them change theme."""
    return {
        "id": decision.id or None,
        "at": stamp(decision.at),
        "by": decision.by,
        "deed": decision.deed.value,
        "theme": decision.theme,
        "into": decision.into,
        "label": decision.label,
        "kind": decision.kind.value if decision.kind else None,
        "until": stamp(decision.until),
        "until_grows": decision.weekly is not None,
        "to": decision.to,
        "called": decision.called,
        "issue": issue(decision),
        "moves": len(decision.moved),
        "posts": [
            {"key": post.key, "part": post.part.value, "theme": post.theme, "before": post.stood}
            for post in decision.touched
        ],
        "undone_at": stamp(decision.undone_at),
        "undone_by": decision.undone_by,
        "text": sentence(decision, labels),
    }


def issue(decision: Decision) -> str | None:
    """The issue that a link names: its key, or its address; None where it is gone."""
    named = (post.key for post in decision.touched if post.part is Part.ISSUE)
    return next(named, decision.issue)


def person(decision: Decision) -> str:
    """Whom a decision names, as people read it."""
    return decision.called or decision.to or "nobody"


def _merge(decision: Decision, labels: Labels) -> str:
    gone, stays = named(decision.theme, labels), named(decision.into, labels)
    return f"{gone} goes into {stays}: moves {_posts(decision)}."


def _split(decision: Decision, labels: Labels) -> str:
    whole = named(decision.theme, labels)
    made = named(decision.into, labels)
    return f"{_posts(decision)} of {whole} {_are(decision)} a theme of their own, {made}."


def _move(decision: Decision, labels: Labels) -> str:
    if len(decision.touched) > 1:
        return _move_some(decision, labels)
    [post] = decision.touched or [None]
    key = post.key if post else _GONE
    if post and not post.moves:
        return f"{key} stays in {named(decision.theme, labels)}: moves no post."
    left = f", out of {named(post.stood, labels)}" if post and post.stood else ""
    if decision.theme is None:
        return f"{key} belongs in no theme{left}: moves 1 post."
    return f"{key} goes to {named(decision.theme, labels)}{left}: moves 1 post."


def _move_some(decision: Decision, labels: Labels) -> str:
    stood = dict.fromkeys(post.stood for post in decision.moved if post.stood)
    left = f", out of {', '.join(named(theme, labels) for theme in stood)}" if stood else ""
    keys, many = some([post.key for post in decision.touched]), _posts(decision)
    if decision.theme is None:
        return f"{keys} belong in no theme{left}: moves {many}."
    return f"{keys} go to {named(decision.theme, labels)}{left}: moves {many}."


def _not_us(decision: Decision, labels: Labels) -> str:
    leaving = f"{_posts(decision)} {'leaves' if len(decision.moved) == 1 else 'leave'} their theme"
    if decision.theme is not None:
        return f"{named(decision.theme, labels)} is not about us: {leaving}."
    keys = [post.key for post in decision.touched] or [_GONE]
    verb = "is" if len(keys) == 1 else "are"
    return f"{some(keys)} {verb} not about us: {leaving}."


def _confirm(decision: Decision, labels: Labels) -> str:
    posts = counted(len(decision.touched), "post")
    return f"{named(decision.theme, labels)} is right as it is: {posts} stay."


def _rename(decision: Decision, _: Labels) -> str:
    return f"{decision.theme} is called “{decision.label}”."


def _mute(decision: Decision, labels: Labels) -> str:
    ends = [f"until {day(decision.until)}"] if decision.until else []
    if decision.weekly is not None:
        people = counted(decision.weekly, "person", "people")
        ends.append(f"until it grows: until {people} speak of it within a week")
    until = ", or ".join(ends) or "until that is undone"
    return f"{named(decision.theme, labels)} is left out of digests {until}."


def _kind(decision: Decision, _: Labels) -> str:
    keys = [post.key for post in decision.touched] or [_GONE]
    verb = "is" if len(keys) == 1 else "are"
    return f"{some(keys)} {verb} of the kind {decision.kind.value if decision.kind else '?'}."


def _acknowledge(decision: Decision, labels: Labels) -> str:
    return f"{named(decision.theme, labels)} was seen: it waits again once it grows or comes back."


def _assign(decision: Decision, labels: Labels) -> str:
    return f"{named(decision.theme, labels)} is assigned to {person(decision)}."


def _link(decision: Decision, labels: Labels) -> str:
    key = issue(decision) or "an issue that cannot be shown here"
    where = key.removeprefix("github:")
    return f"{named(decision.theme, labels)} is tracked in {where}."


def _posts(decision: Decision) -> str:
    return counted(len(decision.moved), "post")


def _are(decision: Decision) -> str:
    return "is" if len(decision.moved) == 1 else "are"


_GONE = "a post that is gone"

_SENTENCES: Mapping[Deed, Callable[[Decision, Labels], str]] = {
    Deed.MERGE: _merge,
    Deed.SPLIT: _split,
    Deed.MOVE: _move,
    Deed.NOT_US: _not_us,
    Deed.CONFIRM: _confirm,
    Deed.RENAME: _rename,
    Deed.MUTE: _mute,
    Deed.KIND: _kind,
    Deed.ACKNOWLEDGE: _acknowledge,
    Deed.ASSIGN: _assign,
    Deed.LINK: _link,
}
