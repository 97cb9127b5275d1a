"""Whether a post says that something hurts: its words first, then what the heads make of it."""

from __future__ import annotations

from bot.model import Intent, Post
from bot.understand.classify import START, complains
from bot.understand.criteria import GRAVE
from bot.understand.cues import SHUT_OUT, UNHURT
from bot.understand.spots import Parts

_SURELY = 0.6
"""From here the complaint head is believed alone, even where the words speak against it."""
_HURTS = 0.3
"""From here it is believed of reports and requests, which seldom say that all is well."""
_HINTS = 0.2
"""From here it is believed where something else in the post speaks of trouble, too."""
_BROKEN = 0.3
"""From here the head of kinds speaks of trouble: so likely is the post a bug."""
_TALK = frozenset({Intent.DISCUSSION, Intent.QUESTION})
"""Kinds of which the head takes the tone of a debate, or a question, for pain."""


def hurts(post: Post, parts: Parts, kind: Intent, chance: float, broken: float) -> bool:
    """Whether the author of a post of this kind says that something hurts.

    `chance` is what the complaint head gives it, `broken` what the head of kinds gives a bug.
    """
    if kind is Intent.BUG and post.kind == "issue":
        return True
    if kind in {Intent.SPAM, Intent.ANNOUNCEMENT}:
        return False
    if chance >= _SURELY or complains(parts.title, parts.text, kind):
        return True
    if chance < _HINTS or kind is Intent.PRAISE:
        return False
    return _grave(parts) or _hinted(post, parts, kind, chance, broken)


def _grave(parts: Parts) -> bool:
    """Whether the title tells of what keeps somebody out, or of what is looked at first."""
    return parts.title.has(SHUT_OUT) or any(parts.title.has(cue) for cue in GRAVE)


def _hinted(post: Post, parts: Parts, kind: Intent, chance: float, broken: float) -> bool:
    """Whether the heads say so together, or the one of pain where it is believed sooner."""
    if (parts.title if post.title else parts.text).has(UNHURT, START):
        return False
    return broken >= _BROKEN or (chance >= _HURTS and kind not in _TALK)
