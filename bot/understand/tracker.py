"""Tracked or not, fixed or not: which issue a theme stands in, and what became of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from bot.model import Link, Post, Role
from bot.understand.duplicates import LIKELY, Seen, same_story
from bot.understand.releases import Fix, Release, Releases, fix_of, repo_of

POINTS = {
    "duplicate": 3,
    "said duplicate": 3,
    "closes": 2,
    "url": 2,
    "quotes title": 2,
    "mention": 1,
}
"""What one post's link says for an issue as the theme's; what looks alike points at nothing."""
ENOUGH = 2
"""Points from which an issue tracks the theme: one mention ("maybe like #7") is not enough."""
ALIKE = 3
"""Of a theme's posts, those most alike to an issue are what proposes it."""

WINDOW = timedelta(weeks=8)
"""How far before the fix complaints are counted."""
QUIET = timedelta(weeks=2)
"""Without a complaint for so long since the fix, a theme is quiet."""
BACK_NAMED, BACK = 2, 3
"""So many people on the fixed version or a later one, or so many voices in all: it came back."""

_WEEK = timedelta(weeks=1)
_STEPS = 10


class State(StrEnum):
    """Where a theme stands with its tracker."""

    UNTRACKED = "untracked"
    PROPOSED = "proposed"
    """An open issue looks like it, but nobody has linked the two."""
    OPEN = "open"
    CLOSED = "closed"
    """Closed, and nothing tells of a fix."""
    FIXED = "fixed"
    QUIET = "quiet"
    """Fixed, and nobody complained since."""
    BACK = "came back"
    """Fixed, and people complain again."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a theme and of what it points at."""

    members: Sequence[Post]
    """Its posts of all time."""
    complaints: Collection[str]
    """The keys of those that complain."""
    links: Sequence[Link] = ()
    """Those that leave its members, the issues they lead to, pull requests, and release notes."""
    known: Mapping[str, Post] = field(default_factory=dict)
    """Issues, pull requests and releases by key, as far as links or proposals name them."""
    replies: Sequence[Post] = ()
    """What was said in its members' threads."""
    proposed: Mapping[str, float] = field(default_factory=dict)
    """Open issues near it, with what `propose` says of them."""
    ended: Mapping[str, datetime] = field(default_factory=dict)
    """When threads were closed or merged, by key, where it is known."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Complaints in a span."""

    complaints: int
    weeks: float

    @property
    def per_week(self) -> float:
        """Of a span of under a week, as if it were one."""
        return self.complaints / max(self.weeks, 1.0)


@dataclass(frozen=True, slots=True)
class Since:
    """Who complained since the fix, those left out who name only an older version."""

    people: int
    unknown: int
    """Posts whose author the source did not tell."""
    on: tuple[tuple[str, int], ...] = ()
    """How many people name the fixed version or a later one, most first."""
    posts: tuple[str, ...] = ()
    named: int = 0
    """How many people that is, each counted once."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Somebody who complained before the fix and was never told of it."""

    source: str
    author: str
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a reader is told of a theme and its issue. Keys name posts."""

    state: State
    issue: str | None = None
    score: float | None = None
    """Of a proposal, between 0 and 1; None for an issue that people linked."""
    linked_by: tuple[str, ...] = ()
    """The members that point at the issue, itself left out."""
    milestone: str | None = None
    fix: Fix | None = None
    before: Rate | None = None
    """Complaints in the weeks before the fix; likewise `after`, up to now."""
    after: Rate | None = None
    since: Since | None = None
    untracked: tuple[str, ...] = ()
    """The complaints that no issue stands for, oldest first."""
    untold: tuple[Untold, ...] = ()
    """Whoever can be told, in the order of their first post; nobody while the fix waits for a
    release."""

    def __str__(self) -> str:
        """In the words of a digest."""
        return _WORDS[self.state](self)


def propose(members: Mapping[str, Seen], issues: Mapping[str, Seen]) -> dict[str, float]:
    """How likely each issue is the theme's: the mean of its likeness to the ALIKE nearest members.

    An issue that is a member itself is compared with the others. Give it some members (the newest
    twenty will do) and the open issues nearest to them, so that its cost has a bound.
    """
    found = {}
    for key, issue in issues.items():
        others = [seen for member, seen in members.items() if member != key]
        if others:
            found[key] = float(np.sort(same_story(issue, others))[-ALIKE:].mean())
    return found


def track(story: Story, now: datetime) -> Tracking:
    """The issue that tracks a theme, its state, what fixed it, and whom that did not reach."""
    votes = _votes(story)
    issue = _chosen(votes, story.known)
    if issue is None:
        return _proposed(story)
    linked_by = tuple(sorted(votes[issue.key] - {issue.key}))
    fix = _fix(issue, story)
    if fix is None:
        state = State.OPEN if issue.state == "open" else State.CLOSED
        return Tracking(state, issue.key, None, linked_by, issue.milestone)
    complaints, releases = _complaints(story), _releases(issue, story)
    since = _since(complaints, fix, releases)
    waits = fix.version is None and bool(releases.ordered)
    return Tracking(
        state=State.FIXED if waits else _after(since, fix, now),
        issue=issue.key,
        linked_by=linked_by,
        milestone=issue.milestone,
        fix=fix,
        before=_rate(complaints, max(complaints[0].created_at, fix.at - WINDOW), fix.at)
        if complaints
        else Rate(0, 0),
        after=_rate(complaints, fix.at, now),
        since=since,
        untold=() if waits else _untold(story, fix),
    )


def untracked(stories: Iterable[tuple[Story, Tracking]]) -> tuple[str, ...]:
    """The complaints of many themes that no issue stands for, each once."""
    return tuple(dict.fromkeys(key for _, tracking in stories for key in tracking.untracked))


# Which issue


def _votes(story: Story) -> dict[str, set[str]]:
    """The members that point at each issue, for issues with points enough.

    An issue that was marked a duplicate hands its points on to the one it duplicates.
    """
    members = {post.key for post in story.members}
    onward = {
        link.source_key: link.target_key
        for link in story.links
        if link.how in ("duplicate", "said duplicate")
    }
    points: Counter[str] = Counter()
    voters: defaultdict[str, set[str]] = defaultdict(set)
    best: dict[tuple[str, str], int] = {}
    for link in story.links:
        target = _end_of(link.target_key, onward)
        from_pull = link.how == "closes" and link.target_key in members
        if (link.source_key in members or from_pull) and _is_issue(target, story.known):
            pair = link.source_key, target
            best[pair] = max(best.get(pair, 0), POINTS.get(link.how, 0))
    for (voter, target), worth in best.items():
        if worth and voter != target:
            points[target] += worth
            voters[target] |= {voter} & members
    return {target: voters[target] for target, sum_ in points.items() if sum_ >= ENOUGH}


def _end_of(key: str, onward: Mapping[str, str]) -> str:
    """Where a chain of duplicates ends; a circle ends where it was entered last."""
    for _ in range(_STEPS):
        if key not in onward:
            break
        key = onward[key]
    return key


def _is_issue(key: str, known: Mapping[str, Post]) -> bool:
    return key in known and known[key].kind == "issue"


def _chosen(votes: Mapping[str, set[str]], known: Mapping[str, Post]) -> Post | None:
    """The issue most members point at; between equals the open one, then the older one."""
    issues = [known[key] for key in votes]
    order = sorted(
        issues, key=lambda p: (-len(votes[p.key]), p.state != "open", p.created_at, p.key)
    )
    return order[0] if order else None


def _proposed(story: Story) -> Tracking:
    """A theme that nobody linked to an issue."""
    complaints = tuple(post.key for post in _complaints(story) if post.kind != "issue")
    fitting = {key: s for key, s in story.proposed.items() if _open(key, story.known)}
    best = min(fitting, key=lambda key: (-fitting[key], key), default=None)
    if best is None or fitting[best] < LIKELY:
        return Tracking(State.UNTRACKED, untracked=complaints)
    milestone = story.known[best].milestone
    return Tracking(State.PROPOSED, best, fitting[best], milestone=milestone, untracked=complaints)


def _open(key: str, known: Mapping[str, Post]) -> bool:
    return _is_issue(key, known) and known[key].state == "open"


# What became of it


def _fix(issue: Post, story: Story) -> Fix | None:
    closing = {
        link.source_key
        for link in story.links
        if link.how == "closes" and link.target_key == issue.key
    }
    pulls = [story.known[key] for key in sorted(closing) if key in story.known]
    return fix_of(issue, pulls, _releases(issue, story), story.ended)


def _releases(issue: Post, story: Story) -> Releases:
    return Releases.of(list(story.known.values()), repo_of(issue), story.links)


def _complaints(story: Story) -> list[Post]:
    """Users' complaints, oldest first."""
    found = [p for p in story.members if p.key in story.complaints and p.role is Role.USER]
    return sorted(found, key=lambda post: (post.created_at, post.key))


def _rate(complaints: Sequence[Post], since: datetime, until: datetime) -> Rate:
    inside = sum(since <= post.created_at < until for post in complaints)
    return Rate(inside, max(until - since, timedelta()) / _WEEK)


def _since(complaints: Sequence[Post], fix: Fix, releases: Releases) -> Since:
    """See `Since`. Where no release is known, nobody can be on it."""
    later = [post for post in complaints if post.created_at >= fix.at]
    fixed = {r for r in releases.ordered if r.version and r.at >= fix.at}
    still: list[Post] = []
    on: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for post in later:
        named = releases.named_in(post)
        if named and not named & fixed:
            continue
        still.append(post)
        for release in _newest(named & fixed):
            on[release.name].add((post.source, post.author or post.key))
    people = {(post.source, post.author) for post in still if post.author}
    return Since(
        len(people),
        sum(post.author is None for post in still),
        tuple((name, len(who)) for name, who in sorted(on.items(), key=lambda x: -len(x[1]))),
        tuple(post.key for post in still),
        len(set().union(*on.values())),
    )


def _newest(named: Collection[Release]) -> list[Release]:
    """Who names two versions is on the later one: "broken in 2.4.1 and still in 2.4.2"."""
    return sorted(named, key=lambda release: (release.at, release.key))[-1:]


def _after(since: Since, fix: Fix, now: datetime) -> State:
    if since.named >= BACK_NAMED or since.people + since.unknown >= BACK:
        return State.BACK
    if not since.posts and now - fix.at >= QUIET:
        return State.QUIET
    return State.FIXED


def _untold(story: Story, fix: Fix) -> tuple[Untold, ...]:
    """See `Untold`. Whoever wrote an issue that was closed was told by the tracker itself."""
    answered = {
        f"{reply.source}:{reply.root_id or reply.parent_id}"
        for reply in story.replies
        if reply.role is Role.TEAM and reply.created_at >= fix.at
    }
    waiting: dict[tuple[str, str], list[str]] = {}
    told = set()
    for post in sorted(story.members, key=lambda post: (post.created_at, post.key)):
        if post.role is not Role.USER or not post.author or post.created_at >= fix.at:
            continue
        who = post.source, post.author
        if post.key in answered or (post.kind == "issue" and post.state == "closed"):
            told.add(who)
        waiting.setdefault(who, []).append(post.key)
    return tuple(Untold(*who, tuple(posts)) for who, posts in waiting.items() if who not in told)


# In words


def _name(key: str | None) -> str:
    return (key or "").partition(":")[2]


def _untracked_words(tracking: Tracking) -> str:
    count = len(tracking.untracked)
    return f"untracked: {count} complaint{'' if count == 1 else 's'} and no issue"


def _proposed_words(tracking: Tracking) -> str:
    return f"perhaps {_name(tracking.issue)} (likeness {tracking.score or 0:.2f}, nobody linked it)"


def _open_words(tracking: Tracking) -> str:
    planned = f", milestone {tracking.milestone}" if tracking.milestone else ""
    return f"tracked in {_name(tracking.issue)} (open{planned})"


def _closed_words(tracking: Tracking) -> str:
    return f"{_name(tracking.issue)} was closed; nothing tells of a fix"


def _version(tracking: Tracking) -> str:
    version = tracking.fix.version if tracking.fix else None
    return version or "the fix"


def _fixed_words(tracking: Tracking) -> str:
    fix = tracking.fix
    if fix is None or fix.version is None:
        return f"fixed, no release known that has it ({_name(tracking.issue)})"
    return f"fixed in {'' if fix.sure else 'probably '}{fix.version} ({_name(tracking.issue)})"


def _quiet_words(tracking: Tracking) -> str:
    return f"quiet since {_version(tracking)}"


def _back_words(tracking: Tracking) -> str:
    since = tracking.since or Since(0, 0)
    if since.on:
        name, people = since.on[0]
        return f"came back: {people} {'person' if people == 1 else 'people'} on {name}"
    voices = since.people + since.unknown
    return f"came back: {voices} {'person' if voices == 1 else 'people'} since {_version(tracking)}"


_WORDS = {
    State.UNTRACKED: _untracked_words,
    State.PROPOSED: _proposed_words,
    State.OPEN: _open_words,
    State.CLOSED: _closed_words,
    State.FIXED: _fixed_words,
    State.QUIET: _quiet_words,
    State.BACK: _back_words,
}
