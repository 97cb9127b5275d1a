"""Where in a text a pattern can begin at all: found once for all patterns, by how words start.

Most posts hold few of the words that cues and criteria look for, and trying every pattern at every
character is what takes the time. A `Cue` knows the words that it can begin with; a `Said` is cut
into words once, and then a cue is tried only where one of its words stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from string import ascii_lowercase

from bot.forms import title_of
from bot.model import Post

READ = 4_000
"""Characters of a text that are looked at, whatever looks."""

_STEM = 4
_WORD = re.compile(rf"([a-z]{{1,{_STEM}}})[a-z]*")


class Cue:
    """A pattern for texts in lower case. What it finds is what the pattern alone would find.

    `begins` names the first letters of all words that a match can begin with, four of each where
    it has as many; "bug*" stands for all words that begin so. `marks` are the other strings that
    a match can begin with. A test works both out from the patterns.
    """

    __slots__ = ("begins", "marks", "pattern")

    def __init__(self, begins: str, *patterns: str, marks: tuple[str, ...] = ()) -> None:
        self.begins = frozenset(stem for word in begins.split() for stem in _stems(word))
        self.marks = marks
        self.pattern = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
        for stem in self.begins:
            _CUES[stem] = (*_CUES.get(stem, ()), self)
        for mark in marks:
            _MARKED[mark] = (*_MARKED.get(mark, ()), self)


_CUES: dict[str, tuple[Cue, ...]] = {}
"""Every cue there is, by the stems of the words that it can begin with."""
_MARKED: dict[str, tuple[Cue, ...]] = {}


class Said:
    """A text, cut into words once for all cues."""

    __slots__ = ("_spots", "low", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.low = _lower(text[:READ])
        self._spots: dict[Cue, list[int]] = {}
        for word in _WORD.finditer(self.low):
            if cues := _CUES.get(word[1]):
                start = word.start()
                for cue in cues:
                    self._spots.setdefault(cue, []).append(start)
        for mark, cues in _MARKED.items():
            if mark in self.low:
                self._mark(cues, mark)

    def _mark(self, cues: Iterable[Cue], mark: str) -> None:
        places = [match.start() for match in re.finditer(re.escape(mark), self.low)]
        for cue in cues:
            self._spots[cue] = sorted({*self._spots.get(cue, ()), *places})

    def may_have(self, cue: Cue) -> bool:
        """Whether a word that the cue can begin with stands anywhere: False is certain."""
        return cue in self._spots

    def has(self, cue: Cue, end: int = READ) -> bool:
        """Whether the cue stands in the first `end` characters."""
        match, low = cue.pattern.match, self.low
        for start in self._spots.get(cue, ()):  # noqa: SIM110 a generator costs more than a match
            if start < end and match(low, start, end):
                return True
        return False

    def count(self, cue: Cue, most: int, end: int = READ) -> int:
        """How often the cue stands in the first `end` characters; `most` if more often."""
        if cue not in self._spots:
            return 0
        return sum(1 for _ in islice(self.matches(cue, end), most))

    def matches(self, cue: Cue, end: int = READ) -> Iterator[re.Match[str]]:
        """What `finditer` would find in the first `end` characters, as if the text ended there."""
        after = 0
        for start in self._spots.get(cue, ()):
            if start >= end:
                return
            if start >= after and (match := cue.pattern.match(self.low, start, end)):
                after = match.end()
                yield match

    def words(self, match: re.Match[str]) -> str:
        """What was matched, as it stands in the text."""
        return self.text[match.start() : match.end()].strip()


@dataclass(frozen=True, slots=True)
class Parts:
    """A post as cues look at it."""

    title: Said
    bare: Said
    """The title without what trackers put in front of it."""
    text: Said


def parts_of(post: Post) -> Parts:
    """The parts of a post, each cut into words once."""
    title, bare = Said(post.title), title_of(post.title)
    return Parts(title, title if bare == post.title else Said(bare), Said(post.text))


def _stems(word: str) -> list[str]:
    """The word, or every way on from its letters where it ends in a star."""
    letters = word.removesuffix("*")
    return [word] if letters == word else [letters, *(letters + c for c in ascii_lowercase)]


def _lower(text: str) -> str:
    """In lower case and of the same length: a place in one is the same place in the other."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
