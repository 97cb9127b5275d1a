"""What somebody pastes by hand: a mail, a message, words heard elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Post, Visibility
from bot.sources.base import Batch

SOURCE, KIND = "manual", "note"
VENUE = "by hand"

WORDS_MOST = 100_000
"""Characters of a note: what is longer is a file, not what somebody said."""
TITLE_MOST = 120
"""Characters of a first line that can be a title."""


@dataclass(frozen=True, slots=True)
class Note:
    """Words and what was told of them, as a source of one post. None is what nobody told."""

    words: str
    """Cleaned, and not empty."""
    now: datetime
    author: str | None = None
    at: datetime | None = None
    venue: str | None = None
    url: str | None = None
    """Where it was said."""
    visibility: Visibility | None = None

    @property
    def name(self) -> str:
        """`manual`."""
        return SOURCE

    @property
    def external_id(self) -> str:
        """A digest of the words: the same words are the same post."""
        words = self.words.encode("utf-8", "replace")
        return hashlib.blake2b(words, digest_size=16).hexdigest()

    def after(self, known: Post | None) -> Note:
        """The note with what was told of the same words before, unless it is told anew."""
        if known is None:
            return self
        return replace(
            self,
            author=self.author or known.author,
            at=self.at or known.created_at,
            venue=self.venue or known.venue,
            url=self.url or known.url,
            visibility=self.visibility or known.visibility,
        )

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:  # noqa: ARG002 one post has no place to go on from
        """Yield the post. Without a time it was said now; without a word on it, it is private."""
        first, _, rest = self.words.partition("\n")
        short = len(first) <= TITLE_MOST
        post = Post(
            source=SOURCE,
            external_id=self.external_id,
            kind=KIND,
            title=first if short else "",
            text=rest.lstrip("\n") if short else self.words,
            created_at=self.at or self.now,
            venue=self.venue or VENUE,
            author=self.author,
            url=self.url,
            visibility=self.visibility or Visibility.PRIVATE,
        )
        yield Batch((post,), None)
