"""A question asked in the thread of another: "and on HN?", "only the unanswered ones"."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.model import Aim, Query, Question
from bot.speak.aims import aim_of
from bot.speak.judging import subject_of
from bot.speak.question import always, bounded, placed, read
from bot.speak.standpoint import Standpoint

_OPENING = r"(?:(?:ok|okay|and|so|but|now|then|please|no|yes|hm+)\b,? *)*"
_LEAD = re.compile(rf"^{_OPENING}(?:(?:what|how) about )?", re.IGNORECASE)
"""How somebody goes on; it says nothing of its own."""
_FILTERS = (
    "only|just|with|without|on|in|from|by|since|not|except|until|before|after|excluding|show|list"
    "|who|how many|why|the|those|these|and|also|unanswered|untracked|open|last|this|today"
    "|yesterday|everywhere"
)
_NARROWS = re.compile(rf"^(?:{_FILTERS})\b", re.IGNORECASE)
"""How a question begins that goes on from another without such an opening."""
_ABOUT = re.compile(
    rf"^{_OPENING}(?:(?:what|how) about|(?<=and )|(?<=or )) ?"
    r"(?!(?:only|just|on|in|from|with|by|since|without|not|what|who|how|which|is|are|also)\b)",
    re.IGNORECASE,
)
"""What stands behind it is another subject."""
_ALSO = re.compile(r"\b(?:also|too|as well|in addition)\b", re.IGNORECASE)
_EVERYWHERE = re.compile(
    r"\b(?:everywhere|in all (?:places|sources)|all sources|any source)\b", re.IGNORECASE
)
_ELSEWHERE = {"since", "until", "words", "phrases", "without", "excluded"}
_REPLACED = tuple(field.name for field in fields(Query) if field.name not in _ELSEWHERE)


def follow(previous: Question, text: str, at: Standpoint | datetime) -> Question:
    """What a question means that follows another.

    What it names takes the place of what was named before, key by key ("and on HN?"), or, after
    "also", stands beside it; what it leaves out is left out as well; what it does not name stays.
    A subject after "what about" takes the place of the one before, any other narrows it. A new
    question, with a subject and none of the words that go on from another, stands for itself.

    Raises:
        QueryError: it is in the query language, and wrong.
    """
    at, bare = Standpoint.of(at), text.strip()
    rest = placed(_EVERYWHERE.sub("", _LEAD.sub("", bare, count=1)), at)
    said = read(rest, at)
    if _is_new(bare, said):
        return bounded(read(bare, at), at)
    query = _merged(previous.query, said.query, bare)
    other = said.against or (previous.against and said.query)
    beside = previous.query if said.against else previous.against
    against = _merged(beside, other, bare) if other and beside else None
    aim = Aim.COMPARE if said.against else _aim(previous, rest, said)
    query = subject_of(query) if aim is Aim.PROBLEM else query
    return Question(text, query, aim, against, said.not_understood)


def _is_new(text: str, said: Question) -> bool:
    opening = _LEAD.match(text)
    goes_on = bool(opening and opening[0]) or bool(_NARROWS.match(text))
    return bool(said.query.words or said.query.phrases) and not goes_on


def _aim(previous: Question, rest: str, said: Question) -> Aim:
    """What the words or a new kind ask for; filters alone leave the aim as it was."""
    asked = aim_of(rest, Query(kinds=said.query.kinds))
    return previous.aim if asked is Aim.OVERVIEW else asked


def _merged(before: Query, said: Query, text: str) -> Query:
    also = bool(_ALSO.search(text))
    changed: dict[str, Any] = {}
    for name in _REPLACED:
        old, new = getattr(before, name), getattr(said, name)
        if new not in (None, ()):
            beside = also and isinstance(new, tuple)
            changed[name] = tuple(dict.fromkeys((*old, *new))) if beside else new
    merged = replace(before, **(_places(said, text, also=also) | changed))
    merged = replace(merged, **_when(said, text), **_subject(before, said, text))
    return _left_out(merged, said)


def _places(said: Query, text: str, *, also: bool) -> dict[str, Any]:
    """Sources and venues name places alike: a new one leaves none of the old ones standing."""
    moves = bool(said.sources or said.venues) and not also
    return {"sources": (), "venues": ()} if moves or _EVERYWHERE.search(text) else {}


def _when(said: Query, text: str) -> dict[str, Any]:
    if said.since or said.until or always(text):
        return {"since": said.since, "until": said.until}
    return {}


def _subject(before: Query, said: Query, text: str) -> dict[str, Any]:
    if not (said.words or said.phrases):
        return {}
    if _ABOUT.search(text):
        return {"words": said.words, "phrases": said.phrases}
    return {
        "words": tuple(dict.fromkeys((*before.words, *said.words))),
        "phrases": tuple(dict.fromkeys((*before.phrases, *said.phrases))),
    }


def _left_out(query: Query, said: Query) -> Query:
    """Leave out more; a source that was asked for before is then only no longer asked for."""
    out = {value for key, value in said.excluded if key == "source"}
    kept = tuple(source for source in query.sources if source not in out)
    dropped = {("source", source) for source in query.sources if kept and source in out}
    back_in = {("source", source) for source in said.sources}
    excluded = dict.fromkeys((*query.excluded, *said.excluded))
    return replace(
        query,
        sources=kept,
        excluded=tuple(pair for pair in excluded if pair not in dropped | back_in),
        without=tuple(dict.fromkeys((*query.without, *said.without))),
    )
