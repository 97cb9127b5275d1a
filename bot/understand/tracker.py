"""Tracked or not, fixed or not: which issue a theme stands in, and what became of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from bot.model import Link, Post, Role
from bot.tracking import Fix, Issue, Linked, Rate, Since, State, Tracking, Untold
from bot.understand.addresses import canonical
from bot.understand.duplicates import LIKELY, Seen, same_story
from bot.understand.releases import Release, Releases, fix_of, repo_of

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
LEAST, SMALL, SEVERAL = 0.1, 1 / 3, 2
"""Shares of a theme that stand behind an issue, and how many others point at it: see `_stands`. One
post of two hundred that links to an issue tells nothing of the others."""
INSIDE, OUTSIDE = 0.2, 0.5
"""How likely an open issue of the theme itself must be to be proposed, and one from outside: had it
told the same story, it would mostly stand in the theme already."""

TRIAGED = re.compile(
    r"\b(?:accepted|confirmed|triaged|planned|backlog|roadmap|in[ -]progress|p[0-4]|priority"
    r"|help wanted|good first issue|duplicate|invalid|won'?t[ -]?fix|by design"
    r"|works as intended)\b",
    re.IGNORECASE,
)
"""Labels by which somebody says that they have looked at an issue. "bug" is none of them: forms
and bots give it to whatever comes in."""
_NOT_YET = re.compile(r"\b(?:needs?|awaiting|waiting|pending|not|no)\b", re.IGNORECASE)

WINDOW = timedelta(weeks=8)
"""How far before the fix complaints are counted."""
QUIET = timedelta(weeks=2)
"""Without a complaint for so long since the fix, a theme is quiet."""
BACK_NAMED, BACK = 2, 3
"""So many people on the fixed version or a later one, or so many voices in all: it came back."""

_WEEK = timedelta(weeks=1)
_STEPS = 10


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a theme and of what it points at."""

    members: Sequence[Post]
    """Its posts of all time."""
    complaints: Collection[str]
    """The keys of those that complain."""
    links: Sequence[Link] = ()
    """Those that leave its members and the issues they lead to, and those of pull requests."""
    known: Mapping[str, Post] = field(default_factory=dict)
    """Issues and pull requests by key, as far as links or proposals name them."""
    replies: Sequence[Post] = ()
    """What was said in its members' threads."""
    proposed: Mapping[str, float] = field(default_factory=dict)
    """Open issues near it, with what `propose` says of them."""
    releases: Mapping[str, Releases] = field(default_factory=dict)
    """By repository, those of the issues' own."""
    linked: Linked | None = None
    """What a person named, which has the last word."""


def propose(members: Mapping[str, Seen], issues: Mapping[str, Seen]) -> dict[str, float]:
    """How likely each issue is the theme's: at least half of the members are so alike to it.

    The nearest few would not do: a large theme has something alike to many an issue. One that is a
    member itself is compared with the others. Give it some members (the newest twenty will do) and
    the open issues nearest to them, so that its cost has a bound.
    """
    found = {}
    for key, issue in issues.items():
        others = [seen for member, seen in members.items() if member != key]
        if others:
            found[key] = float(np.median(same_story(issue, others)))
    return found


def track(story: Story, now: datetime) -> Tracking:
    """The issue that tracks a theme, its state, what fixed it, and whom that did not reach."""
    votes = _votes(story)
    named = story.known.get(story.linked.key or "") if story.linked else None
    if story.linked and named is None:
        return _elsewhere(story, story.linked)
    issue = named or _chosen(votes, story.known)
    if issue is None:
        return _proposed(story)
    linked_by = tuple(sorted(votes.get(issue.key, set()) - {issue.key}))
    found = replace(
        _counted(story), issue=_issue(issue), linked_by=linked_by, by_hand=named is not None
    )
    fix = _fix(issue, story)
    if fix is None:
        return replace(found, state=State.OPEN if issue.state == "open" else State.CLOSED)
    complaints, releases = _complaints(story), _releases(issue, story)
    since = _since(complaints, fix, releases)
    waits = fix.version is None and bool(releases.ordered)
    return replace(
        found,
        state=State.FIXED if waits else _after(since, fix, now),
        fix=fix,
        before=_rate(complaints, max(complaints[0].created_at, fix.at - WINDOW), fix.at)
        if complaints
        else Rate(0, 0),
        after=_rate(complaints, fix.at, now),
        since=since,
        untold=() if waits else _untold(story, fix),
    )


# Which issue


def _votes(story: Story) -> dict[str, set[str]]:
    """The members that stand behind each issue, for those with points and members enough.

    An issue that was marked a duplicate hands its points on to the one it duplicates. A member
    that no other points at, but a milestone or a pull request speaks for, must be like the others.
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
    for post in story.members:
        if post.kind == "issue" and post.state == "open" and post.milestone:
            points[post.key] += ENOUGH
    behind = {key: voters[key] | ({key} & members) for key in points}
    return {
        key: behind[key]
        for key in points
        if points[key] >= ENOUGH and _stands(key, behind[key], story)
    }


def _stands(key: str, behind: Collection[str], story: Story) -> bool:
    """Whether an issue with so many posts behind it, itself included, stands for all the theme.

    Two that point at it do, of a theme that is not too large; a single one only if the theme is
    small, or like the issue: else it may tell of something beside the matter.
    """
    share = len(behind) / len(story.members)
    others = len(behind) - (key in behind)
    alike = story.proposed.get(key, 0.0) >= LIKELY
    return share >= LEAST and (others >= SEVERAL or share >= SMALL or alike)


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


def _elsewhere(story: Story, linked: Linked) -> Tracking:
    """A theme whose issue a person named, and that cannot be read here: its address is known."""
    at = linked.address if linked.key is None else None
    issue = Issue(f"web:{canonical(at)}", "", at) if at else None
    return replace(_counted(story), state=State.LINKED, issue=issue, by_hand=True)


def _proposed(story: Story) -> Tracking:
    """A theme for which no issue stands."""
    found = _counted(story)
    taken = _taken_up(story)
    open_ = [post for post in _complaints(story) if post.key not in taken]
    found = replace(
        found,
        untracked=tuple(post.key for post in open_),
        untracked_issues=sum(post.kind == "issue" for post in open_),
    )
    own = {post.key for post in story.members}
    fitting = {
        key: likely
        for key, likely in story.proposed.items()
        if _open(key, story.known) and likely >= (INSIDE if key in own else OUTSIDE)
    }
    best = min(fitting, key=lambda key: (-fitting[key], key), default=None)
    if best is None or not open_:
        return found
    pointing = (link.source_key for link in story.links if link.target_key == best)
    return replace(
        found,
        state=State.PROPOSED,
        issue=_issue(story.known[best]),
        score=fitting[best],
        linked_by=tuple(sorted(own.intersection(pointing))),
    )


def _open(key: str, known: Mapping[str, Post]) -> bool:
    return _is_issue(key, known) and known[key].state == "open"


def _taken_up(story: Story) -> set[str]:
    """The members that stand in a tracker themselves, and that somebody there has dealt with.

    An issue that its author filed and nobody answered is a complaint like any other; one with a
    milestone, a label of triage, an answer of the team, a pull request, a duplicate, or that was
    closed, is in the tracker's hands.
    """
    answered = {_thread_of(reply) for reply in story.replies if reply.role is Role.TEAM}
    marked = {
        key
        for link in story.links
        if link.how in ("duplicate", "said duplicate", "closes")
        for key in (link.source_key, link.target_key)
    }
    return {
        post.key
        for post in story.members
        if post.kind in _TRACKED
        and (
            post.key in answered | marked
            or post.kind == "pull"
            or post.state not in (None, "open")
            or post.milestone is not None
            or any(map(_triaged, post.labels))
        )
    }


_TRACKED = ("issue", "pull")


def _triaged(label: str) -> bool:
    return bool(TRIAGED.search(label)) and not _NOT_YET.search(label)


def _counted(story: Story) -> Tracking:
    """What is so of a theme whichever issue stands for it."""
    issues = [post for post in story.members if post.kind == "issue"]
    opened = tuple(post.key for post in issues if post.state == "open")
    closed = tuple(post.key for post in issues if post.state not in (None, "open"))
    every = len(opened) + len(closed) == len(issues)
    return Tracking(
        State.UNTRACKED,
        posts=len(story.members),
        open_issues=len(opened),
        closed_issues=len(closed),
        opened=opened if every else (),
        closed=closed if every else (),
    )


def _issue(post: Post) -> Issue:
    return Issue(post.key, post.title, post.url, post.milestone)


# What became of it


def _fix(issue: Post, story: Story) -> Fix | None:
    closing = {
        link.source_key
        for link in story.links
        if link.how == "closes" and link.target_key == issue.key
    }
    pulls = [story.known[key] for key in sorted(closing) if key in story.known]
    return fix_of(issue, pulls, _releases(issue, story))


def _releases(issue: Post, story: Story) -> Releases:
    return story.releases.get(repo_of(issue), _NO_RELEASES)


_NO_RELEASES = Releases(())


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
        _thread_of(reply)
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


def _thread_of(reply: Post) -> str:
    """The key of the post that a reply's thread began with, as far as the reply knows."""
    return f"{reply.source}:{reply.root_id or reply.parent_id}"
