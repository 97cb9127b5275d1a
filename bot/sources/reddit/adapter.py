"""Reddit, by its API where there is a key, else by its feeds.

https://support.reddithelp.com/hc/en-us/articles/16160319875092-Reddit-Data-API-Wiki
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot import __version__
from bot.errors import SourceError
from bot.http import Http
from bot.limits import Pace
from bot.sources.base import Batch
from bot.sources.reddit.feeds import Feeds
from bot.sources.reddit.listing import PAGE, SITE, Listing, Walk, Way

API = "https://oauth.reddit.com"

SEEN_MOST = 2 * PAGE
"""Posts of a feed, its newest, whose absence is noticed."""

_ADDRESS = re.compile(
    r"https?://(?:(?:\w+\.)?reddit\.com/(?:(?:r|u|user)/[\w-]+/)?comments|redd\.it)"
    r"/(?P<thread>[0-9a-z]{1,13})(?:/[^/?#]*(?:/(?P<comment>[0-9a-z]{1,13}))?)?/?(?:[?#].*)?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far one listing has been read."""

    until: int
    """When its newest post was written."""
    seen: Mapping[str, int] = field(default_factory=dict)
    """When its last posts were written, by name, where one that is missing next time is gone."""

    @classmethod
    def after(cls, walk: Walk, before: Place | None, now: datetime) -> Place | None:
        """The place that a walk has reached; the one before if there was nothing."""
        span = walk.span()
        if span is None:
            return before
        known = [(time, name) for name, time in walk.times.items() if time is not None]
        recent = sorted(known, reverse=True)[:SEEN_MOST] if walk.absence_tells else []
        # No date in the future may keep us from what is written until then.
        until = max(min(span[1], int(now.timestamp())), before.until if before else 0)
        return cls(until, {name: time for time, name in recent})

    def missing(self, walk: Walk) -> tuple[str, ...]:
        """What was seen before, and now is not, though what is older and what is newer still is."""
        span = walk.span() or (0, 0)
        return tuple(
            name
            for name, time in self.seen.items()
            if name not in walk.times and span[0] < time < span[1]
        )


@dataclass(frozen=True, slots=True)
class Reddit:
    """Posts and comments of subreddits, and the posts of all others that hold a phrase."""

    http: Http
    now: Callable[[], datetime]
    subreddits: tuple[str, ...]
    phrases: tuple[str, ...]
    username: str
    """The account that answers for our requests, as Reddit's rules want it."""
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    site_url: str = SITE
    api_url: str = API
    api_pace: Pace = field(default_factory=lambda: Pace(100, 60.0))
    feed_pace: Pace = field(default_factory=lambda: Pace(10, 60.0))
    """What was allowed until June 2026; since then answers say that it is one a minute or so."""
    name: str = "reddit"

    @property
    def note(self) -> str:
        """Which way in is used, and why."""
        keys = {"REDDIT_CLIENT_ID": self.client_id, "REDDIT_CLIENT_SECRET": self.client_secret}
        missing = " and ".join(name for name, key in keys.items() if not key)
        if not missing:
            return "by API, with your key"
        return f"by RSS, without {missing}: slowly, without scores, few deletions noticed"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield every listing from its newest post back to where the last run began.

        A listing's place moves when it has been read that far. One that Reddit refuses does not
        keep the others from being read, and is told at the end.
        """
        way, places, refused = self._way(), _places(cursor), []
        listings = tuple(way.listings(self.subreddits, self.phrases))
        for listing in listings:
            try:
                yield from self._read(way, listing, places, since)
            except SourceError as error:
                if not error.permanent:
                    raise
                refused.append(str(error))
        if refused:
            told = "; ".join(dict.fromkeys(refused))
            raise SourceError(told, permanent=len(refused) == len(listings))

    def _read(
        self, way: Way, listing: Listing, places: dict[str, Place], since: datetime | None
    ) -> Iterator[Batch]:
        now, place = self.now(), places.get(listing.key)
        if place:
            begin = place.until - listing.overlap
        else:
            begin = int((since or now - timedelta(days=way.first_days)).timestamp())
        walk, is_whole = Walk(way, listing), False
        for page in walk.pages():
            posts = tuple(post for post in page.posts if since is None or post.created_at >= since)
            yield Batch(posts, _written(places), page.gone, page.rejected, budget=page.budget)
            is_whole = bool(page.posts) and page.posts[-1].created_at.timestamp() < begin
            if is_whole:
                break
        wanted = place.until if place else begin if since else None
        gaps = () if is_whole or wanted is None else walk.gap(wanted)
        gone = place.missing(walk) if place else ()
        if reached := Place.after(walk, place, now):
            places[listing.key] = reached
        yield Batch((), _written(places), gone, gaps=gaps)

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        """Yield posts as they are now, and which are gone; nothing by RSS, which does not tell."""
        way = self._way()
        for start in range(0, len(external_ids) if way.shows_deletions else 0, PAGE):
            page = way.look(external_ids[start : start + PAGE])
            yield Batch(page.posts, None, page.gone, page.rejected, budget=page.budget)

    def owns(self, url: str) -> bool:
        """Whether it is the address of a post or a comment."""
        return _ADDRESS.fullmatch(url) is not None

    def find(self, url: str) -> Batch:
        """The post or comment at an address."""
        found = _ADDRESS.fullmatch(url)
        if found is None:
            raise SourceError("reddit: this is no address of a post or comment", permanent=True)
        thread, comment = found["thread"], found["comment"]
        name = f"t1_{comment}" if comment else f"t3_{thread}"
        page = self._way().find(thread, name)
        posts = tuple(post for post in page.posts if post.external_id == name)
        gone = tuple(one for one in page.gone if one == name)
        if not posts and not gone:
            raise SourceError(
                "reddit: nothing is there, or nothing that we may read", permanent=True
            )
        return Batch(posts, None, gone, budget=page.budget)

    def _way(self) -> Way:
        """Opened anew for each use, so that its token never gets old."""
        agent = f"python:groundswell:{__version__} (by /u/{self.username})"
        if not self.client_id or not self.client_secret:
            return Feeds(self.http, self.now, self.feed_pace, agent, self.site_url)
        # Not at the top: praw takes a quarter of a second, and most have no key.
        from bot.sources.reddit.api import Api  # noqa: PLC0415 see above
        from bot.sources.reddit.client import Client, Key  # noqa: PLC0415 see above

        key = Key(self.client_id, self.client_secret, agent, self.site_url, self.api_url)
        return Api(Client(self.http, self.api_pace, key))


def _places(cursor: str | None) -> dict[str, Place]:
    """What was kept; nothing if nothing was, or nothing that this version understands."""
    try:
        kept = json.loads(cursor or "")
        return {
            str(key): Place(int(place["until"]), {str(n): int(t) for n, t in place["seen"].items()})
            for key, place in kept["places"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _written(places: Mapping[str, Place]) -> str:
    kept = {key: {"until": place.until, "seen": dict(place.seen)} for key, place in places.items()}
    return json.dumps({"places": kept})
