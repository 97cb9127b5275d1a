"""Every sentence of a model held against the items that it names: what does not hold is dropped."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.model import Sentence
from bot.writing import numbers
from bot.writing.material import Material
from bot.writing.sayings import Saying, Told, plainly
from bot.writing.secrets import SECRET

LONGEST = 400
"""Characters of a sentence; what follows a sentence is another one."""

WORDS_LEAST = 3
SENTENCES_MOST = 12
STEM = 4
"""Letters by which two words are taken for the same: push and pushes."""

GROUNDED = 0.6
"""The share of a sentence's own words that must stand in its items."""

_ADDRESS = re.compile(
    r"//|\bwww\b|\b(?:https?|hxxps?|ftp|file|javascript|mailto|data|tel|slack):|\[\.\]|\(dot\)"
    r"|\bdot (?:com|org|net|io|dev|ai|co)\b|[\w-]+\.(?:com|org|net|info|biz|dev|app|xyz|online"
    r"|site|shop|store|page|cloud|link|click|top|club|live|blog|wiki|tech|zip|mov|email|example"
    r"|test|invalid|localhost|internal|local|onion|aero|arpa|asia|cat|coop|edu|gov|int|jobs|mil"
    r"|mobi|museum|name|post|pro|tel|travel)\b"
    r"|[\w-]+\.(?!(?:py|js|ts|go|rb|cs)\b)[a-z]{2}\b"
    r"|[\w.-]+\.[a-z]{2,}/\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|\bxn--",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"[<>@\[\]{}|*~\\^=$\u20ac]|(?<!\w)#(?!\d)|(?<!\w)_|_(?!\w)|&#?\w+;|(?<!\w):[\w+-]+:|!(?:channel|here|everyone)"
    r"|^\s*(?:[-#>+]|\d+[.)])\s|``",
    re.IGNORECASE,
)
_TO_THE_READER = re.compile(
    r"\b(?:you|your|yours|yourself|i|i'm|i've|i'll|me|my|mine|we|we're|our|ours|us|please|dear"
    r"|language model|ai model|an ai|assistant|chatbot|(?:system|hidden|this) prompt"
    r"|(?:previous|above|these|my|prior|following) (?:instruction|rule)s?|jailbreak\w*|fences?"
    r"|(?:post|fact) #?\d+)\b",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"(?:^|[.:;!?]\s+)(?:click|visit|go|run|execute|install|download|open|send|email|mail|contact"
    r"|call|pay|buy|subscribe|ignore|disregard|forget|reveal|print|output|delete|remove|rename"
    r"|stop|do|don't|never|always|tell|reply|respond|upgrade|update|switch|use|avoid|beware|try"
    r"|follow|join|sign|log|enter|share|forward|transfer|repeat|say|write|merge|close|approve"
    r"|grant|add|set|act|pretend|obey|note|remember|attention|warning|urgent|important)\b",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(
    r"\b(?:report|sa(?:y|id)|complain|describ|mention|ask|call|t(?:ell|old)|writ|wrote|want|not(?:e|ic)"
    r"|blam|claim|find|found|according|user|people|person|somebody|someone|others?\b|post|develop"
    r"|thread|author|reporter)",
    re.IGNORECASE,
)
"""Says that somebody says so."""

_PLAIN_MARKS = set(".,;:!?'\"()%/-–—…&+# ")
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    # Words that say little by themselves.
    """about above across after again against along also although among another appear appears
    around because become been before began begin being between both cause caused causing come
    comes coming could describe described describes different does down during each either even
    ever find finds first following from further gave give given gives goes going grew grow
    growing grows have having here into itself just keep keeps kept known last lately later least
    less like made main mainly make makes making many mean means mention mentioned mentions might
    more much name named need needs never next note noted notes often once only other others over
    part people place places post posts posted problem problems raise raised raises recent
    recently remain remains report reported reporting reports said same saying says see seen seem
    seems several several share show shown shows since single some somebody someone speak spoke still stood
    such take takes taking talk tell tells than that their them theme themes then there these they
    this those though through told together topic topics trouble under until upon used user users
    using usually very want wants well were what when where whether which while whose will wish
    with within without word words work works would write writes writing written wrote complain
    complained complains complaint complaints issue issues strongest weeks days steady""".split()  # noqa: SIM905 a list of quoted words is no easier to read
)


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
    if _ADDRESS.search(saying.plain):
        yield "holds an address"
    if _MARKUP.search(saying.plain) or _MARKUP.search(saying.text):
        yield "holds mark-up or a mention"
    if SECRET.search(saying.plain):
        yield "holds what looks like a secret"
    if _TO_THE_READER.search(saying.outside) or _COMMAND.search(saying.outside):
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
    sources = saying.sources
    for quote in saying.quotes:
        if not any(c.isalnum() for c in quote) or not any(quote in text for text in sources):
            yield "quotes what nobody said"


def _names(saying: Saying) -> Faults:
    if saying.names() - saying.known_names():
        yield "names what its items do not"


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


def _grounded(saying: Saying) -> Faults:
    """Most of its own words, common ones aside, must come from its items or the question.

    What comes from posts and not from what was computed must be told as what somebody says.
    """
    computed = _stems([*saying.computed, saying.question])
    known = computed | _stems(saying.sources)
    words = map(str.lower, _LETTERS.findall(numbers.dates(saying.outside)[1]))
    own = [word for word in words if word not in _COMMON | numbers.WORDS]
    if not own and not saying.quotes and not _own_numbers(saying):
        yield "says nothing"
    if sum(word[:STEM] in known for word in own) < GROUNDED * len(own):
        yield "says what its items do not"
    elif sum(word[:STEM] in computed for word in own) < GROUNDED * len(own):
        if not _ATTRIBUTED.search(saying.outside):
            yield "tells what a post says as if it were so"


def _stems(texts: Iterable[str]) -> set[str]:
    return {word[:STEM].lower() for text in texts for word in _LETTERS.findall(text)}


def _own_numbers(saying: Saying) -> set[numbers.Number]:
    return numbers.numbers(numbers.dates(saying.nameless())[1])


def _own_dates(saying: Saying) -> set[numbers.Date]:
    return numbers.dates(saying.nameless())[0]


_CHECKS: tuple[Callable[[Saying], Faults], ...] = (
    _form,
    _harmless,
    _characters,
    _quotes,
    _names,
    _numbers,
    _grounded,
)
