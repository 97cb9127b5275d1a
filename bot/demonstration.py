"""`groundswell demo`: the whole line once, on an invented community or on an archive."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
from bot.terminal import progress_bars, started_as, stdout, tell

QUESTIONS = ("what are users complaining about?", "what do people like?")
WEEK = timedelta(days=7)
KEPT = Path("groundswell-demo.db")
"""Where an archive is kept, in the current folder."""


def show(settings: Settings, database: str | None, archive: Path | None, html: Path | None) -> None:
    """Import, understand, digest and ask; then answer who is at the keyboard, or what is piped in.

    Speaks as of the end of the archive's busiest week. Without a database of one's own an archive
    is kept in KEPT; the invented community is in a folder that goes when the demo ends.
    """
    with (
        _kept(database, archive) as (url, lasting),
        app.build(settings, url, app.wall_clock) as pipeline,
    ):
        _fill(pipeline, archive)
        end = busiest_week(pipeline.moments())
        if lasting and not database:
            tell(f"Kept in {KEPT} in this folder: the next run goes on from there.")
        _tell_of(end, pipeline.store.url if lasting else None)
        _tell(replace(pipeline, clock=lambda: end), html)


@contextmanager
def _kept(database: str | None, archive: Path | None) -> Iterator[tuple[str, bool]]:
    """The URL of the database, and whether it is there afterwards."""
    if database:
        yield database, True
    elif archive:
        before = KEPT.exists()
        try:
            yield f"sqlite:///{KEPT}", True
        except GroundswellError:
            if not before:  # nothing is in it that could be gone on from
                for ending in ("", "-wal", "-shm"):
                    KEPT.with_name(KEPT.name + ending).unlink(missing_ok=True)
            raise
    else:
        with tempfile.TemporaryDirectory(prefix="groundswell-demo-") as folder:
            yield f"sqlite:///{folder}/demo.db", False


def _fill(pipeline: Pipeline, archive: Path | None) -> None:
    sample = resources.files("bot.sample") / "community.jsonl"
    with resources.as_file(sample) as path, progress_bars(quiet=False) as progress:
        source = app.archive(archive or path, app.wall_clock)
        before = pipeline.moments()
        found = pipeline.import_archives([source], progress)
        for one in found:
            reports.complain_of(one)
        # What was kept before is not shown as if it came from an archive that gave nothing.
        if all(one.read == len(one.rejected) for one in found) or not pipeline.moments():
            raise GroundswellError("nothing to show: no post was read that opens a thread")
        done = pipeline.understand(progress)
    if archive is None:
        tell("An invented community: Tarnferry, its users and their troubles do not exist.")
    if before and any(one.new for one in found):
        tell("The database held posts before: they are shown, too.")
    stdout.print(reports.imported_drawing(found))
    stdout.print(reports.understood_drawing(done))


def _tell_of(end: datetime, database: str | None) -> None:
    """As of when it speaks; of a database that is kept, how to speak as of another day."""
    tell(f"Speaking as of {day(end)}, the end of the busiest seven days.")
    if database:
        options = f"--database {shlex.quote(database)} --now {end:%Y-%m-%d}"
        tell("That day again, or any other:")
        tell(f"  {started_as()} {options} digest", whole=True)


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
    if sys.stdin is None or sys.stdin.closed or not prompt.converse(pipeline, sys.stdin):
        stdout.print(Text(f"{counted(digest.posts, 'post')} in the week shown.", style="dim"))
