"""What a post wants, and whether it complains: the tracker's labels first, then the words."""

from __future__ import annotations

import re

from bot.model import Basis, Intent, Post, Reading, Role
from bot.understand.cues import (
    ASKED,
    BROKEN,
    FAULTY,
    PAINED,
    PRAISED,
    PREFIXED,
    REPORTED,
    UNHURT,
    WANTED,
)
from bot.understand.spots import Said

_LABELS = (
    (Intent.BUG, re.compile(r"\b(?:bug|defect|regression|crash)", re.IGNORECASE)),
    (
        Intent.REQUEST,
        re.compile(r"\b(?:enhancement|feature|improvement|idea|proposal|wish)", re.IGNORECASE),
    ),
    (Intent.QUESTION, re.compile(r"\b(?:question|support|how.?to|help$|q&a)", re.IGNORECASE)),
)
"""A tracker's label names the intent; the first that matches in this order decides."""

READ = 1_500
"""Characters of a text that are read."""
START = 300
"""Characters in which an author says what hurts."""


def read(post: Post) -> Reading:
    """What the author wants and whether it hurts, by rules: no model, no network, no state.

    The tracker's own labels decide, then a prefix of the title, then the cues in title and text.
    A user's bug report is a complaint; so is a post whose words say that something hurts. What
    the team or a bot writes is never a complaint.
    """
    title, text = Said(post.title), Said(post.text)
    intent = _labelled(post) or prefixed(post.title) or _worded(title, text)
    hurt = intent is Intent.BUG and post.kind == "issue"
    complaint = post.role is Role.USER and (hurt or complains(title, text, intent))
    return Reading(intent, strength=int(complaint), basis=Basis.WORDS)


def _labelled(post: Post) -> Intent | None:
    for intent, pattern in _LABELS:
        if any(pattern.search(label) for label in post.labels if not label.startswith("r/")):
            return intent
    return None


def prefixed(title: str) -> Intent | None:
    """The intent that the author or a form put in front of a title."""
    return next((intent for intent, pattern in PREFIXED if pattern.search(title)), None)


def _worded(title: Said, text: Said) -> Intent:
    """The intent with most cues, or DISCUSSION without any."""
    weights = cue_weights(title, text)
    best = max(weights, key=lambda intent: weights[intent])
    return best if weights[best] else Intent.DISCUSSION


def cue_weights(title: Said, text: Said) -> dict[Intent, int]:
    """How much the words of a title and a text speak for each intent.

    The weights were found on one half of the NLBSE'24 training split and hold on the other
    (macro F1 0.60 and 0.585): a word of trouble in the text says little, since questions and
    requests quote errors too; asking and wishing say much.
    """
    return {
        Intent.QUESTION: 8 * title.has(ASKED)
        + 4 * text.count(ASKED, 3, READ)
        + 2 * min(text.low.count("?", 0, READ), 2),
        Intent.REQUEST: 10 * title.has(WANTED) + 4 * text.count(WANTED, 2, READ),
        Intent.BUG: 4 * title.has(BROKEN) + text.has(BROKEN, READ) + 2 * text.has(REPORTED, READ),
        Intent.PRAISE: 6 * title.has(PRAISED) + 3 * text.has(PRAISED, 400),
    }


def complains(title: Said, text: Said, intent: Intent) -> bool:
    """Whether the words of a title and the start of a text say that it hurts."""
    words, end = (title, len(title.low)) if title.low else (text, START)
    if words.has(UNHURT, end):
        return False
    if intent is Intent.BUG and words.has(FAULTY, end):
        return True
    return words.has(PAINED, end) or text.has(PAINED, START)
