"""The command line: people and scripts lean on it, so its JSON and exit codes only grow.

Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import (
    __version__,
    app,
    arguments,
    checks,
    demonstration,
    prompt,
    reports,
    settings,
    subscribe,
)
from bot.errors import GroundswellError, QueryError
from bot.pipeline import Pipeline
from bot.replay import Tape
from bot.replay import replay as replayed
from bot.slack import console
from bot.sources.opml import blocks
from bot.speak import data
from bot.speak.page import digest_page
from bot.speak.query import iso
from bot.terminal import complain, emit, forgive_encodings, progress_bars, set_up_logs, tell
from bot.text import cleaned

FAILED, WRONG_USAGE = 1, 2

cli = typer.Typer(
    name="groundswell",
    help="Reads what a software community says and finds the themes that keep coming back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, alone, on stdout.")]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[QUERY]",
        help='As in: since:7d source:reddit kind:complaint "exact words" -not words',
    ),
]


@dataclass(frozen=True, slots=True)
class Call:
    """The options that stand before the command."""

    context: typer.Context
    settings: settings.Settings
    database: str | None
    clock: app.Clock

    def pipeline(self, tape: Tape | None = None) -> Pipeline:
        """The pipeline these options ask for, closed when the command ends."""
        return self.context.with_resource(app.build(self.settings, self.database, self.clock, tape))


def _now(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = iso(value)
    if moment is None:
        raise typer.BadParameter(f"{value!r} is no ISO time, such as 2026-11-24T09:00:00Z")
    return moment


def _tape(call: Call, record: Path | None, replay: Path | None) -> Tape | None:
    """What `--record` or `--replay` puts between us and the world."""
    if record and replay:
        raise typer.BadParameter("--record and --replay exclude each other")
    if record:
        tape = app.recording(call.settings, record, call.clock)
        tell(f"Recording into {record}: look through it before you show it to anybody.")
        return tape
    return replayed(replay) if replay else None


def _said(words: Iterable[str]) -> str:
    """Arguments as one text, in the form that posts are stored in: what is typed may not be."""
    return cleaned(" ".join(words))


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"groundswell {__version__}\n")
        raise typer.Exit


@cli.callback()
def options(
    context: typer.Context,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="As in sqlite:///groundswell.db")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead of ./groundswell.toml")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="Speak as of that time: later posts do not exist."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,  # noqa: ARG001 the callback has it
) -> None:
    """Read the options that stand before every command."""
    moment = _now(now)
    loaded = settings.load(config)
    set_up_logs(loaded.file.log_level)
    context.obj = Call(context, loaded, database, (lambda: moment) if moment else app.wall_clock)


@cli.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", show_default=False)],
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help=", ".join(arguments.FORMS)),
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--map", metavar="MAP", help="title=Subject,... or FILE.toml")
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="URL", help="The forum or workspace it is from.")
    ] = None,
    json: Json = False,
) -> None:
    """Read archives into the store: JSON lines, or other programs' exports. Again is harmless."""
    call: Call = context.obj
    told, chosen = arguments.told(site, columns), arguments.form(form, columns)
    archives = [app.archive(path, call.clock, chosen, told) for path in paths]
    with progress_bars(quiet=json) as progress:
        found = call.pipeline().import_archives(archives, progress)
    for archive in found:
        reports.complain_of(archive)
    emit(reports.imported_data(found), reports.imported_drawing(found), as_json=json)
    if any(archive.error or archive.read == len(archive.rejected) for archive in found):
        raise typer.Exit(FAILED)


@cli.command()
def collect(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE...]")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Go back to 90d, 2026-01-01 ...; resumable.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep every exchange, without secrets.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Read a recording instead of the world.")
    ] = None,
    json: Json = False,
) -> None:
    """Fetch once from every configured source, or from those named."""
    call: Call = context.obj
    tape = _tape(call, record, replay)
    begin = arguments.since(since, tape.now if tape else call.clock())
    with progress_bars(quiet=json) as progress:
        found = call.pipeline(tape).collect(sources or (), progress, begin)
    for source in found:
        reports.complain_of(source)
    now = tape.now if tape else call.clock()
    emit(
        [reports.collected_data(source, now) for source in found],
        reports.collected_drawing(found, now),
        as_json=json,
    )
    if any(source.error for source in found):
        raise typer.Exit(FAILED)


@cli.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", show_default=False)],
    json: Json = False,
) -> None:
    """Take in one post by its address."""
    found = context.obj.pipeline().add(url)
    reports.complain_of(found)
    emit(reports.added_data(found), reports.added_drawing(found), as_json=json)
    if found.error or found.read == len(found.rejected):
        raise typer.Exit(FAILED)


@cli.command()
def forget(
    context: typer.Context,
    author: Annotated[str, typer.Argument(metavar="AUTHOR", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove all that somebody wrote, in every source, and never take it in again."""
    name = _said([author])
    if not name:
        raise typer.BadParameter("an author has a name")
    if not yes:
        _confirm(f"Remove all that {name} wrote, for good?")
    gone = context.obj.pipeline().forget(name)
    emit(reports.forgotten_data(name, gone), reports.forgotten_drawing(name, gone), as_json=json)


def _confirm(question: str) -> None:
    """Ask whoever is at the keyboard; nobody there means no."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is here to ask; say --yes")
    typer.confirm(question, abort=True, err=True)


@cli.command()
def feeds(
    context: typer.Context,
    opml: Annotated[Path, typer.Argument(metavar="FILE.opml", show_default=False)],
    write: Annotated[bool, typer.Option("--write", help="Add them to groundswell.toml.")] = False,
    json: Json = False,
) -> None:
    """Turn a feed reader's list of feeds into settings: printed, or written with --write."""
    call: Call = context.obj
    found = subscribe.listed(call.settings, opml)
    where = subscribe.write(call.settings, found) if write and found.feeds else None
    if json:
        emit(subscribe.data(found), "", as_json=True)
        return
    if not write:
        sys.stdout.write(blocks(found.feeds))
    tell(subscribe.summary(found) + (f", added to {where}" if where else ""))


@cli.command()
def understand(context: typer.Context, json: Json = False) -> None:
    """Embed, classify, link and theme what is new."""
    call: Call = context.obj
    with progress_bars(quiet=json) as progress:
        done = call.pipeline().understand(progress)
    emit(reports.understood_data(done), reports.understood_drawing(done), as_json=json)


@cli.command()
def themes(context: typer.Context, query: Words = None, json: Json = False) -> None:
    """Show the themes, strongest first."""
    views = context.obj.pipeline().themes(_said(query or ()))
    emit([data.theme_data(view) for view in views], console.themes_drawing(views), as_json=json)


@cli.command()
def search(
    context: typer.Context,
    query: Words = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    json: Json = False,
) -> None:
    """Find posts by their words and their meaning."""
    hits = context.obj.pipeline().search(_said(query or ()), limit)
    emit([data.hit_data(hit) for hit in hits], console.hits_drawing(hits), as_json=json)


@cli.command()
def ask(
    context: typer.Context,
    question: Annotated[list[str], typer.Argument(show_default=False)],
    json: Json = False,
) -> None:
    """Answer a plain question; every sentence cites the posts it rests on."""
    answer = context.obj.pipeline().ask(_said(question))
    emit(data.answer_data(answer), console.answer_drawing(answer), as_json=json)


@cli.command()
def digest(
    context: typer.Context,
    query: Annotated[str, typer.Option(metavar="Q", help="Only posts that this query finds.")] = "",
    since: Annotated[str | None, typer.Option(metavar="TIME", help="7d, 2026-11-17 ...")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a web page.")] = None,
    json: Json = False,
) -> None:
    """Tell what is new, growing, steady and fading; of the last week if no time is given."""
    # In quotes: a time may hold a space, and is nothing but a time.
    times = [f'{key}:"{time}"' for key, time in (("since", since), ("until", until)) if time]
    made = context.obj.pipeline().digest(_said((*times, query)))
    if html:
        reports.write_page(html, digest_page(made))
        tell(f"Wrote {html}")
    if json or not html:
        emit(data.digest_data(made), console.digest_drawing(made), as_json=json)


@cli.command()
def status(context: typer.Context, json: Json = False) -> None:
    """Show the sources, the counts and what has been read."""
    found = context.obj.pipeline().status()
    emit(reports.status_data(found), reports.status_drawing(found), as_json=json)


@cli.command()
def check(context: typer.Context, json: Json = False) -> None:
    """Check configuration, tokens and reachability: what is wrong and how to mend it."""
    call: Call = context.obj
    found = checks.check_all(call.settings, call.database, call.clock)
    emit(checks.checks_data(found), checks.checks_drawing(found), as_json=json)
    if not all(one.ok for one in found):
        raise typer.Exit(FAILED)


@cli.command()
def run(context: typer.Context) -> None:
    """Open the local workspace: a prompt that takes what Slack will take."""
    call: Call = context.obj
    if call.settings.secrets.slack_bot_token:
        tell("Slack tokens are set, but this version speaks in the terminal only.")
    prompt.converse(call.pipeline(), sys.stdin)


@cli.command()
def demo(
    context: typer.Context,
    archive: Annotated[Path | None, typer.Argument(metavar="[ARCHIVE]")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the page here.")] = None,
) -> None:
    """Show the main job on an invented community, or on an archive of your own."""
    call: Call = context.obj
    demonstration.show(call.settings, call.database, archive, html)


def main() -> None:
    """Run a command; a foreseen failure is one line on stderr and an exit code."""
    forgive_encodings()
    try:
        cli(standalone_mode=True)
    except QueryError as error:
        complain(str(error))
        sys.exit(WRONG_USAGE)
    except GroundswellError as error:
        complain(str(error))
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
