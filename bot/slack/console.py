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

from bot.model import (
    Answer,
    Citation,
    Coverage,
    Digest,
    Dissent,
    Hit,
    Section,
    Sentence,
    Status,
    ThemeView,
)
from bot.speak.areas import by_area
from bot.speak.coverage import details, line
from bot.speak.criteria import criteria_text
from bot.speak.dissent import dissent_title, sides
from bot.speak.languages import languages_text, spoken
from bot.speak.plain import (
    PROMPT,
    change,
    command,
    decided,
    identity,
    muted,
    nothing_text,
    precision_text,
    receipt_of,
    sparkline,
)
from bot.speak.query import written
from bot.speak.tracking import tracking_text
from bot.speak.triage import Queue, parts_of, queue_line
from bot.speak.untracked import untracked_text
from bot.speak.words import counted, day, facts, people
from bot.speak.writer import writer_text

COLOURS = {
    Status.NEW: "bold red",
    Status.GROWING: "yellow",
    Status.CAME_BACK: "red",
    Status.STEADY: "blue",
    Status.FADING: "bright_black",
    Status.QUIET: "bright_black",
}
INDENT = (0, 0, 0, 2)
THEMES = 20
"""Themes that a table shows unless more are asked for."""


def digest_drawing(digest: Digest, call: str = PROMPT) -> RenderableType:
    """A digest: headline, sections, coverage; `call` is how a command begins where it is shown."""
    parts: list[RenderableType] = [Text(digest.headline, style="bold"), Text()]
    for section in digest.sections:
        parts += [*_section(section, call), Text()]
    left_out = digest.muted or digest.unwanted
    parts += [Text(muted(digest), style="dim")] if left_out else []
    own = digest.precision
    parts += [Text(precision_text(own), style="dim")] if own else []
    parts += [Text(digest.duty)] if digest.duty else []
    return Group(*parts, Text(line(digest.coverage), style="dim"))


def _section(section: Section, call: str) -> Iterable[RenderableType]:
    yield Rule(section.title, align="left", style="dim")
    for view in section.shown:
        yield theme_drawing(view)
    if section.left_out:
        more = counted(section.left_out, "more theme")
        yield Text(f"… and {more}: {command(call, 'themes')}", style="dim")


def theme_drawing(view: ThemeView) -> RenderableType:
    """One theme as a card."""
    colour = COLOURS[view.status]
    head = Text.assemble((view.theme.label, "bold"), (f"  {identity(view)}", "dim"))
    trend = Text.assemble((change(view), colour), "  ", (sparkline(view), colour))
    body: list[RenderableType] = [Text(facts(view.crowd, view.venues)), trend]
    body += [Text(said, style="italic") for said in decided(view)]
    met = criteria_text(view.theme)
    body += [Text(tracking_text(view.tracking))] if view.tracking else []
    body += [Text(met, style="italic")] if met else []
    other = languages_text(view.theme)
    body += [Text(f"Note: {other}", style="italic")] if other else []
    body += [Text(f"Note: {note}", style="italic") for note in view.notes]
    body += [_quote(cite) for cite in view.quotes]
    body += _dissent(view.dissent) if view.dissent else []
    return Group(Padding(head, (1, 0, 0, 0)), Padding(Group(*body), INDENT))


def _quote(cite: Citation) -> RenderableType:
    return Group(Text(f"“{cite.quote}”", style="green"), Padding(_receipt(cite), INDENT))


def _dissent(dissent: Dissent) -> list[RenderableType]:
    drawn: list[RenderableType] = [Text(dissent_title(dissent), style="italic")]
    for cite, who in sides(dissent):
        receipt = Text(f"{who}  {cite.url or cite.key}", style="dim")
        drawn.append(Group(Text(f"“{cite.quote}”", style="green"), Padding(receipt, INDENT)))
    return drawn


def _receipt(cite: Citation) -> Text:
    who = f"{cite.author}, " if cite.author else ""
    where = f"{who}{cite.venue}, {day(cite.created_at)}{spoken(cite)}"
    return Text(f"{where}  {cite.url or cite.key}", style="dim")


def answer_drawing(answer: Answer, call: str = PROMPT) -> RenderableType:
    """An answer, under each sentence where to check it; the query it answers, and what was read.

    `call` is how a command begins where it is shown.
    """
    asked = Text(f"Asked: {written(answer.query) or 'everything'}", style="dim")
    read = Text(line(answer.coverage), style="dim")
    wrote = writer_text(answer)
    foot = [*([Text(wrote)] if wrote else []), *_understood(answer), asked, read]
    if not answer.sentences:
        return Group(Text(nothing_text(answer)), *foot)
    return Group(*(_sentence(one, call) for one in answer.sentences), Text(), *foot)


def _understood(answer: Answer) -> list[Text]:
    """How the question was read, and what of it was not."""
    lost = ", ".join(f"“{words}”" for words in answer.not_understood)
    said = [Text(f"Understood: {answer.echo}", style="dim")] if answer.echo else []
    return said + ([Text(f"Not understood, and left out: {lost}")] if lost else [])


def _sentence(sentence: Sentence, call: str) -> RenderableType:
    """A sentence that counts stands out; one that quotes stands under it."""
    if sentence.opens is None:
        quote = Text(sentence.text, style="green")
        return Padding(Group(quote, Text(receipt_of(sentence), style="dim")), INDENT)
    receipt = Text(f"→ {receipt_of(sentence, call)}", style="dim")
    return Padding(Group(Text(sentence.text), receipt), (1, 0, 0, 0))


def themes_drawing(views: Sequence[ThemeView], most: int = THEMES) -> RenderableType:
    """Themes as a table, strongest first."""
    if not views:
        return Text("No theme: nothing that was asked for keeps coming back.")
    return Group(_table(views[:most], areas=True), *_rest(len(views) - most))


def areas_drawing(views: Sequence[ThemeView], most: int = 8) -> RenderableType:
    """Themes under the area that they are about, up to so many of each."""
    if not views:
        return themes_drawing(views)
    parts: list[RenderableType] = []
    for area, of_area in by_area(views):
        posts = counted(sum(view.crowd.posts for view in of_area), "post")
        counts = f"  {counted(len(of_area), 'theme')}, {posts}"
        head = Text.assemble((area or "no area", "bold"), (counts, "dim"))
        table = Padding(_table(of_area[:most], areas=False), INDENT)
        parts += [Padding(head, (1, 0, 0, 0)), table, *_rest(len(of_area) - most)]
    return Group(*parts)


def _rest(count: int) -> list[RenderableType]:
    return [Text(f"… and {counted(count, 'more theme')}", style="dim")] if count > 0 else []


def _table(views: Sequence[ThemeView], *, areas: bool) -> Table:
    """A row a theme; a column for areas only where there are any."""
    areas = areas and any(view.theme.area for view in views)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("id", "theme", *(["area"] if areas else []), "who"):
        table.add_column(title)
    table.add_column("posts", justify="right")
    table.add_column("status")
    table.add_column("12 weeks", no_wrap=True)
    for view in views:
        table.add_row(
            Text(view.theme.id, style="dim"),
            Text.assemble(view.theme.label, ("  muted", "dim") if view.mute else ""),
            *([Text(view.theme.area or "")] if areas else []),
            Text(people(view.crowd)),
            str(view.crowd.posts),
            Text(view.status.value, style=COLOURS[view.status]),
            Text(sparkline(view), style=COLOURS[view.status]),
        )
    return table


def queue_drawing(queue: Queue) -> RenderableType:
    """What waits for somebody."""
    parts: list[RenderableType] = [Text(queue_line(queue), style="bold")]
    parts += [Text(queue.duty)] if queue.duty else []
    for title, views in parts_of(queue):
        parts += [Text(), Rule(title, align="left", style="dim"), *map(theme_drawing, views)]
    return Group(*parts, Text(), Text(line(queue.coverage), style="dim"))


def untracked_drawing(views: Sequence[ThemeView], most: int = 20) -> RenderableType:
    """Complaints that no issue stands for, by theme."""
    return Group(Text(untracked_text(views[:most])), *_rest(len(views) - most))


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
    more = (Text(said, style="dim") for said in details(coverage))
    return Group(table, Text(line(coverage), style="dim"), *more)
