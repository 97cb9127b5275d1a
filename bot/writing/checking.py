"""Every sentence of a model held against the items that it names: what does not hold is dropped."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from bot.model import Sentence
from bot.writing import numbers, wording
from bot.writing.material import Material
from bot.writing.sayings import Saying, Told, plainly
from bot.writing.secrets import SECRET

LONGEST = 400
"""Characters of a sentence; what follows a sentence is another one."""

WORDS_LEAST = 3
SENTENCES_MOST = 12
STEM = 4
"""Letters by which two words are taken for the same: push and pushes."""

_THEME = re.compile(r"t\d+")
_ONE = re.compile(
    r"\bone (?:user|person|developer|author|reporter|commenter|post|report|complaint)\b",
    re.IGNORECASE,
)
_PLAIN_MARKS = set(".,;:!?'\"()%/-–—…&+# ")
_LETTERS = re.compile(r"[^\W\d_]{4,}")


def told(reply: str) -> list[Told]:
    """The sentences of a reply, in its order; of no right form they are left out.

    Raises:
        ValueError: the reply is no JSON, or holds no list of sentences.
    """
    start, end = reply.find("{"), reply.rfind("}")
    try:
        said: Any = json.loads(reply[start : end + 1] if start >= 0 else reply)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(said, dict) or not isinstance(said.get("sentences"), list):
        raise ValueError("no list of sentences")  # noqa: TRY004 what was replied is wrong, not a call
    return [one for item in said["sentences"][:SENTENCES_MOST] if (one := _told(item))]


def _told(item: object) -> Told | None:
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        return None
    facts, posts = (_integers(item.get(name)) for name in ("facts", "posts"))
    return None if facts is None or posts is None else Told(item["text"], facts, posts)


def _integers(values: object) -> tuple[int, ...] | None:
    """A list of numbers; None for anything else, `true` among it."""
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        return None
    return tuple(values)


def fault(one: Told, material: Material) -> str:
    """The first rule that a sentence breaks; empty if it holds."""
    try:
        saying = Saying.of(one, material)
    except IndexError:
        return "names an item that there is not"
    return next((found for check in _CHECKS for found in check(saying)), "")


def sentence(one: Told, material: Material) -> Sentence:
    """A sentence that holds, with the citations and the search of what it names: links are ours."""
    saying = Saying.of(one, material)
    cites = {c.key: c for fact in saying.facts for c in fact.cites}
    within = all(post.cite.key in cites for post in saying.posts)
    cites |= {post.cite.key: post.cite for post in saying.posts if post.cite.key not in cites}
    opens = saying.facts[0].opens if len(saying.facts) == 1 and within else None
    return Sentence(saying.text, tuple(cites.values()), opens)


def enough(kept: list[Told], material: Material) -> bool:
    """Whether the first fact is told, with a number if it has any."""
    for one in kept:
        if 1 in one.facts:
            saying = Saying.of(one, material)
            has = any(numbers.numbers(numbers.dates(text)[1]) for text in saying.computed)
            if not has or _own_numbers(saying):
                return True
    return False


Faults = Iterator[str]


def _form(saying: Saying) -> Faults:
    if not 1 <= len(saying.text) <= LONGEST or not any(c.isalpha() for c in saying.outside):
        yield "is empty or too long"
    if any(unicodedata.category(c) in {"Cf", "Cc", "Co", "Cn", "Cs"} for c in saying.text):
        yield "holds invisible characters"
    if len(saying.plain.split()) < WORDS_LEAST:
        yield "is no sentence"
    if not saying.facts and not (saying.posts and saying.quotes):
        yield "rests on no fact and quotes no post"


def _harmless(saying: Saying) -> Faults:
    if wording.ADDRESS.search(saying.placeless(saying.plain)):
        yield "holds an address"
    if wording.MARKUP.search(saying.plain) or wording.MARKUP.search(saying.text):
        yield "holds mark-up or a mention"
    if SECRET.search(saying.plain):
        yield "holds what looks like a secret"
    if wording.TO_THE_READER.search(saying.outside) or wording.COMMAND.search(saying.outside):
        yield "speaks to the reader or of itself"


def _characters(saying: Saying) -> Faults:
    foreign = {
        c
        for c in saying.outside
        if not (c.isascii() and c.isalnum()) and c not in _PLAIN_MARKS and c != "_"
    }
    said = {c for text in saying.sources for c in text if c.isalpha()}
    if any(c not in said or not unicodedata.name(c, "").startswith("LATIN") for c in foreign):
        yield "holds characters that its items do not, or of another script"


def _quotes(saying: Saying) -> Faults:
    if saying.plain.count('"') % 2:
        yield "leaves a quote open"
    # A quote inside a quote may go without its marks.
    said = [form for text in saying.sources for form in (text, text.replace('"', ""))]
    for quote in saying.quotes:
        if not any(c.isalnum() for c in quote) or not any(quote in text for text in said):
            yield "quotes what nobody said"


def _names(saying: Saying) -> Faults:
    names, computed = saying.names(), " ".join(saying.computed).lower()
    if names - saying.known_names():
        yield "names what its items do not"
    themes = filter(_THEME.fullmatch, names)
    if not all(re.search(rf"\b{theme}\b", computed) for theme in themes):
        yield "names a theme that its fact is not about"
    spoken = f"{computed} {saying.question.lower()}"
    if any(who.lower() not in spoken for who in wording.SPEAKERS.findall(saying.outside)):
        yield "speaks for somebody"


def _numbers(saying: Saying) -> Faults:
    """All numbers must stand in one fact, and can then be opened with its search."""
    own, own_dates = _own_numbers(saying), _own_dates(saying)
    how_much = numbers.quantities(saying.outside)
    if not own and not own_dates and not how_much:
        return
    if len(saying.facts) != 1:
        yield "counts without naming the one fact that says so"
        return
    computed = saying.computed[0]
    known_dates, rest = numbers.dates(computed)
    known = numbers.numbers(rest)
    if not all(number.among(known) for number in own):
        yield "holds a number that its fact does not"
    if not all(numbers.dated(date, known_dates) for date in own_dates):
        yield "holds a date that its fact does not"
    if not all(words in computed.lower() for words in how_much):
        yield "says how much or when beyond its fact"
    cited = {cite.key for cite in saying.facts[0].cites}
    if own and any(post.cite.key not in cited for post in saying.posts):
        yield "counts posts of which it names others"


def _turns(saying: Saying) -> Faults:
    """Growing is not fading, and fixed is not open: one fact must say so, or a post it names."""
    said = [*saying.computed, saying.question, *(plainly(post.words) for post in saying.posts)]
    for kind in wording.TURNS:
        if kind.search(saying.outside) and not any(kind.search(text) for text in said):
            yield "turns what its items say"


def _grounded(saying: Saying) -> Faults:
    """Most of its own words, common ones aside, must come from its items or the question.

    What comes from posts and not from what was computed must be told as what somebody says.
    """
    stated, everything = _own_numbers(saying), saying.sources
    # A label is a stranger's words as well, but beside a theme's figures it is only its name.
    labels = everything[: len(saying.facts)] if stated else saying.computed
    computed = _stems([*labels, saying.question])
    words = map(str.lower, _LETTERS.findall(numbers.dates(saying.placeless(saying.outside))[1]))
    own = [word for word in words if word not in wording.COMMON | numbers.WORDS]
    if not own and not saying.quotes and not stated:
        yield "says nothing"
    if not _mostly(own, computed | _stems(everything)):
        yield "says what its items do not"
    elif not _mostly(own, computed) and not wording.ATTRIBUTED.search(saying.outside):
        yield "tells what a post says as if it were so"


def _mostly(own: Sequence[str], known: AbstractSet[str]) -> bool:
    return not own or sum(word[:STEM] in known for word in own) > len(own) / 2


def _stems(texts: Iterable[str]) -> set[str]:
    return {word[:STEM].lower() for text in texts for word in _LETTERS.findall(text)}


def _own_numbers(saying: Saying) -> set[numbers.Number]:
    """The numbers that it states itself; that one person says so needs no fact if one does."""
    text = numbers.dates(saying.nameless())[1]
    return numbers.numbers(_ONE.sub(" ", text) if len(saying.posts) == 1 else text)


def _own_dates(saying: Saying) -> set[numbers.Date]:
    return numbers.dates(saying.nameless())[0]


_CHECKS: tuple[Callable[[Saying], Faults], ...] = (
    _form,
    _harmless,
    _characters,
    _quotes,
    _names,
    _numbers,
    _turns,
    _grounded,
)
