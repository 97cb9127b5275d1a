"""The criteria that the posts of a theme meet: what a maintainer would look at first."""

from __future__ import annotations

from bot.model import Criterion, Theme
from bot.speak.words import counted

TOLD = {
    Criterion.CRASH: "a crash",
    Criterion.WRONG_RESULT: "a wrong result",
    Criterion.REGRESSION: "a regression",
    Criterion.SECURITY: "a security problem",
    Criterion.DATA_LOSS: "data loss",
    Criterion.CANNOT_INSTALL: "a failed installation",
}
"""What a post reports that meets a criterion."""


def criteria(theme: Theme) -> dict[Criterion, tuple[str, ...]]:
    """The keys of the posts that meet each criterion, most posts first; in time order each."""
    met: dict[Criterion, list[str]] = {}
    for member in theme.members:
        for ground in member.reading.grounds:
            met.setdefault(ground.criterion, []).append(member.key)
    order = sorted(met, key=lambda name: (-len(met[name]), list(Criterion).index(name)))
    return {name: tuple(met[name]) for name in order}


def criteria_text(theme: Theme) -> str:
    """`3 posts report a crash, 1 data loss`: how many meet each criterion; empty if none does."""
    parts: list[str] = []
    for name, keys in criteria(theme).items():
        report = "reports" if len(keys) == 1 else "report"
        who = f"{len(keys):,}" if parts else f"{counted(len(keys), 'post')} {report}"
        parts.append(f"{who} {TOLD[name]}")
    return ", ".join(parts)
