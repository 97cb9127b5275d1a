"""How a question may have been meant instead: without one of its limits, or with a word more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.model import Aim, Correction, Query, Question
from bot.speak.echo import echo, left_out
from bot.speak.question import of_anything
from bot.speak.standpoint import Standpoint
from bot.speak.talk import question_data, question_of
from bot.speak.words import listed

MOST = 10
"""So many are offered: who finds none of them among these asks in other words."""

Change = Callable[[Query], Query]


@dataclass(frozen=True, slots=True)
class Limit:
    """Parts of a query that narrow together, and are dropped together."""

    fields: tuple[str, ...]
    said: str = ""
    """What somebody says who wants it dropped; empty: that it is not only what it asks for."""

    def dropped(self, query: Query) -> Query:
        """The query without it."""
        return replace(query, **{name: getattr(_NOTHING, name) for name in self.fields})

    def alone(self, query: Query) -> Query:
        """What the query says of it, and nothing else."""
        return replace(_NOTHING, **{name: getattr(query, name) for name in self.fields})


_NOTHING = Query()

TIME = Limit(("since", "until"), "at any time")
PLACES = Limit(("sources", "venues"), "everywhere")
LANGUAGES = Limit(("languages",), "in any language")
AUTHORS = Limit(("authors",), "by anybody")
SORTS = (
    Limit(("kinds", "criteria")),
    Limit(("states", "unanswered", "untracked")),
    Limit(("labels",)),
    Limit(("people", "strength")),
)
LIMITS = (TIME, PLACES, LANGUAGES, *SORTS, Limit(("themes", "areas")), AUTHORS)
"""The one that is most likely too narrow first."""

_QUOTES = dict.fromkeys(map(ord, "“”„‘’\"'`"))

_TIMED = {Aim.NEW, Aim.CHANGED}
"""What is new or changed is so within a time: without one there is nothing to tell."""

_OF_SOMETHING = {Aim.PROBLEM, Aim.FIXED, Aim.WHO}
"""What is asked of something: of anything at all there is no answer."""


def corrections(
    asked: Question, at: Standpoint, before: Question | None = None
) -> tuple[Correction, ...]:
    """What the asker may have meant instead, the likeliest first; at most ten, no two alike.

    `before` is the question before, of which one that stands for itself kept nothing. Both sides of
    a comparison change alike, and stay different. The aim stays, unless it rests on the very limit
    that is dropped: posts of all kinds are no answer to what hurts most.
    """
    found: dict[tuple[Query, Query | None], Correction] = {}
    for said, change in (*_as_before(asked, before), *_changes(asked, at)):
        query, against = change(asked.query), asked.against and change(asked.against)
        other = Question(asked.text, query, _aim(asked, query), against)
        if (query, against) in ((asked.query, asked.against), (query, query)):
            continue
        if question_of(question_data(other), at) == other:
            found.setdefault((query, against), Correction(said, other))
    return tuple(found.values())[:MOST]


def meant(before: Question, text: str, at: Standpoint) -> Question | None:
    """What was meant by the question before, where a text says one of its corrections."""
    said = _plain(text)
    return next((c.question for c in corrections(before, at) if _plain(c.said) == said), None)


def _plain(text: str) -> str:
    """A text however it is typed: in any case, and with any quotes or none."""
    return text.translate(_QUOTES).strip(" .!").casefold()


def wider(query: Query) -> Iterator[tuple[str, Query]]:
    """The query without one of its limits, and what is said of so many posts then."""
    yield TIME.said, TIME.dropped(query)
    yield PLACES.said, LANGUAGES.dropped(PLACES.dropped(query))
    of_any_kind = query
    for sort in SORTS:
        of_any_kind = sort.dropped(of_any_kind)
    yield "of any kind", of_any_kind
    yield AUTHORS.said, AUTHORS.dropped(query)
    if len(query.words) > 1:
        for word in query.words:
            yield f"about “{word}” alone", replace(query, words=(word,))


def _aim(asked: Question, query: Query) -> Aim:
    before = asked.query
    kindless = asked.aim in {Aim.HURTS, Aim.PRAISE} and before.kinds and not query.kinds
    answered = asked.aim is Aim.UNANSWERED and before.unanswered and not query.unanswered
    return Aim.OVERVIEW if kindless or answered else asked.aim


def _as_before(asked: Question, before: Question | None) -> Iterator[tuple[str, Change]]:
    """About what the question before was about, where this one names no subject."""
    if before is None or before.against or asked.against or _subject(asked.query):
        return
    words, phrases = before.query.words, before.query.phrases
    if said := " ".join((*words, *(f"“{phrase}”" for phrase in phrases))):
        yield f"only about {said}", lambda query: replace(query, words=words, phrases=phrases)


def _subject(query: Query) -> tuple[str, ...]:
    return (*query.words, *query.phrases)


def _changes(asked: Question, at: Standpoint) -> Iterator[tuple[str, Change]]:
    for lost in asked.not_understood:
        yield f"about “{lost}” too", _taking_up(tuple(lost.split()))
    anything = list(_anything(asked, at))
    yield from anything if not _names_its_subject(asked) else ()
    for limit in LIMITS:
        if limit is not TIME or asked.aim not in _TIMED:
            yield limit.said or f"not only {_sayings(limit, asked, at)}", limit.dropped
    for query in (asked.query, asked.against or _NOTHING):
        yield from _left_out(query)
    yield from _wordings(asked)
    yield from anything


def _anything(asked: Question, at: Standpoint) -> Iterator[tuple[str, Change]]:
    """Whatever it is about, where that can be answered."""
    if asked.aim not in _OF_SOMETHING:
        yield "about anything", lambda query: of_anything(query, asked.text, at)


def _names_its_subject(asked: Question) -> bool:
    """Whether the subject stands in its words; else it was kept from a question before."""
    text = asked.text.casefold()
    return any(word.casefold() in text for word in _subject(asked.query))


def _sayings(limit: Limit, asked: Question, at: Standpoint) -> str:
    """What a limit asks for, of both sides of a comparison."""
    sides = filter(None, (asked.query, asked.against))
    said = dict.fromkeys(echo(limit.alone(one), at) for one in sides)
    return listed(list(said)).replace(" · ", ", ")


def _taking_up(words: tuple[str, ...]) -> Change:
    return lambda query: replace(query, words=(*query.words, *words))


def _left_out(query: Query) -> Iterator[tuple[str, Change]]:
    """Each thing that is left out, back in."""
    for pair in query.excluded:
        yield f"{left_out(*pair)} too", _without("excluded", pair)
    for word in query.without:
        yield f"“{word}” too", _without("without", word)


def _wordings(asked: Question) -> Iterator[tuple[str, Change]]:
    """What it is about, word for word or with a word less."""
    query, against = asked.query, asked.against or asked.query
    if query.words:
        said = dict.fromkeys((" ".join(query.words), " ".join(against.words)))
        yield f"exactly these words: {listed([f'“{one}”' for one in said if one])}", _exactly
    if query.phrases:
        yield "not in exactly these words", _loosely
    shared = [word for word in query.words if word in against.words]
    for word in shared if min(len(query.words), len(against.words)) > 1 else ():
        yield f"drop the word “{word}”", _without("words", word)


def _exactly(query: Query) -> Query:
    phrase = (" ".join(query.words),) if query.words else ()
    return replace(query, words=(), phrases=(*query.phrases, *phrase))


def _loosely(query: Query) -> Query:
    words = tuple(word for phrase in query.phrases for word in phrase.split())
    return replace(query, words=(*query.words, *words), phrases=())


def _without(field: str, value: object) -> Change:
    """A change that takes one value out of a field that holds many."""

    def change(query: Query) -> Query:
        kept: Any = tuple(one for one in getattr(query, field) if one != value)
        return replace(query, **{field: kept})

    return change
