"""What people call a post by, to the post: an address, a key, or the number of an issue."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.errors import GroundswellError
from bot.model import OPERATOR, Audience, Visibility
from bot.store import Read, Store
from bot.understand.marks import name_of

_NUMBER = re.compile(r"(?:#|GH-)?(\d{1,9})", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>|\"'`\\]{3,500}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Naming:
    """Looks up what an audience may read, once it is understood; nothing sensitive is found."""

    store: Store
    now: datetime
    audience: Audience = OPERATOR

    def post(self, words: str) -> Read | None:
        """The post at an address in whichever form, `owner/name#7`, or a key."""
        name = name_of(words.strip())
        found = self.store.marks.bearers([name]) if name else {}
        read = self.store.links.posts(found.values(), self.now).values()
        return next((one for one in read if self._open(one)), None)

    def issue(self, words: str, near: Collection[str] = ()) -> Read | None:
        """The same; a bare number, `#7`, is looked for in every repository that is read.

        Where several have it, the one meant is the only one among the places `near`.

        Raises:
            GroundswellError: that does not tell them apart.
        """
        number = _NUMBER.fullmatch(words.strip())
        if number is None:
            return self.post(words)
        names = (f"{repo}#{number[1]}" for repo in self.store.known.repositories())
        found = [one for one in map(self.post, names) if one is not None]
        if len(found) > 1:
            found = [one for one in found if one.post.venue in near] or found
        if len(found) > 1:
            places = ", ".join(one.post.external_id for one in found[:3])
            raise GroundswellError(f"#{number[1]} is an issue of several repositories: {places}")
        return found[0] if found else None

    def _open(self, one: Read) -> bool:
        public = one.post.visibility is Visibility.PUBLIC
        return public or self.audience.everything or one.post.venue in self.audience.venues


def address(words: str) -> str | None:
    """An address that may be kept as it stands; None if the words are none."""
    found = _ADDRESS.fullmatch(words.strip())
    return found[0] if found else None
