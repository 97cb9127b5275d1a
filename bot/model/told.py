"""What is said in the end, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.model.periods import Period
from bot.model.posts import Intent, Post
from bot.model.precision import Precision
from bot.model.questions import Correction, Query, Question
from bot.model.themes import Citation, ThemeView


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of a source that was not read and cannot be read any more."""

    period: Period
    why: str


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How far one source has been read, and what stood in the way."""

    source: str
    posts: int
    first_at: datetime | None
    """When its oldest stored post was written."""
    last_at: datetime | None
    """When its newest stored post was written."""
    read_at: datetime | None
    """When it was last read without an error; None for one that never was."""
    error: str | None = None
    gaps: tuple[Gap, ...] = ()
    stale: datetime | None = None
    """When the part of it was read last that nobody has read for long; None if there is none."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an output rests on: never a claim about what was not read."""

    sources: tuple[SourceCoverage, ...]
    waiting: int = 0
    """Posts stored but not yet understood, so missing from every theme."""
    sensitive: int = 0
    """Posts that are shown to nobody but the security contact."""
    at: datetime | None = None
    """As of when that is; None where nobody said."""

    @property
    def complete(self) -> bool:
        """Whether every source was read of late, without an error or a gap, and nothing waits."""
        whole = not any(source.error or source.gaps or source.stale for source in self.sources)
        return bool(self.sources) and not self.waiting and whole


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a digest: `shown` themes, and how many more there are."""

    title: str
    shown: tuple[ThemeView, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What moved in a period."""

    period: Period
    headline: str
    sections: tuple[Section, ...]
    coverage: Coverage
    posts: int
    """Posts read in the period, in a theme or not."""
    query: Query = field(default_factory=Query)
    muted: int = 0
    """Themes that are left out because somebody muted them."""
    duty: str = ""
    """Who is on duty, and until when; empty where nobody is."""
    unwanted: int = 0
    """Posts left out in the period, since they say again what was marked as not about us."""
    precision: Precision | None = None
    """How often the bot was right in the month before; None where that is not to be told."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the posts it rests on: never none."""

    text: str
    cites: tuple[Citation, ...]
    opens: Query | None = None
    """For a sentence that counts: what to search for to be shown the posts it counts."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One post that a search found."""

    post: Post
    intent: Intent | None
    snippet: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that knows no more than the posts it cites."""

    question: str
    query: Query
    sentences: tuple[Sentence, ...]
    themes: tuple[str, ...]
    coverage: Coverage
    writer: str
    echo: str = ""
    """How the question was understood, on one line."""
    not_understood: tuple[str, ...] = ()
    """Words of the question that may have narrowed it and were left out."""
    note: str = ""
    """Why it was written without the model that was asked for; empty if it was not."""
    asked: Question | None = None
    """What it answers, for a question that follows; None where nobody asked."""
    instead: str = ""
    """Where nothing was found: the nearest thing that exists, in words; empty if nothing does."""
    corrections: tuple[Correction, ...] = ()
    """What may have been meant instead, the likeliest first."""
    again: str = ""
    """Words that ask the same whenever and wherever they are asked; empty where none do."""
