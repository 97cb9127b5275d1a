"""A plain question as a Query: what names a time, a place or a kind is read off it.

What is left is the subject. docs/query.md says what becomes of what.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.errors import QueryError
from bot.model import Aim, Query, Question
from bot.speak.aims import aim_of
from bot.speak.breaking import broken
from bot.speak.comparing import sides
from bot.speak.draft import BEHIND, ENDS, Draft
from bot.speak.judging import subject_of
from bot.speak.kinds import crowds, kinds, states
from bot.speak.leaving_out import left_out
from bot.speak.manners import plainly
from bot.speak.moments import RELEASE, VERSION, back, release
from bot.speak.periods import ALWAYS, LATELY, times
from bot.speak.places import LIST, labels, languages, people, sources, venues
from bot.speak.query import KEYS, parse
from bot.speak.spans import span
from bot.speak.standpoint import Standpoint
from bot.speak.subject import subject

LONGEST = 1_000
"""Characters of a question: each of a hundred patterns may go over it more than once."""

_KEYED = re.compile(rf"(?:^|\s)-?(?:{'|'.join(KEYS)}):\S", re.IGNORECASE)
_STARTS_WITH_SOURCE = re.compile(rf"(?:the )?{LIST}{BEHIND}{ENDS}", re.IGNORECASE)
_ONLY_SOURCE = re.compile(
    rf"(?:the )?{LIST}{BEHIND}"
    r"(?=[\s?!.]*$|,? (?:today|yesterday|this|last|past|since|in|over|during|the (?:last|past))\b)",
    re.IGNORECASE,
)
_IN_RELEASE = re.compile(rf"\b(?:in|with|about|of|on) (?P<name>{RELEASE})\b", re.IGNORECASE)
_TOGETHER = (("since", "until"), ("sources", "venues"), ("words", "phrases"))
"""Fields of a query that are taken over together or not at all."""


def understand(text: str, at: Standpoint | datetime) -> Question:
    """What a question asks, to be shown back to the person.

    A question that holds a key of the query language is read as a query. One with no time of its
    own asks about the last 30 days if it names no subject, else about all that was read.

    Raises:
        QueryError: the question is in the query language, and wrong, or it is too long.
    """
    at = Standpoint.of(at)
    return bounded(read(text, at), at)


def read(text: str, at: Standpoint) -> Question:
    """What a question says itself, without the time that is meant where it names none.

    Raises:
        QueryError: the question is in the query language, and wrong, or it is too long.
    """
    if len(text) > LONGEST:
        raise QueryError(
            f"a question has {LONGEST:,} characters at most, and this has {len(text):,}; "
            "ask with the few words that matter"
        )
    if _KEYED.search(text):
        query = parse(text, at)
        return Question(text, query, aim_of(" ".join(query.words), query))
    said = plainly(text)
    said = f"on {said}" if _ONLY_SOURCE.match(said) else said
    if compared := sides(" ".join(said.split())):
        left, right = (_draft(placed(one, at), at) for one in (compared.left, compared.right))
        return _compared(text, left, right, compared.measure)
    said, unknown = broken(said, at)
    draft = _draft(said, at)
    aim = aim_of(said, draft.query)
    query = subject_of(draft.query) if aim is Aim.PROBLEM else draft.query
    return Question(text, query, aim, None, (*unknown, *draft.lost))


def bounded(question: Question, at: Standpoint) -> Question:
    """The question with a time, where it has neither that nor a subject."""
    if always(question.text):
        return question
    query, against = (_recent(q, at) for q in (question.query, question.against or Query()))
    return replace(question, query=query, against=question.against and against)


def of_anything(query: Query, text: str, at: Standpoint) -> Query:
    """A query of a question, whatever that is about; with a time where nothing else bounds it."""
    bare = replace(query, words=(), phrases=())
    return bare if always(text) else _recent(bare, at)


def compares(text: str) -> bool:
    """Whether a text sets two things side by side: a query never does, nor words in quotes."""
    bare = re.sub(r'"[^"]*"', '""', plainly(text))
    return not _KEYED.search(text) and sides(" ".join(bare.split())) is not None


def always(text: str) -> bool:
    """Whether a text asks about all time in so many words."""
    return bool(ALWAYS.search(text))


def placed(text: str, at: Standpoint) -> str:
    """A text that begins with a source, or is only a time, as if it said so with a preposition."""
    bare = re.sub(r"^(?:is|are|was|were|do|does|did) ", "", text.strip(), flags=re.IGNORECASE)
    if span(bare.strip(" ?.!"), at):
        return f"in {bare}"
    return f"on {bare}" if _STARTS_WITH_SOURCE.match(bare) else text


def _recent(query: Query, at: Standpoint) -> Query:
    if query.since or query.until or query.words or query.phrases:
        return query
    return replace(query, since=back(LATELY, "day", at))


def _draft(text: str, at: Standpoint) -> Draft:
    """Read part after part off a text, what could be mistaken for another first."""
    draft = Draft.of(text, at)
    for step in (states, left_out, labels, _in_release, venues):
        step(draft)
    draft.at = at.within(draft.query.venues)
    for step in (crowds, times, sources, languages, people, kinds, subject):
        step(draft)
    return draft


def _in_release(draft: Draft) -> None:
    """Put the version in the place of "the last release", as people write it."""
    for match in draft.take(_IN_RELEASE):
        found = release(match["name"], draft.at)
        if found:
            draft.text += f" {found.name}"
        else:
            draft.lose(match["name"])


def _compared(text: str, left: Draft, right: Draft, measure: str) -> Question:
    """Both sides whole: what one does not say itself, it has from the other."""
    query, against = _filled(left.query, right.query), _filled(right.query, left.query)
    lost = tuple(filter(None, dict.fromkeys((measure, *left.lost, *right.lost))))
    if query == against:
        return Question(text, query, aim_of(text, query), None, lost)
    return Question(text, query, Aim.COMPARE, against, lost)


def _filled(query: Query, other: Query) -> Query:
    changes: dict[str, Any] = {}
    grouped = [
        *_TOGETHER,
        *((f.name,) for f in fields(Query) if not any(f.name in g for g in _TOGETHER)),
    ]
    for names in grouped:
        if not any(getattr(query, name) for name in names):
            changes |= {name: getattr(other, name) for name in names}
    return replace(query, **(changes | _versions(query, other)))


def _versions(query: Query, other: Query) -> dict[str, Any]:
    """Where a side names nothing but a version, the subject is that of the other side."""
    if not query.words or query.phrases or not all(map(_is_version, query.words)):
        return {}
    about = tuple(word for word in other.words if not _is_version(word))
    return {"words": (*about, *query.words), "phrases": other.phrases}


def _is_version(word: str) -> bool:
    return bool(re.fullmatch(VERSION, word, re.IGNORECASE))
