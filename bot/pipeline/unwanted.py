"""New posts that say again what people marked as not about us: left out at once, by a decision."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from bot.model import Decision, Deed, Part, Post
from bot.pipeline.deciding import Deciding
from bot.pipeline.theming import NEWEST
from bot.store import Store
from bot.understand.alike import look_alike
from bot.understand.decided import rules
from bot.understand.duplicates import Rarity, Seen, same_story
from bot.understand.embed import Embedder

SELF = "groundswell"
"""Who takes these decisions: the log names it where it names people for theirs."""

SAME = 0.9
"""From here on a post says the same as a marked one: more is asked for than to propose a duplicate,
since nobody looks first. On a labelled stream 154 of the 158 posts found were of the marked one's
subject, one in twelve of all that were; of 300 strays marked, 3 led to any post."""

MARKED = 500
"""The newest marked posts are compared with, no more."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Looks at what is new as of `now`, once; what people put somewhere is theirs."""

    store: Store
    embedder: Embedder
    now: datetime

    def leave_out(self, new: Sequence[int]) -> int:
        """Take what says the same as a marked post out of its theme; returns how many posts.

        `new` are the row ids of posts that were just placed for the first time: a post is looked
        at once, so what somebody takes back stays back.
        """
        if not new or not self.store.decisions.standing({Deed.NOT_US}, self.now):
            return 0
        log = self.store.decisions.all()
        keys = self._again(log, new)
        if keys:
            Deciding(self.store, self.embedder, self.now, SELF).leave_out(keys)
        return len(keys)

    def _again(self, log: Sequence[Decision], new: Sequence[int]) -> list[str]:
        """The keys of the new posts that say the same as one that a person marked."""
        stood = {
            post.row_id: post.stood
            for one in log
            if one.stands and one.deed is Deed.NOT_US and one.by != SELF
            for post in one.touched
        }
        marks = list(stood)[-MARKED:]
        posts = {row: post for row, (post, _) in self.store.posts.by_rows([*marks, *new]).items()}
        same = self._same([r for r in marks if r in posts], [r for r in new if r in posts], posts)
        if not same:
            return []
        marked = {posts[row].key for row in marks if row in posts}
        doubtful = {theme for theme in stood.values() if theme}
        like = set(self._like([*same, *marks], set(new), log, marked, doubtful))
        return sorted(posts[row].key for row in same if posts[row].key in like)

    def _same(self, marks: Sequence[int], new: Sequence[int], posts: dict[int, Post]) -> list[int]:
        """The new ones that tell the same story as a marked one, word for word or nearly so."""
        vectors = self.store.vectors.of(self.embedder.name, [*marks, *new])
        rarity = Rarity.of(self.store.links.newest(self.now, NEWEST))
        seen = {r: Seen.of(posts[r], v, rarity) for r, v in vectors.items() if r in posts}
        marked = [seen[row] for row in marks if row in seen]
        mine = (row for row in new if row in seen and row not in marks)
        return [r for r in mine if marked and same_story(seen[r], marked).max() >= SAME]

    def _like(
        self,
        row_ids: Sequence[int],
        new: AbstractSet[int],
        log: Sequence[Decision],
        marked: AbstractSet[str],
        doubtful: AbstractSet[str],
    ) -> list[str]:
        """Of these posts those that are closer to a marked one than to all that is kept."""
        openers, name = self.store.openers, self.embedder.name
        near = openers.newest(name, self.now, NEWEST)
        found = openers.load(name, self.now, sorted({*near, *row_ids}))
        home = rules(log).home
        # What is new speaks for no theme: several that say the same would keep each other.
        placed = zip(found.keys, found.row_ids, found.stood, strict=True)
        themes = {key: theme for key, row, theme in placed if theme and row not in new}
        kept = {key for key, theme in home.items() if theme}
        return look_alike(found.keys, found.vectors, themes, marked, kept, doubtful)


def by_itself(decision: Decision) -> bool:
    """Whether the bot took a decision, since what is new says what people had marked."""
    return decision.by == SELF and decision.deed is Deed.NOT_US


def left_out(store: Store, since: datetime, until: datetime) -> list[str]:
    """The keys of the posts that were left out so in a time, as far as that stands."""
    return [
        post.key
        for one in store.decisions.all()
        if one.stands and by_itself(one) and since <= one.at < until
        for post in one.touched
        if post.part is Part.OUT
    ]
