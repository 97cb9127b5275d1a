"""The store: every line of SQL of the house, behind one small class per subject."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from bot.store.acknowledgements import Acknowledgements
from bot.store.captures import Capture, Captures
from bot.store.configuration import Change, Configuration, Preferences
from bot.store.database import HEAD, connect
from bot.store.decisions import Decisions
from bot.store.feedback import Feedbacks
from bot.store.index import Index
from bot.store.known import Known, Tagged
from bot.store.links import Edge, Links, Read
from bot.store.looks import Looks
from bot.store.marks import Marks
from bot.store.once import Inbox, Leases
from bot.store.openers import Opened, Openers
from bot.store.outbox import Outbox, Written
from bot.store.posts import Posts, Saved
from bot.store.readings import Readings
from bot.store.rotas import Rotas
from bot.store.sources import Sources, SourceState
from bot.store.spending import Cited, Cost, Phrasings, Spending
from bot.store.standings import Lineage, Standings, Stood
from bot.store.subscriptions import Subscriptions
from bot.store.talks import Talks
from bot.store.themes import Name, Placement, Themes
from bot.store.threads import Threads
from bot.store.times import Times
from bot.store.vectors import Vectors

__all__ = [
    "Acknowledgements",
    "Capture",
    "Captures",
    "Change",
    "Cited",
    "Configuration",
    "Cost",
    "Decisions",
    "Edge",
    "Feedbacks",
    "Inbox",
    "Index",
    "Known",
    "Leases",
    "Lineage",
    "Links",
    "Looks",
    "Marks",
    "Name",
    "Opened",
    "Openers",
    "Outbox",
    "Phrasings",
    "Placement",
    "Posts",
    "Preferences",
    "Read",
    "Readings",
    "Rotas",
    "Saved",
    "SourceState",
    "Sources",
    "Spending",
    "Standings",
    "Stood",
    "Store",
    "Subscriptions",
    "Tagged",
    "Talks",
    "Themes",
    "Threads",
    "Vectors",
    "Written",
    "open_store",
]


@dataclass(frozen=True, slots=True)
class Store:
    """One database. Safe to share between threads; every method is a transaction of its own."""

    engine: Engine
    posts: Posts
    index: Index
    readings: Readings
    links: Links
    marks: Marks
    vectors: Vectors
    openers: Openers
    themes: Themes
    threads: Threads
    times: Times
    sources: Sources
    decisions: Decisions
    standings: Standings
    known: Known
    subscriptions: Subscriptions
    outbox: Outbox
    inbox: Inbox
    leases: Leases
    talks: Talks
    spending: Spending
    phrasings: Phrasings
    cited: Cited
    looks: Looks
    configuration: Configuration
    rotas: Rotas
    captures: Captures
    acknowledgements: Acknowledgements
    feedback: Feedbacks

    @property
    def url(self) -> str:
        """The database's URL, its password hidden."""
        return self.engine.url.render_as_string()

    @property
    def schema(self) -> str:
        """The version of the schema."""
        return HEAD

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at a SQLAlchemy URL, made and brought up to date as need be.

    Raises:
        StoreError: it cannot be opened, or a newer Groundswell wrote it.
    """
    engine = connect(url)
    return Store(
        engine,
        Posts(engine),
        Index(engine),
        Readings(engine),
        Links(engine),
        Marks(engine),
        Vectors.at(engine),
        Openers(engine),
        Themes(engine),
        Threads(engine),
        Times(engine),
        Sources(engine),
        Decisions(engine),
        Standings(engine),
        Known(engine),
        Subscriptions(engine),
        Outbox(engine),
        Inbox(engine),
        Leases(engine),
        Talks(engine),
        Spending(engine),
        Phrasings(engine),
        Cited(engine),
        Looks(engine),
        Configuration(engine),
        Rotas(engine),
        Captures(engine),
        Acknowledgements(engine),
        Feedbacks(engine),
    )
