"""What an answer is made from: what was found for a question, and how it is counted and cited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from bot.forms import title_of
from bot.model import (
    Citation,
    Coverage,
    Criterion,
    Crowd,
    Hit,
    Member,
    Period,
    Post,
    Query,
    Question,
    Role,
    Sentence,
    ThemeView,
)
from bot.speak.criteria import TOLD
from bot.speak.languages import spoken
from bot.speak.quotes import SHORTEST, cite, quotes, sentences
from bot.speak.tracking import closest_text, standing_text
from bot.speak.words import counted, day, listed, places, posts_of, source_name
from bot.text import excerpt, one_line
from bot.tracking import State

_TAG = re.compile(r"\s*\[[^\]]*\][\s:]*")
"""A title that is only a tracker's tag, as in "[BUG]"."""

QUOTED = 200
"""Characters of a quote at most."""
LITTLE = 3
"""Below this many voices an answer says that it rests on little."""
TOGETHER = 2
"""So many people must share a wish, or praise something, for a theme to be told of it."""
NEARLY = 0.8
"""A theme found in a smaller share than this of another's is not what was asked about."""
FEW = 5
"""Below this many posts for several words an answer tells what fewer of them find."""


@dataclass(frozen=True)
class Found:
    """What a store holds for one query."""

    query: Query
    """What a reader opens to see the same posts."""
    period: Period
    """The time asked about: from the first post read where the query names no beginning."""
    hits: tuple[Hit, ...] = ()
    """The posts that it is about, best first."""
    views: tuple[ThemeView, ...] = ()
    """The themes that these make, strongest first, each with all its posts of the same time and
    places, or of the longer time that the aim needs."""
    name: str = ""
    """What tells it from the side that it is compared with."""
    complaints: frozenset[str] = frozenset()
    """The keys of those that complain, where that is wanted."""
    themes: int = 0
    """How many themes they make, of which `views` may be the strongest only."""
    inside: int = 0
    """How many of them stand in these themes."""
    among: int = 0
    """How many posts of all kinds and about anything the query's time and places hold, where that
    is wanted."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of the posts found."""
        return frozenset(hit.post.key for hit in self.hits)

    @cached_property
    def cites(self) -> tuple[Citation, ...]:
        """Each of the posts found, best first: several sentences of one answer cite them all."""
        return tuple(map(cite_hit, self.hits))

    @cached_property
    def posts(self) -> list[Post]:
        """The posts found, best first."""
        return [hit.post for hit in self.hits]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that an answer may say."""

    asked: Question
    found: Found
    coverage: Coverage
    against: Found | None = None
    """The other side of a comparison."""
    complaints: Found | None = None
    """The complaints among what was found, where they are wanted apart; without views."""
    wider: Found | None = None
    """What is found without one of the words, which is its name, where all find few."""


@dataclass(frozen=True, slots=True)
class Said:
    """The sentences of an answer and the themes that they tell of."""

    sentences: tuple[Sentence, ...]
    views: tuple[ThemeView, ...] = ()


def crowd(posts: Iterable[Post | Member]) -> Crowd:
    """The different people behind some posts; team and bots are none of them."""
    counted_posts = list(posts)
    users = [post for post in counted_posts if post.role is Role.USER]
    known = {(post.source, post.author) for post in users if post.author}
    return Crowd(len(known), sum(post.author is None for post in users), len(counted_posts))


def voices(some: Crowd) -> int:
    """People at most: every post of an unknown author counted as one more person."""
    return some.people + some.unknown


def speaking(found: Found, view: ThemeView) -> int:
    """The voices of those found that speak in a theme."""
    return voices(crowd(m for m in view.theme.members if m.key in found.keys))


def authors(posts: Sequence[Post | Member]) -> str:
    """`12 people`, `12 people (and 3 by unknown authors)`, `unknown authors`, `the team`."""
    some = crowd(posts)
    if not some.people:
        return "unknown authors" if some.unknown else "the team"
    also = f" (and {some.unknown:,} by unknown authors)" if some.unknown else ""
    return counted(some.people, "person", "people") + also


def about(query: Query) -> str:
    """What a query is about, in the asker's words, with a space before; empty for no words."""
    words = [f"“{' '.join(query.words)}”"] if query.words else []
    words += [f"“{phrase}”" for phrase in query.phrases]
    return f" about {listed(words)}" if words else ""


def sources(posts: Iterable[Post | Member]) -> str:
    """`GitHub and Reddit`, the one with most posts first."""
    named = Counter(source_name(post.source) for post in posts)
    return listed([name for name, _ in named.most_common()])


def venues(posts: Iterable[Post | Member]) -> str:
    """`r/python 12, acme/tool 3`, the place with most posts first."""
    return places(dict(Counter(post.venue for post in posts).most_common()))


def when(posts: Sequence[Post | Member]) -> str:
    """`3 Nov 2026`, or `3 Nov 2026 to 9 Nov 2026`."""
    first, last = (pick(post.created_at for post in posts) for pick in (min, max))
    return day(first) if first.date() == last.date() else f"{day(first)} to {day(last)}"


def number_of(query: Query, posts: Sequence[Post | Member]) -> str:
    """`12 complaints about “sync”`, `3 posts with a crash`."""
    told = " or ".join(TOLD[Criterion(name)] for name in query.criteria)
    return f"{posts_of(query.kinds, len(posts))}{f' with {told}' if told else ''}{about(query)}"


def whole(found: Found, text: str) -> Sentence:
    """A sentence that counts all that was found: each post is cited, and the search opens them."""
    return Sentence(text, found.cites, opens=found.query)


def cite_hit(hit: Hit) -> Citation:
    """A post by its title, or by the part of it that was found."""
    post = hit.post
    words = _title(post.title) or _beginning(post.title, post.text) or hit.snippet
    words = excerpt(words, QUOTED)
    return Citation(post.key, words, post.venue, post.author, post.created_at, post.url)


def cite_all(members: Sequence[Member]) -> tuple[Citation, ...]:
    """Posts of a theme, the most central first, each by its title or its beginning."""
    ranked = sorted(members, key=lambda m: (-m.centrality, m.key))
    named = (
        (m, _title(m.title) or _beginning(m.title, m.text) or one_line(m.text or m.title))
        for m in ranked
    )
    return tuple(cite(m, excerpt(words, QUOTED)) for m, words in named)


def _title(title: str) -> str:
    """The title without what a tracker puts before it; empty if it is nothing else."""
    return "" if _TAG.fullmatch(told := title_of(title)) else told


def _beginning(title: str, text: str) -> str:
    """What a post says first under a title that tells nothing, of a few words and as it stands."""
    said = "".join(text.split())
    parts = (one_line(part) for part in sentences(text)) if title else ()
    whole = (part for part in parts if len(part) >= SHORTEST and "".join(part.split()) in said)
    return next(whole, "")


@dataclass(frozen=True, slots=True)
class Part:
    """What of a theme a sentence counts, and the search that shows exactly that."""

    members: tuple[Member, ...]
    opens: Query


def part(query: Query, view: ThemeView, found: frozenset[str]) -> Part:
    """The posts of a theme that a query asks for.

    For a query with words the whole theme: who suffers the same need not say the same words, and
    no search for words would show just those that were meant.
    """
    if query.words:
        wide = replace(query, themes=(view.theme.id,), words=(), phrases=(), kinds=())
        return Part(view.theme.members, wide)
    members = tuple(member for member in view.theme.members if member.key in found)
    return Part(members, replace(query, themes=(view.theme.id,)))


def voice(quote: Citation) -> Sentence:
    """A post in its own words."""
    where = f"{quote.venue}, {day(quote.created_at)}{spoken(quote)}"
    return Sentence(f"{where}: “{quote.quote}”", (quote,))


def telling(view: ThemeView, found: frozenset[str], most: int = 1) -> list[Sentence]:
    """The posts of a theme that tell it best, among those found."""
    asked = tuple(member for member in view.theme.members if member.key in found)
    return [voice(quote) for quote in quotes(replace(view.theme, members=asked), most)]


def others(hits: Sequence[Hit], views: Sequence[ThemeView], most: int) -> list[Sentence]:
    """Users' posts outside some themes, each by somebody else.

    The best found first; where all are as good, those that drew most votes and replies.
    """
    told = {member.key for view in views for member in view.theme.members}
    chosen: list[Hit] = []
    known: set[str | None] = set()
    for hit in sorted(hits, key=lambda hit: (-hit.score, -_engagement(hit.post))):
        author, fits = hit.post.author, hit.post.role is Role.USER
        if fits and hit.post.key not in told and not (author and author in known):
            chosen.append(hit)
            known.add(author)
    return [voice(cite_hit(hit)) for hit in chosen[:most]]


def closest(found: Found) -> list[ThemeView]:
    """The themes of which the greatest share was found first: those that it is about.

    Only the first one, and what was found nearly as wholly or as often: the rest is only near.
    """
    if not found.views:
        return []
    inside = {
        view.theme.id: sum(member.key in found.keys for member in view.theme.members)
        for view in found.views
    }

    def share(view: ThemeView) -> float:
        return inside[view.theme.id] / len(view.theme.members)

    def rank(view: ThemeView) -> tuple[float, float, str]:
        return -round(share(view), 1), -view.strength, view.theme.id

    first, *rest = sorted(found.views, key=rank)
    wholly, often = NEARLY * share(first), inside[first.theme.id]
    return [first, *(v for v in rest if share(v) >= wholly or inside[v.theme.id] >= often)]


def tracked(view: ThemeView) -> str:
    """What tracks a theme, without how many of its complaints of all time nothing does."""
    tracking = view.tracking
    if tracking is None:
        return "no issue is known"
    proposed = tracking.state is State.PROPOSED
    near = f"; the closest is {closest_text(tracking)}" if proposed else ""
    return f"{standing_text(tracking)}{near}"


def _engagement(post: Post) -> int:
    return (post.score or 0) + (post.reply_count or 0)


def begun_late(coverage: Coverage, sources: Collection[str], since: datetime) -> list[str]:
    """`GitHub is read only since 27 Nov 2025`, of each of these sources that was begun later."""
    late = [s for s in coverage.sources if s.source in sources and s.first_at]
    return [
        f"{source_name(s.source)} is read only since {day(s.first_at)}"
        for s in late
        if s.first_at and s.first_at > since
    ]


def first_read(coverage: Coverage, query: Query) -> datetime | None:
    """When the oldest post was written of the sources that a query asks about."""
    named = [s for s in coverage.sources if not query.sources or s.source in query.sources]
    return min((s.first_at for s in named if s.first_at), default=None)
