"""Posts to themes: embed, classify, link and theme what is new. Safe to stop at any point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bot.forms import body_of, title_of
from bot.model import Link, Post, Query
from bot.pipeline.collecting import Progress
from bot.store import Name, Placement, Store
from bot.understand import decided, label
from bot.understand.cluster import NOISE, Clusterer
from bot.understand.embed import Embedder, MiniLM, words_of
from bot.understand.heads import DIMS, Head
from bot.understand.kinds import LEAST, MOST, Heads, general, judge_all, own_head
from bot.understand.link import KnownPosts, links, strongest
from bot.understand.themes import number_of

CHUNK = 500
"""Posts embedded between two commits: what a crash can cost."""

SAME_STORY = {"url", "duplicate", "said duplicate", "same link", "same text", "same error"}
"""Evidence that two posts tell one story; a mere mention of an issue is none."""

SAID = 300
"""Characters of a body that keywords are taken from."""

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]


@dataclass(slots=True)
class Understood:
    """What one run did. `posts` are those that were new to the embedder."""

    posts: int = 0
    themes: int = 0
    themes_new: int = 0
    themes_changed: int = 0
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("embed", "classify", "link", "theme"), 0.0)
    )

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time spent inside to a step."""
        start = perf_counter()
        yield
        self.seconds[step] += perf_counter() - start


@dataclass(frozen=True, slots=True)
class Understanding:
    """One run over everything up to `now`; each step takes up what it lacks."""

    store: Store
    embedder: Embedder
    clusterer: Clusterer
    now: datetime
    progress: Progress

    def run(self) -> Understood:
        """Embed, classify, link and theme; nothing new costs next to nothing."""
        done = Understood()
        if self._read(done) or self.store.readings.waiting(self.now):
            self.store.decisions.hold_kinds()
            with done.timed("link"):
                posts = self._posts()
                found = self._link(posts)
            with done.timed("theme"):
                self._theme(done, {post.key: post for post in posts.values()}, found)
        done.themes = self.store.themes.count(self.now)
        return done

    def _read(self, done: Understood) -> bool:
        """Embed and classify each post that was not, a chunk at a time; whether there were any."""
        unembedded = dict.fromkeys(self.store.vectors.missing(self.embedder.name, self.now))
        unread = dict.fromkeys(self.store.readings.missing(self.now))
        row_ids = list(unembedded | unread)
        heads = self._heads(done, unembedded) if unread else general()
        for start in range(0, len(row_ids), CHUNK):
            posts = self.store.posts.by_rows(row_ids[start : start + CHUNK])
            with done.timed("embed"):
                done.posts += self._embed({r: p for r, (p, _) in posts.items() if r in unembedded})
            with done.timed("classify"):
                self._classify({r: p for r, (p, _) in posts.items() if r in unread}, heads)
            self.progress("embedding", start + len(posts), len(row_ids))
        return bool(row_ids)

    def _embed(self, posts: Mapping[int, Post]) -> int:
        rows = self.embedder.encode([words_of(post) for post in posts.values()])
        self.store.vectors.save(self.embedder.name, list(posts), rows)
        return len(posts)

    def _classify(self, posts: Mapping[int, Post], heads: Heads) -> None:
        rows = self._rows(list(posts))
        self.store.readings.save(
            zip(posts, judge_all(list(posts.values()), rows, heads), strict=True)
        )

    def _heads(self, done: Understood, unembedded: dict[int, None]) -> Heads:
        """The general heads, and one of its own for each tracker with labels enough.

        What an own head learns from is embedded first, and so is no longer `unembedded`.
        """
        own: dict[str, Head] = {}
        for venue, labelled in self.store.posts.labelled(self.now).items():
            if len(labelled) < LEAST:
                continue
            row_ids = labelled[:MOST]
            posts = {r: post for r, (post, _) in self.store.posts.by_rows(row_ids).items()}
            with done.timed("embed"):
                done.posts += self._embed({r: p for r, p in posts.items() if r in unembedded})
            for row_id in posts:
                unembedded.pop(row_id, None)
            with done.timed("classify"):
                head = own_head(list(posts.values()), self._rows(list(posts)))
            if head is not None:
                own[venue] = head
        return replace(general(), own=own)

    def _rows(self, row_ids: Sequence[int]) -> Vectors:
        """The vectors of posts in order, as heads see them: nothing, if others made them."""
        if self.embedder.name != MiniLM.name:
            return np.zeros((len(row_ids), DIMS), dtype=np.float32)
        found = self.store.vectors.of(self.embedder.name, row_ids)
        return np.array([found[row_id] for row_id in row_ids], dtype=np.float32).reshape(-1, DIMS)

    def _posts(self) -> dict[int, Post]:
        """Every post by row id."""
        return {row_id: post for row_id, post, _ in self.store.posts.find(Query(), self.now)}

    def _link(self, posts: Mapping[int, Post]) -> tuple[Link, ...]:
        """Links between all posts: an old post may point at one that came only now."""
        rows = {post.key: row_id for row_id, post in posts.items()}
        found = strongest(links(posts.values(), KnownPosts.of(posts.values())))
        pairs = {(rows[link.source_key], rows[link.target_key]): link.how for link in found}
        self.store.readings.save_links((a, b, how) for (a, b), how in pairs.items())
        return found

    def _theme(self, done: Understood, posts: Mapping[str, Post], found: Sequence[Link]) -> None:
        """Cluster all openers anew and carry the standing themes' ids over."""
        row_ids, keys, vectors = self.store.vectors.openers(self.embedder.name, self.now)
        texts = [words_of(posts[key]) for key in keys]
        sure = stories(keys, [link for link in found if link.how != "same error"])
        labels = self.clusterer.clusters(drawn(vectors, sure), texts)
        labels = adopted(labels, stories(keys, found))
        clusters = [
            frozenset(keys[row] for row in np.flatnonzero(labels == number))
            for number in range(labels.max(initial=NOISE) + 1)
        ]
        nearest = partial(_nearest, dict(zip(keys, vectors, strict=True)))
        saved = False
        while not saved:  # a person may decide something meanwhile: then it is done over
            obeying, rules = self.store.decisions.version(), self._rules()
            stood = self._standing(row_ids, keys)
            number = self.store.themes.next_number()
            plan = decided.obeying(stood, clusters, rules, number, nearest, set(keys))
            nearness = _nearness(keys, vectors, plan.assignment)
            placements = [
                Placement(row_id, plan.assignment.get(key), nearness[key])
                for row_id, key in zip(row_ids, keys, strict=True)
            ]
            called = names(_members(plan.assignment), posts, nearness)
            saved = self.store.themes.save(placements, called, plan.merged, self.now, obeying)
        done.themes_new = len(plan.new)
        done.themes_changed = len(_changed(stood, plan.assignment) - plan.new)

    def _rules(self) -> decided.Rules:
        return decided.rules(self.store.decisions.all())

    def _standing(self, row_ids: Sequence[int], keys: Sequence[str]) -> dict[str, str]:
        """The theme that each post stood in after the last run, by key; those in none left out."""
        standing = self.store.themes.standing(self.now)
        pairs = zip(keys, (standing.get(row_id) for row_id in row_ids), strict=True)
        return {key: theme for key, theme in pairs if theme}


def drawn(vectors: Vectors, told: Sequence[Sequence[int]]) -> Vectors:
    """The vectors at unit length, those of one story moved halfway towards each other.

    What two posts point at says more of them than how they put it; not so the error they quote,
    since many faults end in one and the same error.
    """
    moved = vectors.copy()
    for rows in told:
        moved[rows] += vectors[rows].mean(axis=0)
        moved[rows] /= np.maximum(np.linalg.norm(moved[rows], axis=1, keepdims=True), 1e-12)
    return moved


def adopted(labels: Labels, told: Sequence[Sequence[int]]) -> Labels:
    """The labels, with posts that belong to no theme put where the story they tell stands.

    A cross-post often says too little to be close to anything: its link says it all. Where the
    posts of one story stand in several themes, the strays follow only a majority of them.
    """
    joined = labels.copy()
    for story in told:
        settled = Counter(labels[row] for row in story if labels[row] != NOISE)
        theme, most = settled.most_common(1)[0] if settled else (NOISE, 0)
        if 2 * most > settled.total():
            joined[[row for row in story if labels[row] == NOISE]] = theme
    return joined


def stories(keys: Sequence[str], found: Sequence[Link]) -> list[list[int]]:
    """The rows that tell one story, by their links, for every story of more than one row."""
    rows = {key: row for row, key in enumerate(keys)}
    story = {row: [row] for row in rows.values()}
    for link in found:
        one, other = rows.get(link.source_key), rows.get(link.target_key)
        if one is None or other is None or link.how not in SAME_STORY:
            continue
        if story[one] is not story[other]:
            story[one] += story[other]
            story |= dict.fromkeys(story[other], story[one])
    return [rows for row, rows in story.items() if rows[0] == row and len(rows) > 1]


def names(
    members: Mapping[str, frozenset[str]], posts: Mapping[str, Post], nearness: Mapping[str, float]
) -> list[Name]:
    """A label and keywords for each theme, in the order of the themes."""
    ordered = {theme: sorted(keys) for theme, keys in members.items()}
    texts = {theme: [_said(posts[k]) for k in keys] for theme, keys in ordered.items()}
    words = label.keywords(texts)
    return [
        Name(
            theme,
            label.headline(
                [posts[k].title for k in keys], [nearness[k] for k in keys], words[theme]
            ),
            words[theme],
        )
        for theme, keys in ordered.items()
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


def _changed(stood: Mapping[str, str], stands: Mapping[str, str]) -> set[str]:
    """The themes that gained or lost a post."""
    moved = {key for key in stood.keys() | stands.keys() if stood.get(key) != stands.get(key)}
    touched = {themes[key] for themes in (stood, stands) for key in moved if key in themes}
    return touched & set(stands.values())
