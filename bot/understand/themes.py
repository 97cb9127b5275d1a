"""Themes that keep their names: clusters of this run matched to the themes of the last one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run makes of the standing themes. Ids are "T1", "T2", ... and are never reused."""

    assignment: Mapping[str, str]
    """Post key to theme id, for every post that is in a theme now."""
    ids: tuple[str, ...]
    """The themes in use, one a cluster, in the order of the clusters."""
    new: frozenset[str]
    """The ids first given in this run."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Standing themes that lost their name to the theme most of their placed posts went to."""
    dissolved: frozenset[str] = frozenset()
    """Standing themes none of whose posts is in a theme any more."""
    next_number: int = 1
    """The number the next new theme will take."""


def carry_over(
    standing: Mapping[str, str], clusters: Sequence[frozenset[str]], next_number: int
) -> Plan:
    """Give each cluster the id of the standing theme it shares most posts with, or a new one.

    `standing` maps post key to theme id as of the last run; `clusters` are disjoint. The greatest
    overlap is served first, between equals the older id, then the cluster with the smallest key:
    one id a cluster, one cluster an id. Clusters left over take the numbers from `next_number`
    on, by their smallest key. Raises ValueError for an empty cluster or a number already given.
    """
    _check(standing, clusters, next_number)
    overlaps = _overlaps(standing, clusters)
    kept = _matched(overlaps, clusters)
    fresh = sorted(
        (c for c in range(len(clusters)) if c not in kept), key=lambda c: min(clusters[c])
    )
    new = {c: f"T{next_number + i}" for i, c in enumerate(fresh)}
    ids = tuple(kept.get(c) or new[c] for c in range(len(clusters)))
    lost = set(standing.values()) - set(kept.values())
    merged = _heirs(lost, overlaps, ids)
    return Plan(
        assignment={key: ids[c] for c, members in enumerate(clusters) for key in members},
        ids=ids,
        new=frozenset(new.values()),
        merged=merged,
        dissolved=frozenset(lost - merged.keys()),
        next_number=next_number + len(fresh),
    )


def staying(plan: Plan, fixed: Mapping[str, str], barred: Mapping[str, Container[str]]) -> Plan:
    """The plan with some posts left where they stood, as if nobody had moved them.

    `fixed` maps their keys to their themes. What would make a new theme with such posts joins the
    theme most of these stand in, of several the oldest, unless it is `barred` from there.
    """
    if not fixed:
        return plan
    inside: dict[str, Counter[str]] = {}
    for key in fixed.keys() & plan.assignment.keys():
        if (theme := plan.assignment[key]) in plan.new:
            inside.setdefault(theme, Counter())[fixed[key]] += 1
    heirs = {
        theme: min(stood, key=lambda t: (-stood[t], number_of(t)))
        for theme, stood in inside.items()
    }
    moved = {
        key: heirs.get(theme, theme)
        for key, theme in plan.assignment.items()
        if heirs.get(theme) not in barred.get(key, ())
    }
    stands = moved | dict(fixed)
    lost = {t: into for t, into in plan.merged.items() if t not in fixed.values()}
    return replace(
        plan,
        assignment=stands,
        ids=tuple(dict.fromkeys(stands.values())),
        new=plan.new - heirs.keys(),
        merged={t: heirs.get(into, into) for t, into in lost.items()},
        dissolved=plan.dissolved.difference(fixed.values()),
    )


def number_of(theme: str) -> int:
    """The number in a theme's id: the smaller, the older."""
    return int(theme.removeprefix("T"))


def _check(
    standing: Mapping[str, str], clusters: Sequence[frozenset[str]], next_number: int
) -> None:
    if any(not members for members in clusters):
        raise ValueError("A cluster must have members.")
    if any(number_of(theme) >= next_number for theme in set(standing.values())):
        raise ValueError(f"Number {next_number} or a later one was already given to a theme.")


def _overlaps(
    standing: Mapping[str, str], clusters: Sequence[frozenset[str]]
) -> Counter[tuple[str, int]]:
    """How many posts each standing theme and each cluster share."""
    return Counter(
        (standing[key], c)
        for c, members in enumerate(clusters)
        for key in members
        if key in standing
    )


def _matched(
    overlaps: Counter[tuple[str, int]], clusters: Sequence[frozenset[str]]
) -> dict[int, str]:
    """Cluster to the standing id it keeps: greedily, the greatest overlap first."""
    order = sorted(
        overlaps, key=lambda pair: (-overlaps[pair], number_of(pair[0]), min(clusters[pair[1]]))
    )
    kept: dict[int, str] = {}
    taken: set[str] = set()
    for theme, cluster in order:
        if theme not in taken and cluster not in kept:
            kept[cluster] = theme
            taken.add(theme)
    return kept


def _heirs(
    lost: set[str], overlaps: Counter[tuple[str, int]], ids: Sequence[str]
) -> dict[str, str]:
    """Of each lost theme the one most of its posts are in now; themes without any are left out."""
    heirs: dict[str, tuple[int, int, str]] = {}
    for (theme, cluster), shared in overlaps.items():
        bid = (shared, -number_of(ids[cluster]), ids[cluster])
        if theme in lost and bid > heirs.get(theme, (0, 0, "")):
            heirs[theme] = bid
    return {theme: bid[2] for theme, bid in heirs.items()}
