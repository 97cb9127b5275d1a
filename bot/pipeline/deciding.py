"""What people decide about themes: each decision drafted, shown, taken, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import GroundswellError
from bot.model import OPERATOR, Audience, Decision, Deed, Intent, Part, Precision, Touched
from bot.pipeline.drafting import SELF, Drafting, moved, said_of
from bot.pipeline.placing import Placing
from bot.store import Lineage, Store
from bot.understand.decided import builds_on
from bot.understand.embed import Embedder
from bot.understand.precision import by_month

TRIES = 3
"""A run may save other themes while a decision is drafted: then it is drafted anew."""

LONGEST = 120
"""Characters of a name that a person gives."""

_THEME = re.compile(r"[Tt]\d{1,9}")


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was taken, or that would be if it is not `done`."""

    decision: Decision
    """With its posts as of the moment that it is taken in."""
    done: bool
    labels: Mapping[str, str]
    """What the themes that it speaks of are called."""
    back: int = 0
    """For one that was undone: how many posts went back."""
    alike: tuple[str, ...] = ()
    """For what is not about us: the posts that look like it, and that it says nothing of."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Decisions of one person as of `now`; with `dry` they are drafted and nothing is done.

    Themes are called by their ids, posts by their key or their address. Every method raises
    GroundswellError for a theme or a post that is not there.
    """

    store: Store
    embedder: Embedder
    now: datetime
    by: str
    dry: bool = False
    audience: Audience = OPERATOR
    """What they may read: nothing beyond that is named or counted in what they are told."""

    def merge(self, theme: str, into: str) -> Decided:
        """Let all posts of a theme go into another, for good."""
        gone, stays = self._drafting.theme(theme), self._drafting.theme(into)
        if gone == stays:
            raise GroundswellError(f"{gone} cannot go into itself")

        def draft() -> Decision:
            found = self.store.standings.in_themes((gone, stays))
            touched = [said_of(s, Part.IN, stays) for s in found]
            return replace(self._made(Deed.MERGE, touched, gone), into=stays)

        return self._take(draft)

    def split(self, theme: str, posts: Sequence[str]) -> Decided:
        """Let some posts of a theme be one of their own, apart from the others, for good."""
        whole = self._drafting.theme(theme)
        chosen = {stood.key for stood in self._drafting.posts(posts)}

        def draft() -> Decision:
            found = self.store.standings.in_themes((whole,))
            astray = chosen - {s.key for s in found}
            if astray:
                raise GroundswellError(f"{', '.join(sorted(astray))}: not in {whole}")
            if len(chosen) == len(found):
                raise GroundswellError(f"these are all the posts of {whole}: nothing would be left")
            made = f"T{self.store.themes.next_number()}"
            placed = self._drafting.placed_by_bot(chosen)
            touched = [
                said_of(s, Part.IN, made, right=False if s.key in placed else None)
                if s.key in chosen
                else said_of(s, Part.APART, made)
                for s in found
            ]
            return replace(self._made(Deed.SPLIT, touched, whole), into=made)

        return self._take(draft)

    def move(self, post: str, to: str | None) -> Decided:
        """Let a post stand in a theme, or in none, for good."""
        return self.move_all([post], to)

    def move_all(self, posts: Sequence[str], to: str | None) -> Decided:
        """Let some posts stand in a theme, or in none, for good."""
        theme = self._drafting.theme(to) if to is not None else None

        def draft() -> Decision:
            chosen = self._drafting.posts(posts)
            placed = self._drafting.placed_by_bot({stood.key for stood in chosen})
            touched = [moved(theme, stood, by_bot=stood.key in placed) for stood in chosen]
            return self._made(Deed.MOVE, touched, theme=theme)

        return self._take(draft)

    def confirm(self, theme: str) -> Decided:
        """Let the posts of a theme stay in it, and count them as placed rightly."""
        whole = self._drafting.theme(theme)

        def draft() -> Decision:
            found = self.store.standings.in_themes((whole,))
            touched = self._drafting.judged(found, Part.IN, whole, right=True)
            return self._made(Deed.CONFIRM, touched, theme=whole)

        return self._take(draft)

    def not_us(self, target: str | None, *, also: bool = False) -> Decided:
        """Let a post, or all of a theme, never make a theme again.

        What looks like it is told, and with `also` goes the same way. Without a target, that is
        what looks like anything that was ever marked so.
        """
        theme = self._drafting.theme(target) if target and _THEME.fullmatch(target) else None
        alike: list[str] = []

        def draft() -> Decision:
            named = self._drafting.named(target, theme)
            alike[:] = self._drafting.alike(named or self._drafting.marked())
            more = list(self.store.standings.of(alike).values()) if also else []
            if not named and not more:
                raise GroundswellError(_nothing(alike))
            touched = self._drafting.judged(named, Part.OUT, right=False)
            touched += [said_of(s, Part.OUT) for s in more]
            return self._made(Deed.NOT_US, touched, theme=theme)

        taken = self._take(draft)
        return taken if also else replace(taken, alike=tuple(alike))

    def leave_out(self, posts: Sequence[str]) -> Decided:
        """Let some posts never make a theme again; whether they stood rightly is left open."""

        def draft() -> Decision:
            found = self._drafting.posts(posts)
            return self._made(Deed.NOT_US, [said_of(one, Part.OUT) for one in found])

        return self._take(draft)

    def rename(self, theme: str, label: str) -> Decided:
        """Let a theme be called so, whatever its posts are."""
        whole, words = self._drafting.theme(theme), " ".join(label.split())
        if not words or len(words) > LONGEST:
            raise GroundswellError(f"a name has 1 to {LONGEST} characters, this one {len(words)}")
        return self._take(lambda: replace(self._made(Deed.RENAME, theme=whole), label=words))

    def mute(
        self, theme: str, *, until: datetime | None = None, until_grows: bool = False
    ) -> Decided:
        """Leave a theme out of digests: until then, until it grows, or until that is undone."""
        whole = self._drafting.theme(theme)

        def draft() -> Decision:
            weekly = self._drafting.outgrown_from(whole) if until_grows else None
            return replace(self._made(Deed.MUTE, theme=whole), until=until, weekly=weekly)

        return self._take(draft)

    def acknowledge(self, theme: str, called: str = "") -> Decided:
        """Say that a theme was seen, by whoever is called so: it waits again once it has grown."""
        whole = self._drafting.theme(theme)

        def draft() -> Decision:
            weekly = self._drafting.outgrown_from(whole)
            made = self._made(Deed.ACKNOWLEDGE, theme=whole)
            return replace(made, weekly=weekly, called=called or None)

        return self._take(draft)

    def assign(self, theme: str, to: str | None, called: str = "") -> Decided:
        """Give a theme to somebody, or to nobody.

        `to` is `slack:` and an id, or a name; `called` is what people read in its place.
        """
        whole = self._drafting.theme(theme)
        who = " ".join(to.split()) if to is not None else None
        if who is not None and not 0 < len(who) <= LONGEST:
            raise GroundswellError(f"a person's name has 1 to {LONGEST} characters")
        made = replace(self._made(Deed.ASSIGN, theme=whole), to=who, called=called or None)
        return self._take(lambda: made)

    def link(self, theme: str, issue: str) -> Decided:
        """Say which issue tracks a theme: `#7`, `owner/name#7`, a key, or any address.

        An address of what is not stored is kept as it stands; no run and no evidence overturns it.
        """
        whole = self._drafting.theme(theme)

        def draft() -> Decision:
            made = self._made(Deed.LINK, theme=whole)
            found = self._drafting.issue(whole, issue)
            if isinstance(found, str):
                return replace(made, issue=found)
            return replace(made, touched=(found,))

        return self._take(draft)

    def kind(self, post: str, kind: Intent) -> Decided:
        """Let a post be of this kind, whatever is read in it."""
        return self.kinds([post], kind)

    def kinds(self, posts: Sequence[str], kind: Intent) -> Decided:
        """Let some posts be of this kind, whatever is read in them."""

        def draft() -> Decision:
            touched = [said_of(one, Part.KIND) for one in self._drafting.posts(posts)]
            return replace(self._made(Deed.KIND, touched), kind=kind)

        return self._take(draft)

    def undo(self, number: int | None = None) -> Decided:
        """Take a decision back, the last of a person if none is named: all is as it was before it.

        Raises:
            GroundswellError: there is none, or later ones build on it; the message says which.
        """
        for _ in range(TRIES):
            log = self.store.decisions.all()
            gone = _to_undo(log, number)
            places = self._placing.before(gone)
            undone = replace(gone, undone_at=self.now, undone_by=self.by)
            if self.dry or self.store.decisions.undo(gone, self.by, self.now, places):
                back = self._drafting.written([place.row_id for place in places])
                told = self._drafting.as_told(undone)
                return Decided(told, not self.dry, self.labels(undone), len(back))
        raise GroundswellError(_CHANGING)

    def log(self) -> list[Decision]:
        """Every decision, the undone ones too, in the order in which they were taken."""
        return self.store.decisions.all()

    def precision(self, month: str | None = None) -> list[Precision]:
        """How often the bot was right, by month in UTC, as far as people judged it."""
        found = by_month(self.store.decisions.all())
        return [one for one in found if month in {None, one.month}]

    def lineage(self, theme: str) -> Lineage:
        """Where a theme, standing or gone, comes from and went."""
        found = self.store.standings.lineage(theme.upper())
        if found is None:
            raise GroundswellError(f"there is no theme {theme}")
        return found

    def labels(self, decision: Decision) -> dict[str, str]:
        """What the themes that a decision speaks of are called."""
        wanted = {decision.theme, decision.into, *(post.stood for post in decision.touched)}
        called = self.store.themes.names()
        given = self.store.decisions.given(self.now)
        return {
            theme: given.get(theme) or called[theme].label
            for theme in wanted
            if theme is not None and theme in called
        }

    @property
    def _drafting(self) -> Drafting:
        return Drafting(self.store, self.embedder, self.now, self.audience)

    @property
    def _placing(self) -> Placing:
        return Placing(self.store, self.embedder)

    def _made(
        self, deed: Deed, touched: Sequence[Touched] = (), theme: str | None = None
    ) -> Decision:
        return Decision(0, self.now, self.by, deed, theme, touched=tuple(touched))

    def _take(self, draft: Callable[[], Decision]) -> Decided:
        """Draft a decision and take it, unless it is only to be shown."""
        for _ in range(TRIES):
            made = draft()
            if self.dry:
                return Decided(self._drafting.as_told(made), False, self.labels(made))
            places = self._placing.after(made)
            taken = self.store.decisions.record(made, places, self._placing.name(made, places))
            if taken is not None:
                return Decided(self._drafting.as_told(taken), True, self.labels(taken))
        raise GroundswellError(_CHANGING)


def _to_undo(log: Iterable[Decision], number: int | None) -> Decision:
    """The decision to undo, if it can be; without a number the last that a person took."""
    standing = [one for one in log if one.stands]
    taken = [one for one in standing if one.by != SELF]
    if number is None and not taken:
        raise GroundswellError("there is no decision to undo")
    gone = next((o for o in log if o.id == number), None) if number else taken[-1]
    if gone is None:
        raise GroundswellError(f"there is no decision {number}; groundswell theme log shows them")
    if not gone.stands:
        raise GroundswellError(f"decision {gone.id} was undone by {gone.undone_by} already")
    later = [str(one.id) for one in standing if one.id > gone.id and builds_on(one, gone)]
    if later:
        also = (
            f"decision {later[0]} builds"
            if len(later) == 1
            else (f"decisions {', '.join(later)} build")
        )
        raise GroundswellError(f"{also} on decision {gone.id}: undo {later[-1]} first")
    return gone


def _nothing(alike: Sequence[str]) -> str:
    if not alike:
        return "nothing looks like what was marked as not about us"
    return f"{len(alike)} posts look like what was marked as not about us: {', '.join(alike)}"


_CHANGING = "the themes keep changing under this decision: nothing was done"
