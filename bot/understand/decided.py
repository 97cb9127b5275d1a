"""Clusters that obey what people decided: pure, so that no run can overturn a decision unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations

from bot.model import Decision, Deed, Part
from bot.understand.themes import Plan, carry_over, number_of
from bot.understand.trends import BIRTH

Cluster = frozenset[str]

Nearest = Callable[[str, Sequence[Cluster]], int]
"""Which of some clusters, each with a post that has been told apart, a post lies closest to."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the standing decisions come to, post by post. Later decisions have the last word."""

    home: Mapping[str, str | None]
    """The theme that a post belongs in, None for no theme; posts nobody decided on are missing."""
    drawing: AbstractSet[str]
    """Of these posts, those whose theme gets the new posts that cluster with them."""
    barred: Mapping[str, AbstractSet[str]]
    """The themes that a post must not stand in."""
    apart: AbstractSet[frozenset[str]]
    """Pairs of themes, one of which was split from the other."""
    kept: AbstractSet[str]
    """Themes that were named, muted, assigned or linked: no run lets go of them."""


NOTHING = Rules({}, frozenset(), {}, frozenset(), frozenset())
"""Nobody decided anything."""


def rules(decisions: Iterable[Decision]) -> Rules:
    """What the decisions that stand come to; `decisions` are in the order they were taken in."""
    standing = [one for one in decisions if one.stands]
    now = _merged(standing)
    home: dict[str, str | None] = {}
    drawing: set[str] = set()
    barred: dict[str, set[str]] = {}
    for one in standing:
        for post in one.touched:
            theme = now(post.theme)
            if post.part is Part.APART and theme:
                barred.setdefault(post.key, set()).add(theme)
            elif post.part in {Part.IN, Part.OUT}:
                home[post.key] = theme
                (drawing.add if one.deed in _DRAWS else drawing.discard)(post.key)
    parted = [(now(one.theme), now(one.into)) for one in standing if one.deed is Deed.SPLIT]
    kept = {now(one.theme) for one in standing if one.deed in _KEEPS}
    return Rules(
        home=home,
        drawing=drawing,
        barred=barred,
        apart={frozenset((a, b)) for a, b in parted if a and b and a != b},
        kept={theme for theme in kept if theme},
    )


def _merged(standing: Iterable[Decision]) -> Callable[[str | None], str | None]:
    """Which theme people let one go into, through all merges that stand."""
    into = {one.theme: one.into for one in standing if one.deed is Deed.MERGE}

    def now(theme: str | None) -> str | None:
        while theme in into:
            theme = into[theme]
        return theme

    return now


def last(deed: Deed, decisions: Iterable[Decision]) -> dict[str, Decision]:
    """By theme the last decision of a deed that stands.

    `decisions` are in order, with the merges among them: what was said of a theme holds for the
    one that it was merged into, unless that has its own.
    """
    standing = [one for one in decisions if one.stands]
    now = _merged(standing)
    said = [(now(one.theme), one) for one in standing if one.deed is deed]
    followed = {theme: one for theme, one in said if theme and theme != one.theme}
    return followed | {theme: one for theme, one in said if theme and theme == one.theme}


_DRAWS = {Deed.MERGE, Deed.SPLIT, Deed.CONFIRM}
_KEEPS = {Deed.RENAME, Deed.MUTE, Deed.ASSIGN, Deed.LINK}


def obeying(
    standing: Mapping[str, str],
    clusters: Sequence[Cluster],
    decided: Rules,
    next_number: int,
    nearest: Nearest,
    keys: AbstractSet[str],
) -> Plan:
    """`carry_over`, with every decision obeyed; without any it is that and nothing else.

    `keys` are all the posts of the run, in a cluster or not. In this order: posts of no theme
    leave; clusters in which themes meet that were split are parted, what is new in them going to
    the nearest part; clusters in which posts of a merged, split or confirmed theme have the
    majority of what was placed before go to that theme; the others are carried over; and posts
    that were put somewhere go there, wherever they cluster. A remainder of under three posts that
    would be a new theme is none. Ids of a plan need not be in the order of the clusters.
    """
    if decided == NOTHING:
        return carry_over(standing, clusters, next_number)
    home = {key: theme for key, theme in decided.home.items() if key in keys}
    out = {key for key, theme in home.items() if theme is None}
    placed = {key: theme for key, theme in standing.items() if key not in out}
    placed |= {key: theme for key, theme in home.items() if theme}
    parts = [part for c in clusters for part in _parted(c - out, placed, decided, nearest)]
    drawn, left = _drawn(parts, placed, decided.drawing)
    left = [cluster for cluster in left if cluster - home.keys()]
    others = {key: theme for key, theme in placed.items() if theme not in drawn}
    carried = carry_over(others, left, next_number)
    assignment = dict(carried.assignment)
    assignment |= {key: theme for theme, members in drawn.items() for key in members}
    assignment |= {key: theme for key, theme in home.items() if theme}
    for key, themes in decided.barred.items():
        if key not in home and assignment.get(key) in themes:
            del assignment[key]
    _keep(assignment, standing, decided, home)
    _drop_remainders(assignment, carried, clusters)
    return _plan(assignment, standing, carried)


def _parted(
    cluster: Cluster, placed: Mapping[str, str], decided: Rules, nearest: Nearest
) -> list[Cluster]:
    """The cluster, taken apart where themes meet in it that a person split."""
    sizes = Counter(placed[key] for key in cluster if key in placed)
    meeting = {frozenset(pair) for pair in combinations(sizes, 2)} & decided.apart
    if not meeting:
        return [cluster] if cluster else []
    sides: list[set[str]] = []
    for theme in sorted(sizes, key=lambda one: (-sizes[one], number_of(one))):
        free = (s for s in sides if not any(frozenset((theme, one)) in meeting for one in s))
        side = next(free, None)
        if side is None:
            sides.append({theme})
        else:
            side.add(theme)
    groups = [frozenset(k for k in cluster if placed.get(k) in side) for side in sides]
    joined = [set(group) for group in groups]
    for key in cluster - frozenset().union(*groups):
        barred = decided.barred.get(key, frozenset())
        open_to = [n for n, side in enumerate(sides) if not side & barred]
        if open_to:
            joined[open_to[nearest(key, [groups[n] for n in open_to])]].add(key)
    return [frozenset(group) for group in joined]


def _drawn(
    clusters: Sequence[Cluster], placed: Mapping[str, str], drawing: AbstractSet[str]
) -> tuple[dict[str, Cluster], list[Cluster]]:
    """By theme the posts that go to it since those placed before mostly are, and what is left."""
    drawn: dict[str, Cluster] = {}
    left: list[Cluster] = []
    for cluster in clusters:
        voters = Counter(placed[key] for key in cluster if key in placed)
        theme, votes = voters.most_common(1)[0] if voters else ("", 0)
        draws = any(placed[key] == theme for key in cluster & drawing)
        if draws and 2 * votes > voters.total():
            drawn[theme] = drawn.get(theme, frozenset()) | cluster
        else:
            left.append(cluster)
    return drawn, left


def _keep(
    assignment: dict[str, str],
    standing: Mapping[str, str],
    decided: Rules,
    home: Mapping[str, str | None],
) -> None:
    """Give the themes that no run may let go of their posts back, if they have none left."""
    lost = decided.kept - set(assignment.values())
    assignment |= {k: t for k, t in standing.items() if t in lost and k not in home}


def _drop_remainders(
    assignment: dict[str, str], carried: Plan, clusters: Sequence[Cluster]
) -> None:
    """Take back new themes of which the decisions left too little."""
    sizes = Counter(assignment.values())
    few = {theme for theme in carried.new if sizes[theme] < BIRTH}
    for theme in few:
        members = frozenset(k for k, t in assignment.items() if t == theme)
        if members not in clusters:
            for key in members:
                del assignment[key]


def _plan(assignment: Mapping[str, str], standing: Mapping[str, str], carried: Plan) -> Plan:
    """The plan of where posts stand at last."""
    ids = set(assignment.values())
    lost = set(standing.values()) - ids
    went = Counter((t, assignment[k]) for k, t in standing.items() if t in lost and k in assignment)
    order = sorted(went, key=lambda pair: (went[pair], -number_of(pair[1])))
    merged = dict(order)  # the greatest share comes last, between equals the older theme
    return replace(
        carried,
        assignment=assignment,
        ids=tuple(sorted(ids, key=number_of)),
        new=frozenset(carried.new & ids),
        merged=merged,
        dissolved=frozenset(lost - merged.keys()),
    )


def builds_on(later: Decision, earlier: Decision) -> bool:
    """Whether a decision rests on what an earlier one did, so that this cannot go alone."""
    if earlier.deed in _OF_THEME or later.deed in _OF_THEME:
        if later.deed is earlier.deed:
            return later.theme == earlier.theme
        return earlier.deed is Deed.SPLIT and later.theme == earlier.into
    if Deed.KIND in {later.deed, earlier.deed} and later.deed is not earlier.deed:
        return False
    if {post.key for post in later.touched} & {post.key for post in earlier.touched}:
        return True
    if earlier.deed is Deed.SPLIT and earlier.into in {later.theme, later.into}:
        return True
    return later.deed is Deed.MERGE and later.theme in {post.stood for post in earlier.moved}


_OF_THEME = {Deed.RENAME, Deed.MUTE, Deed.ACKNOWLEDGE, Deed.ASSIGN, Deed.LINK}
"""Deeds about a theme and none of its posts."""
