"""A Discourse forum as a place: how it names its posts, and who may read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.model import Visibility

_PLACE = re.compile(r"/([0-9]{1,15})(?:/([0-9]{1,15}))?")
_PATH = re.compile(r"/t(?:/[^/]*[^/0-9][^/]*)?/([0-9]{1,15})(?:/([0-9]{1,15}))?/?")


@dataclass(frozen=True, slots=True)
class Forum:
    """A forum by its address, which has no closing slash. Names its posts for all of us."""

    url: str

    @property
    def host(self) -> str:
        """What people call the forum."""
        return urlsplit(self.url).hostname or self.url

    def key(self, topic: int, number: int) -> str:
        """The external id: `HOST/TOPIC` of a topic's first post, `HOST/TOPIC/NUMBER` of others.

        HOST carries port and path where the forum's address does, so no two forums share an id.
        """
        return f"{self._start}/{topic}" if number == 1 else f"{self._start}/{topic}/{number}"

    def place(self, external_id: str) -> tuple[int, int] | None:
        """(topic, number of the post in it) for one of this forum's external ids."""
        start, rest = external_id[: len(self._start)], external_id[len(self._start) :]
        match = _PLACE.fullmatch(rest) if start == self._start else None
        return (int(match[1]), int(match[2] or 1)) if match else None

    def located(self, url: str) -> tuple[int, int] | None:
        """The same for the address of a post as a reader has it: `/t/SLUG/TOPIC/NUMBER`."""
        try:
            theirs, ours = urlsplit(url), urlsplit(self.url)
        except ValueError:
            return None
        path = theirs.path.removeprefix(ours.path)
        same = theirs.scheme in {"http", "https"} and theirs.netloc.lower() == ours.netloc.lower()
        match = _PATH.fullmatch(path) if same else None
        return (int(match[1]), int(match[2] or 1)) if match else None

    @property
    def _start(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.netloc.rpartition('@')[2].lower()}{parts.path}"


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories by id, and which of them anybody may read."""

    names: Mapping[int, str]
    readable: frozenset[int] | None = None
    """None: all that we see, since we look without a key."""

    def visibility(self, category: int | None) -> Visibility:
        """Who may read what stands in a category; one that we do not know counts as closed."""
        everybody = self.readable is None or category in self.readable
        return Visibility.PUBLIC if everybody else Visibility.PRIVATE
