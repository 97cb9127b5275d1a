"""The commands that ask: themes, posts, answers and digests."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot import reports
from bot.cli.call import Json, said
from bot.slack import console
from bot.speak import data
from bot.speak.areas import by_area
from bot.speak.bursts import backtest_data, backtest_text
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


class By(StrEnum):
    """What themes can be put together by."""

    AREA = "area"


def themes(
    context: typer.Context,
    query: Words = None,
    by: Annotated[By | None, typer.Option(help="Under the part of the product.")] = None,
    json: Json = False,
) -> None:
    """Show the themes, strongest first."""
    views = context.obj.pipeline().themes(said(query or ()))
    if by is By.AREA:
        views = [view for _, of_area in by_area(views) for view in of_area]
    draw = console.themes_drawing if by is None else console.areas_drawing
    emit([data.theme_data(view) for view in views], draw(views), as_json=json)


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
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    json: Json = False,
) -> None:
    """Find posts by their words and their meaning."""
    hits = context.obj.pipeline().search(said(query or ()), limit)
    emit([data.hit_data(hit) for hit in hits], console.hits_drawing(hits), as_json=json)


def ask(
    context: typer.Context,
    question: Annotated[list[str], typer.Argument(show_default=False)],
    json: Json = False,
) -> None:
    """Answer a plain question; every sentence cites the posts it rests on."""
    answer = context.obj.pipeline().ask(said(question))
    emit(data.answer_data(answer), console.answer_drawing(answer), as_json=json)


def digest(
    context: typer.Context,
    query: Annotated[str, typer.Option(metavar="Q", help="Only posts that this query finds.")] = "",
    since: Annotated[str | None, typer.Option(metavar="TIME", help="7d, 2026-11-17 ...")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a web page.")] = None,
    json: Json = False,
) -> None:
    """Tell what is new, growing, back, steady and fading; of the last week if no time is given."""
    # In quotes: a time may hold a space, and is nothing but a time.
    times = [f'{key}:"{time}"' for key, time in (("since", since), ("until", until)) if time]
    made = context.obj.pipeline().digest(said((*times, query)))
    if html:
        from bot.pipeline.charting import picture_of  # noqa: PLC0415 see below
        from bot.speak.page import digest_page  # noqa: PLC0415 heavy, and seldom asked for

        reports.write_page(html, digest_page(made, picture_of(made)))
        tell(f"Wrote {html}")
    if json or not html:
        emit(data.digest_data(made), console.digest_drawing(made), as_json=json)


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
