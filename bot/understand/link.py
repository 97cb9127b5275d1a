"""Explicit references between posts: what points at what, and what tells the same story."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.forms import fault_in, title_of
from bot.model import Link, Post
from bot.understand.addresses import canonical, leads_inside, urls_in
from bot.understand.references import Said, mentions, prose, quoted_titles, said_duplicates

__all__ = ["EVIDENCE", "Known", "KnownPosts", "canonical", "links", "strongest"]

EVIDENCE = (
    "duplicate",
    "said duplicate",
    "closes",
    "same text",
    "same error",
    "url",
    "same link",
    "quotes title",
    "mention",
)
"""What a link may rest on (`Link.how`), the strongest first."""

_REPO = re.compile(r"^[\w.-]+/[\w.-]+$")

_SHORTEST_STORY = 40
"""Letters and digits that title and text must have to be the same by more than chance."""
_SHORTEST_FAULT = 3
"""Words that an error message must have to tell one fault from another."""
_SHORTEST_TITLE = 4
"""Words that a title must have to be known again when somebody quotes it."""


class Known(Protocol):
    """What the store can say about posts by the names that other posts use."""

    def by_url(self, url: str) -> str | None:
        """The key of the post whose canonical URL this is."""
        ...

    def by_external_id(self, source: str, external_id: str) -> str | None:
        """The key of that source's post; letter case does not count."""
        ...

    def by_title(self, title: str) -> str | None:
        """The key of the one thread with this title, whatever its case and marks; None for two."""
        ...


@dataclass(frozen=True, slots=True)
class KnownPosts:
    """A `Known` over posts in memory."""

    urls: Mapping[str, str]
    keys: Mapping[str, str]
    """Keys by the same in lower case."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Keys of threads by title, letters only; titles that two threads share are left out."""

    @classmethod
    def of(cls, posts: Iterable[Post]) -> KnownPosts:
        """Of posts that share a name, as a thread and its comments do, the opener owns it."""
        urls: dict[str, str] = {}
        keys: dict[str, str] = {}
        titles: dict[str, str] = {}
        used: Counter[str] = Counter()
        for post in sorted(posts, key=lambda post: (not post.opens, post.created_at, post.key)):
            keys.setdefault(post.key.lower(), post.key)
            if post.url:
                urls.setdefault(canonical(post.url), post.key)
            if post.opens and (words := _title(post.title)):
                used[words] += 1
                titles[words] = post.key
        return cls(urls, keys, {words: key for words, key in titles.items() if used[words] == 1})

    def by_url(self, url: str) -> str | None:
        """See `Known.by_url`."""
        return self.urls.get(url)

    def by_external_id(self, source: str, external_id: str) -> str | None:
        """See `Known.by_external_id`."""
        return self.keys.get(f"{source}:{external_id}".lower())

    def by_title(self, title: str) -> str | None:
        """See `Known.by_title`."""
        words = _title(title)
        return self.titles.get(words) if words else None


def links(posts: Iterable[Post], known: Known) -> tuple[Link, ...]:
    """Every reference from `posts` to known posts, each pair and evidence once, in reading order.

    Evidence (`Link.how`): "url" a stored post's address, in whichever form; "duplicate" the
    source's own mark; "said duplicate" somebody's words ("duplicate of #7", "closing in favour of
    #7"), which speak for the thread that they stand in; "closes" a pull request and what it
    closes; "mention" `owner/repo#1`, or `#1` in the same repository; "quotes title" a thread's
    title between quotes; "same link" the same outside page; "same text" title and text alike
    letter for letter in another place; "same error" a quoted error message alike but for its
    numbers. The last three are found among `posts` only and point at the earliest. Code and
    quoted mail are not read. One pass, linear in the length of the texts.
    """
    posts = sorted(posts, key=lambda post: (post.created_at, post.key))
    found: dict[Link, None] = {}
    for post in posts:
        for how, target in _references(post, known):
            if target and target != post.key:
                found[Link(post.key, target, how)] = None
        for thread, target in _duplicates(post, known):
            if target and target != thread:
                found[Link(thread, target, "said duplicate")] = None
    for how, mark in (("same link", _outside), ("same text", _story), ("same error", _fault)):
        found |= dict.fromkeys(_same(posts, mark, how))
    return tuple(found)


def strongest(found: Iterable[Link]) -> tuple[Link, ...]:
    """One link for each pair of posts, with the strongest evidence, in the order they came."""
    best: dict[tuple[str, str], Link] = {}
    for link in found:
        pair = link.source_key, link.target_key
        if pair not in best or EVIDENCE.index(link.how) < EVIDENCE.index(best[pair].how):
            best[pair] = link
    return tuple(best.values())


def _references(post: Post, known: Known) -> Iterator[tuple[str, str | None]]:
    """Evidence and target of each reference a post makes; None for what is not stored."""
    if post.duplicate_of:
        yield "duplicate", known.by_external_id(post.source, post.duplicate_of)
    for closed in post.closes:
        yield "closes", known.by_external_id(post.source, closed)
    text = prose(f"{post.title}\n{post.text}")
    for url in urls_in(text):
        yield "url", known.by_url(canonical(url))
    if post.link:
        yield "url", known.by_url(canonical(post.link))
    for title in quoted_titles(text):
        yield "quotes title", known.by_title(title)
    for said in mentions(text):
        yield "mention", _meant(said, post, known)


def _duplicates(post: Post, known: Known) -> Iterator[tuple[str, str | None]]:
    """The thread of which a post says that it is a duplicate, and of what."""
    opener = post.root_id or post.parent_id
    thread = known.by_external_id(post.source, opener) if opener else post.key
    if thread:
        for said in said_duplicates(prose(f"{post.title}\n{post.text}")):
            yield thread, _meant(said, post, known)


def _meant(said: Said, post: Post, known: Known) -> str | None:
    """The stored thread that words point at; a bare number means one of the same repository."""
    if said.url:
        return known.by_url(canonical(said.url))
    repo = re.split("[#@]", post.external_id, maxsplit=1)[0]
    if not _REPO.match(repo):
        return None
    return known.by_external_id(post.source, f"{said.repo or repo}#{said.number}")


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
    return page if leads_inside(page) else None


def _story(post: Post) -> str | None:
    """A thread's title and text, letters and digits only; None when too short to be no chance."""
    if not post.opens:
        return None
    letters = _letters(f"{post.title} {post.text}")
    return letters if len(letters) >= _SHORTEST_STORY else None


def _title(title: str) -> str | None:
    """A title without tracker prefixes, letters and digits only; None when it is too short."""
    letters = _letters(title_of(title))
    return letters if len(letters.split()) >= _SHORTEST_TITLE else None


def _letters(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _fault(post: Post) -> str | None:
    """The error message that a post quotes, letters only; None for none and for a bare code."""
    letters = re.sub(r"[\W\d_]+", " ", fault_in(post.text).casefold()).split()
    return " ".join(letters) if len(letters) >= _SHORTEST_FAULT else None
