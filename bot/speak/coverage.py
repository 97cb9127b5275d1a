"""What an output rests on, in one line: never a claim about what was not read."""

from __future__ import annotations

from bot.model import Coverage, Gap, SourceCoverage
from bot.speak.words import counted, day, source_name, span

GAPS = 3
"""How many gaps are told, the latest; of older ones only their number."""


def line(coverage: Coverage) -> str:
    """`Read: GitHub (1,000 posts, up to 16 Dec 2025) ...`, then what is missing."""
    if not coverage.sources:
        return "Nothing has been read yet: no source and no archive."
    parts = [_source(source) for source in coverage.sources if source.posts or not source.error]
    text = f"Read: {'; '.join(parts)}." if parts else "Nothing could be read."
    failed = [s for s in coverage.sources if s.error]
    if failed:
        text += " Not read: " + "; ".join(f"{source_name(s.source)} ({s.error})" for s in failed)
        text = text.rstrip(".") + "."
    missed = [f"{source_name(s.source)} {_gap(gap)}" for s in coverage.sources for gap in s.gaps]
    if missed:
        older = f", and {counted(len(missed) - GAPS, 'older gap')}" if len(missed) > GAPS else ""
        text += f" Never read: {'; '.join(missed[-GAPS:])}{older}."
    if coverage.waiting:
        text += f" {counted(coverage.waiting, 'post')} not understood yet (groundswell understand)."
    if coverage.sensitive:
        look = "looks" if coverage.sensitive == 1 else "look"
        text += (
            f" {counted(coverage.sensitive, 'post')} {look} like an undisclosed vulnerability: "
            "groundswell security."
        )
    return text


def _gap(gap: Gap) -> str:
    return f"{span(gap.period)} ({gap.why})"


def _source(source: SourceCoverage) -> str:
    if not source.posts:
        return f"{source_name(source.source)} (no posts)"
    until = f", up to {day(source.last_at)}" if source.last_at else ""
    return f"{source_name(source.source)} ({counted(source.posts, 'post')}{until})"
