"""One sentence of a model taken apart: what it quotes, what it says itself, and what it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Sentence
from bot.speak.words import SOURCE_NAMES
from bot.text import cleaned, one_line
from bot.writing import numbers
from bot.writing.material import Item, Material, Shown

_STRAIGHT = str.maketrans(dict.fromkeys("“”„‟«»「」『』〝〞", '"') | dict.fromkeys("‘’‚‛", "'"))
_QUOTED = re.compile(r"\"([^\"]*)\"|(?<!\w)'([^']{2,}?)'(?!\w)")
_VERSION = re.compile(r"\b\d+(?:\.\d+){2,}[\w.-]*")
_NAMED_VERSION = re.compile(r"\b([A-Z][\w.+#-]*|[a-z]+\.[\w.]+)[ -](\d+(?:\.\d+)+)\b")
_TOKEN = re.compile(r"[^\s,;!?()\"]+")
_EDGE = ".:'…-"
_ODD = re.compile(r"^#?[A-Za-z].*\d|^#\d|_|::|/|\w\.\w|[a-z][A-Z]|^[A-Z]{2,}")
"""What is no plain word: holds digits, joins words as code does, or is written in capitals."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence as a model told it, with the numbers of the items that it names."""

    text: str
    facts: tuple[int, ...]
    posts: tuple[int, ...]


def plainly(text: str) -> str:
    """A text in one form: compatible characters made equal, on one line, straight quotes."""
    return one_line(cleaned(unicodedata.normalize("NFKC", text))).translate(_STRAIGHT)


@dataclass(frozen=True, slots=True)
class Saying:
    """A told sentence beside the items that it names."""

    text: str
    """As it would be shown."""
    plain: str
    """In one form, quotes straight."""
    facts: tuple[Sentence, ...]
    posts: tuple[Shown, ...]
    question: str

    @classmethod
    def of(cls, told: Told, material: Material) -> Saying:
        """Beside its items. Raises IndexError if it names one that there is not."""
        facts = tuple(_numbered(material.facts, told.facts))
        posts = tuple(_numbered(material.posts, told.posts))
        text = one_line(cleaned(unicodedata.normalize("NFKC", told.text)))
        return cls(text, plainly(told.text), facts, posts, plainly(material.question))

    @property
    def quotes(self) -> list[str]:
        """What stands between quotation marks, without what ends a sentence."""
        return [(a or b).strip(" .,;:!?…") for a, b in _QUOTED.findall(self.plain)]

    @property
    def outside(self) -> str:
        """What it says itself: the text without its quotes."""
        return _QUOTED.sub(' "" ', self.plain)

    @property
    def sources(self) -> list[str]:
        """The texts of the named items, in one form."""
        return [plainly(fact.text) for fact in self.facts] + [plainly(p.words) for p in self.posts]

    @property
    def computed(self) -> list[str]:
        """What code computed of each named fact: without labels, quotes and places."""
        return [_computed(fact) for fact in self.facts]

    def names(self) -> set[str]:
        """Names, versions and codes that it uses outside quotes, in lower case."""
        found = {m.lower() for m in _VERSION.findall(self.outside)}
        found |= {f"{a} {b}".lower() for a, b in _NAMED_VERSION.findall(self.outside)}
        begins = True
        undated = numbers.dates(self.outside)[1]
        for match in _TOKEN.finditer(undated):
            token = _bare(match[0])
            if token and not _VERSION.fullmatch(token):
                capital = token[0].isupper() and not begins
                found |= {token.lower()} if capital or _ODD.search(token) else set()
            begins = match[0].endswith((".", ":")) or undated[match.end() :][:1] in {"!", "?"}
        return found

    def placeless(self, text: str) -> str:
        """A text without the places of its items: a forum is named by its address."""
        return _without(text, self.places)

    @property
    def places(self) -> set[str]:
        """Where the posts of its items were written."""
        cites = (cite for fact in self.facts for cite in fact.cites)
        return {cite.venue for cite in cites} | {post.cite.venue for post in self.posts}

    def nameless(self) -> str:
        """What it says itself, without versions and what is named with them."""
        return _VERSION.sub(" , ", _NAMED_VERSION.sub(" , ", self.outside))

    def known_names(self) -> set[str]:
        """The words of all that it may take names from, in lower case."""
        texts = [*self.sources, self.question, *SOURCE_NAMES.values()]
        texts += self.places
        known: set[str] = set()
        for text in texts:
            known |= {_bare(token).lower() for token in _TOKEN.findall(text)}
            known |= {m.lower() for m in _VERSION.findall(text)}
            known |= {f"{a} {b}".lower() for a, b in _NAMED_VERSION.findall(text)}
        return known


def _numbered(items: Sequence[Item], numbers: Sequence[int]) -> list[Item]:
    if any(not 1 <= number <= len(items) for number in numbers):
        raise IndexError("no item of that number")
    return [items[number - 1] for number in dict.fromkeys(numbers)]


def _bare(token: str) -> str:
    return re.sub(r"'s?$", "", token.strip(_EDGE)).strip(_EDGE)


def _computed(fact: Sentence) -> str:
    """Everything between the first quotation mark and the last may be a stranger's."""
    return _without(re.sub(r'".*"', " , ", plainly(fact.text)), {cite.venue for cite in fact.cites})


def _without(text: str, places: set[str]) -> str:
    """The text with a plain word for each of these places, where they stand alone."""
    for place in sorted(places, key=len, reverse=True):
        alone = rf"(?<![\w/:.@-]){re.escape(plainly(place))}(?![\w/:@-]|\.\w)"
        text = re.sub(alone, " place ", text)
    return text
