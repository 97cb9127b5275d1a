"""What every source's world has: posts that change on a clock of their own, and an adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from types import TracebackType
from typing import Self

from bot.http import Http
from bot.sources.base import Source
from tests.builders import NOW
from tests.world.site import Answer, Asked, Site


@dataclass(frozen=True, slots=True)
class Said:
    """One post as its author meant it. A world says it in the source's own words and mark-up."""

    number: int
    words: str
    at: datetime
    author: str | None


class World(ABC):
    """Posts that a test adds, edits and deletes while a source reads them.

    Every change takes an hour on the world's clock, which starts at NOW.
    """

    kind: str
    """`Post.source` of all its posts."""
    shows_edits = True
    """Whether a run brings an edit of a post that was read before."""
    shows_deletions = True
    """Whether a run finds out that a post is gone."""
    secrets: tuple[str, ...] = ()
    """What the adapter sends and nobody may read: tokens, private addresses."""

    def __init__(self) -> None:
        self.now = NOW
        self.living: dict[int, Said] = {}
        self._numbers = count(1)

    @abstractmethod
    def source(self) -> Source:
        """The adapter that reads this world, with `clock` for a clock."""

    @abstractmethod
    def external_id(self, said: Said) -> str:
        """What the adapter must make the post's id."""

    @abstractmethod
    def spoil(self) -> int:
        """Put things that are no posts among the posts; returns how many rejections they bring."""

    def clock(self) -> datetime:
        """The time in this world."""
        return self.now

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        """Somebody says something now; words with every letter that mark-up is made of."""
        number = next(self._numbers)
        said = Said(number, words or f"tool {number}: a < b & c's", self._tick(), author)
        self.living[number] = said
        return said

    def edit(self, said: Said, words: str | None = None) -> Said:
        """Its author says it differently."""
        edited = replace(said, words=words or f"tool {said.number}: edited {self._tick():%d %H}")
        self.living[said.number] = edited
        return edited

    def delete(self, said: Said) -> None:
        """It is gone from the source."""
        self._tick()
        del self.living[said.number]

    def populate(self, posts: int) -> list[Said]:
        """So many posts, each third one by an author whom the source does not name."""
        return [self.say(author=None if n % 3 == 2 else f"user{n}") for n in range(posts)]

    def expected(self) -> dict[str, Said]:
        """The posts that live, by the id that each must have in the store."""
        return {self.external_id(said): said for said in self.living.values()}

    def _tick(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now


class WebWorld(World):
    """A world behind an API. Serves while it is entered.

    `answer` says what the API answers; `site.respond` may be exchanged for something worse.
    """

    answers_304 = False
    """Whether an unchanged world is told by a 304."""
    gone_is: frozenset[int] = frozenset()
    """Statuses that mean, in answer to a question about one post, that it was deleted."""

    def __init__(self, http: Http) -> None:
        super().__init__()
        self.http = http
        self.site = Site(self.answer)

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """What a sound API answers, from `living`."""

    def pause(self) -> None:
        """Nobody asks for so long that every limit of the API counts from nothing."""

    @contextmanager
    def answering(self, respond: Callable[[Asked], Answer]) -> Iterator[None]:
        """The API answers like this for a while, then soundly again."""
        self.site.respond = respond
        try:
            yield
        finally:
            self.site.respond = self.answer
            # What the site asked for with a Retry-After is over as well.
            self.http._rests.clear()

    def __enter__(self) -> Self:
        self.site.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.site.__exit__(kind, error, trace)
