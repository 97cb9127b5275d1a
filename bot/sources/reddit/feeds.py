"""Reddit's feeds, for who has no key: https://www.reddit.com/wiki/rss ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any

from bot.http import Http
from bot.limits import Pace
from bot.model import Post
from bot.sources import fields, rss
from bot.sources.base import NotAPost
from bot.sources.reddit.listing import FULLNAME, PAGE, Listing, Page, listings, role_of

PHRASES = 8
"""Phrases that one search looks for: it may be 512 characters long."""

_WORDS = re.compile(r'<div class="md">(.*)</div>', re.DOTALL)
"""What the author wrote: around it stand a picture, the author's name, and links."""
_LINK = re.compile(r'<a href="([^"<>]{1,2000})">\[link\]</a>')
_THREAD = re.compile(r"/comments/([0-9a-z]{1,13})/")


@dataclass(frozen=True, slots=True)
class Feeds:
    """The way in without a key: words and authors, but no scores, and no word of deletions.

    Reddit allows about one request a minute, so all subreddits are read as one, and phrases too.
    """

    http: Http
    now: Callable[[], datetime]
    pace: Pace
    agent: str
    site_url: str
    first_days: int = 7
    shows_deletions: bool = False

    def listings(self, subreddits: Sequence[str], phrases: Sequence[str]) -> Iterator[Listing]:
        """Two feeds for all subreddits, and one for each PHRASES phrases."""
        starts = range(0, len(phrases), PHRASES)
        return listings(
            ["+".join(subreddits)] if subreddits else [],
            ['" OR "'.join(phrases[start : start + PHRASES]) for start in starts],
        )

    def page(self, listing: Listing, after: str | None) -> Page:
        """The part of a listing that follows an item, or its beginning."""
        place = {"after": after} if after else {}
        path = "search.rss" if listing.is_search else f"{listing.path}/.rss"
        return self._page(path, {**listing.params, "limit": PAGE, **place}, listing.key)

    def look(self, names: Sequence[str]) -> Page:  # noqa: ARG002 feeds cannot be asked by name
        """Nothing: feeds do not tell."""
        return Page((), ())

    def find(self, thread: str, name: str) -> Page:
        """The thread's feed, whose first entry is the post, or the comment's."""
        comment = "" if name.startswith("t3_") else f"_/{name.removeprefix('t1_')}/"
        return self._page(f"comments/{thread}/{comment}.rss", {}, f"thread {thread}")

    def _page(self, path: str, params: Mapping[str, str | int], where: str) -> Page:
        reply = self.http.get(
            f"{self.site_url}/{path}",
            params=params,
            headers={"User-Agent": self.agent},
            pace=self.pace,
        )
        _, entries, _ = rss.read_feed(reply)
        posts, names, rejected = [], [], []
        for place, entry in enumerate(entries, 1):
            try:
                names.append(_name(entry))
                posts.append(parse(entry, self.now()))
            except NotAPost as error:
                rejected.append(error.at(f"reddit: feed of {where}, entry {place}"))
        last = names[-1] if names else None
        return Page(tuple(posts), tuple(names), (), tuple(rejected), last, reply.budget)


def parse(entry: object, now: datetime) -> Post:
    """An entry of one of Reddit's feeds as a post. Raises NotAPost."""
    name = _name(entry)
    row = fields.row(entry)
    html = rss.content(row)
    words = _WORDS.search(html)
    around = html[words.end() :] if words else html
    is_comment = name.startswith("t1_")
    own = {"content": [{"value": words[1] if words else ""}], "summary": ""}
    if is_comment:
        own["title"] = ""  # "/u/ann on ...": not a word of the comment's
    post = rss.parse({**row, **own}, "reddit", _venue(row), now)
    author = (post.author or "").removeprefix("/u/") or None
    return replace(
        post,
        source="reddit",
        external_id=name,
        kind="comment" if is_comment else "post",
        author=author,
        role=role_of(author),
        labels=(),
        link=None if is_comment else _link(around, post.url),
        **(_thread(post.url) if is_comment else {}),
    )


def _name(entry: object) -> str:
    # feedparser takes the id for an address, and puts the feed's before it.
    name = fields.text(fields.row(entry), "id").rpartition("/")[2]
    if not FULLNAME.fullmatch(name):
        raise NotAPost("neither post nor comment")
    return name


def _thread(url: str | None) -> dict[str, Any]:
    """A comment's place. A feed does not tell which comment it answers, only in which thread."""
    found = _THREAD.search(url or "")
    if found is None:
        raise NotAPost("missing field: link")
    return {"parent_id": f"t3_{found[1]}", "root_id": f"t3_{found[1]}"}


def _venue(row: Mapping[str, Any]) -> str:
    """`r/python`, as the entry's category calls it."""
    labels = (fields.named(tag.get("label")) for tag in row.get("tags") or ())
    venue = next((label for label in labels if label), None)
    if venue is None:
        raise NotAPost("missing field: category")
    return venue


def _link(html: str, url: str | None) -> str | None:
    """The page that a post points at, unless that is the post itself."""
    found = _LINK.search(html)
    link = fields.address(unescape(found[1])) if found else None
    return None if link == url else link
