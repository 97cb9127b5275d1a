"""A question asked in the thread of another: "and on HN?", "only the unanswered ones"."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.model import Aim, Query, Question
from bot.speak.aims import SORT, aim_of
from bot.speak.judging import subject_of
from bot.speak.manners import plainly
from bot.speak.question import always, bounded, of_anything, placed, read
from bot.speak.standpoint import Standpoint

_OPENING = r"(?:(?:ok|okay|and|so|but|now|then|please|no|yes|hm+)\b,? *)*"
_LEAD = re.compile(rf"^{_OPENING}(?:(?:(?:what|how) )?about )?", re.IGNORECASE)
"""How somebody goes on; it says nothing of its own."""
_FILTERS = (
    "only|just|with|without|on|in|from|by|since|not|except|until|before|after|excluding|show|list"
    "|who|how many|why|the|those|these|and|also|unanswered|untracked|open|last|this|today"
    "|yesterday|everywhere"
)
_NARROWS = re.compile(rf"^(?:{_FILTERS})\b", re.IGNORECASE)
"""How a question begins that goes on from another without such an opening."""
_ABOUT = re.compile(
    rf"^{_OPENING}(?:(?:(?:what|how) )?about|(?<=and )|(?<=or )) ?"
    r"(?!(?:only|just|on|in|from|with|by|since|without|not|what|who|how|which|is|are|also)\b)",
    re.IGNORECASE,
)
"""What stands behind it is another subject."""
_ALSO = re.compile(r"\b(?:also|too|as well|in addition)\b", re.IGNORECASE)
_EVERYWHERE = re.compile(
    r"\b(?:everywhere|in all (?:places|sources)|all sources|any source)\b", re.IGNORECASE
)
_ANYTHING = re.compile(
    rf"^{_OPENING}(?:(?:what|how) )?about (?:any|every)thing(?: else)?[\s.?!]*$", re.IGNORECASE
)
_ASKS_WHAT = re.compile(
    rf"^(?:(?:(?:tell|show) me )?what(?:'s)?\b(?! (?:(?:new|open|other|more) )?{SORT}\b)"
    r"(?!(?:'s| is| was) the (?:problem|issue|matter|trouble)\b)"
    r"|(?:(?:is|are|was|were|has|have|did|does) )?(?:there )?(?:any|some)thing\b)",
    re.IGNORECASE,
)
"""How a whole question begins to which a subject is the answer."""
_WHATS = {Aim.NEW, Aim.CHANGED, Aim.HURTS, Aim.PRAISE, Aim.UNANSWERED}
"""What such a question is after; what people say or think is asked of something."""
_DANGLING = re.compile(r"\babout[\s?.!]*$|\b(?:themes?|topics?|subjects?)\b", re.IGNORECASE)
"""So it is too, whatever it is after, where it asks what people talk about."""
_THAT = re.compile(
    r"\b(?:it|its|that|them|those|they|their|else|also|too|instead|the same"
    r"|(?<!is )(?<!was )(?<!are )there"
    r"|this(?! (?:hour|day|week|month|quarter|year|morning|weekend|time|release|version)\b)"
    r"|these(?! (?:days|weeks|months)\b))\b",
    re.IGNORECASE,
)
"""What points back at the question before."""
_ELSEWHERE = {"since", "until", "words", "phrases", "without", "excluded"}
_REPLACED = tuple(field.name for field in fields(Query) if field.name not in _ELSEWHERE)


def follow(previous: Question, text: str, at: Standpoint | datetime) -> Question:
    """What a question means that follows another.

    What it names takes the place of what was named before, key by key ("and on HN?"), or, after
    "also", stands beside it; what it leaves out is left out as well; what it does not name stays.
    A subject after "what about" takes the place of the one before, any other narrows it. A new
    question stands for itself: one with a subject and none of the words that go on from another,
    or a whole one that asks for a subject ("what is new?").

    Raises:
        QueryError: it is in the query language, and wrong.
    """
    at, bare = Standpoint.of(at), text.strip()
    rest = placed(_EVERYWHERE.sub("", _LEAD.sub("", bare, count=1)), at)
    said = read(rest, at)
    if _is_new(bare, said):
        return bounded(read(bare, at), at)
    if _ANYTHING.match(bare):
        return _unbound(previous, text, at)
    query = _merged(previous.query, said.query, bare)
    other = said.against or (previous.against and said.query)
    beside = previous.query if said.against else previous.against
    against = _merged(beside, other, bare) if other and beside else None
    aim = Aim.COMPARE if said.against else _aim(previous, rest, said)
    query = subject_of(query) if aim is Aim.PROBLEM else query
    return Question(text, query, aim, against, said.not_understood)


def _unbound(previous: Question, text: str, at: Standpoint) -> Question:
    """The same about anything; where that makes the sides of a comparison alike, of one."""
    query = of_anything(previous.query, previous.text, at)
    against = previous.against and of_anything(previous.against, previous.text, at)
    if query == against:
        return Question(text, query)
    return Question(text, query, previous.aim, against)


def _is_new(text: str, said: Question) -> bool:
    opening = _LEAD.match(text)
    goes_on = bool(opening and opening[0]) or bool(_NARROWS.match(text))
    if said.query.words or said.query.phrases:
        return not goes_on
    return _asks_what(plainly(text), said)


def _asks_what(text: str, said: Question) -> bool:
    """Whether it asks for a subject, as "what hurts most?" does, and points at nothing before."""
    if _THAT.search(text) or not _ASKS_WHAT.match(text):
        return False
    return said.aim in _WHATS or "request" in said.query.kinds or bool(_DANGLING.search(text))


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
