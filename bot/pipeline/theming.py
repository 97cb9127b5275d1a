"""Posts to themes: what is new joins what stands, at a cost that does not grow with history."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bot.forms import body_of, title_of
from bot.model import Post
from bot.pipeline.filing import Filing
from bot.store import Name, Opened, Placement, Store
from bot.understand import decided, label
from bot.understand.cluster import Clusterer
from bot.understand.embed import words_of
from bot.understand.keywords import keywords
from bot.understand.standing import NEW, NOISE
from bot.understand.stories import SAME_ERROR, adopted, drawn, stories
from bot.understand.themes import Plan, number_of, staying

NEWEST = 2_000
"""Openers that every run groups anew, the newest: some weeks of a busy project."""
REACH = 50_000
"""Openers that are grouped anew once a day, and at most at once: what bounds memory."""
DAILY = timedelta(days=1)

SPEAKERS, EACH = 600, 3
"""Themes whose posts lie further back are spoken for by so many of these, the most central."""
NEAR = 3
"""Themes near a new post, however far back, that are among those that are spoken for."""

CHUNK = 500
"""Posts read at once."""
NAMING = 50
"""Posts of a theme that lie further back and have a say in its name, the most central."""
GROWN = 1.5
"""A theme is named anew whenever it has come to so many times as many posts."""
OTHERS = 10
"""Posts of each other theme that a theme's name is to set it apart from, the most central."""
SAID = 300
"""Characters of a body that keywords are taken from."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What a run did to themes."""

    new: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    """Those that gained or lost a post and are not new."""

    def __or__(self, later: Moves) -> Moves:
        new = self.new | later.new
        return Moves(new, (self.changed | later.changed) - new)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The posts that a run has at hand, by key."""

    posts: Mapping[str, Post]
    nearness: Mapping[str, float]
    vectors: Mapping[str, NDArray[np.float32]]
    own: AbstractSet[str]
    """Those that may be moved; the others speak for a theme."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What themes gained and lost in a run."""

    gained: Mapping[str, int]
    """How many posts, by theme."""
    lost: frozenset[str]
    """The themes that lost any."""

    @classmethod
    def between(cls, stood: Mapping[str, str], stands: Mapping[str, str]) -> _Change:
        """Of posts by key, where they stood and where they stand."""
        return cls(
            Counter(theme for key, theme in stands.items() if stood.get(key) != theme),
            frozenset(theme for key, theme in stood.items() if stands.get(key) != theme),
        )

    @property
    def themes(self) -> frozenset[str]:
        """All that changed."""
        return self.lost | self.gained.keys()

    def outgrown(self, sizes: Mapping[str, int]) -> set[str]:
        """The themes that have grown enough to be called otherwise; `sizes` are those before."""
        return {
            theme
            for theme, more in self.gained.items()
            if _step(sizes.get(theme, 0)) != _step(sizes.get(theme, 0) + more)
        }


@dataclass(frozen=True, slots=True)
class Theming:
    """One run that places every opener not placed so far.

    It groups the newest openers with them, and a few of each theme that what is new could be of,
    which speak for it. What stands in a theme that is seen in part stays there. Once a day, and
    whenever much is new, it reaches much further back: what was too little to be a theme in a few
    weeks may be one in a year.
    """

    store: Store
    embedder: str
    clusterer: Clusterer
    now: datetime

    def run(self) -> Moves:
        """Place what is not placed; without any, that is known at once."""
        waiting = self.store.openers.unplaced(self.embedder, self.now)
        moves = Moves()
        while waiting:
            lot, waiting = waiting[:REACH], waiting[REACH:]
            far = self._far(len(lot))
            seen = set(lot)
            if not waiting:
                most = REACH if far else NEWEST
                seen |= set(self.store.openers.newest(self.embedder, self.now, most))
            moves |= self._group(seen, self._speakers(lot), self._way if far else None)
        return moves

    def _speakers(self, lot: Sequence[int]) -> list[int]:
        """Of all themes while they are few, then of those that lie nearest to what is new."""
        near: list[int] | None = None
        if self.store.themes.next_number() > SPEAKERS:
            hearts = self.store.openers.hearts()
            near = self.store.vectors.near(self.embedder, lot[:NEWEST], hearts, NEAR)
        return self.store.openers.speakers(self.embedder, self.now, near, SPEAKERS, EACH)

    @property
    def _way(self) -> str:
        return f"{self.embedder} {self.clusterer.name}"

    def _far(self, waiting: int) -> bool:
        """Whether it is time to reach further back than the newest."""
        last = self.store.themes.last_grouping()
        if last is None or last.way != self._way or waiting > NEWEST // 2:
            return True
        return abs(self.now - last.at) >= DAILY

    def _group(self, own: AbstractSet[int], speakers: Sequence[int], way: str | None) -> Moves:
        found = self.store.openers.load(self.embedder, self.now, sorted({*own, *speakers}))
        posts = self._posts(found.row_ids)
        clusters = self._clusters(found, [words_of(posts[key]) for key in found.keys])
        stood = {k: t for k, t in zip(found.keys, found.stood, strict=True) if t}
        mine = {k for k, row_id in zip(found.keys, found.row_ids, strict=True) if row_id in own}
        fixed = self._partly_seen(_only(stood, mine))
        mine -= fixed.keys()
        vectors = dict(zip(found.keys, found.vectors, strict=True))
        nearest = partial(_nearest, vectors)
        while True:  # a person may decide something meanwhile: then it is done over
            version = self.store.decisions.version()
            rules = decided.rules(self.store.decisions.all())
            number = self.store.themes.next_number()
            plan = decided.obeying(stood, clusters, rules, number, nearest, set(found.keys))
            plan = staying(plan, fixed, rules.barred)
            stands = plan.assignment
            change = _Change.between(_only(stood, mine), _only(stands, mine))
            nearness = _nearness(found.keys, found.vectors, stands)
            placements = [
                Placement(row_id, stands.get(key), nearness[key])
                for row_id, key in zip(found.row_ids, found.keys, strict=True)
                if key in mine
            ]
            seen = _Seen(posts, nearness, vectors, mine)
            called = self._names(plan, change, seen, anew=way is not None)
            if self.store.themes.save(placements, called, plan.merged, self.now, version, way):
                return Moves(plan.new, change.themes - plan.new)

    def _partly_seen(self, stood: Mapping[str, str]) -> dict[str, str]:
        """Of where posts stand, those themes that others stand in too: nobody can judge these."""
        seen = Counter(stood.values())
        sizes = self.store.themes.sizes(seen)
        return {key: theme for key, theme in stood.items() if sizes[theme] > seen[theme]}

    def _posts(self, row_ids: Sequence[int]) -> dict[str, Post]:
        """Posts by key."""
        return {
            post.key: post
            for start in range(0, len(row_ids), CHUNK)
            for post, _ in self.store.posts.by_rows(row_ids[start : start + CHUNK]).values()
        }

    def _clusters(self, found: Opened, texts: Sequence[str]) -> list[frozenset[str]]:
        """The keys that belong together."""
        links = self.store.readings.links_among(found.row_ids)
        sure = stories(found.row_ids, (link for link in links if link[2] != SAME_ERROR))
        places = zip(found.stood, found.placed, strict=True)
        stood = [number_of(t) if t else NOISE if placed else NEW for t, placed in places]
        labels = self.clusterer.clusters(
            drawn(found.vectors, sure), texts, np.array(stood, dtype=np.int64)
        )
        labels = adopted(labels, stories(found.row_ids, links))
        order = np.argsort(labels, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
        return [
            frozenset(found.keys[row] for row in rows)
            for rows in groups
            if labels[rows[0]] != NOISE
        ]

    def _names(self, plan: Plan, change: _Change, seen: _Seen, *, anew: bool) -> list[Name]:
        """Names for what is new, lost posts, grew or lost its name; the others set them apart.

        If all within reach is grouped `anew`, also for each other theme of another area than so
        far: which areas there are depends on all.
        """
        members = _members(plan.assignment)
        standing = self.store.themes.names(members)
        unnamed = {t for t in members if t not in standing or not standing[t].label}
        outgrown = change.outgrown(self.store.themes.sizes(change.gained))
        wanted = (change.lost | outgrown | unnamed) & members.keys()
        seen = self._further(seen, wanted, members)
        found = names(members, seen.posts, seen.nearness, standing, wanted)
        called = {name.theme: name for name in found}
        filing = Filing(members, seen.posts, seen.nearness, seen.vectors, _said)
        within = {plan.assignment[key] for key in seen.own & plan.assignment.keys()}
        so_far = self.store.themes.areas()
        filed = filing.areas(wanted | within if anew else wanted, so_far, anew=anew)
        return [
            replace(called[theme] if theme in wanted else standing[theme], area=area)
            for theme, area in filed.items()
            if theme in wanted or standing[theme].area != area
        ]

    def _further(
        self, seen: _Seen, wanted: AbstractSet[str], members: dict[str, frozenset[str]]
    ) -> _Seen:
        """What is seen with the posts of some themes that lie further back, also as members."""
        back = [s for s in self.store.standings.in_themes(wanted) if s.key not in seen.posts]
        back.sort(key=lambda s: (-s.centrality, s.key))
        further: dict[str, list[int]] = {}
        for one in back:
            further.setdefault(one.theme or "", []).append(one.row_id)
        row_ids = [r for rows in further.values() for r in rows[:NAMING]]
        found = self.store.links.posts(row_ids, self.now).values()
        more = {one.post.key: one.post for one in found}
        for one in back:
            if one.key in more and one.theme:
                members[one.theme] |= {one.key}
        central = {one.key: one.centrality for one in back}
        return replace(seen, posts={**seen.posts, **more}, nearness={**central, **seen.nearness})


def names(
    members: Mapping[str, frozenset[str]],
    posts: Mapping[str, Post],
    nearness: Mapping[str, float],
    standing: Mapping[str, Name] | None = None,
    wanted: AbstractSet[str] | None = None,
) -> list[Name]:
    """A label and keywords for each wanted theme, or for all, in the order of the themes.

    The others set them apart. `standing` is what themes were called so far: a label that is still
    right stays.
    """
    so_far = {theme: name.label for theme, name in (standing or {}).items()}
    ordered = {
        theme: sorted(keys)
        if wanted is None or theme in wanted
        else sorted(keys, key=lambda k: (-nearness[k], k))[:OTHERS]
        for theme, keys in members.items()
    }
    texts = {theme: [_said(posts[k]) for k in keys] for theme, keys in ordered.items()}
    words = keywords(texts, wanted=wanted)
    return [
        Name(
            theme,
            label.headline(
                [posts[k].title for k in keys],
                [nearness[k] for k in keys],
                words[theme],
                so_far.get(theme, ""),
            ),
            words[theme],
        )
        for theme, keys in ordered.items()
        if wanted is None or theme in wanted
    ]


def _said(post: Post) -> str:
    """Title and the beginning of the body, as two lines so that no phrase runs across them."""
    return f"{title_of(post.title)}\n{body_of(post.text)[:SAID]}"


def _nearest(
    vectors: Mapping[str, NDArray[np.float32]], key: str, groups: Sequence[frozenset[str]]
) -> int:
    """Which of the groups a post is on average closest to."""
    own = vectors[key]
    close = [
        float(np.mean([own @ vectors[member] for member in sorted(group)])) for group in groups
    ]
    return close.index(max(close))


def _nearness(
    keys: Sequence[str], vectors: NDArray[np.float32], assignment: Mapping[str, str]
) -> dict[str, float]:
    """How central each post stands in its theme."""
    numbers = [number_of(assignment[key]) if key in assignment else NOISE for key in keys]
    close = label.centrality(vectors, np.array(numbers, dtype=np.int64))
    return dict(zip(keys, close.tolist(), strict=True))


def _members(assignment: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The posts of each theme, the oldest theme first."""
    members: dict[str, set[str]] = {}
    for key, theme in assignment.items():
        members.setdefault(theme, set()).add(key)
    return {theme: frozenset(members[theme]) for theme in sorted(members, key=number_of)}


def _only(places: Mapping[str, str], keys: AbstractSet[str]) -> dict[str, str]:
    return {key: theme for key, theme in places.items() if key in keys}


def _step(posts: int) -> int:
    """How often a theme of so many posts has been named for its growth."""
    return int(math.log(max(posts, 1), GROWN))
