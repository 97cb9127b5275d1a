"""What is read once and from its beginning, line by line or item by item, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.errors import SourceError
from bot.model import Post, Visibility
from bot.sources.base import Batch, Rejection, Source

BATCH = 500

Made = Post | Rejection | None
"""What becomes of one line or item; None: it is no post, and none was lost."""


def source_name(path: Path) -> str:
    """What a file is called as a source, whatever its form: `archive/FILE`."""
    return f"archive/{path.name}"


def batches(
    made: Iterable[Made], path: Path, cursor: str | None, since: datetime | None
) -> Iterator[Batch]:
    """Yield what was made of each line or item, 500 at a time; the cursor counts lines or items.

    Those up to the cursor, and posts from before `since`, are left out.

    Raises:
        SourceError: there was nothing at all, or `made` broke off; what came before that is
            already yielded.
    """
    done = int(cursor) if cursor and cursor.isdecimal() else 0
    found, number, empty = list[Made](), 0, True
    try:
        for number, one in enumerate(made, 1):
            empty = empty and one is None
            if number > done and one and not _is_older(one, since):
                found.append(one)
            if len(found) >= BATCH:
                yield _batch(found, number)
                found = []
    except SourceError:
        if found:
            yield _batch(found, number)
        raise
    if found:
        yield _batch(found, number)
    elif empty:
        raise SourceError(f"{path}: the archive is empty: there are no posts in it", permanent=True)


def _is_older(made: Made, since: datetime | None) -> bool:
    return since is not None and isinstance(made, Post) and made.created_at < since


def _batch(found: Sequence[Made], number: int) -> Batch:
    return Batch(
        tuple(one for one in found if isinstance(one, Post)),
        str(number),
        rejected=tuple(one for one in found if isinstance(one, Rejection)),
    )


@dataclass(frozen=True, slots=True)
class Private:
    """A source all of whose posts are private, whatever it says of them itself."""

    source: Source

    @property
    def name(self) -> str:
        """As the source is called."""
        return self.source.name

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what the source gives, and raise as it does."""
        for batch in self.source.fetch(cursor, since):
            posts = (replace(post, visibility=Visibility.PRIVATE) for post in batch.posts)
            yield replace(batch, posts=tuple(posts))
