"""Store to tracker: the story of each theme, and what it says of issues, fixes and the untold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.model import Decision, Deed, Post, Query, Role, ThemeView, Visibility
from bot.pipeline.naming import Naming
from bot.store import Edge, Read, Store
from bot.tracking import Linked, State, Tracking
from bot.understand.decided import last
from bot.understand.duplicates import Rarity, Seen
from bot.understand.embed import Embedder
from bot.understand.releases import Releases, as_of, repo_of
from bot.understand.tracker import POINTS, Story, propose, track
from bot.understand.trends import crowd

NEWEST = 20
"""So many of a theme's posts are compared with issues, the newest."""
NEAREST = 10
"""So many open issues are, the nearest to those posts by vector."""
SAMPLE = 500
"""So many posts, the newest, tell which words are rare."""
OPEN = Query(kinds=("issue",), states=("open",))
MANY = 10
"""Themes from which on all open issues are read once, instead of looked up for each."""
HOPS = 10
"""How far a chain of duplicates is followed."""

DUPLICATES = ("duplicate", "said duplicate")
CLOSING = ("closes", *DUPLICATES)
"""What of the links that point at a member, or at an issue, says something."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Trackers:
    """What a store knows of themes and their issues as of `now`; made for one output."""

    store: Store
    embedder: Embedder
    now: datetime
    many: bool = False
    """Whether many themes are asked about at once."""
    repositories: Callable[[], Sequence[str]] = tuple
    """Where an issue can be made, as `owner/name`."""

    def told(self, views: Sequence[ThemeView]) -> list[ThemeView]:
        """The views with what tracks them. A theme is always judged by all its posts.

        What is private is named only beside posts of the same place.
        """
        themes = [view.theme.id for view in views]
        rows = {theme: self._linked[theme].row_id for theme in themes if theme in self._linked}
        web = Web.around(self.store, themes, self.now, {t: r for t, r in rows.items() if r})
        its = replace(self, many=len(views) >= MANY)
        return [
            replace(view, tracking=its._of(view, web), repository=self._repository)  # noqa: SLF001 its own
            for view in views
        ]

    @cached_property
    def _repository(self) -> str | None:
        """The only one in which an issue can be made; None where there are none or several."""
        found = self.repositories()
        return found[0] if len(found) == 1 else None

    def _of(self, view: ThemeView, web: Web) -> Tracking | None:
        """None for a theme in which nobody complains and nothing is an issue."""
        places = frozenset(view.venues)
        members = [one for one in web.members.get(view.theme.id, ()) if _open_to(one.post, places)]
        named = self._linked.get(view.theme.id)
        row, told = (named.row_id, named.told) if named else (None, None)
        story = replace(web.story(members, places, row), linked=told)
        found = track(story, self.now)
        if found.issue is None and named is None and (found.untracked or found.open_issues):
            near = self._near(members, web.pointed_at(story))
            near = [one for one in near if _open_to(one.post, places)]
            issues = {one.post.key: as_of(one.post, self.now) for one in near}
            story = replace(
                story, known={**issues, **story.known}, proposed=self._proposed(members, near)
            )
            found = track(story, self.now)
        says = found.issue or found.untracked or found.open_issues or found.closed_issues
        return found if says or named else None

    def _near(self, members: Sequence[Read], pointed_at: Sequence[int]) -> list[Read]:
        """The issues that may be the theme's.

        The nearest open ones, those that links point at, and its own that have a milestone.
        """
        own = list(self._vectors(_newest(members)).values())
        near: list[int] = self._nearest_open(np.mean(own, axis=0)) if own else []
        planned = [one.row_id for one in members if one.post.kind == "issue" and one.post.milestone]
        near += [*pointed_at[:NEAREST], *planned[-NEAREST:]]
        return list(self.store.links.posts(near, self.now).values())

    def _proposed(self, members: Sequence[Read], issues: Sequence[Read]) -> dict[str, float]:
        return propose(self._seen(_newest(members)), self._seen(issues))

    def _seen(self, posts: Sequence[Read]) -> dict[str, Seen]:
        vectors = self._vectors(posts)
        return {
            one.post.key: Seen.of(one.post, vectors[one.row_id], self._rarity)
            for one in posts
            if one.row_id in vectors
        }

    def _vectors(self, posts: Sequence[Read]) -> dict[int, Vectors]:
        return self.store.vectors.of(self.embedder.name, [one.row_id for one in posts])

    @cached_property
    def _linked(self) -> dict[str, Named]:
        """By theme the issue that a person named, as far as it was not deleted since."""
        taken = last(Deed.LINK, self.store.decisions.standing({Deed.LINK, Deed.MERGE}, self.now))
        found = {theme: self._named(decision) for theme, decision in taken.items()}
        return {theme: named for theme, named in found.items() if named is not None}

    def _named(self, decision: Decision) -> Named | None:
        for issue in decision.touched:
            return Named(Linked(issue.key), issue.row_id)
        if decision.issue is None:
            return None
        # It may have been read since it was named.
        read = Naming(self.store, self.now).post(decision.issue)
        if read is None or read.post.kind != "issue":
            return Named(Linked(address=decision.issue))
        return Named(Linked(read.post.key), read.row_id)

    def _nearest_open(self, mean: Vectors) -> list[int]:
        """The open issues nearest to a vector: of few themes it is asked, of many all are read."""
        if not self.many:
            name = self.embedder.name
            return self.store.vectors.close(name, mean, OPEN, self.now, NEAREST)
        row_ids, vectors = self._open_issues
        nearest = np.argsort(-(vectors @ mean), kind="stable")[:NEAREST] if row_ids else ()
        return [row_ids[row] for row in nearest]

    @cached_property
    def _open_issues(self) -> tuple[list[int], Vectors]:
        return self.store.vectors.matrix(self.embedder.name, OPEN, self.now)

    @cached_property
    def _rarity(self) -> Rarity:
        return Rarity.of(self.store.links.newest(self.now, SAMPLE))


def complaints(view: ThemeView) -> ThemeView:
    """The theme with nothing but those of its shown posts that no issue stands for."""
    lost = set(view.tracking.untracked) if view.tracking else set()
    members = tuple(member for member in view.theme.members if member.key in lost)
    return replace(
        view,
        theme=replace(view.theme, members=members),
        crowd=crowd(members),
        sources=dict(Counter(member.source for member in members).most_common()),
        venues=dict(Counter(member.venue for member in members).most_common()),
    )


def tracked(view: ThemeView) -> bool | None:
    """Whether an issue stands for a theme; None where nobody complains and none does."""
    found = view.tracking
    if found is None or found.state not in {State.UNTRACKED, State.PROPOSED}:
        return None if found is None else True
    return False if found.untracked else None


@dataclass(frozen=True, slots=True)
class Named:
    """What a person named as the issue of a theme, and its row if it is stored."""

    told: Linked
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class Web:
    """The posts of some themes, what they point at, and what points at that."""

    members: Mapping[str, Sequence[Read]]
    posts: Mapping[int, Post]
    """Those at the ends of links, as they stood."""
    rows: Mapping[str, int]
    """The same posts' row ids by key."""
    leaving: Mapping[int, Sequence[Edge]]
    reaching: Mapping[int, Sequence[Edge]]
    """Duplicates and pull requests that point at a member or at an issue."""
    replies: Mapping[str, Sequence[Post]]
    """What the team said, by the key of the thread."""
    releases: Mapping[str, Releases]

    @classmethod
    def around(
        cls, store: Store, themes: Sequence[str], now: datetime, named: Mapping[str, int]
    ) -> Web:
        """Read from the store, in a number of questions that does not grow with the themes.

        `named` are the rows of the issues that people named, by theme.
        """
        members = store.links.of_themes(themes, now)
        row_ids = {one.row_id for of_theme in members.values() for one in of_theme}
        edges = [
            *store.links.leaving(row_ids, POINTS, now),
            *store.links.reaching(row_ids, CLOSING, now),
        ]
        ends = ({edge.target for edge in edges} | set(named.values())) - row_ids
        for _ in range(HOPS):
            further = store.links.leaving(ends - row_ids, DUPLICATES, now)
            edges += further
            row_ids |= ends
            ends = {edge.target for edge in further} - row_ids
            if not ends:
                break
        edges += store.links.reaching(row_ids | ends, ("closes",), now)
        near = {end for e in edges for end in (e.source, e.target)} | set(named.values())
        found = store.links.posts(near, now)
        posts = {row_id: as_of(one.post, now) for row_id, one in found.items()}
        openers = [one.post for of_theme in members.values() for one in of_theme]
        return cls(
            members={
                theme: [replace(one, post=as_of(one.post, now)) for one in of_theme]
                for theme, of_theme in members.items()
            },
            posts=posts,
            rows={post.key: row_id for row_id, post in posts.items()},
            leaving=_by_row(dict.fromkeys(edges), "source"),
            reaching=_by_row((e for e in dict.fromkeys(edges) if e.link.how in CLOSING), "target"),
            replies=_by_thread(store.links.replies(openers, Role.TEAM, now)),
            releases=_releases(store, posts.values(), now),
        )

    def story(
        self, members: Sequence[Read], places: frozenset[str], named: int | None = None
    ) -> Story:
        """Of a theme's posts, with the issues and pull requests that those may be told of.

        `named` is the row of the issue that a person named.
        """
        own = [one.row_id for one in members]
        links = dict.fromkeys(
            edge
            for row_id in own
            for edge in (*self.leaving.get(row_id, ()), *self.reaching.get(row_id, ()))
        )
        further = {named} if named else set()
        seen, ends = set(own), ({edge.target for edge in links} | further) - set(own)
        while ends:
            beyond = [edge for end in sorted(ends) for edge in self._beyond(end)]
            links |= dict.fromkeys(beyond)
            seen |= ends
            ends = {edge.target for edge in beyond} - seen
        rows = {end for edge in links for end in (edge.source, edge.target)} | further
        known = [self.posts[row] for row in sorted(rows) if row in self.posts]
        return Story(
            members=[one.post for one in members],
            complaints=frozenset(one.post.key for one in members if one.complains),
            links=[edge.link for edge in links],
            known={
                post.key: post
                for post in (*(one.post for one in members), *known)
                if _open_to(post, places)
            },
            replies=[r for one in members for r in self.replies.get(one.post.key, ())],
            releases=self.releases,
        )

    def pointed_at(self, story: Story) -> list[int]:
        """The rows of the issues that a story's links point at, those with most links first."""
        targets = Counter(link.target_key for link in story.links)
        issues = (key for key, _ in targets.most_common() if key in story.known)
        return [self.rows[key] for key in issues if story.known[key].kind == "issue"]

    def _beyond(self, row_id: int) -> list[Edge]:
        """Of what a member points at: what it duplicates, and what closes it."""
        leaving = (e for e in self.leaving.get(row_id, ()) if e.link.how in DUPLICATES)
        reaching = (e for e in self.reaching.get(row_id, ()) if e.link.how not in DUPLICATES)
        return [*leaving, *reaching]


def _newest(members: Sequence[Read]) -> Sequence[Read]:
    """Those that are compared with issues: of the complaints, if there are any."""
    complaints = [one for one in members if one.complains]
    return (complaints or members)[-NEWEST:]


def _open_to(post: Post, places: frozenset[str]) -> bool:
    """Whether a post may be named beside posts of these places."""
    return post.visibility is Visibility.PUBLIC or post.venue in places


def _releases(store: Store, posts: Iterable[Post], now: datetime) -> dict[str, Releases]:
    """The releases of the repositories in which an issue was closed."""
    repos = {repo_of(p) for p in posts if p.kind == "issue" and p.state not in (None, "open")}
    found = {}
    for repo in sorted(repos):
        own = store.links.releases(repo, now)
        edges = store.links.leaving(own, POINTS, now)
        found[repo] = Releases.of(list(own.values()), repo, [edge.link for edge in edges])
    return found


def _by_row(edges: Iterable[Edge], end: str) -> dict[int, list[Edge]]:
    found: defaultdict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.source if end == "source" else edge.target].append(edge)
    return dict(found)


def _by_thread(replies: Iterable[Post]) -> dict[str, list[Post]]:
    found: defaultdict[str, list[Post]] = defaultdict(list)
    for reply in replies:
        found[f"{reply.source}:{reply.root_id or reply.parent_id}"].append(reply)
    return dict(found)
