"""The line in one screen: sources to store, store to themes, themes to speech.

Each operation loads its own code when it is called: a command waits for what it does, and for
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bot import __version__
from bot.deliveries import Verdicts
from bot.errors import GroundswellError
from bot.model import (
    OPERATOR,
    Answer,
    Audience,
    Coverage,
    Digest,
    Hit,
    Period,
    Post,
    Query,
    Question,
    Role,
    Sensitive,
    Theme,
    ThemeView,
)
from bot.pipeline.collecting import Collected, Collecting, Progress, awake, silent
from bot.sources.base import Batch, Finds, Source, Tracks
from bot.sources.manual import KIND, SOURCE, Note
from bot.speak.writer import Extractive, Spent, Writer
from bot.store import Preferences, SourceState, Store

if TYPE_CHECKING:
    from bot.alarms import Backtest
    from bot.pipeline.capturing import Captured
    from bot.pipeline.deciding import Deciding
    from bot.pipeline.telling import Telling
    from bot.pipeline.understanding import Understood
    from bot.speak.triage import Queue
    from bot.understand.cluster import Clusterer
    from bot.understand.embed import Embedder

ZONE = "zone"
"""The name of a setting: whose clock times are read by."""

__all__ = ["Collected", "Pipeline", "Progress", "SourceStatus", "State"]


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What is kept of a source, and whether it is still configured."""

    state: SourceState
    configured: bool
    origin: str = ""
    """Where its configuration stands."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a Groundswell stands."""

    sources: tuple[SourceStatus, ...]
    posts: int
    themes: int
    database: str
    schema: str
    version: str
    coverage: Coverage
    spent: Spent | None = None
    """What a model that phrases answers has cost today; None without one."""
    verdicts: Verdicts = field(default_factory=Verdicts)
    """How people found the answers they were given in Slack."""


def _nowhere(_name: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What every surface (command line, console, Slack) calls; it knows none of them.

    `clock` is asked once an operation, so that one output speaks as of one moment.
    """

    store: Store
    embedder: Embedder
    clusterer: Clusterer
    sources: Mapping[str, Source]
    clock: Callable[[], datetime]
    roles: Mapping[str, Role] = field(default_factory=dict)
    """The configured list of the team and of bots, by lower-case name."""
    writer: Writer = field(default_factory=Extractive)
    """Who puts computed answers into words."""
    zone: str = "UTC"
    """In which times are read and shown back, by its IANA name; a surface that knows its reader
    asks with theirs in its place."""
    audience: Audience = OPERATOR
    """Who is told: a surface that is not the operator's own asks with its reader's."""
    preferences: Preferences = Preferences()  # noqa: RUF009 frozen, and nothing in it
    """What may be set in Slack where the file does not."""
    origin: Callable[[str], str] = _nowhere
    """Where the configuration of a source of some name stands."""

    def import_archives(
        self, archives: Iterable[Source], progress: Progress = silent
    ) -> list[Collected]:
        """Read archives into the store; reading one again is harmless."""
        collecting = Collecting(self.store, self.clock(), progress, self.roles)
        return [collecting.archive(archive) for archive in archives]

    def collect(
        self,
        names: Sequence[str] = (),
        progress: Progress = silent,
        since: datetime | None = None,
    ) -> list[Collected]:
        """Read the named sources, or all that are configured, once, side by side.

        A failure stays with its own source, which is then left alone for a while, unless it is
        named here. With `since` they are read from that time on, beside what was read so far.

        Raises:
            GroundswellError: a name is not configured.
        """
        unknown = [name for name in names if name not in self.sources]
        if unknown:
            known = ", ".join(self.sources) or "none: add one to groundswell.toml"
            raise GroundswellError(f"no such source: {', '.join(unknown)} (configured: {known})")
        now = self.clock()
        collecting = Collecting(self.store, now, progress, self.roles)
        if names:
            return collecting.all([self.sources[name] for name in names], since)
        chosen = list(awake(self.store, self.sources.values(), now))
        read = iter(collecting.all([s for s, resting in chosen if not resting], since))
        return [resting or next(read) for _, resting in chosen]

    def add(self, url: str) -> Collected:
        """Take in one post by its address, through the source that it belongs to.

        Raises:
            GroundswellError: no configured source knows such an address.
        """
        owner = self._owner(url)
        if owner is None:
            raise GroundswellError(
                f"no configured source knows the address {url}; the words that stand there can be "
                'pasted: groundswell add "WORDS" --link URL'
            )
        return Collecting(self.store, self.clock(), roles=self.roles).found(owner, url)

    def owns(self, url: str) -> bool:
        """Whether a configured source may have a post at an address, by its form."""
        return self._owner(url) is not None

    def _owner(self, url: str) -> Finds | None:
        finding = (s for s in self.sources.values() if isinstance(s, Finds) and s.owns(url))
        return next(finding, None)

    def heard(self, name: str, batch: Batch) -> Collected:
        """Take in what the site of a configured source told by itself, by webhook or as an event.

        How far the source has been read, and whether that went well, stays as it is.

        Raises:
            GroundswellError: no source of that name is configured, or the store failed.
        """
        if name not in self.sources:
            raise GroundswellError(f"no such source: {name}")
        collecting = Collecting(self.store, self.clock(), roles=self.roles)
        return collecting.heard(self.sources[name], batch)

    def note(self, note: Note) -> Collected:
        """Take in words that were pasted; what is known of them stays, unless it is told anew."""
        ever = datetime.max.replace(tzinfo=UTC)
        notes = self.store.posts.find(Query(sources=(SOURCE,), kinds=(KIND,)), ever)
        known = (post for _, post, _ in notes if post.external_id == note.external_id)
        collecting = Collecting(self.store, self.clock(), roles=self.roles)
        return collecting.archive(note.after(next(known, None)))

    def named(self, words: str) -> Post | None:
        """The post at an address, of a key, or `owner/name#7`, if it is understood and readable."""
        from bot.pipeline.naming import Naming

        found = Naming(self.store, self.clock(), self.audience).post(words)
        return found.post if found else None

    def unnote(self, key: str) -> bool:
        """Let go of words that were pasted; False if the key is not that of any."""
        source, _, external_id = key.partition(":")
        if source != SOURCE:
            return False
        return bool(self.store.posts.save([], deleted=[(source, external_id)]).deleted)

    def captured(self, key: str) -> Captured:
        """Where a post that was taken in by hand stands, or which theme it comes near."""
        from bot.pipeline.capturing import Capturing

        return Capturing(self.store, self.embedder, self.telling()).of(key)

    def forget(self, author: str) -> int:
        """Remove all that somebody wrote and never take it in again; returns how many posts."""
        return self.store.posts.forget(author, self.clock())

    def understand(self, progress: Progress = silent) -> Understood:
        """Embed, classify, link and theme what is new; nothing new costs next to nothing."""
        from bot.pipeline.understanding import Understanding

        return Understanding(
            self.store, self.embedder, self.clusterer, self.clock(), progress
        ).run()

    def deciding(self, by: str, *, dry: bool = False) -> Deciding:
        """What somebody decides about themes; with `dry` it is only shown what that would do."""
        from bot.pipeline.deciding import Deciding

        return Deciding(self.store, self.embedder, self.clock(), by, dry, self.audience)

    def themes(self, query: str = "") -> list[ThemeView]:
        """The themes of the posts a query asks for, strongest first. Raises QueryError."""
        telling = self.telling()
        return telling.themes(telling.parse(query))

    def search(self, query: str, limit: int) -> list[Hit]:
        """Posts by words and by meaning, best first. Raises QueryError."""
        telling = self._asked(query)
        return telling.search(telling.parse(query), limit)

    def digest(self, query: str = "") -> Digest:
        """What moved between the query's `since:` and `until:`; by default in the last week.

        Raises:
            QueryError: the query is wrong.
        """
        from bot.pipeline.telling import WEEK

        telling = self._asked(query)
        asked = telling.parse(query)
        until = min(asked.until or telling.now, telling.now)
        return telling.digest(asked, Period(asked.since or until - WEEK, until))

    def untracked(self, query: str = "") -> list[ThemeView]:
        """The themes with complaints that no issue stands for, holding those alone.

        The theme with the most voices first.

        Raises:
            QueryError: the query is wrong.
        """
        telling = self._asked(query)
        return telling.untracked(telling.parse(query))

    def triage(self, query: str = "") -> Queue:
        """What waits for somebody, by default of the last four weeks. Raises QueryError."""
        from bot.pipeline.triaging import queue

        telling = self._asked(query)
        return queue(telling, telling.parse(query))

    def assigned(self, who: str) -> Sequence[ThemeView]:
        """The themes that were given to somebody, strongest first."""
        from bot.pipeline.triaging import assigned

        return assigned(self.telling(), who)

    def theme(self, name: str) -> ThemeView:
        """One theme with all its posts. Raises GroundswellError if there is none of that name."""
        return self.telling().theme(name)

    def near(self, theme: Theme, most: int) -> list[Theme]:
        """The themes that lie closest to one, the closest first."""
        from bot.pipeline.nearby import Nearby

        return Nearby(self.store, self.embedder, self.telling()).of(theme, most)

    def repositories(self) -> Sequence[str]:
        """Where an issue can be made: those configured of which the audience may read anything.

        None where all of an organisation is read: which of its repositories is meant is not known.
        """
        tracking = [source for source in self.sources.values() if isinstance(source, Tracks)]
        if any(source.orgs for source in tracking):
            return ()
        named = dict.fromkeys(repo for source in tracking for repo in source.repos)
        now, known = self.clock(), self.store.known
        return [repo for repo in named if known.reads(repo, now, self.audience)]

    def backtest(self, rule: str = "", query: str = "") -> Backtest:
        """What a rule for bursts would have told since the query's `since:`, or in half a year.

        Raises:
            QueryError: the rule or the query is wrong.
        """
        from bot.pipeline.backtesting import Backtesting
        from bot.speak.bursts import parse_rule

        telling = self.telling()
        asked = telling.narrowed(telling.parse(query))
        backtesting = Backtesting(self.store, telling.now)
        return backtesting.run(parse_rule(rule), asked, telling.coverage())

    def ask(self, question: str, previous: Question | None = None) -> Answer:
        """An answer in which every sentence cites the posts it rests on.

        `previous` is what the answer before was asked, for a question that may go on from it.

        Raises:
            QueryError: it is in the query language, and wrong, or it is too long.
        """
        telling = self._asked(question)
        return self._worded(telling, telling.ask(question, previous))

    def answer(self, asked: Question) -> Answer:
        """An answer to a question that was understood already, as one that was corrected."""
        telling = self.telling()
        return self._worded(telling, telling.answer(asked))

    def _worded(self, telling: Telling, answer: Answer) -> Answer:
        read = partial(self.store.cited.posts, now=telling.now, audience=telling.audience)
        return self.writer.write(answer, read)

    def check(self, query: str) -> None:
        """Raise QueryError if a query is wrong, or names a theme or a kind that is not there."""
        self._asked(query).parse(query)

    def hints(self, query: str) -> tuple[str, ...]:
        """What could take the place of the last part of an unfinished query."""
        from bot.pipeline.standing import known
        from bot.speak.hints import hints

        return hints(query, known(self.store, self.clock()))

    def coverage(self) -> Coverage:
        """What has been read, up to when, and what could not be."""
        return self.telling().coverage()

    def security(self) -> tuple[Sensitive, ...]:
        """What looks like an undisclosed vulnerability, newest first: for no channel."""
        return self.store.readings.sensitive(self.clock())

    def moments(self) -> list[datetime]:
        """When each post that opens a thread was written, in no order."""
        return self.store.times.moments(self.clock())

    def status(self) -> State:
        """Sources, counts and versions."""
        now = self.clock()
        kept = {state.name: state for state in self.store.sources.states()}
        names = dict.fromkeys((*self.sources, *kept))
        return State(
            sources=tuple(
                SourceStatus(
                    kept.get(name) or SourceState(name), name in self.sources, self.origin(name)
                )
                for name in names
            ),
            posts=self.store.posts.count(now),
            themes=self.store.themes.count(now),
            database=self.store.url,
            schema=self.store.schema,
            version=__version__,
            coverage=self.telling().coverage(),
            spent=self.writer.spent(),
            verdicts=self.store.feedback.verdicts(),
        )

    def local_zone(self) -> str:
        """The zone of whoever names none: as it is set, or else `zone`."""
        return self.preferences.value(ZONE) or self.zone

    def _asked(self, words: str) -> Telling:
        """For words that somebody asks with. Raises QueryError if they name what is not there."""
        from bot.pipeline.existing import demand

        telling = self.telling()
        demand(telling, words)
        return telling

    def telling(self) -> Telling:
        """Everything that can be said to the audience, as of now."""
        from bot.pipeline.telling import Telling

        return Telling(
            self.store,
            self.embedder,
            self.clock(),
            self.local_zone(),
            self.audience,
            self.repositories,
        )
