"""Explicit references between posts: what points at what, and what tells the same story."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from bot.forms import fault_in
from bot.model import Link, Post

URL = re.compile(r"https?://[^\s<>\"'`\]|]{4,500}", re.IGNORECASE)
_MENTION = re.compile(
    r"(?<![\w/&#])(?:(?P<repo>[\w.-]{1,39}/[\w.-]{1,100}))?#(?P<number>\d{1,7})\b"
)
_REPO = re.compile(r"^[\w.-]+/[\w.-]+$")

_READ = 20_000
"""Characters of a text that are searched for references."""
_SHORTEST_STORY = 40
"""Letters and digits that title and text must have to be the same by more than chance."""
_SHORTEST_FAULT = 3
"""Words that an error message must have to tell one fault from another."""
_FRONT_PAGES = 2
"""Outside links with fewer parts than this (a site's front page) make no story the same."""


class Known(Protocol):
    """What the store can say about posts by the names that other posts use."""

    def by_url(self, url: str) -> str | None:
        """The key of the post whose canonical URL this is."""
        ...

    def by_external_id(self, source: str, external_id: str) -> str | None:
        """The key of that source's post."""
        ...


@dataclass(frozen=True, slots=True)
class KnownPosts:
    """A `Known` over posts in memory."""

    urls: dict[str, str]
    keys: frozenset[str]

    @classmethod
    def of(cls, posts: Iterable[Post]) -> KnownPosts:
        """Of posts that share a URL, as a thread and its comments do, the opener owns it."""
        urls: dict[str, str] = {}
        keys = set()
        for post in sorted(posts, key=lambda post: (not post.opens, post.created_at, post.key)):
            keys.add(post.key)
            if post.url:
                urls.setdefault(canonical(post.url), post.key)
        return cls(urls, frozenset(keys))

    def by_url(self, url: str) -> str | None:
        """See `Known.by_url`."""
        return self.urls.get(url)

    def by_external_id(self, source: str, external_id: str) -> str | None:
        """See `Known.by_external_id`."""
        key = f"{source}:{external_id}"
        return key if key in self.keys else None


def canonical(url: str) -> str:
    """A URL without what does not change the page: scheme, www, closing slash, fragment, tracking.

    Host in lower case; a text that is no URL comes back trimmed.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    host = parts.netloc.lower().rpartition("@")[2].removeprefix("www.")
    host = {"old.reddit.com": "reddit.com", "new.reddit.com": "reddit.com"}.get(host, host)
    kept = [
        pair
        for pair in parts.query.split("&")
        if pair and not pair.lower().startswith(("utm_", "ref=", "fbclid=", "gclid="))
    ]
    return host + parts.path.rstrip("/") + ("?" + "&".join(kept) if kept else "")


def links(posts: Iterable[Post], known: Known) -> tuple[Link, ...]:
    """Every reference from `posts` to known posts, each pair and evidence once, in reading order.

    Evidence (`Link.how`): "url" a stored post's address; "duplicate" the source's own mark;
    "mention" `owner/repo#1`, or `#1` in the same repository; "same link" the same outside page;
    "same text" title and text alike letter for letter in another place; "same error" a quoted
    error message alike but for its numbers. The last three are found among `posts` only and
    point at the earliest. One pass, linear in the length of the texts.
    """
    posts = sorted(posts, key=lambda post: (post.created_at, post.key))
    found: dict[Link, None] = {}
    for post in posts:
        for how, target in _references(post, known):
            if target and target != post.key:
                found[Link(post.key, target, how)] = None
    for how, mark in (("same link", _outside), ("same text", _story), ("same error", _fault)):
        found |= dict.fromkeys(_same(posts, mark, how))
    return tuple(found)


def _references(post: Post, known: Known) -> Iterator[tuple[str, str | None]]:
    """Evidence and target of each reference a post makes; None for what is not stored."""
    if post.duplicate_of:
        yield "duplicate", known.by_external_id(post.source, post.duplicate_of)
    text = f"{post.title}\n{post.text[:_READ]}"
    for match in URL.finditer(text):
        yield "url", known.by_url(canonical(match.group().rstrip(".,;:!?)*_")))
    if post.link:
        yield "url", known.by_url(canonical(post.link))
    repo = post.external_id.partition("#")[0]
    if _REPO.match(repo):
        for match in _MENTION.finditer(text):
            place = match["repo"] or repo
            yield "mention", known.by_external_id(post.source, f"{place}#{match['number']}")


def _same(posts: Iterable[Post], mark: Callable[[Post], str | None], how: str) -> Iterator[Link]:
    """Each post to the earliest one that bears the same mark."""
    first: dict[str, str] = {}
    for post in posts:
        bears = mark(post)
        if bears and first.setdefault(bears, post.key) != post.key:
            yield Link(post.key, first[bears], how)


def _outside(post: Post) -> str | None:
    """The outside page a post points at, unless it is a site's front page."""
    page = canonical(post.link) if post.link else ""
    return page if len(re.split(r"[/?]", page)) >= _FRONT_PAGES and page else None


def _story(post: Post) -> str | None:
    """Title and text, letters and digits only; None when too short to be the same by design."""
    letters = re.sub(r"\W+", " ", f"{post.title} {post.text}".casefold()).strip()
    return letters if len(letters) >= _SHORTEST_STORY else None


def _fault(post: Post) -> str | None:
    """The error message that a post quotes, letters only; None for none and for a bare code."""
    letters = re.sub(r"[\W\d_]+", " ", fault_in(post.text).casefold()).split()
    return " ".join(letters) if len(letters) >= _SHORTEST_FAULT else None
