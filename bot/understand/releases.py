"""Versions and releases: which one brought a fix, and which ones a post names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.model import Link, Post
from bot.tracking import Fix

Version = tuple[int, ...]

_VERSION = re.compile(
    r"(?<![\w./-])v?(?P<number>\d{1,4}(?:\.\d{1,5}){1,3}(?:-\d{1,3}(?![\w.]))?)"
    r"(?P<early>[._-]?(?:rc|beta|alpha|pre|preview|dev|nightly|canary|b|a)[._-]?\d*)?(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r"(?:^|[^\d.])v?(?P<number>\d{1,4}(?:\.\d{1,5}){1,3}(?:-\d{1,3}(?![\w.]))?)(?P<early>.*)$"
)
_OTHERS = re.compile(
    r"\b(?:node(?:\.?js)?|python|npm|pip|pnpm|yarn|bun|deno|go|rust|java|jdk|ruby|php|gcc|clang|cuda"
    r"|macos|os ?x|ios|ipados|android|windows|ubuntu|debian|fedora|linux|kernel|postgres(?:ql)?"
    r"|mysql|redis|docker|chrome|firefox|safari)[ :@=]{1,3}v?$",
    re.IGNORECASE,
)
"""What stands before a version that is none of ours."""
_EARLY = re.compile(r"rc|beta|alpha|pre|dev|nightly|canary|\d[ab]\d", re.IGNORECASE)

_READ = 6_000
"""Characters of a text that are searched for versions."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it can be compared with others."""

    key: str
    name: str
    """The version as people write it: "2.4.1"; the tag itself where it holds none."""
    version: Version | None
    at: datetime
    final: bool
    """Whether it is more than a candidate, a beta or a nightly."""


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of one repository, oldest first."""

    ordered: tuple[Release, ...]
    links: Mapping[str, Collection[str]] = field(default_factory=dict)
    """What the notes of each point at, by its key."""

    @classmethod
    def of(cls, posts: Sequence[Post], repo: str, links: Sequence[Link]) -> Releases:
        """Those among the posts that are releases of `owner/name`; `links` leave their notes."""
        own = [post for post in posts if post.kind == "release" and repo_of(post) == repo]
        ordered = sorted((_release(post) for post in own), key=lambda r: (r.at, r.key))
        named: dict[str, set[str]] = {release.key: set() for release in ordered}
        for link in links:
            if link.source_key in named:
                named[link.source_key].add(link.target_key)
        return cls(tuple(ordered), named)

    def naming(self, keys: Collection[str]) -> Release | None:
        """The first one whose notes point at any of these posts; a final one before others."""
        return _first([r for r in self.ordered if not set(keys).isdisjoint(self.links[r.key])])

    def after(self, moment: datetime) -> Release | None:
        """The first one at or after a moment; a final one before others."""
        return _first([r for r in self.ordered if r.at >= moment])

    def between(self, since: datetime, until: datetime) -> bool:
        """Whether one was made in this span."""
        return any(since <= r.at < until for r in self.ordered)

    def called(self, name: str) -> Release | None:
        """The one with this version: "2.4.1", "v2.4.1", "Release 2.4.1"."""
        version = version_of(name)
        return next((r for r in self.ordered if version and r.version == version), None)

    def named_in(self, post: Post) -> set[Release]:
        """Those whose version a post names. Other numbers, of other things, are none of ours."""
        text = f"{post.title}\n{post.text[:_READ]}"
        said = {
            _numbers(match["number"])
            for match in _VERSION.finditer(text)
            if not match["early"] and not _OTHERS.search(text[: match.start()][-20:])
        }
        return {release for release in self.ordered if release.version in said and release.final}


def repo_of(post: Post) -> str:
    """`owner/name` of a post of a code host, by its id."""
    return re.split("[#@]", post.external_id, maxsplit=1)[0]


def version_of(name: str) -> Version | None:
    """The version in the name of a tag or a milestone; None if it holds none."""
    found = _TAGGED.search(name)
    return _numbers(found["number"]) if found else None


def as_of(post: Post, now: datetime) -> Post:
    """The post as it stood then: what was closed or merged only later was still open."""
    if post.closed_at is None or post.closed_at <= now:
        return post
    return replace(post, state="open", closed_at=None)


def fix_of(issue: Post, pulls: Sequence[Post], releases: Releases) -> Fix | None:
    """What fixed a closed issue; None while it is open, and where nothing tells of a fix.

    The release whose notes name the issue or a pull request that closes it; else the first one
    after that pull request was merged; else the issue's milestone, if it names a version. Where it
    is not known when a thread was closed or merged, its last change stands for that, which may be
    too late.
    """
    if issue.state not in ("closed", "answered"):
        return None
    merged = sorted((p for p in pulls if p.state == "merged"), key=lambda p: (p.created_at, p.key))
    by = merged[-1] if merged else None
    if found := releases.naming([issue.key, *(pull.key for pull in merged)]):
        return Fix(found.at, found.name, found.key, by.key if by else None)
    if by:
        return _merged(by, releases, issue)
    if issue.milestone and version_of(issue.milestone) and not issue.duplicate_of:
        return _planned(issue, releases, _end(issue), None)
    return None


def _merged(by: Post, releases: Releases, issue: Post) -> Fix:
    """The first release after a pull request was merged; without one, what the milestone says."""
    at = _end(by)
    if found := releases.after(at):
        sure = by.closed_at is not None or not releases.between(by.created_at, at)
        return Fix(found.at, found.name, found.key, by.key, sure)
    if issue.milestone and version_of(issue.milestone):
        return _planned(issue, releases, at, by.key)
    return Fix(at, None, None, by.key)


def _planned(issue: Post, releases: Releases, at: datetime, by: str | None) -> Fix:
    name = issue.milestone or ""
    if found := releases.called(name):
        return Fix(found.at, found.name, found.key, by, sure=False)
    if releases.ordered:  # there are releases, but not yet this one
        return Fix(at, None, None, by, sure=False)
    return Fix(at, name, None, by, sure=False)


def _end(post: Post) -> datetime:
    return post.closed_at or post.updated_at or post.created_at


def _release(post: Post) -> Release:
    tag = post.external_id.partition("@")[2] or post.title
    found = _TAGGED.search(tag)
    if not found:
        return Release(post.key, tag, None, post.created_at, not _EARLY.search(tag))
    final = not _EARLY.search(found["early"])
    name = found["number"] + ("" if final else found["early"])
    return Release(post.key, name, _numbers(found["number"]), post.created_at, final)


def is_final(tag: str) -> bool:
    """Whether a tag names more than a candidate, a beta or a nightly."""
    found = _TAGGED.search(tag)
    return not _EARLY.search(found["early"] if found else tag)


def _numbers(version: str) -> Version:
    """2.4, 2.4.0 and v2.4 are one."""
    numbers = [int(part) for part in re.split(r"[.-]", version)]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _first(releases: Sequence[Release]) -> Release | None:
    return next((r for r in releases if r.final), releases[0] if releases else None)
