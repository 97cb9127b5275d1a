"""What decisions are drafted from: what people name, looked up, and what is said of each post."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import GroundswellError
from bot.model import Audience, Decision, Deed, Part, Query, Touched
from bot.pipeline.naming import Naming, address
from bot.pipeline.theming import REACH
from bot.store import Stood, Store
from bot.understand.alike import look_alike
from bot.understand.decided import rules
from bot.understand.embed import Embedder
from bot.understand.mutes import outgrown_from

SELF = "groundswell"
"""Who left out what says again what people had marked: the log names it where it names people."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """Looks up what somebody of an audience decides about, as of `now`.

    Raises GroundswellError for a theme or a post that cannot be decided about, and says why.
    """

    store: Store
    embedder: Embedder
    now: datetime
    audience: Audience

    def theme(self, name: str) -> str:
        """The id of a theme that has posts."""
        theme = name.upper()
        if theme in self.store.themes.sizes():
            return theme
        lineage = self.store.standings.lineage(theme)
        if lineage is None:
            raise GroundswellError(f"there is no theme {name}; the command themes shows them")
        if lineage.merged_into:
            raise GroundswellError(f"{theme} went into {lineage.merged_into}: name that one")
        raise GroundswellError(f"{theme} has no posts any more")

    def posts(self, names: Iterable[str]) -> list[Stood]:
        """Some posts, each once, looked up together: one by one takes long for a whole theme."""
        wanted = list(dict.fromkeys(names))
        found = self.store.standings.of(wanted)
        return [found[name] if name in found else self._post(name) for name in wanted]

    def _post(self, name: str) -> Stood:
        found = self.store.standings.of([name]).get(name)
        if found is None and (read := Naming(self.store, self.now, self.audience).post(name)):
            found = self.store.standings.of([read.post.key]).get(read.post.key)
        if found is None:
            raise GroundswellError(
                f"{name}: no post that can stand in a theme. It may be unknown, answer another "
                "post, be a bot's, or not be understood yet; a post is named by its key, "
                "as search --json shows it, or by its address"
            )
        return found

    def named(self, target: str | None, theme: str | None) -> list[Stood]:
        """The posts that somebody points at as not about us."""
        if theme is not None:
            return self.store.standings.in_themes((theme,))
        return [self._post(target)] if target is not None else []

    def marked(self) -> list[Stood]:
        """The posts that people said are not about us, each with the theme it was taken out of.

        What the bot left out by itself is none of them: it would lead ever further away.
        """
        return [
            Stood(post.row_id, post.key, post.stood, post.centrality)
            for one in self.store.decisions.all()
            if one.stands and one.deed is Deed.NOT_US and one.by != SELF
            for post in one.touched
        ]

    def alike(
        self, marked: Sequence[Stood], new: Collection[int] = (), reach: int = REACH
    ) -> list[str]:
        """The posts that look like these and are not marked themselves.

        They are looked for among the newest, as far as `reach`, and among the `new`, given by row
        id; those speak for no theme, since several that say the same would keep each other.
        """
        openers, embedder = self.store.openers, self.embedder.name
        near = openers.newest(embedder, self.now, reach)
        rows = sorted({*near, *new, *(o.row_id for o in marked)})
        found = openers.load(embedder, self.now, rows)
        placed = {
            key: theme
            for key, row_id, theme in zip(found.keys, found.row_ids, found.stood, strict=True)
            if theme and row_id not in new
        }
        home = rules(self.store.decisions.all()).home
        told = {key for key, theme in home.items() if theme is None}
        alike = look_alike(
            found.keys,
            found.vectors,
            placed,
            marked={one.key for one in marked},
            kept={key for key, theme in home.items() if theme},
            doubtful={one.theme for one in marked if one.theme},
        )
        return [key for key in alike if key not in told]

    def as_told(self, decision: Decision) -> Decision:
        """The decision with those of its posts alone that there are as of `now`.

        Posts of a later time go along with their theme, and are not counted before they come.
        """
        there = self.written([one.row_id for one in decision.touched])
        return replace(
            decision, touched=tuple(one for one in decision.touched if one.row_id in there)
        )

    def written(self, row_ids: Sequence[int]) -> set[int]:
        """Those of some posts, by row id, that there are as of `now`."""
        if not self.store.themes.reaching_past(self.now):
            return set(row_ids)
        found = self.store.posts.by_rows(row_ids)
        return {row_id for row_id, (post, _) in found.items() if post.created_at <= self.now}

    def placed_by_bot(self, keys: AbstractSet[str]) -> set[str]:
        """Of these posts, those that stand where the bot put them, as far as people said."""
        people: set[str] = set()
        for one in self.store.decisions.all():
            for post in one.touched if one.stands else ():
                if post.part in {Part.IN, Part.OUT}:
                    (people.discard if post.right else people.add)(post.key)
        return set(keys - people)

    def judged(
        self, chosen: Sequence[Stood], part: Part, theme: str | None = None, *, right: bool
    ) -> list[Touched]:
        """What a decision says of posts; `right` of those alone that the bot had placed."""
        placed = self.placed_by_bot({one.key for one in chosen})
        return [
            said_of(one, part, theme, right=right if one.key in placed else None) for one in chosen
        ]

    def issue(self, theme: str, name: str) -> Touched | str:
        """The issue that tracks a theme, or the address of one that is not stored."""
        members = self.store.links.of_themes([theme], self.now).get(theme, ())
        naming = Naming(self.store, self.now, self.audience)
        found = naming.issue(name, {member.post.venue for member in members})
        if found is not None and found.post.kind == "issue":
            return Touched(found.row_id, found.post.key, Part.ISSUE)
        if at := address(name):
            return at
        raise GroundswellError(_NO_ISSUE.format(name))

    def outgrown_from(self, theme: str) -> int:
        """How many must speak of a theme within a week for it to have grown."""
        asked = Query(themes=(theme,), audience=self.audience)
        found = self.store.themes.load(asked, self.now)
        return outgrown_from([m for one in found for m in one.members], self.now)


def said_of(
    stood: Stood, part: Part, theme: str | None = None, *, right: bool | None = None
) -> Touched:
    """What a decision says of one post, beside where it stands now.

    `theme` is the one that `part` speaks of; `right` is whether the bot had placed the post
    rightly, None where the decision does not say.
    """
    return Touched(stood.row_id, stood.key, part, theme, stood.theme, stood.centrality, right)


def moved(theme: str | None, stood: Stood, *, by_bot: bool) -> Touched:
    """A post that a person puts somewhere, and whether the bot had put it there."""
    right = stood.theme == theme if stood.theme and by_bot else None
    return said_of(stood, Part.OUT if theme is None else Part.IN, theme, right=right)


_NO_ISSUE = "{}: no issue of that name was read; name it like acme/tool#7, or by its address"
