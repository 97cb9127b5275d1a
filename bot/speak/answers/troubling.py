"""Whether something is a problem, and who is hit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.model import Coverage, Period, Post, Role, Sentence, ThemeView
from bot.speak.answers.evidence import (
    FEW,
    LITTLE,
    Evidence,
    Found,
    Said,
    about,
    authors,
    closest,
    crowd,
    number_of,
    others,
    sources,
    telling,
    tracked,
    voices,
    when,
    whole,
)
from bot.speak.answers.overview import theme
from bot.speak.judging import asks_for_good
from bot.speak.words import counted, day, lasting, listed, places

_HIT = re.compile(r"\b(?:hit|affected|hurt|suffer\w*|struggl\w*|complain\w*)\b", re.IGNORECASE)
"""Asks for those who complain, and not for all who speak of it."""
MONTH, LEAST = timedelta(weeks=4), timedelta(days=3)
RATIO = 1.5
"""From half as many again on it grows."""
THEMES = 2
VOICES = 3
NAMED = 5
"""So many people, platforms and versions are named."""

_PLATFORM = re.compile(
    r"\b(?:windows(?: (?:10|11))?|wsl2?|macos|os x|linux|ubuntu|debian|fedora|arch|alpine|docker"
    r"|kubernetes|android|ios|safari|chrome|firefox|vs ?code|intellij|jetbrains|arm64|aarch64"
    r"|m[1-4] mac|raspberry pi|aws|azure|gcp)\b"
)
"""In lower case: without regard to it the same takes three times as long."""
_VERSIONS = (
    re.compile(r"\d(?<![\w.]\d)\d{0,2}\.\d{1,3}\.\d{1,4}(?![\w.])"),
    re.compile(r"v(?<![\w.]v)\d{1,3}\.\d{1,3}(?:\.\d{1,4})?(?![\w.])"),
)
"""What can be nothing else: 2.4 alone may be a number of seconds."""
_SPELLED = {
    "aws": "AWS",
    "gcp": "GCP",
    "ios": "iOS",
    "jetbrains": "JetBrains",
    "macos": "macOS",
    "osx": "OS X",
    "vscode": "VS Code",
    "wsl": "WSL",
    "wsl2": "WSL2",
    "intellij": "IntelliJ",
    "arm64": "arm64",
    "aarch64": "aarch64",
}
"""The platforms that are not written with one capital."""


def problem(evidence: Evidence) -> Said:
    """How many say that it is, where, since when and how that moves; where it is tracked."""
    found = evidence.found
    said = evidence.complaints or found
    if not said.hits:
        return _no_complaint(evidence)
    shown = [view for view in closest(found) if _complains(view, said)][:THEMES]
    told = [_yes(evidence, said), *_trend(said, evidence.coverage), *_wider(evidence)]
    for view in shown:
        told += [_where_tracked(found, view), *telling(view, said.keys)]
    return Said((*told, *_newest_first(said, shown, VOICES - len(shown))), tuple(shown))


def _newest_first(said: Found, views: Sequence[ThemeView], most: int) -> list[Sentence]:
    """Users' posts outside the themes: of the last four weeks, as far as there are enough of them.

    Whether something is a problem is asked of today.
    """
    since = said.period.until - MONTH
    new = [hit for hit in said.hits if hit.post.created_at >= since]
    old = [hit for hit in said.hits if hit.post.created_at < since]
    told = others(new, views, most)
    return [*told, *others(old, views, most - len(told))]


def _complains(view: ThemeView, said: Found) -> bool:
    return any(member.key in said.keys for member in view.theme.members)


def _yes(evidence: Evidence, said: Found) -> Sentence:
    posts = said.posts
    little = voices(crowd(posts)) < LITTLE
    lately = max(post.created_at for post in posts) >= said.period.until - MONTH
    yes = "Some complain:" if asks_for_good(evidence.asked.text) else "Yes:"
    lead = "Little to go on: only" if little else yes if lately else "Not lately, but once:"
    return whole(
        said,
        f"{lead} {number_of(said.query, posts)} by {authors(posts)} on {sources(posts)}, "
        f"{when(posts)}.",
    )


def _no_complaint(evidence: Evidence) -> Said:
    found, posts = evidence.found, evidence.found.posts
    number = "the one post" if len(posts) == 1 else f"none of the {counted(len(posts), 'post')}"
    verb = "is no complaint" if len(posts) == 1 else "complains"
    lead = "Nobody complains" if asks_for_good(evidence.asked.text) else "Nobody says so"
    where = f"by {authors(posts)} on {sources(posts)}"
    text = f"{lead}: {number}{about(found.query)} {where} {verb}, {when(posts)}."
    if len(found.query.words) > 1 and len(posts) < FEW:
        none = f"{'it' if len(posts) == 1 else 'none of them'} {verb}"
        text = f"Little to go on: only {number_of(found.query, posts)} {where}, {when(posts)}; "
        text += f"{none}."
    return Said((whole(found, text), *_wider(evidence), *others(found.hits, (), VOICES)))


def _wider(evidence: Evidence) -> list[Sentence]:
    """What is found without one of the words, and somebody's words of it."""
    wider = evidence.wider
    if wider is None:
        return []
    posts = wider.posts
    text = (
        f"Without “{wider.name}” there {'is' if len(posts) == 1 else 'are'} "
        f"{number_of(wider.query, posts)} by {authors(posts)} on {sources(posts)}, {when(posts)}."
    )
    unsaid = [hit for hit in wider.hits if hit.post.key not in evidence.found.keys]
    return [whole(wider, text), *others(unsaid, (), 1)]


def _trend(said: Found, coverage: Coverage) -> list[Sentence]:
    """How many in the last four weeks, and in the four before.

    Or in the two halves of the time that was asked about and read, where that is shorter; nothing
    where it is too short to tell.
    """
    posts, until = said.posts, said.period.until
    named = {post.source for post in posts}
    firsts = [s.first_at for s in coverage.sources if s.source in named and s.first_at]
    length = min(MONTH, (until - max([said.period.since, *firsts])) / 2)
    if length < LEAST or len(posts) < LITTLE:
        return []
    now = sum(post.created_at >= until - length for post in posts)
    before = sum(until - 2 * length <= post.created_at < until - length for post in posts)
    span = lasting(Period(until - length, until))
    grows, fades = now >= RATIO * before, before >= RATIO * now
    moves = "growing" if grows else "fading" if fades else "steady"
    if not now + before:
        last = max(post.created_at for post in posts)
        return [whole(said, f"Quiet: of these {len(posts):,} none since {day(last)}.")]
    text = f"{moves.capitalize()}: {now:,} of these {len(posts):,} in the last {span}"
    return [whole(said, f"{text}, {before:,} in the {span} before.")]


def _where_tracked(found: Found, view: ThemeView) -> Sentence:
    told = theme(found.query, view, found.keys)
    return Sentence(f"{told.text[:-1]}; {tracked(view)}.", told.cites, told.opens)


def who(evidence: Evidence) -> Said:
    """The people by place, what they run, when they wrote, and who of them is the team."""
    found = evidence.found
    hit = evidence.complaints
    if hit and hit.hits and _HIT.search(evidence.asked.text):
        found = replace(hit, views=found.views)
    posts = found.posts
    users = [post for post in posts if post.role is Role.USER]
    told = [_people(found)]
    told += _naming(found, users)
    told += _authors(found, users)
    shown = tuple(closest(found)[:1])
    told += [sentence for view in shown for sentence in telling(view, found.keys)]
    return Said((*told, *others(found.hits, shown, VOICES - len(shown))), shown)


def _people(found: Found) -> Sentence:
    posts = found.posts
    little = "Little to go on: only " if voices(crowd(posts)) < LITTLE else ""
    by_place = Counter(post.venue for post in posts)
    text = (
        f"{little}{authors(posts)} in {number_of(found.query, posts)} on "
        f"{places(dict(by_place.most_common()))}; {_first_and_last(posts)}."
    )
    return whole(found, text[0].upper() + text[1:])


def _first_and_last(posts: Sequence[Post]) -> str:
    first, last = (pick(post.created_at for post in posts) for pick in (min, max))
    if first.date() == last.date():
        return f"all on {day(first)}"
    return f"the first on {day(first)}, the last on {day(last)}"


def _naming(found: Found, users: Sequence[Post]) -> list[Sentence]:
    """The platforms and versions that their posts name."""
    texts = [f"{post.title} {post.text}" for post in users]
    platforms = _counted(_platforms(text) for text in texts)
    versions = _counted(_versions(text) for text in texts)
    told = [text for text in (platforms, versions) if text]
    return [whole(found, f"Their posts name {'; '.join(told)}.")] if told else []


def _platforms(text: str) -> dict[str, str]:
    """The platforms that a text names, with how each is written."""
    named = set(_PLATFORM.findall(text.lower()))
    return {(bare := name.replace(" ", "")): _SPELLED.get(bare) or name.title() for name in named}


def _versions(text: str) -> dict[str, str]:
    """The versions that a text names, without the letter before."""
    found = {version.removeprefix("v") for p in _VERSIONS for version in p.findall(text)}
    return dict(zip(found, found, strict=True))


def _counted(named: Iterable[Mapping[str, str]]) -> str:
    """`Windows 12, macOS 9`: what several texts name, of what each of them names."""
    counts, spelled = Counter[str](), dict[str, str]()
    for names in named:
        counts.update(names.keys())
        spelled.update(names)
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]
    return ", ".join(f"{spelled[name]} {number:,}" for name, number in most if number > 1)


def _authors(found: Found, users: Sequence[Post]) -> list[Sentence]:
    """By name who wrote most, else last, each with a place; and what the team wrote."""
    known = [post for post in users if post.author]
    of_each: dict[tuple[str, str | None], list[Post]] = {}
    for post in sorted(known, key=lambda post: (post.created_at, post.key), reverse=True):
        of_each.setdefault((post.source, post.author), []).append(post)
    most = sorted(of_each.values(), key=lambda posts: -len(posts))
    places = len({post.venue for post in found.posts})
    names = [_person(posts, places) for posts in most[:NAMED]]
    names += [f"{len(most) - NAMED:,} more"] if len(most) > NAMED else []
    team = Counter(p.author or "somebody" for p in found.posts if p.role is Role.TEAM)
    parts = [f"By name: {listed(names)}"] if names else []
    if team:
        own = listed([name for name, _ in team.most_common(NAMED)])
        parts.append(f"{sum(team.values()):,} are by the team ({own})")
    return [whole(found, f"{'; '.join(parts)}.")] if parts else []


def _person(posts: Sequence[Post], places: int) -> str:
    """`ann (acme/tool)`, `ann 4 (acme/tool and r/tool)`; where all is of one place, without it."""
    venues = listed([venue for venue, _ in Counter(post.venue for post in posts).most_common(2)])
    number = f" {len(posts):,}" if len(posts) > 1 else ""
    return f"{posts[0].author}{number}{f' ({venues})' if places > 1 else ''}"
