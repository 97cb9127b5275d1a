"""Exports of other programs as sources: which form a file has is seen from what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.errors import SourceError
from bot.model import Post
from bot.sources.archive import AHEAD, EARLIEST, Archive
from bot.sources.base import Batch, NotAPost
from bot.sources.batches import Made, batches, source_name
from bot.sources.exports import (
    csv_file,
    discourse_export,
    github_json,
    mbox,
    slack_zip,
    zulip_export,
)
from bot.sources.exports.form import Form, Item, Look, Told
from bot.sources.exports.packed import BROKEN, is_packed, opened

FORMATS: dict[str, Form] = {
    "slack": slack_zip.FORM,
    "zulip": zulip_export.FORM,
    "discourse": discourse_export.FORM,
    "github": github_json.FORM,
    "mbox": mbox.FORM,
    "csv": csv_file.FORM,
}
"""By the name that `--format` takes; of two that would do, the first."""

JSON_LINES = "jsonl"
"""The name of our own form, which `Archive` reads: what is none of the others."""


def format_of(path: Path) -> str | None:
    """Which of FORMATS a file or folder has; None if it is none of them, or cannot be read.

    Raises:
        SourceError: it is encrypted, a bomb, a file in it has a name that leads out of it, or it
            is packed and holds nothing that we know.
    """
    try:
        with opened(path) as pack:
            look = Look(pack)
            if look.first.keys() & {"source", "kind"}:
                return None
            found = next((name for name, form in FORMATS.items() if form.detects(look)), None)
            if found is None and is_packed(pack):
                raise SourceError(
                    f"{path}: holds none of the exports that are read ({', '.join(FORMATS)}); "
                    "--format NAME says which one it is all the same",
                    permanent=True,
                )
            return found
    except BROKEN:
        return None


@dataclass(frozen=True, slots=True)
class Imported:
    """An archive or an export in whichever form it turns out to have."""

    path: Path
    now: datetime
    told: Told

    @property
    def name(self) -> str:
        """`archive/FILE`."""
        return source_name(self.path)

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what `Archive` or `Export` gives, and raise as they do."""
        form = format_of(self.path)
        if form is None:
            return Archive(self.path, self.now).fetch(cursor, since)
        return Export(self.path, self.now, FORMATS[form], self.told).fetch(cursor, since)


@dataclass(frozen=True, slots=True)
class Export:
    """One export. `now` bounds what counts as a date in the future."""

    path: Path
    now: datetime
    form: Form
    told: Told

    @property
    def name(self) -> str:
        """`archive/FILE`."""
        return source_name(self.path)

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield the posts after as many items as `cursor` says, 500 at a time.

        Raises:
            SourceError: no such file, nothing in it, or it breaks off; what was read before that
                is already yielded.
        """
        return batches(self._all(), self.path, cursor, since)

    def _all(self) -> Iterator[Made]:
        number, told = 0, replace(self.told, now=self.now)
        try:
            with opened(self.path) as pack:
                for item in self.form.items(pack, told):
                    yield self._made(item)
                    number += 1
        except BROKEN as error:
            raise _broken(self.path, number, error) from error

    def _made(self, item: Item) -> Made:
        """What one item comes to."""
        try:
            return _timely(item.post(), self.now)
        except NotAPost as error:
            return error.at(item.where)


def _timely(post: Post | None, now: datetime) -> Post | None:
    """The post, if it was written at a time that can be. Raises NotAPost."""
    if post and post.created_at < EARLIEST:
        raise NotAPost("date unreadable", "before 1970")
    if post and post.created_at > now + AHEAD:
        raise NotAPost("date in the future", f"{post.created_at:%Y-%m-%d}")
    return post


def _broken(path: Path, number: int, error: Exception) -> SourceError:
    """What ended the reading of an export, and what to do about it."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{path}: there is no such file", permanent=True)
    if isinstance(error, OSError) and error.strerror:
        return SourceError(f"{path}: cannot be read: {error.strerror}", permanent=True)
    return SourceError(
        f"{path}: the file is broken off or damaged ({type(error).__name__}); the {number:,} items "
        "before the fault were kept. Get the file again and import it again.",
        permanent=True,
    )
