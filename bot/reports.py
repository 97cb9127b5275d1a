"""What the command line says of its own work: imports, collections, understanding, status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.configured import FILE
from bot.deliveries import Verdicts
from bot.errors import GroundswellError
from bot.model import Coverage, Sensitive
from bot.pipeline import Collected, SourceStatus, State
from bot.slack.console import coverage_drawing
from bot.speak.data import coverage_data, stamp
from bot.speak.plain import unwanted
from bot.speak.words import counted
from bot.speak.writer import spent_text
from bot.terminal import complain

if TYPE_CHECKING:
    from bot.pipeline.understanding import Understood

MOST_SHOWN = 20
"""Rejections named one by one; past that, only counted."""


def complain_of(source: Collected) -> None:
    """Name on stderr every line that was refused, and the error that ended the reading."""
    for rejection in source.rejected[:MOST_SHOWN]:
        detail = f" ({rejection.detail})" if rejection.detail else ""
        complain(f"{rejection.where}: {rejection.reason}{detail}")
    rest = len(source.rejected) - MOST_SHOWN
    if rest > 0:
        complain(f"{source.source}: {counted(rest, 'more item')} refused, for the reasons above")
    if source.error:
        complain(source.error)


def imported_data(found: Sequence[Collected]) -> dict[str, Any]:
    """One object for all the archives."""
    reasons: Counter[str] = Counter()
    for archive in found:
        reasons.update(archive.reasons)
    return {
        "read": sum(archive.read for archive in found),
        "new": sum(archive.new for archive in found),
        "updated": sum(archive.updated for archive in found),
        "rejected": sum(len(archive.rejected) for archive in found),
        "reasons": dict(reasons.most_common()),
        "errors": [archive.error for archive in found if archive.error],
    }


def imported_drawing(found: Sequence[Collected]) -> RenderableType:
    """One line for all the archives."""
    total = imported_data(found)
    text = f"Read {counted(total['read'], 'post')}: {total['new']:,} new"
    text += f", {total['updated']:,} updated" if total["updated"] else ""
    text += f", {total['rejected']:,} refused" if total["rejected"] else ""
    return Text(text + ".")


def collected_data(source: Collected, now: datetime) -> dict[str, Any]:
    """One source; `cursor_age_s` is the time since it was last read to its end."""
    age = (now - source.read_at).total_seconds() if source.read_at else None
    return {
        "source": source.source,
        "read": source.read,
        "new": source.new,
        "updated": source.updated,
        "deleted": source.deleted,
        "rejected": len(source.rejected),
        "error": source.error,
        "cursor_age_s": age,
    }


def collected_drawing(found: Sequence[Collected], now: datetime) -> RenderableType:
    """One line a source."""
    if not found:
        return Text("No source is configured: add one to groundswell.toml.")
    return Group(*(_collected_line(collected_data(source, now)) for source in found))


def _collected_line(source: dict[str, Any]) -> Text:
    if source["error"]:
        return Text(f"{source['source']}: not read: {source['error']}", style="red")
    return Text(
        f"{source['source']}: {counted(source['read'], 'post')} read, {source['new']:,} new, "
        f"{source['updated']:,} updated, {source['deleted']:,} deleted"
    )


def added_data(added: Collected, url: str | None) -> dict[str, Any]:
    """One post by hand; `url` is None for pasted words of which nobody told where they stand."""
    return {
        "url": url,
        "new": added.new,
        "updated": added.updated,
        "rejected": len(added.rejected),
        "error": added.error,
    }


def added_drawing(added: Collected) -> RenderableType:
    """One line."""
    if added.error:
        return Text(f"Not added: {added.error}", style="red")
    if added.rejected:
        return Text(f"Not added: {added.rejected[0].reason}", style="red")
    known = "Nothing new: known already, or by somebody who asked to be forgotten."
    return Text("Added." if added.new else "Brought up to date." if added.updated else known)


def forgotten_data(author: str, posts: int) -> dict[str, Any]:
    """Whom, and how many posts are gone."""
    return {"author": author, "posts": posts}


def forgotten_drawing(author: str, posts: int) -> RenderableType:
    """One line."""
    return Text(f"{counted(posts, 'post')} by {author} removed; no more will be taken in.")


def understood_data(done: Understood) -> dict[str, Any]:
    """What was done and how long each step took."""
    return {
        "posts": done.posts,
        "themes": done.themes,
        "themes_new": done.themes_new,
        "themes_changed": done.themes_changed,
        "left_out": done.left_out,
        "seconds": {step: round(seconds, 3) for step, seconds in done.seconds.items()},
    }


def understood_drawing(done: Understood) -> RenderableType:
    """One line, and one more where posts were left out."""
    seconds = sum(done.seconds.values())
    said = (
        f"{counted(done.posts, 'new post')}, {counted(done.themes, 'theme')}: "
        f"{done.themes_new:,} new, {done.themes_changed:,} changed ({seconds:.1f} s)."
    )
    return Text(f"{said}\n{unwanted(done.left_out)}" if done.left_out else said)


def status_data(state: State) -> dict[str, Any]:
    """Sources, counts and versions."""
    coverage = coverage_data(state.coverage)
    return {
        "sources": [
            {
                "source": source.state.name,
                "configured": source.configured,
                "origin": source.origin,
                "read_at": stamp(source.state.read_at),
                "error": source.state.error,
                "error_at": stamp(source.state.error_at),
                "failures": source.state.failures,
                "rests_until": stamp(source.state.rests_until),
                "budget": source.state.budget,
            }
            for source in state.sources
        ],
        "posts": state.posts,
        "themes": state.themes,
        "database": {"url": state.database, "version": state.schema},
        "version": state.version,
        "writer": None if state.spent is None else asdict(state.spent),
        "answers": asdict(state.verdicts),
        "coverage": coverage,
    }


def status_drawing(state: State) -> RenderableType:
    """A table of sources, and the counts."""
    lines = [
        Text(f"Groundswell {state.version}, database {state.database} (schema {state.schema})"),
        Text(f"{counted(state.posts, 'post')}, {counted(state.themes, 'theme')}"),
    ]
    lines += [Text(spent_text(state.spent))] if state.spent else []
    lines += [Text(_verdicts(state.verdicts))] if state.verdicts.given else []
    lines += [line for source in state.sources for line in _source_lines(source)]
    return Group(*lines, coverage_drawing(state.coverage), *map(Text, _mends(state.coverage)))


def _mends(coverage: Coverage) -> Iterator[str]:
    """What takes up, or shows, what no answer holds."""
    if coverage.waiting:
        yield "groundswell understand takes up what is not understood yet."
    if coverage.sensitive:
        yield (
            "groundswell security shows what is withheld, as it looks like an undisclosed "
            "vulnerability."
        )


def _verdicts(verdicts: Verdicts) -> str:
    """How people found the answers they were given."""
    share = round(100 * verdicts.good / verdicts.given)
    return f"Answers in Slack: {verdicts.good:,} found good, {verdicts.bad:,} not ({share} % good)"


def _source_lines(source: SourceStatus) -> Iterator[Text]:
    """What is worth telling of a source: a failure, that it was never read, what is left."""
    kept = source.state
    name = kept.name if source.origin in {"", FILE} else f"{kept.name} (from {source.origin})"
    if kept.error:
        until = kept.rests_until
        rests = f"; left alone until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        yield Text(f"{name}: {kept.error}{rests}", style="red")
    elif source.configured and not kept.read_at:
        yield Text(f"{name}: configured, never read (groundswell collect)")
    elif name != kept.name:
        yield Text(name)
    if kept.budget:
        limit, resets = kept.budget["limit"], kept.budget["resets_at"]
        text = f"{kept.name}: {kept.budget['remaining']:,} requests left"
        text += f" of {limit:,}" if limit else ""
        yield Text(text + (f" until {resets[:16].replace('T', ' ')} UTC" if resets else ""))


def write_page(path: Path, page: str) -> None:
    """Write a page. Raises GroundswellError if it cannot be written."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise GroundswellError(f"{path}: {error.strerror}; the page was not written") from error


def security_data(found: Sequence[Sensitive]) -> list[dict[str, Any]]:
    """What looks like an undisclosed vulnerability: where, and by which words."""
    return [{"key": one.key, "url": one.url, "words": one.words} for one in found]


def security_text(found: Sequence[Sensitive]) -> Text:
    """The same for the eyes of the security contact."""
    lines = [f"{one.url or one.key}\n  “{one.words}”" for one in found]
    return Text("\n".join(lines) or "Nothing read looks like an undisclosed vulnerability.")
