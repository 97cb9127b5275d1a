"""The local workspace: what Slack will show, drawn in a terminal with rich.

Whatever a stranger wrote goes into `Text`, which knows no mark-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.model import Answer, Citation, Coverage, Digest, Hit, Section, Sentence, Status, ThemeView
from bot.speak.coverage import line
from bot.speak.criteria import criteria_text
from bot.speak.languages import languages_text, spoken
from bot.speak.plain import change, mark, muted, receipt_of, sparkline
from bot.speak.query import written
from bot.speak.tracking import tracking_text
from bot.speak.untracked import untracked_text
from bot.speak.words import counted, day, facts, people

COLOURS = {
    Status.NEW: "bold red",
    Status.GROWING: "yellow",
    Status.CAME_BACK: "red",
    Status.STEADY: "blue",
    Status.FADING: "bright_black",
    Status.QUIET: "bright_black",
}
INDENT = (0, 0, 0, 2)


def digest_drawing(digest: Digest) -> RenderableType:
    """A digest: headline, sections, coverage."""
    parts: list[RenderableType] = [Text(digest.headline, style="bold"), Text()]
    for section in digest.sections:
        parts += [*_section(section), Text()]
    parts += [Text(muted(digest), style="dim")] if digest.muted else []
    return Group(*parts, Text(line(digest.coverage), style="dim"))


def _section(section: Section) -> Iterable[RenderableType]:
    yield Rule(section.title, align="left", style="dim")
    for view in section.shown:
        yield theme_drawing(view)
    if section.left_out:
        yield Text(f"… and {counted(section.left_out, 'more theme')}: themes", style="dim")


def theme_drawing(view: ThemeView) -> RenderableType:
    """One theme as a card."""
    colour = COLOURS[view.status]
    head = Text.assemble((view.theme.label, "bold"), (f"  {view.theme.id}", "dim"))
    trend = Text.assemble((change(view), colour), "  ", (sparkline(view), colour))
    body: list[RenderableType] = [Text(facts(view.crowd, view.venues)), trend]
    body += [Text(mark(view), style="italic")] if view.mute else []
    met = criteria_text(view.theme)
    body += [Text(tracking_text(view.tracking))] if view.tracking else []
    body += [Text(f"Look first: {met}", style="italic")] if met else []
    other = languages_text(view.theme)
    body += [Text(f"Note: {other}", style="italic")] if other else []
    body += [Text(f"Note: {note}", style="italic") for note in view.notes]
    body += [_quote(cite) for cite in view.quotes]
    return Group(Padding(head, (1, 0, 0, 0)), Padding(Group(*body), INDENT))


def _quote(cite: Citation) -> RenderableType:
    return Group(Text(f"“{cite.quote}”", style="green"), Padding(_receipt(cite), INDENT))


def _receipt(cite: Citation) -> Text:
    who = f"{cite.author}, " if cite.author else ""
    where = f"{who}{cite.venue}, {day(cite.created_at)}{spoken(cite)}"
    return Text(f"{where}  {cite.url or cite.key}", style="dim")


def answer_drawing(answer: Answer) -> RenderableType:
    """An answer, under each sentence where to check it; the query it answers, and what was read."""
    asked = Text(f"Asked: {written(answer.query) or 'everything'}", style="dim")
    read = Text(line(answer.coverage), style="dim")
    if not answer.sentences:
        return Group(Text("No post read answers this."), asked, read)
    return Group(*map(_sentence, answer.sentences), Text(), asked, read)


def _sentence(sentence: Sentence) -> RenderableType:
    """A sentence that counts stands out; one that quotes stands under it."""
    if sentence.opens is None:
        quote = Text(sentence.text, style="green")
        return Padding(Group(quote, Text(receipt_of(sentence), style="dim")), INDENT)
    return Padding(
        Group(Text(sentence.text), Text(f"→ {receipt_of(sentence)}", style="dim")), (1, 0, 0, 0)
    )


def themes_drawing(views: Sequence[ThemeView], most: int = 20) -> RenderableType:
    """Themes as a table, strongest first."""
    if not views:
        return Text("No theme: fewer than three posts say the same.")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, justify in (("id", "left"), ("theme", "left"), ("who", "left"), ("posts", "right")):
        table.add_column(title, justify="right" if justify == "right" else "left")
    table.add_column("status")
    table.add_column("12 weeks", no_wrap=True)
    for view in views[:most]:
        table.add_row(
            Text(view.theme.id, style="dim"),
            Text.assemble(view.theme.label, ("  muted", "dim") if view.mute else ""),
            Text(people(view.crowd)),
            str(view.crowd.posts),
            Text(view.status.value, style=COLOURS[view.status]),
            Text(sparkline(view), style=COLOURS[view.status]),
        )
    rest = len(views) - most
    return (
        Group(table, Text(f"… and {counted(rest, 'more theme')}", style="dim"))
        if rest > 0
        else table
    )


def untracked_drawing(views: Sequence[ThemeView], most: int = 20) -> RenderableType:
    """Complaints that no issue stands for, by theme."""
    rest = len(views) - most
    more = [Text(f"… and {counted(rest, 'more theme')}", style="dim")] if rest > 0 else []
    return Group(Text(untracked_text(views[:most])), *more)


def hits_drawing(hits: Sequence[Hit]) -> RenderableType:
    """Posts found, best first."""
    if not hits:
        return Text("No post matches.")
    return Group(*(_hit(number, hit) for number, hit in enumerate(hits, 1)))


def _hit(number: int, hit: Hit) -> RenderableType:
    post = hit.post
    head = Text(f"{number}. ", style="dim") + Text(post.title or hit.snippet, style="bold")
    where = Text(f"{post.venue}, {day(post.created_at)}  {post.url or post.key}", style="dim")
    body = [Text(hit.snippet)] if post.title and hit.snippet != post.title else []
    return Group(head, Padding(Group(*body, where), (0, 0, 0, 3)))


def coverage_drawing(coverage: Coverage) -> RenderableType:
    """Every source with its posts, how far it was read, and its last error."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("source", "posts", "written between", "read at", "error"):
        table.add_column(title, justify="right" if title == "posts" else "left")
    for source in coverage.sources:
        between = (
            f"{day(source.first_at)} to {day(source.last_at)}"
            if source.first_at and source.last_at
            else ""
        )
        read = f"{source.read_at:%Y-%m-%d %H:%M}" if source.read_at else ""
        read = read or ("imported" if source.posts else "never")
        table.add_row(
            Text(source.source), f"{source.posts:,}", between, read, Text(source.error or "")
        )
    return Group(table, Text(line(coverage), style="dim"))
