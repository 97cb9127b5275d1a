"""Digests, answers and themes as plain text: for a terminal, a mail, a log or a fallback."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import date, timedelta

from bot.model import (
    Answer,
    Citation,
    Crowd,
    Digest,
    Hit,
    Precision,
    Section,
    Sentence,
    Status,
    ThemeView,
)
from bot.speak.areas import area_text
from bot.speak.coverage import line
from bot.speak.criteria import criteria_text
from bot.speak.dissent import dissent_title, sides
from bot.speak.languages import languages_text, spoken
from bot.speak.query import written
from bot.speak.tracking import tracking_text
from bot.speak.words import counted, day, facts, lasting
from bot.speak.writer import writer_text

BARS = "▁▂▃▄▅▆▇█"
WEEKS = 12


def digest_text(digest: Digest) -> str:
    """The whole digest; every theme with its numbers, two quotes and their addresses."""
    parts = [digest.headline]
    parts += [_section(section) for section in digest.sections]
    parts += [muted(digest)] if digest.muted or digest.unwanted else []
    parts += [precision_text(digest.precision)] if digest.precision else []
    parts += [digest.duty] if digest.duty else []
    parts.append(line(digest.coverage))
    return "\n\n".join(parts)


def answer_text(answer: Answer) -> str:
    """An answer, under each sentence where to check it; the query it answers, and what was read."""
    asked = f"Asked: {written(answer.query) or 'everything'}"
    if not answer.sentences:
        return f"{nothing_text(answer)}\n\n{asked}\n{line(answer.coverage)}"
    said = "\n\n".join(f"{s.text}\n  {receipt_of(s)}" for s in answer.sentences)
    wrote = writer_text(answer)
    foot = filter(None, (wrote, asked, line(answer.coverage)))
    return "\n".join((f"{said}\n", *foot))


def nothing_text(answer: Answer) -> str:
    """For an answer without a sentence: that there is none, and the nearest thing that exists."""
    near = f" The nearest there is: {answer.instead}." if answer.instead else ""
    return f"No post read answers this.{near}"


PROMPT, SHELL = "/groundswell", "groundswell"
"""How a command begins where Slack or the local prompt takes it, and where a shell does."""


def command(call: str, name: str, words: str = "") -> str:
    """A command to be copied, as it is written at a place; a shell takes its words in quotes."""
    if call == SHELL and words:
        words = f"{'-- ' if words.startswith('-') else ''}{shlex.quote(words)}"
    return " ".join(filter(None, (call, name, words)))


def receipt_of(sentence: Sentence, call: str = PROMPT) -> str:
    """Where to check a sentence: the post it quotes, or the search for those it counts."""
    if sentence.opens is not None:
        return command(call, "search", written(sentence.opens))
    return ", ".join(cite.url or cite.key for cite in sentence.cites)


def sparkline(view: ThemeView, weeks: int = WEEKS) -> str:
    """People a week as a row of bars, the last week on the right."""
    counts = [week.people + week.unknown for week in view.weekly[-weeks:]]
    most = max(counts, default=0)
    if not most:
        return ""
    top = len(BARS) - 1
    return "".join(" " if not n else BARS[round((n - 1) / max(most - 1, 1) * top)] for n in counts)


def change(view: ThemeView) -> str:
    """The status with the figures it rests on: `growing: 12 people in 7 days, usually 3`.

    A theme is new with its third post: a forerunner or two may be older than the period.
    """
    span = lasting(view.period)
    if view.status is Status.NEW:
        earlier, first = view.total.posts - view.recent.posts, day(view.first_at)
        told = f"new: {counted(view.recent.posts, 'post')} in {span}, {earlier} before"
        return f"{told}, the first on {first}" if earlier else f"new, first seen {first}"
    now = _voices(view.recent)
    if view.status is Status.CAME_BACK:
        return f"came back: {now} in {span}, {_silence(view)}"
    usual = f"usually {view.usual:.1f}".removesuffix(".0") if view.usual else "none lately"
    return f"{view.status.value}: {now} in {span}, {usual}"


def _voices(some: Crowd) -> str:
    """`12 people`; `12 voices` where posts by unknown authors may be other people or the same."""
    if some.unknown:
        return counted(some.people + some.unknown, "voice")
    return counted(some.people, "person", "people") if some.people else "nobody"


def _silence(view: ThemeView) -> str:
    """How long a theme was quiet before the period, in whole weeks without a post."""
    week, since = timedelta(weeks=1), view.period.since
    ends = (one.start + week for one in view.weekly if one.posts)
    last = max((end for end in ends if end <= since), default=view.first_at)
    return f"after {counted((since - last) // week, 'quiet week')}"


def muted(digest: Digest) -> str:
    """How many themes and posts a digest leaves out because somebody wished so."""
    themes = f"{counted(digest.muted, 'muted theme')} left out: the command themes shows all."
    parts = [themes] if digest.muted else []
    return " ".join(parts + ([unwanted(digest.unwanted)] if digest.unwanted else []))


def unwanted(posts: int) -> str:
    """That some new posts were left out as not about us, and where to take that back."""
    they = "it says" if posts == 1 else "they say"
    return (
        f"{counted(posts, 'new post')} left out: {they} again what was marked as not about us; "
        "on the command line theme log shows which, and theme undo with its number takes that back."
    )


def precision_text(found: Precision) -> str:
    """How often the bot was right in a month, or that too little was judged to say."""
    month = f"{date.fromisoformat(f'{found.month}-01'):%B}"
    if not found.tells:
        were = f"{counted(found.judged, 'post')} {'was' if found.judged == 1 else 'were'} judged"
        return f"{month}: {were}, too few to say how often the bot is right."
    return (
        f"{month}: of {counted(found.judged, 'post')} that people judged the bot had placed "
        f"{found.right:,} rightly ({100 * found.right / found.judged:.0f} %)."
    )


def mark(view: ThemeView) -> str:
    """By whom, and until when, a theme is muted; empty if it is not."""
    if view.mute is None:
        return ""
    until = [f"until {day(view.mute.until)}"] if view.mute.until else []
    until += ["until it grows"] if view.mute.weekly is not None else []
    return " ".join([f"Muted by {view.mute.by}", *until])


def decided(view: ThemeView) -> tuple[str, ...]:
    """What people decided about a theme and still holds, a line each."""
    lines = [mark(view)] if view.mute else []
    if view.assigned is not None:
        lines.append(f"Assigned to {view.assigned.called or view.assigned.to}")
    if view.seen is not None:
        who = f" by {view.seen.called}" if view.seen.called else ""
        lines.append(f"Seen{who} on {day(view.seen.at)}")
    return tuple(lines)


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
        f"{view.theme.label}  ({identity(view)})",
        f"  {facts(view.crowd, view.venues)}",
        f"  {change(view)}  {sparkline(view)}".rstrip(),
    ]
    lines += [f"  {said}" for said in decided(view)]
    met = criteria_text(view.theme)
    lines += [f"  {tracking_text(view.tracking)}"] if view.tracking else []
    lines += [f"  {met}"] if met else []
    other = languages_text(view.theme)
    lines += [f"  Note: {other}"] if other else []
    lines += [f"  Note: {note}" for note in view.notes]
    lines += [f"  “{c.quote}”\n    {_receipt(c)}" for c in view.quotes]
    if view.dissent:
        lines.append(f"  {dissent_title(view.dissent)}")
        lines += [f"  “{c.quote}”\n    {who}  {c.url or c.key}" for c, who in sides(view.dissent)]
    return "\n".join(lines)


def identity(view: ThemeView) -> str:
    """`T12`, with the area where the label does not say it: `T12, MCP`."""
    return ", ".join(filter(None, (view.theme.id, area_text(view.theme))))


def _receipt(cite: Citation) -> str:
    who = f"{cite.author}, " if cite.author else ""
    return f"{who}{cite.venue}, {day(cite.created_at)}{spoken(cite)}  {cite.url or cite.key}"
