"""The criteria that the posts of a theme meet: what a maintainer would look at first."""

from __future__ import annotations

from bot.model import Criterion, Theme


def criteria(theme: Theme) -> dict[Criterion, tuple[str, ...]]:
    """The keys of the posts that meet each criterion, most posts first; in time order each."""
    met: dict[Criterion, list[str]] = {}
    for member in theme.members:
        for ground in member.reading.grounds:
            met.setdefault(ground.criterion, []).append(member.key)
    order = sorted(met, key=lambda name: (-len(met[name]), list(Criterion).index(name)))
    return {name: tuple(met[name]) for name in order}


def criteria_text(theme: Theme) -> str:
    """`crash 3, data loss 1`: how many posts meet each criterion; empty if none does."""
    return ", ".join(f"{name.value} {len(keys)}" for name, keys in criteria(theme).items())
