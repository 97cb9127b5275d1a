"""Reddit's API: https://www.reddit.com/dev/api ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SourceError
from bot.limits import Budget
from bot.model import Post
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.fields import Row
from bot.sources.reddit.client import Client
from bot.sources.reddit.listing import FULLNAME, PAGE, SITE, Listing, Page, listings, role_of
from bot.text import cleaned, one_line, plain_markdown

_GONE = {"[deleted]", "[removed]", "[ removed by reddit ]"}
"""What stands, in whatever case, instead of words that somebody took away."""


@dataclass(frozen=True, slots=True)
class Api:
    """The way in for who has a key: everything, with scores, edits and deletions."""

    client: Client
    first_days: int = 90
    shows_deletions: bool = True

    def listings(self, subreddits: Sequence[str], phrases: Sequence[str]) -> Iterator[Listing]:
        """One of each kind for each subreddit, so that a wrong name is told."""
        return listings(subreddits, phrases)

    def page(self, listing: Listing, after: str | None) -> Page:
        """The part of a listing that follows an item, or its beginning."""
        place = {"after": after} if after else {}
        return self._page(listing.path, {**listing.params, "limit": PAGE, **place}, listing.key)

    def look(self, names: Sequence[str]) -> Page:
        """Posts as they are now; those that Reddit leaves out twice are gone too.

        Where it leaves out all, that is a failure that may pass.
        """
        found = self._info(names)
        missing = [name for name in names if name not in found.names]
        if not missing or not found.names:
            return found
        again = self._info(missing)
        return Page(
            found.posts + again.posts,
            found.names + again.names,
            (*found.gone, *again.gone, *(name for name in missing if name not in again.names)),
            found.rejected + again.rejected,
            budget=again.budget,
        )

    def find(self, thread: str, name: str) -> Page:  # noqa: ARG002 other ways need the thread
        """A page with that post or comment."""
        return self._info([name])

    def _info(self, names: Sequence[str]) -> Page:
        return self._page("api/info", {"id": ",".join(names)}, "posts looked at again")

    def _page(self, path: str, params: Mapping[str, str | int], where: str) -> Page:
        return page_of(self.client.read(path, params), where, self.client.budget)


def page_of(answer: object, where: str, budget: Budget | None = None) -> Page:
    """The posts of a `Listing`.

    Raises:
        SourceError: it is none.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(children, list):
        raise SourceError(f"reddit: {where}: the answer is not in the shape of a listing")
    posts, names, gone, rejected = [], [], [], []
    for number, child in enumerate(children, 1):
        try:
            row = _row(child)
            names.append(fields.text(row, "name"))
            if _is_gone(row):
                gone.append(names[-1])
            else:
                posts.append(parse(child))
        except NotAPost as error:
            rejected.append(error.at(f"reddit: {where}, item {number} of {len(children)}"))
    after = data.get("after")
    place = after if isinstance(after, str) and FULLNAME.fullmatch(after) else None
    return Page(tuple(posts), tuple(names), tuple(gone), tuple(rejected), place, budget)


def parse(child: object) -> Post:
    """A post or comment as Reddit lists it, with its Markdown. Raises NotAPost."""
    row = _row(child)
    name, author = fields.text(row, "name"), fields.named(row.get("author"))
    is_comment = name.startswith("t1_")
    title = "" if is_comment else one_line(cleaned(fields.text(row, "title")))
    text = plain_markdown(fields.text(row, "body" if is_comment else "selftext"))
    if not title and not text:
        raise NotAPost("no words")
    author = None if author == "[deleted]" else author
    is_secret = row.get("score_hidden") is True or row.get("hide_score") is True
    flair = None if is_comment else fields.line(row.get("link_flair_text"))
    return Post(
        source="reddit",
        external_id=name,
        kind="comment" if is_comment else "post",
        title=title,
        text=text,
        created_at=_moment(row, "created_utc"),
        # False if it never was; true, without a time, if that was before 2013.
        updated_at=None if type(row.get("edited")) is bool else _moment(row, "edited"),
        venue=_venue(row),
        author=author,
        role=role_of(author, row.get("distinguished")),
        url=_page_of_site(row),
        parent_id=_name(row, "parent_id") if is_comment else None,
        root_id=_name(row, "link_id") if is_comment else None,
        score=None if is_secret else fields.number(row, "score"),
        # For a comment this counts the whole thread.
        reply_count=None if is_comment else fields.number(row, "num_comments"),
        labels=(flair,) if flair else (),
        link=None if is_comment or row.get("is_self") is True else fields.address(row.get("url")),
    )


def _row(child: object) -> Row:
    """What a listing says of one item that has a name."""
    row = fields.row(fields.row(child).get("data"))
    if not FULLNAME.fullmatch(fields.text(row, "name")):
        raise NotAPost("neither post nor comment")
    return row


def _is_gone(row: Row) -> bool:
    """Whether its author deleted it, or somebody removed it. A deleted account takes no post along.

    A link that was removed has no words to show it by, only `removed_by_category`.
    """
    words = fields.text(row, "body") or fields.text(row, "selftext")
    return bool(row.get("removed_by_category")) or words.strip().lower() in _GONE


def _name(row: Row, name: str) -> str:
    value = fields.text(row, name)
    if not FULLNAME.fullmatch(value):
        raise NotAPost(f"missing field: {name}")
    return value


def _moment(row: Row, name: str) -> datetime:
    """Seconds since 1970, which Reddit writes as 1700000000.0."""
    value = row.get(name)
    if isinstance(value, float) and math.isfinite(value):
        return fields.moment({name: int(value)}, name)
    return fields.moment(row, name)


def _venue(row: Row) -> str:
    """`r/python`, or `u/ann` for what is on somebody's own page."""
    venue = fields.named(row.get("subreddit_name_prefixed"))
    if venue:
        return venue
    name = fields.named(row.get("subreddit"))
    if name is None:
        raise NotAPost("missing field: subreddit")
    return fields.named(f"r/{name}") or name


def _page_of_site(row: Row) -> str | None:
    path = fields.line(row.get("permalink"))
    return fields.address(SITE + path) if path and path.startswith("/") else None
