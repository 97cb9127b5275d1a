"""The words of the field as frozen values: no I/O, no clock, only values imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.tracking import Tracking

SOURCES_KNOWN = (
    "github",
    "reddit",
    "hackernews",
    "discourse",
    "stackexchange",
    "rss",
    "slack",
    "zulip",
    "x",
    "mail",
    "manual",
)
"""Every place a post can come from, whichever adapter brought it."""


class Role(StrEnum):
    """Who is speaking: only users' words count as users' pain."""

    USER = "user"
    TEAM = "team"
    BOT = "bot"


class Visibility(StrEnum):
    """Who could read a post where it was written."""

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears an answer: what they may read of what was not written for everybody."""

    venues: frozenset[str] = frozenset()
    """The private places whose posts they may read."""
    everything: bool = False
    """Whether they may read all that is stored."""


OPERATOR = Audience(everything=True)
"""Whoever sits at the database."""


class Intent(StrEnum):
    """What the author wants, as `understand` reads it."""

    BUG = "bug"
    REQUEST = "request"
    QUESTION = "question"
    PRAISE = "praise"
    DISCUSSION = "discussion"
    ANNOUNCEMENT = "announcement"
    SPAM = "spam"


class Basis(StrEnum):
    """What decided the intent of a post, the surest first."""

    LABEL = "label"
    TITLE = "title"
    OWN = "own head"
    GENERAL = "general head"
    WORDS = "words"


class Criterion(StrEnum):
    """Why a post may have to be looked at first. How many people it hits is counted elsewhere."""

    CRASH = "crash"
    WRONG_RESULT = "wrong result"
    REGRESSION = "regression"
    SECURITY = "security"
    DATA_LOSS = "data loss"
    CANNOT_INSTALL = "cannot install"


class Status(StrEnum):
    """How a theme moves in a period against the time before it."""

    NEW = "new"
    GROWING = "growing"
    CAME_BACK = "came back"
    STEADY = "steady"
    FADING = "fading"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody said, once, somewhere.

    Times are aware UTC. `None` means that the source did not tell, never zero or empty: an
    unknown author is not one person, an unknown score is not 0.
    """

    source: str
    """One of `SOURCES_KNOWN`."""
    external_id: str
    """The source's own id: unique within the source and stable across edits."""
    kind: str
    """The source's own word for its form: issue, comment, story, topic, entry ..."""
    title: str
    """Plain text on one line; empty for a reply."""
    text: str
    """Plain text of the body, without mark-up; may be empty."""
    created_at: datetime
    venue: str
    """The place inside the source, as people name it: `r/python`, `owner/repo`, a feed's title."""
    author: str | None = None
    role: Role = Role.USER
    url: str | None = None
    parent_id: str | None = None
    """External id of the post this one answers, in the same source."""
    root_id: str | None = None
    """External id of the post that opened the thread; None if this one did, or if it is unknown."""
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    """When the thread was closed or merged; None while it is open, too."""
    score: int | None = None
    reply_count: int | None = None
    state: str | None = None
    labels: tuple[str, ...] = ()
    milestone: str | None = None
    duplicate_of: str | None = None
    """External id of the post that this one was marked a duplicate of."""
    closes: tuple[str, ...] = ()
    """External ids of the posts that this one, a pull request, says it closes."""
    link: str | None = None
    """The page outside that the post points at (a story's article)."""
    visibility: Visibility = Visibility.PUBLIC

    @property
    def key(self) -> str:
        """`source:external_id`, the name of a post everywhere outside the store."""
        return f"{self.source}:{self.external_id}"

    @property
    def opens(self) -> bool:
        """Whether the post opens a thread; replies are read and searched but make no theme."""
        return self.parent_id is None


_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _back(moment: datetime, span: timedelta) -> datetime:
    return moment - span if span < moment - _BEGINNING else _BEGINNING


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time: `since` belongs to it, `until` does not."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.until - self.since

    def before(self, spans: int) -> Period:
        """The period of the same length that lies this many lengths earlier.

        Cut off at the beginning of time, as `datetime` knows it.
        """
        back = spans * self.length
        return Period(_back(self.since, back), _back(self.until, back))


@dataclass(frozen=True, slots=True)
class Query:
    """One language for a question, a view and a digest; every part narrows, `None` does not.

    Values of one key are alternatives; different keys must all hold.
    """

    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    """Words that must stand together, in order."""
    words: tuple[str, ...] = ()
    """What the query is about: these rank posts, by word and by meaning."""
    without: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    """Names of a `Criterion` each."""
    strength: int | None = None
    """The least strength of a complaint."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes."""
    areas: tuple[str, ...] = ()
    """Names of areas: of the themes that a post may stand in."""
    untracked: bool | None = None
    """Whether no issue stands for the theme that a post stands in."""
    unanswered: bool | None = None
    """Whether a post opens a thread that waits for its first answer."""
    people: int | None = None
    """How many must speak of a post's theme at least, in the time and the places asked for."""
    excluded: tuple[tuple[str, str], ...] = ()
    """What must not hold: a key of the query language and a value, as ("label", "wontfix")."""
    audience: Audience = OPERATOR
    """Who is told: no one can write it. It goes with the query to every place that reads posts."""


class Aim(StrEnum):
    """What an answer is to tell of the posts that a question is about."""

    OVERVIEW = "overview"
    HURTS = "hurts"
    """What hurts most."""
    NEW = "new"
    CHANGED = "changed"
    PROBLEM = "problem"
    """Whether something is a problem."""
    WHO = "who"
    """Who is hit."""
    PRAISE = "praise"
    COMPARE = "compare"
    FIXED = "fixed"
    UNANSWERED = "unanswered"
    COUNT = "how many"
    SHOW = "show"
    """The posts themselves."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood."""

    text: str
    query: Query = field(default_factory=Query)
    aim: Aim = Aim.OVERVIEW
    against: Query | None = None
    """What `query` is compared with; None unless that is what the question is after."""
    not_understood: tuple[str, ...] = ()
    """Words that may have narrowed the question and were left out: never guessed at."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One criterion that a post meets, and the words that say so, as they stand in the post."""

    criterion: Criterion
    words: str


STRONGEST = 3

UNCOMPLAINING = frozenset({Intent.ANNOUNCEMENT, Intent.SPAM})
"""What never counts as a complaint, also where it was a person who said that it is that."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What `understand` made of one post without asking anyone."""

    intent: Intent
    strength: int = 0
    """0: no complaint; 1: a trouble told; 2: one that stops people; 3: anger, or harm done."""
    about: str = ""
    """What it complains of, in the post's own words; empty where no phrase is surely right."""
    grounds: tuple[Ground, ...] = ()
    sensitive: str | None = None
    """The words of what looks like an undisclosed vulnerability: never to be shown in a channel."""
    basis: Basis = Basis.GENERAL
    language: str | None = None
    """ISO 639-1 code of what most of it is written in; None where that cannot be told."""

    @property
    def complaint(self) -> bool:
        """Whether the author says that something hurts."""
        return self.strength > 0 and self.intent not in UNCOMPLAINING


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A post that looks like an undisclosed vulnerability, for the security contact alone."""

    key: str
    url: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Link:
    """One post points at another, or tells the same story. `how` names the evidence."""

    source_key: str
    target_key: str
    how: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A name that a post bears, or points at. Who points at a name is linked with its first bearer.

    `how` is the evidence of a pointer, or what kind of name is borne. A post that bears a name
    under an evidence ("same link") points at the first one that does.
    """

    how: str
    name: str
    """The kind of name and the name: equal for all that mean the same."""
    rank: int | None = None
    """None: it points at the name. 0: it bears it; 1: it bears it after all whose rank is 0."""


@dataclass(frozen=True, slots=True)
class Member:
    """A post as its theme sees it: the fields that counting, ranking and quoting need."""

    key: str
    source: str
    venue: str
    author: str | None
    role: Role
    created_at: datetime
    title: str
    text: str
    url: str | None
    score: int | None
    reply_count: int | None
    reading: Reading
    centrality: float
    """Cosine to the theme's centre, up to 1."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A recurring subject with an id that lasts, and the posts that make it."""

    id: str
    label: str
    keywords: tuple[str, ...]
    members: tuple[Member, ...]
    """In time order, oldest first."""
    area: str | None = None
    """What of the product it is about, where that is known."""


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week of a theme: `start` is its Monday, 00:00 UTC."""

    start: datetime
    people: int
    unknown: int
    posts: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many different people stand behind some posts.

    `people` are the distinct known authors among users; `unknown` counts the posts whose author
    the source did not tell, which may be one person or many. Team and bots count for neither.
    """

    people: int
    unknown: int
    posts: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote: the words of one stored post, cut at a sentence, and where to read the rest."""

    key: str
    quote: str
    venue: str
    author: str | None
    created_at: datetime
    url: str | None
    language: str | None = None
    """Of the post quoted; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Dissent:
    """The sharpest disagreement in the threads of a theme: one said it, another contradicted."""

    over: str
    """What kind of thing it is about: "a bug or not"."""
    claim: Citation
    against: Citation
    """What was said later, in the same thread."""
    claim_by: Role = Role.USER
    against_by: Role = Role.USER


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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an output rests on: never a claim about what was not read."""

    sources: tuple[SourceCoverage, ...]
    waiting: int = 0
    """Posts stored but not yet understood, so missing from every theme."""
    sensitive: int = 0
    """Posts that are shown to nobody but the security contact."""

    @property
    def complete(self) -> bool:
        """Whether every source was read without an error or a gap, and nothing waits."""
        whole = not any(source.error or source.gaps for source in self.sources)
        return bool(self.sources) and not self.waiting and whole


class Deed(StrEnum):
    """What a person can decide about themes and their posts."""

    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    NOT_US = "not-us"
    CONFIRM = "confirm"
    RENAME = "rename"
    MUTE = "mute"
    KIND = "kind"


class Part(StrEnum):
    """What a decision says of one post."""

    IN = "in"
    """It belongs in the theme."""
    OUT = "out"
    """It belongs in no theme."""
    APART = "apart"
    """It does not belong in the theme."""
    KIND = "kind"
    """It is of another kind than was read; where it belongs is left open."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One post of a decision: what is said of it, and what was before."""

    row_id: int
    key: str
    part: Part
    theme: str | None = None
    """The theme that `part` speaks of."""
    stood: str | None = None
    """The theme that the post stood in before."""
    centrality: float = 0.0
    """How central it stood there."""
    right: bool | None = None
    """Whether the bot had placed it rightly; None where the decision does not say."""

    @property
    def moves(self) -> bool:
        """Whether the post changes its theme."""
        return self.part in {Part.IN, Part.OUT} and self.theme != self.stood


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided. Id 0: it is not in the log yet."""

    id: int
    at: datetime
    by: str
    deed: Deed
    theme: str | None = None
    """The theme that it is about; for a move the one moved to, None for no theme."""
    into: str | None = None
    """The theme that a merged one went into, or that the posts of a split make."""
    label: str | None = None
    kind: Intent | None = None
    until: datetime | None = None
    """When a mute ends."""
    weekly: int | None = None
    """For a mute until the theme grows: how many must speak of it within a week to end it."""
    touched: tuple[Touched, ...] = ()
    """Its posts in the order of their keys; those that are gone since are left out."""
    undone_at: datetime | None = None
    undone_by: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not undone."""
        return self.undone_at is None

    @property
    def moved(self) -> tuple[Touched, ...]:
        """The posts that change their theme."""
        return tuple(post for post in self.touched if post.moves)


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A theme as a reader sees it: everything a card, a row or a JSON object needs.

    `theme.members` are the posts shown; `crowd`, `sources` and `venues` count exactly those.
    """

    theme: Theme
    status: Status
    """How it moves in `period`."""
    period: Period
    recent: Crowd
    """The people in `period`, which may be shorter than the time shown."""
    before: Crowd
    """The people in the span of equal length just before `period`."""
    usual: float
    """The voices to be expected in `period`, from the spans before it."""
    crowd: Crowd
    total: Crowd
    """The people of all time, up to now."""
    first_at: datetime
    """When its oldest post of all was written."""
    sources: Mapping[str, int]
    """Posts by source, most first."""
    venues: Mapping[str, int]
    """Posts by venue, most first."""
    weekly: tuple[Week, ...]
    strength: float
    quotes: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    """Plain warnings: one author wrote most of it, authors unknown ..."""
    mute: Decision | None = None
    """What keeps it out of digests for now."""
    tracking: Tracking | None = None
    """Which issue stands for it and what became of that; None where there is nothing to say."""
    dissent: Dissent | None = None
    """None where nobody disagrees, or where nobody looked: only themes that are shown are read."""


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
