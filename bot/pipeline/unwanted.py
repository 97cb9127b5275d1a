"""New posts that say again what people marked as not about us: left out at once, by a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bot.model import OPERATOR, Deed, Period, Post, Query
from bot.pipeline.deciding import Deciding
from bot.pipeline.drafting import SELF, Drafting
from bot.pipeline.theming import NEWEST
from bot.store import Store
from bot.understand.duplicates import Rarity, Seen, same_story
from bot.understand.embed import Embedder

SAME = 0.9
"""From here on a post says the same as a marked one: more is asked for than to propose a duplicate,
since nobody looks first. On a labelled stream 154 of the 158 posts found were of the marked one's
subject, one in twelve of all that were; of 300 strays marked, 3 led to any post."""

MARKED, NEAR = 500, 5
"""The newest marked posts that are looked at; the nearest of them are compared with a new one."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Looks at what is new as of `now`, once; what people put somewhere is theirs."""

    store: Store
    embedder: Embedder
    now: datetime

    def leave_out(self, new: Sequence[int]) -> int:
        """Take what says the same as a marked post out of its theme; returns how many posts.

        `new` are the row ids of posts that were just placed for the first time, oldest first: a
        post is looked at once, so what somebody takes back stays back. Of very many only the newest
        are looked at: that is history being read.
        """
        if not new or not self.store.decisions.standing({Deed.NOT_US}, self.now):
            return 0
        keys = self._again(new[-NEWEST:])
        if keys:
            Deciding(self.store, self.embedder, self.now, SELF).leave_out(keys)
        return len(keys)

    def _again(self, new: Sequence[int]) -> list[str]:
        """The keys of the new posts that say the same as one that a person marked."""
        drafting = Drafting(self.store, self.embedder, self.now, OPERATOR)
        marked = drafting.marked()[-MARKED:]
        marks = list(dict.fromkeys(one.row_id for one in marked))
        posts = {row: post for row, (post, _) in self.store.posts.by_rows([*marks, *new]).items()}
        same = self._same(marks, new, posts)
        if not same:
            return []
        like = set(drafting.alike(marked, frozenset(new), NEWEST))
        return sorted(posts[row].key for row in same if posts[row].key in like)

    def _same(
        self, marks: Sequence[int], new: Sequence[int], posts: Mapping[int, Post]
    ) -> list[int]:
        """The new ones that tell the same story as a marked one, word for word or nearly so."""
        vectors = self.store.vectors.of(self.embedder.name, [*marks, *new])
        rarity = Rarity.of(self.store.links.newest(self.now, NEWEST))
        seen = {r: Seen.of(posts[r], vectors[r], rarity) for r in vectors.keys() & posts.keys()}
        marked = [seen[row] for row in marks if row in seen]
        mine = [row for row in new if row in seen and row not in marks]
        if not marked or not mine:
            return []
        cosines = (
            np.stack([seen[row].vector for row in mine])
            @ np.stack([one.vector for one in marked]).T
        )
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :NEAR].tolist()
        told = (
            same_story(seen[r], [marked[n] for n in near])
            for r, near in zip(mine, nearest, strict=True)
        )
        return [row for row, likely in zip(mine, told, strict=True) if likely.max() >= SAME]


def narrows(query: Query) -> bool:
    """Whether it asks for less than everything that whoever asks may read, whenever that was."""
    return replace(query, since=None, until=None, audience=OPERATOR) != Query()


def left_out(store: Store, query: Query, period: Period, now: datetime) -> int:
    """How many posts were left out so in a time, of those that whoever asks may read.

    As far as that stands; 0 for a query that narrows what is told, since they are of all sources.
    """
    if narrows(query):
        return 0
    keys = [
        post.key
        for one in store.decisions.all()
        if one.stands and one.by == SELF and one.deed is Deed.NOT_US
        if period.since < one.at <= period.until
        for post in one.touched
    ]
    return len(store.cited.posts(keys, now, query.audience)) if keys else 0
