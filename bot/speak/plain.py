"""Digests, answers and themes as plain text: for a terminal, a mail, a log or a fallback."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Answer, Citation, Digest, Hit, Section, Status, ThemeView
from bot.speak.coverage import line
from bot.speak.query import written
from bot.speak.words import counted, day, lasting, people, places

BARS = "▁▂▃▄▅▆▇█"
WEEKS = 12


def digest_text(digest: Digest) -> str:
    """The whole digest; every theme with its numbers, two quotes and their addresses."""
    parts = [digest.headline]
    parts += [_section(section) for section in digest.sections]
    parts.append(line(digest.coverage))
    return "\n\n".join(parts)


def answer_text(answer: Answer) -> str:
    """An answer, the posts it cites under it, the query it answers and what was read."""
    asked = f"Asked: {written(answer.query) or 'everything'}"
    if not answer.sentences:
        return f"No post read answers this.\n\n{asked}\n{line(answer.coverage)}"
    numbers = numbered(answer)
    said = "\n".join(f"{s.text} {_marks(s.cites, numbers)}".rstrip() for s in answer.sentences)
    notes = "\n".join(f"[{numbers[c.key]}] {_receipt(c)}" for c in first_cites(answer))
    return f"{said}\n\n{notes}\n\n{asked}\n{line(answer.coverage)}"


NOTES = 5
"""A sentence that counts posts cites them all; this many of each are listed under the answer."""


def first_cites(answer: Answer) -> list[Citation]:
    """The citations that a reader sees listed, each once, in the order of the sentences."""
    found: dict[str, Citation] = {}
    for sentence in answer.sentences:
        for cite in sentence.cites[:NOTES]:
            found.setdefault(cite.key, cite)
    return list(found.values())


def numbered(answer: Answer) -> dict[str, int]:
    """The footnote number of every listed citation."""
    return {cite.key: number for number, cite in enumerate(first_cites(answer), 1)}


def sparkline(view: ThemeView, weeks: int = WEEKS) -> str:
    """People a week as a row of bars, the last week on the right."""
    counts = [week.people + week.unknown for week in view.weekly[-weeks:]]
    most = max(counts, default=0)
    if not most:
        return ""
    top = len(BARS) - 1
    return "".join(" " if not n else BARS[round((n - 1) / max(most - 1, 1) * top)] for n in counts)


def change(view: ThemeView) -> str:
    """The status with the figures it rests on: `growing: 12 in 7 days, 3 in the 7 days before`."""
    if view.status is Status.NEW and view.theme.members:
        return f"new, first seen {day(view.theme.members[0].created_at)}"
    now = view.recent.people + view.recent.unknown
    before = view.before.people + view.before.unknown
    span = lasting(view.period)
    return f"{view.status.value}: {now} in {span}, {before} in the {span} before"


def hits_text(hits: Iterable[Hit]) -> str:
    """Search results, best first."""
    blocks = [
        f"{number}. {hit.post.title or hit.snippet}\n"
        f"   {hit.snippet if hit.post.title else ''}\n"
        f"   {hit.post.venue}, {day(hit.post.created_at)}  {hit.post.url or hit.post.key}"
        for number, hit in enumerate(hits, 1)
    ]
    return "\n".join(block.replace("\n   \n", "\n") for block in blocks) or "No post matches."


def _section(section: Section) -> str:
    rest = f"\n\n  … and {counted(section.left_out, 'more theme')}" if section.left_out else ""
    return f"{section.title.upper()}\n\n" + "\n\n".join(map(card, section.shown)) + rest


def card(view: ThemeView) -> str:
    """One theme: its label, the people, the trend, two quotes with their addresses."""
    lines = [
        f"{view.theme.label}  ({view.theme.id})",
        f"  {people(view.crowd)} · {counted(view.crowd.posts, 'post')} · {places(view.venues)}",
        f"  {change(view)}  {sparkline(view)}".rstrip(),
    ]
    lines += [f"  Note: {note}" for note in view.notes]
    lines += [f"  “{c.quote}”\n    {_receipt(c)}" for c in view.quotes]
    return "\n".join(lines)


def _receipt(cite: Citation) -> str:
    who = f"{cite.author}, " if cite.author else ""
    return f"{who}{cite.venue}, {day(cite.created_at)}  {cite.url or cite.key}"


def _marks(cites: tuple[Citation, ...], numbers: dict[str, int]) -> str:
    shown = "".join(f"[{numbers[c.key]}]" for c in cites[:NOTES])
    more = len(cites) - NOTES
    return shown + (f" and {more} more" if more > 0 else "")
