"""What people decide about themes: each decision drafted, shown, taken, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bot.errors import GroundswellError
from bot.model import OPERATOR, Audience, Decision, Deed, Intent, Part, Query, Touched
from bot.pipeline.naming import Naming, address
from bot.pipeline.theming import REACH, names
from bot.store import Lineage, Name, Placement, Stood, Store
from bot.understand.alike import look_alike
from bot.understand.decided import builds_on, rules
from bot.understand.embed import Embedder
from bot.understand.mutes import outgrown_from
from bot.understand.precision import Precision, by_month

TRIES = 3
"""A run may save other themes while a decision is drafted: then it is drafted anew."""

LONGEST = 120
"""Characters of a name that a person gives."""

_THEME = re.compile(r"[Tt]\d{1,9}")


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was taken, or that would be if it is not `done`."""

    decision: Decision
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
        gone, stays = self._theme(theme), self._theme(into)
        if gone == stays:
            raise GroundswellError(f"{gone} cannot go into itself")

        def draft() -> Decision:
            found = self.store.decisions.stood_in((gone, stays))
            touched = [_in(stays, s) for s in found]
            return replace(self._made(Deed.MERGE, touched, gone), into=stays)

        return self._take(draft)

    def split(self, theme: str, posts: Sequence[str]) -> Decided:
        """Let some posts of a theme be one of their own, apart from the others, for good."""
        whole = self._theme(theme)
        chosen = {stood.key for stood in self._posts(posts)}

        def draft() -> Decision:
            found = self.store.decisions.stood_in((whole,))
            astray = chosen - {s.key for s in found}
            if astray:
                raise GroundswellError(f"{', '.join(sorted(astray))}: not in {whole}")
            if len(chosen) == len(found):
                raise GroundswellError(f"these are all the posts of {whole}: nothing would be left")
            made = f"T{self.store.themes.next_number()}"
            placed = self._placed_by_bot(chosen)
            touched = [
                _in(made, s, right=False if s.key in placed else None)
                if s.key in chosen
                else Touched(s.row_id, s.key, Part.APART, made, s.theme, s.centrality)
                for s in found
            ]
            return replace(self._made(Deed.SPLIT, touched, whole), into=made)

        return self._take(draft)

    def move(self, post: str, to: str | None) -> Decided:
        """Let a post stand in a theme, or in none, for good."""
        return self.move_all([post], to)

    def move_all(self, posts: Sequence[str], to: str | None) -> Decided:
        """Let some posts stand in a theme, or in none, for good."""
        theme = self._theme(to) if to is not None else None

        def draft() -> Decision:
            chosen = self._posts(posts)
            placed = self._placed_by_bot({stood.key for stood in chosen})
            touched = [_moved(theme, stood, by_bot=stood.key in placed) for stood in chosen]
            return self._made(Deed.MOVE, touched, theme=theme)

        return self._take(draft)

    def confirm(self, theme: str) -> Decided:
        """Let the posts of a theme stay in it, and count them as placed rightly."""
        whole = self._theme(theme)

        def draft() -> Decision:
            found = self.store.decisions.stood_in((whole,))
            placed = self._placed_by_bot({s.key for s in found})
            touched = [_in(whole, s, right=True if s.key in placed else None) for s in found]
            return self._made(Deed.CONFIRM, touched, theme=whole)

        return self._take(draft)

    def not_us(self, target: str | None, *, also: bool = False) -> Decided:
        """Let a post, or all of a theme, never make a theme again.

        What looks like it is told, and with `also` goes the same way. Without a target, that is
        what looks like anything that was ever marked so.
        """
        theme = self._theme(target) if target and _THEME.fullmatch(target) else None
        alike: list[str] = []

        def draft() -> Decision:
            named = self._named(target, theme)
            alike[:] = self._alike(named or self._marked())
            more = list(self.store.decisions.stood(alike).values()) if also else []
            if not named and not more:
                raise GroundswellError(_nothing(alike))
            placed = self._placed_by_bot({s.key for s in named})
            touched = [_out(s, right=False if s.key in placed else None) for s in named]
            return self._made(Deed.NOT_US, [*touched, *map(_out, more)], theme=theme)

        taken = self._take(draft)
        return taken if also else replace(taken, alike=tuple(alike))

    def rename(self, theme: str, label: str) -> Decided:
        """Let a theme be called so, whatever its posts are."""
        whole, words = self._theme(theme), " ".join(label.split())
        if not words or len(words) > LONGEST:
            raise GroundswellError(f"a name has 1 to {LONGEST} characters, this one {len(words)}")
        return self._take(lambda: replace(self._made(Deed.RENAME, theme=whole), label=words))

    def mute(
        self, theme: str, *, until: datetime | None = None, until_grows: bool = False
    ) -> Decided:
        """Leave a theme out of digests: until then, until it grows, or until that is undone."""
        whole = self._theme(theme)

        def draft() -> Decision:
            weekly = self._outgrown_from(whole) if until_grows else None
            return replace(self._made(Deed.MUTE, theme=whole), until=until, weekly=weekly)

        return self._take(draft)

    def acknowledge(self, theme: str, called: str = "") -> Decided:
        """Say that a theme was seen, by whoever is called so: it waits again once it has grown."""
        whole = self._theme(theme)

        def draft() -> Decision:
            weekly = self._outgrown_from(whole)
            made = self._made(Deed.ACKNOWLEDGE, theme=whole)
            return replace(made, weekly=weekly, called=called or None)

        return self._take(draft)

    def assign(self, theme: str, to: str | None, called: str = "") -> Decided:
        """Give a theme to somebody, or to nobody.

        `to` is `slack:` and an id, or a name; `called` is what people read in its place.
        """
        whole = self._theme(theme)
        who = " ".join(to.split()) if to is not None else None
        if who is not None and not 0 < len(who) <= LONGEST:
            raise GroundswellError(f"a person's name has 1 to {LONGEST} characters")
        made = replace(self._made(Deed.ASSIGN, theme=whole), to=who, called=called or None)
        return self._take(lambda: made)

    def link(self, theme: str, issue: str) -> Decided:
        """Say which issue tracks a theme: `#7`, `owner/name#7`, a key, or any address.

        An address of what is not stored is kept as it stands; no run and no evidence overturns it.
        """
        whole = self._theme(theme)

        def draft() -> Decision:
            members = self.store.links.of_themes([whole], self.now).get(whole, ())
            naming = Naming(self.store, self.now, self.audience)
            found = naming.issue(issue, {member.post.venue for member in members})
            made = self._made(Deed.LINK, theme=whole)
            if found is not None and found.post.kind == "issue":
                tracks = Touched(found.row_id, found.post.key, Part.ISSUE)
                return replace(made, touched=(tracks,))
            if at := address(issue):
                return replace(made, issue=at)
            raise GroundswellError(_NO_ISSUE.format(issue))

        return self._take(draft)

    def kind(self, post: str, kind: Intent) -> Decided:
        """Let a post be of this kind, whatever is read in it."""
        return self.kinds([post], kind)

    def kinds(self, posts: Sequence[str], kind: Intent) -> Decided:
        """Let some posts be of this kind, whatever is read in them."""

        def draft() -> Decision:
            chosen = self._posts(posts)
            same = [
                Touched(one.row_id, one.key, Part.KIND, None, one.theme, one.centrality)
                for one in chosen
            ]
            return replace(self._made(Deed.KIND, same), kind=kind)

        return self._take(draft)

    def undo(self, number: int | None = None) -> Decided:
        """Take a decision back, the last one if none is named: all is as it was before it.

        Raises:
            GroundswellError: there is none, or later ones build on it; the message says which.
        """
        for _ in range(TRIES):
            log = self.store.decisions.all()
            gone = _to_undo(log, number)
            places = self._places_before(gone)
            undone = replace(gone, undone_at=self.now, undone_by=self.by)
            if self.dry or self.store.decisions.undo(gone, self.by, self.now, places):
                return Decided(undone, not self.dry, self.labels(undone), len(places))
        raise GroundswellError(_CHANGING)

    def log(self) -> list[Decision]:
        """Every decision, the undone ones too, in the order in which they were taken."""
        return self.store.decisions.all()

    def precision(self, month: str | None = None) -> list[Precision]:
        """How often the bot was right, by month, as far as people judged it."""
        found = by_month(self.store.decisions.all())
        return [one for one in found if month in {None, one.month}]

    def lineage(self, theme: str) -> Lineage:
        """Where a theme, standing or gone, comes from and went."""
        found = self.store.decisions.lineage(theme.upper())
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

    def _made(
        self, deed: Deed, touched: Sequence[Touched] = (), theme: str | None = None
    ) -> Decision:
        return Decision(0, self.now, self.by, deed, theme, touched=tuple(touched))

    def _take(self, draft: Callable[[], Decision]) -> Decided:
        """Draft a decision and take it, unless it is only to be shown."""
        for _ in range(TRIES):
            made = draft()
            if self.dry:
                return Decided(made, False, self.labels(made))
            places = self._places(made)
            taken = self.store.decisions.record(made, places, self._name(made, places))
            if taken is not None:
                return Decided(taken, True, self.labels(taken))
        raise GroundswellError(_CHANGING)

    def _places(self, made: Decision) -> list[Placement]:
        """Where the posts that a decision moves stand from then on."""
        moved = [post for post in made.moved if post.part is Part.IN]
        close = self._closeness(moved)
        return [Placement(p.row_id, p.theme, close.get(p.row_id, 0.0)) for p in made.moved]

    def _closeness(self, moved: Sequence[Touched]) -> dict[int, float]:
        """How central each post will stand in the theme that all of them go to."""
        there = self.store.decisions.stood_in({post.theme for post in moved if post.theme})
        row_ids = list(dict.fromkeys([*(s.row_id for s in there), *(p.row_id for p in moved)]))
        vectors = self.store.vectors.of(self.embedder.name, row_ids)
        if not vectors:
            return {}
        centre = np.mean([vectors[row_id] for row_id in row_ids if row_id in vectors], axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-12)
        own = (post.row_id for post in moved if post.row_id in vectors)
        return {row_id: float(vectors[row_id] @ centre) for row_id in own}

    def _name(self, made: Decision, places: Sequence[Placement]) -> Name | None:
        """What the theme that a split makes is called, until the next run compares it."""
        if made.deed is not Deed.SPLIT or made.into is None:
            return None
        found = self.store.posts.by_rows([place.row_id for place in places])
        posts = {found[p.row_id][0].key: found[p.row_id][0] for p in places if p.row_id in found}
        near = {found[p.row_id][0].key: p.centrality for p in places if p.row_id in found}
        [name] = names({made.into: frozenset(posts)}, posts, near)
        return name

    def _places_before(self, gone: Decision) -> list[Placement]:
        """Where the posts of a decision stood before it, those that are still there."""
        here = self.store.decisions.stood([post.key for post in gone.moved])
        own = gone.theme if gone.deed is Deed.MERGE else None
        places = {
            post.row_id: Placement(post.row_id, self._still(post.stood, own), post.centrality)
            for post in gone.moved
            if post.key in here
        }
        if gone.deed is Deed.SPLIT and gone.into:
            for joined in self.store.decisions.stood_in((gone.into,)):
                back = Placement(joined.row_id, self._still(gone.theme, None), joined.centrality)
                places.setdefault(joined.row_id, back)
        return list(places.values())

    def _still(self, theme: str | None, own: str | None) -> str | None:
        """A theme, or the one that it went into in a run since; `own` is the decision's to undo."""
        sizes = self.store.decisions.sizes()
        while theme is not None and theme != own and theme not in sizes:
            lineage = self.store.decisions.lineage(theme)
            if lineage is None or lineage.merged_into is None:
                return theme
            theme = lineage.merged_into
        return theme

    def _theme(self, name: str) -> str:
        """The id of a theme that has posts."""
        theme = name.upper()
        if theme in self.store.decisions.sizes():
            return theme
        lineage = self.store.decisions.lineage(theme)
        if lineage is None:
            raise GroundswellError(f"there is no theme {name}; groundswell themes shows them")
        if lineage.merged_into:
            raise GroundswellError(f"{theme} went into {lineage.merged_into}: name that one")
        raise GroundswellError(f"{theme} has no posts any more")

    def _posts(self, names: Iterable[str]) -> list[Stood]:
        """Some posts, each once, looked up together: one by one takes long for a whole theme."""
        wanted = list(dict.fromkeys(names))
        found = self.store.decisions.stood(wanted)
        return [found[name] if name in found else self._post(name) for name in wanted]

    def _post(self, name: str) -> Stood:
        found = self.store.decisions.stood([name]).get(name)
        if found is None and (read := Naming(self.store, self.now, self.audience).post(name)):
            found = self.store.decisions.stood([read.post.key]).get(read.post.key)
        if found is None:
            raise GroundswellError(
                f"{name}: no post that can stand in a theme. It may be unknown, answer another "
                "post, be a bot's, or wait for groundswell understand; a post is named by its key, "
                "as search --json shows it, or by its address"
            )
        return found

    def _named(self, target: str | None, theme: str | None) -> list[Stood]:
        """The posts that somebody points at as not about us."""
        if theme is not None:
            return self.store.decisions.stood_in((theme,))
        return [self._post(target)] if target is not None else []

    def _marked(self) -> list[Stood]:
        """The posts that are not about us, each with the theme that it was taken out of."""
        return [
            Stood(post.row_id, post.key, post.stood, post.centrality)
            for one in self.store.decisions.all()
            if one.stands and one.deed is Deed.NOT_US
            for post in one.touched
        ]

    def _alike(self, marked: Sequence[Stood]) -> list[str]:
        """The posts that look like these and are not marked themselves."""
        openers, embedder = self.store.openers, self.embedder.name
        near = openers.newest(embedder, self.now, REACH)
        found = openers.load(embedder, self.now, sorted({*near, *(o.row_id for o in marked)}))
        placed = {k: theme for k, theme in zip(found.keys, found.stood, strict=True) if theme}
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

    def _placed_by_bot(self, keys: AbstractSet[str]) -> set[str]:
        """Of these posts, those that stand where the bot put them, as far as people said."""
        people: set[str] = set()
        for one in self.store.decisions.all():
            for post in one.touched if one.stands else ():
                if post.part in {Part.IN, Part.OUT}:
                    (people.discard if post.right else people.add)(post.key)
        return set(keys - people)

    def _outgrown_from(self, theme: str) -> int:
        """How many must speak of a theme within a week for it to have grown."""
        asked = Query(themes=(theme,), audience=self.audience)
        found = self.store.themes.load(asked, self.now)
        return outgrown_from([m for one in found for m in one.members], self.now)


def _in(theme: str, stood: Stood, *, right: bool | None = None) -> Touched:
    return Touched(stood.row_id, stood.key, Part.IN, theme, stood.theme, stood.centrality, right)


def _moved(theme: str | None, stood: Stood, *, by_bot: bool) -> Touched:
    """A post that a person puts somewhere, and whether the bot had put it there."""
    right = stood.theme == theme if stood.theme and by_bot else None
    return _out(stood, right=right) if theme is None else _in(theme, stood, right=right)


def _out(stood: Stood, *, right: bool | None = None) -> Touched:
    return Touched(stood.row_id, stood.key, Part.OUT, None, stood.theme, stood.centrality, right)


def _to_undo(log: Iterable[Decision], number: int | None) -> Decision:
    """The decision to undo, if it can be."""
    standing = [one for one in log if one.stands]
    if number is None and not standing:
        raise GroundswellError("there is no decision to undo")
    gone = next((o for o in log if o.id == number), None) if number else standing[-1]
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


_NO_ISSUE = "{}: no issue of that name was read; name it like acme/tool#7, or by its address"
_CHANGING = "the themes keep changing under this decision: nothing was done"
