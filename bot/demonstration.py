"""`groundswell demo`: the whole line once, on an invented community or on an archive."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

from rich.rule import Rule
from rich.text import Text

from bot import app, prompt, reports
from bot.errors import GroundswellError
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.speak.page import digest_page
from bot.speak.words import counted, day
from bot.terminal import progress_bars, stdout, tell

QUESTIONS = ("what are users complaining about?", "what do people like?")
WEEK = timedelta(days=7)


def show(settings: Settings, database: str | None, archive: Path | None, html: Path | None) -> None:
    """Import, understand, digest and ask; then a prompt, if somebody is at the keyboard.

    Speaks as of the end of the archive's busiest week. Without a database of one's own everything
    is kept in a folder that goes when the demo ends.
    """
    with tempfile.TemporaryDirectory(prefix="groundswell-demo-") as folder:
        url = database or f"sqlite:///{folder}/demo.db"
        with app.build(settings, url, app.wall_clock) as pipeline:
            _fill(pipeline, archive)
            _tell(replace(pipeline, clock=_as_of_busiest_week(pipeline)), html)


def _fill(pipeline: Pipeline, archive: Path | None) -> None:
    sample = resources.files("bot.sample") / "community.jsonl"
    with resources.as_file(sample) as path, progress_bars(quiet=False) as progress:
        source = app.archive(archive or path, app.wall_clock)
        found = pipeline.import_archives([source], progress)
        for one in found:
            reports.complain_of(one)
        if all(one.error and not one.read for one in found) or not pipeline.moments():
            raise GroundswellError("nothing to show: no post was read that opens a thread")
        done = pipeline.understand(progress)
    if archive is None:
        tell("An invented community: Tarnferry, its users and their troubles do not exist.")
    stdout.print(reports.imported_drawing(found))
    stdout.print(reports.understood_drawing(done))


def _as_of_busiest_week(pipeline: Pipeline) -> app.Clock:
    end = busiest_week(pipeline.moments())
    tell(
        f"Speaking as of {day(end)}, the end of the busiest seven days. Any other day: "
        "groundswell --database URL --now DATE digest"
    )
    return lambda: end


def busiest_week(moments: Iterable[datetime]) -> datetime:
    """The midnight that ends the seven days with most posts; of equal ones, the latest."""
    days = Counter(moment.replace(hour=0, minute=0, second=0, microsecond=0) for moment in moments)
    weeks = {
        start: sum(days.get(start - timedelta(days=back), 0) for back in range(7)) for start in days
    }
    busiest = max(weeks, key=lambda start: (weeks[start], start))
    return busiest + timedelta(days=1)


def _tell(pipeline: Pipeline, html: Path | None) -> None:
    digest = pipeline.digest()
    stdout.print(Rule("/groundswell digest"))
    stdout.print(prompt.drawing(digest))
    for question in QUESTIONS:
        stdout.print(Rule(question))
        stdout.print(prompt.answer(pipeline, question))
    if html:
        reports.write_page(html, digest_page(digest))
        tell(f"Wrote {html}")
    if sys.stdin.isatty():
        prompt.converse(pipeline, sys.stdin)
    else:
        stdout.print(Text(f"{counted(digest.posts, 'post')} in the week shown.", style="dim"))
