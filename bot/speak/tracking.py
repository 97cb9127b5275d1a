"""Tracked or not, fixed or not: in words, and as JSON."""

from __future__ import annotations

from typing import Any

from bot.speak.words import counted, day
from bot.tracking import Fix, Issue, Rate, Since, State, Tracking

Data = dict[str, Any]


def tracking_text(tracking: Tracking) -> str:
    """One line of a digest: `tracked in acme/tool#7 (open, milestone 2.5)`."""
    return _WORDS[tracking.state](tracking)


def standing_text(tracking: Tracking) -> str:
    """The same without how many complaints of all time no issue stands for.

    A theme that is made of issues is in the tracker: it lacks the one that stands for it.
    """
    if tracking.state not in {State.UNTRACKED, State.PROPOSED}:
        return tracking_text(tracking)
    issues = tracking.open_issues + tracking.closed_issues
    if not issues:
        return "no issue tracks it"
    own = counted(issues, f"{_all_of(tracking)}issue")
    some = tracking.open_issues and tracking.closed_issues
    part = f" ({tracking.open_issues:,} open)" if some else ""
    of = f" of {tracking.posts:,} posts" if 2 * issues < tracking.posts else ""
    return f"{own}{part}{of}, no main one named"


def _all_of(tracking: Tracking) -> str:
    """How all of a theme's issues stand, if they stand alike."""
    if tracking.open_issues and tracking.closed_issues:
        return ""
    return "open " if tracking.open_issues else "closed "


def _untracked(tracking: Tracking) -> str:
    """`no issue tracks it · 7 complaints of all time`; of issues alone only how many there are."""
    number, issues = len(tracking.untracked), tracking.open_issues + tracking.closed_issues
    told = standing_text(tracking)
    if not number or (issues and 2 * issues >= tracking.posts):
        return told
    return f"{told} · {counted(number, 'complaint')} of all time"


def _proposed(tracking: Tracking) -> str:
    return f"{_untracked(tracking)} · closest: {closest_text(tracking)}"


def closest_text(tracking: Tracking) -> str:
    """The issue that is proposed, and how sure that is: `acme/tool#7 (likely)`."""
    return f"{_name(tracking)} ({'likely' if tracking.likely else 'perhaps'})"


def likeness_text(tracking: Tracking | None) -> str:
    """For who asks why an issue is proposed: how likely it is; empty where none is."""
    if tracking is None or tracking.state is not State.PROPOSED:
        return ""
    return (
        f"Closest issue: {_name(tracking)}; half of the theme's newest complaints tell the same "
        f"with a likelihood of {tracking.score or 0:.2f} or more"
    )


def _open(tracking: Tracking) -> str:
    planned = tracking.issue.milestone if tracking.issue else None
    milestone = f", milestone {planned}" if planned else ""
    return f"tracked in {_name(tracking)} (open{milestone}{_share(tracking)})"


def _linked(tracking: Tracking) -> str:
    if tracking.issue is None:
        return "tracked in an issue that not everybody may read (linked by hand)"
    return f"tracked in {_name(tracking)} (linked by hand)"


def _closed(tracking: Tracking) -> str:
    share = _share(tracking).removeprefix("; ")
    return f"{_name(tracking)}{f' ({share})' if share else ''} was closed; nothing tells of a fix"


def _fixed(tracking: Tracking) -> str:
    fix = tracking.fix
    since = tracking.since or Since(0, 0)
    again = since.people + since.unknown
    later = f" · {counted(again, 'person', 'people')} since" if again else ""
    return f"{_in(fix)} ({_name(tracking)}){later}{_rates(tracking)}"


def _quiet(tracking: Tracking) -> str:
    return f"{_in(tracking.fix)} ({_name(tracking)}) · quiet since{_rates(tracking)}"


def _back(tracking: Tracking) -> str:
    since = tracking.since or Since(0, 0)
    if since.on:
        version, number = since.on[0]
        who = f"{counted(number, 'person', 'people')} on {version}"
    else:
        number = since.people + since.unknown
        who = f"{counted(number, 'person', 'people')} since {_version(tracking)}"
    return f"came back: {who} ({_name(tracking)}){_rates(tracking)}"


_WORDS = {
    State.UNTRACKED: _untracked,
    State.PROPOSED: _proposed,
    State.OPEN: _open,
    State.CLOSED: _closed,
    State.FIXED: _fixed,
    State.QUIET: _quiet,
    State.BACK: _back,
    State.LINKED: _linked,
}


def _name(tracking: Tracking) -> str:
    return tracking.issue.name if tracking.issue else "an issue"


def _share(tracking: Tracking) -> str:
    """How many posts stand behind the issue, where that is less than half; or who says so."""
    if tracking.by_hand:
        return "; linked by hand"
    behind = len(tracking.linked_by)
    return (
        f"; {behind} of {tracking.posts} posts point at it" if 2 * behind < tracking.posts else ""
    )


def _in(fix: Fix | None) -> str:
    doubt = "" if fix is None or fix.sure else "probably "
    if fix is None or (fix.version is None and fix.release is None):
        return f"{doubt}fixed{f' on {day(fix.at)}' if fix else ''}, no release known that has it"
    return f"fixed in {doubt}{fix.version}"


def _version(tracking: Tracking) -> str:
    return (tracking.fix.version if tracking.fix else None) or "the fix"


def _rates(tracking: Tracking) -> str:
    """Complaints a week before and after, once there was a week to compare."""
    before, after = tracking.before, tracking.after
    if before is None or after is None or after.weeks < 1 or not before.complaints:
        return ""
    return f" · {_rate(before)} a week before, {_rate(after)} after"


def _rate(rate: Rate) -> str:
    return f"{rate.per_week:.1f}".removesuffix(".0")


# As data


def tracking_data(tracking: Tracking | None) -> Data | None:
    """What tracks a theme; null where nobody complains and nothing is an issue."""
    if tracking is None:
        return None
    issue = tracking.issue or Issue("", "", None)
    fix = tracking.fix
    return {
        "state": tracking.state.value,
        "text": tracking_text(tracking),
        "issue": issue.key or None,
        "title": issue.title or None,
        "url": issue.url,
        "milestone": issue.milestone,
        "score": None if tracking.score is None else round(tracking.score, 3),
        "linked_by": list(tracking.linked_by),
        "by_hand": tracking.by_hand,
        "posts": tracking.posts,
        "open_issues": tracking.open_issues,
        "closed_issues": tracking.closed_issues,
        "fixed_in": fix.version if fix else None,
        "fixed_at": f"{fix.at:%Y-%m-%dT%H:%M:%SZ}" if fix else None,
        "fixed_by": fix.by if fix else None,
        "release": fix.release if fix else None,
        "sure": fix.sure if fix else None,
        "before": _rate_data(tracking.before),
        "after": _rate_data(tracking.after),
        "since": _since_data(tracking.since),
        "untracked": list(tracking.untracked),
        "untold": len(tracking.untold),
    }


def _rate_data(rate: Rate | None) -> Data | None:
    if rate is None:
        return None
    per_week = round(rate.per_week, 2)
    return {"complaints": rate.complaints, "weeks": round(rate.weeks, 2), "per_week": per_week}


def _since_data(since: Since | None) -> Data | None:
    if since is None:
        return None
    return {
        "people": since.people,
        "unknown_authors": since.unknown,
        "on_it": since.named,
        "versions": [{"version": version, "people": people} for version, people in since.on],
        "post_keys": list(since.posts),
    }
