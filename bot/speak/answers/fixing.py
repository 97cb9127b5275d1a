"""Whether something is fixed: what became of the issues about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bot.model import Sentence, ThemeView
from bot.speak.answers.evidence import (
    Evidence,
    Found,
    Said,
    about,
    authors,
    cite_all,
    closest,
    others,
    part,
    telling,
    tracked,
    when,
    whole,
)
from bot.speak.plain import identity
from bot.speak.tracking import closest_text
from bot.speak.words import counted
from bot.tracking import State, Tracking

THEMES, VOICES = 3, 3

_VERDICTS = {
    State.FIXED: "Yes",
    State.QUIET: "Yes",
    State.BACK: "It was, and",
    State.OPEN: "Not yet",
    State.CLOSED: "Perhaps",
    State.LINKED: "Unknown",
}
"""Where an issue stands for the theme; else the issues in it tell how far it is."""


def fixed(evidence: Evidence) -> Said:
    """What is known of each theme: its issue, the release, complaints before and after."""
    found = evidence.found
    shown = [view for view in closest(found) if view.tracking][:THEMES]
    if not shown:
        return _of_posts(found)
    told: list[Sentence] = []
    for place, view in enumerate(shown):
        by_issues = _issues(found, view)
        told.append(by_issues or _theme(found, view))
        issues = frozenset(cite.key for cite in by_issues.cites) if by_issues else found.keys
        told += telling(view, issues) if not place else []
    return Said(tuple(told), tuple(shown))


def _theme(found: Found, view: ThemeView) -> Sentence:
    """`Yes: fixed in v2.4.1 (acme/tool#7) · quiet since — “Label” (T1), 13 posts, 3 Oct 2026`."""
    it = part(found.query, view, found.keys)
    text = (
        f"{_verdict(view.tracking)}: {tracked(view)} — “{view.theme.label}” ({identity(view)}), "
        f"{counted(len(it.members), 'post')}, {when(it.members)}."
    )
    return Sentence(text, cite_all(it.members), it.opens)


def _verdict(tracking: Tracking | None) -> str:
    if tracking is None:
        return "Unknown"
    by_issues = _so_far(tracking.open_issues, tracking.closed_issues)
    return _VERDICTS.get(tracking.state, by_issues)


def _issues(found: Found, view: ThemeView) -> Sentence | None:
    """Where no issue stands for a theme but it holds some, how these stand; they are cited.

    None where that is not so, or where none of them is of the time and the places asked about.
    """
    tracking = view.tracking
    if tracking is None or tracking.state in _VERDICTS:
        return None
    it = part(found.query, view, found.keys)
    issues = [m for m in it.members if m.key in {*tracking.opened, *tracking.closed}]
    if not issues:
        return None
    open_ = sum(member.key in tracking.opened for member in issues)
    near = f"; the closest is {closest_text(tracking)}" if tracking.issue else ""
    text = (
        f"{_so_far(open_, len(issues) - open_)}: {_standing(open_, len(issues) - open_)}"
        f"{near} — “{view.theme.label}” ({identity(view)}), {when(issues)}."
    )
    return Sentence(text, cite_all(issues), replace(it.opens, kinds=("issue",)))


def _so_far(open_: int, closed: int) -> str:
    """What issues say of which nobody knows a fix: closed is not yet mended."""
    if open_:
        return "Not all of it" if closed else "Not yet"
    return "Perhaps" if closed else "Unknown"


def _standing(open_: int, closed: int) -> str:
    """`3 issues about it are open, none closed`."""
    if not open_:
        are = "is" if closed == 1 else "are"
        return f"{counted(closed, 'issue')} about it {are} closed, none open"
    are = "is" if open_ == 1 else "are"
    rest = f"{closed:,}" if closed else "none"
    return f"{counted(open_, 'issue')} about it {are} open, {rest} closed"


def _of_posts(found: Found) -> Said:
    """How the issues among posts stand that no theme with an issue gathers."""
    posts = found.posts
    states = Counter(post.state for post in posts if post.kind == "issue" and post.state)
    open_, closed = states["open"], states.total() - states["open"]
    number = f"{counted(len(posts), 'post')}{about(found.query)} by {authors(posts)}, {when(posts)}"
    if states:
        text = f"{_so_far(open_, closed)}: {_standing(open_, closed)}; {number}."
    else:
        text = f"Unknown: no issue is known to stand for {number}."
    return Said((whole(found, text), *others(found.hits, (), VOICES)))
