"""The commands that ask: themes, posts, answers and digests."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from bot import reports
from bot.cli.call import Json, said
from bot.model import Digest
from bot.slack import console
from bot.speak import data
from bot.speak.areas import by_area
from bot.speak.bursts import backtest_data, backtest_text
from bot.speak.digest import newest_before
from bot.speak.plain import SHELL
from bot.speak.triage import queue_data
from bot.speak.untracked import untold_data, untold_text, untracked_data
from bot.terminal import emit, tell

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[QUERY]",
        help='As in: since:7d source:reddit kind:complaint "exact words" -not words',
    ),
]


MOST = 1000
"""Posts that one search shows."""


class By(StrEnum):
    """What themes can be put together by."""

    AREA = "area"


def themes(
    context: typer.Context,
    query: Words = None,
    by: Annotated[By | None, typer.Option(help="Under the part of the product.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="The strongest so many.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the themes, strongest first."""
    pipeline, asked = context.obj.pipeline(), said(query or ())
    pipeline.check(asked)
    found = pipeline.themes(asked)
    views = found[:limit]
    if by is By.AREA:
        views = [view for _, of_area in by_area(views) for view in of_area]
    draw = console.themes_drawing if by is None else console.areas_drawing
    drawing = draw(views) if limit is None else draw(views, limit)
    whole = by is By.AREA and limit is None
    more = [] if whole else _more(limit or console.THEMES, len(found))
    emit([data.theme_data(view) for view in views], Group(drawing, *more), as_json=json)


def untracked(context: typer.Context, query: Words = None, json: Json = False) -> None:
    """Show the complaints that no issue stands for, the theme with the most voices first."""
    views = context.obj.pipeline().untracked(said(query or ()))
    emit(untracked_data(views), console.untracked_drawing(views), as_json=json)


def triage(context: typer.Context, query: Words = None, json: Json = False) -> None:
    """Show what waits: themes that nobody saw, got or muted and no issue stands for."""
    queue = context.obj.pipeline().triage(said(query or ()))
    emit(queue_data(queue), console.queue_drawing(queue), as_json=json)


def untold(
    context: typer.Context,
    theme: Annotated[str, typer.Argument(metavar="T12", show_default=False)],
    json: Json = False,
) -> None:
    """Show who complained in a theme before it was fixed and was never told of that."""
    view = context.obj.pipeline().theme(theme)
    emit(untold_data(view), Text(untold_text(view)), as_json=json)


def search(
    context: typer.Context,
    query: Words = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST)] = 10,
    json: Json = False,
) -> None:
    """Find posts by their words and their meaning."""
    found = context.obj.pipeline().search(said(query or ()), limit if json else MOST)
    hits = found[:limit]
    drawing = Group(console.hits_drawing(hits), *_more(limit, len(found)))
    emit([data.hit_data(hit) for hit in hits], drawing, as_json=json)


def ask(
    context: typer.Context,
    question: Annotated[list[str], typer.Argument(show_default=False)],
    json: Json = False,
) -> None:
    """Answer a plain question; every sentence cites the posts it rests on."""
    answer = context.obj.pipeline().ask(said(question))
    emit(data.answer_data(answer), console.answer_drawing(answer, SHELL), as_json=json)


def digest(
    context: typer.Context,
    words: Words = None,
    query: Annotated[str, typer.Option(metavar="Q", help="Only posts that this query finds.")] = "",
    since: Annotated[str | None, typer.Option(metavar="TIME", help="7d, 2026-11-17 ...")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a web page.")] = None,
    json: Json = False,
) -> None:
    """Tell what is new, growing, back, steady and fading; of the last week if no time is given."""
    # In quotes: a time may hold a space, and is nothing but a time.
    times = [f'{key}:"{time}"' for key, time in (("since", since), ("until", until)) if time]
    made = context.obj.pipeline().digest(said((*times, *(words or ()), query)))
    if html:
        from bot.pipeline.charting import picture_of  # noqa: PLC0415 see below
        from bot.speak.page import digest_page  # noqa: PLC0415 heavy, and seldom asked for

        reports.write_page(html, digest_page(made, picture_of(made)))
        tell(f"Wrote {html}")
    if json or not html:
        drawing = Group(console.digest_drawing(made, SHELL), *_elsewhen(made))
        emit(data.digest_data(made), drawing, as_json=json)


def backtest(
    context: typer.Context,
    rule: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RULE]", help="As in: people:5 within:6h,3d odds:1000"),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="26w, 2026-01-01 ...")] = None,
    query: Annotated[str, typer.Option(metavar="Q", help="Only posts that this query finds.")] = "",
    json: Json = False,
) -> None:
    """Tell when a rule for bursts would have told of which theme, and how often in error."""
    times = [f'since:"{since}"'] if since else []
    made = context.obj.pipeline().backtest(said(rule or ()), said((*times, query)))
    emit(backtest_data(made), Text(backtest_text(made)), as_json=json)


def _more(shown: int, found: int) -> list[Text]:
    """How to see all of what was found."""
    said = f"{shown} of {found}; --limit {found} shows all"
    return [Text(said, style="dim")] if found > shown else []


def _elsewhen(made: Digest) -> list[Text]:
    """Of an empty period after the newest post: how to see the last week that has posts."""
    newest = None if made.posts else newest_before(made.period, made.coverage)
    if newest is None:
        return []
    return [Text(f"Try: groundswell --now {newest:%Y-%m-%d}T23:59:00Z digest", style="dim")]
