"""The commands that bring posts in and take them out, and the one that understands them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import app, reports, subscribe
from bot.cli import arguments
from bot.cli.call import FAILED, Call, Json, said
from bot.model import Visibility
from bot.sources.batches import Private
from bot.sources.manual import VENUE, Note
from bot.sources.opml import blocks
from bot.terminal import emit, progress_bars, tell

if TYPE_CHECKING:
    from bot.replay import Tape


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
    private: Annotated[
        bool, typer.Option("--private", help="All of it is, whatever it says itself.")
    ] = False,
    json: Json = False,
) -> None:
    """Read archives into the store: JSON lines, or other programs' exports. Again is harmless."""
    call: Call = context.obj
    told, chosen = arguments.told(site, columns), arguments.form(form, columns)
    archives = [app.archive(path, call.clock, chosen, told) for path in paths]
    archives = list(map(Private, archives)) if private else archives
    with progress_bars(quiet=json) as progress:
        found = call.pipeline().import_archives(archives, progress)
    for archive in found:
        reports.complain_of(archive)
    emit(reports.imported_data(found), reports.imported_drawing(found), as_json=json)
    if any(archive.error or archive.read == len(archive.rejected) for archive in found):
        raise typer.Exit(FAILED)


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


def _tape(call: Call, record: Path | None, replay: Path | None) -> Tape | None:
    """What `--record` or `--replay` puts between us and the world."""
    if record and replay:
        raise typer.BadParameter("--record and --replay exclude each other")
    if record:
        tape = app.recording(call.settings, record, call.clock)
        tell(f"Recording into {record}: look through it before you show it to anybody.")
        return tape
    if not replay:
        return None
    from bot.replay import replay as replayed  # noqa: PLC0415 needed to replay alone

    return replayed(replay)


def add(
    context: typer.Context,
    given: Annotated[
        str,
        typer.Argument(
            metavar="URL|WORDS|-",
            show_default=False,
            help="An address, or the words themselves in quotes, or - for standard input.",
        ),
    ],
    author: Annotated[str | None, typer.Option(metavar="NAME", help="Whose words.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When they were said; else: now.")
    ] = None,
    venue: Annotated[
        str | None, typer.Option(metavar="PLACE", help=f'Where; else: "{VENUE}".')
    ] = None,
    link: Annotated[str | None, typer.Option(metavar="URL", help="The page they are on.")] = None,
    public: Annotated[
        bool | None, typer.Option("--public/--private", help="Who could read them; else: private.")
    ] = None,
    json: Json = False,
) -> None:
    """Take in one post: by its address, or the words that are pasted."""
    call: Call = context.obj
    now = call.clock()
    note = Note(
        arguments.pasted(given),
        now,
        author=arguments.name("--author", author),
        at=arguments.at(at, max(now, app.wall_clock())),
        venue=arguments.name("--venue", venue),
        url=arguments.address(link),
        visibility=None if public is None else (Visibility.PRIVATE, Visibility.PUBLIC)[public],
    )
    page = arguments.only_link(note.words)
    if page and note != Note(note.words, now):
        raise typer.BadParameter("an address tells the rest itself: options are for pasted words")
    found = call.pipeline().add(page) if page else call.pipeline().note(note)
    reports.complain_of(found)
    url = page or note.url
    emit(reports.added_data(found, url), reports.added_drawing(found), as_json=json)
    if found.error or found.read == len(found.rejected):
        raise typer.Exit(FAILED)


def forget(
    context: typer.Context,
    author: Annotated[str, typer.Argument(metavar="AUTHOR", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove all that somebody wrote, in every source, and never take it in again."""
    name = said([author])
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


def understand(context: typer.Context, json: Json = False) -> None:
    """Embed, classify, link and theme what is new."""
    call: Call = context.obj
    with progress_bars(quiet=json) as progress:
        done = call.pipeline().understand(progress)
    emit(reports.understood_data(done), reports.understood_drawing(done), as_json=json)
