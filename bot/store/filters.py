"""A Query as SQL conditions: the one place where the two meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, column, func, or_, select, table

from bot.model import UNCOMPLAINING, Query
from bot.store.schema import ground, placement, post, reading

_DIGITS = 9
"""Of the largest theme number that any database's integer holds."""

index = table("post_index", column("rowid"), column("post_index"))
"""The full-text index: its rowid is a post's id."""

COMPLAINT = "complaint"
"""The kind that is a judgement across intents: `kind:complaint`."""


def conditions(query: Query, now: datetime) -> list[ColumnElement[bool]]:
    """What a post must fulfil, apart from the query's words.

    Needs `reading` and `placement` joined. Posts after `now` do not exist, nor, for whoever asks,
    do those that look like an undisclosed vulnerability: here, so that no output can forget it.
    """
    until = min(now, query.until) if query.until else now
    found: list[ColumnElement[bool]] = [
        # `now` itself has happened; a period's end belongs to the next period.
        post.c.created_at < until
        if query.until and query.until <= now
        else post.c.created_at <= until,
        reading.c.sensitive.is_(None),
    ]
    if query.since:
        found.append(post.c.created_at >= query.since)
    if query.kinds:
        found.append(_of_kind(query.kinds))
    if query.strength is not None:
        found.append(_complaining(query.strength))
    if query.criteria:
        met = select(ground.c.post_id).where(ground.c.criterion.in_(query.criteria))
        found.append(post.c.id.in_(met))
    if query.themes:
        found.append(placement.c.theme.in_([theme_number(theme) for theme in query.themes]))
    for field, values in (
        (post.c.source, query.sources),
        (post.c.author, query.authors),
        (post.c.state, query.states),
        (post.c.venue, query.venues),
        (reading.c.language, query.languages),
    ):
        if values:
            found.append(func.lower(field).in_([value.lower() for value in values]))
    if query.labels:
        found.append(or_(*(_contains(cast(post.c.labels, String), f'"{v}"') for v in query.labels)))
    found.extend(_says(phrase) for phrase in query.phrases)
    found.extend(~_says(word) for word in query.without)
    return found


def saying(words: Sequence[str]) -> ColumnElement[bool]:
    """Posts that hold every one of the words, in any form that the index stems to the same."""
    return post.c.id.in_(
        select(index.c.rowid).where(index.c.post_index.op("MATCH")(match_all(words)))
    )


def match_all(words: Iterable[str]) -> str:
    """An FTS5 expression: every word, each quoted so that nothing in it is an operator."""
    return " AND ".join(quoted(word) for word in words)


def match_any(words: Iterable[str]) -> str:
    """An FTS5 expression: any of the words."""
    return " OR ".join(quoted(word) for word in words)


def quoted(word: str) -> str:
    """A word as an FTS5 string."""
    return '"' + word.replace('"', '""') + '"'


def theme_number(theme_id: str) -> int:
    """The number in `T12`; -1, which no theme has, for anything else."""
    digits = theme_id[1:]
    named = theme_id[:1] in {"T", "t"} and digits.isdecimal() and len(digits) <= _DIGITS
    return int(digits) if named else -1


def _of_kind(kinds: Sequence[str]) -> ColumnElement[bool]:
    """A kind is the source's own word, what `understand` read, or a complaint of any sort."""
    named = [kind.lower() for kind in kinds]
    choices: list[ColumnElement[bool]] = [post.c.kind.in_(named), reading.c.intent.in_(named)]
    if COMPLAINT in named:
        choices.append(_complaining(1))
    return or_(*choices)


def _complaining(strength: int) -> ColumnElement[bool]:
    """Complaints at least so strong."""
    never = [intent.value for intent in UNCOMPLAINING]
    return and_(reading.c.strength >= strength, reading.c.intent.not_in(never))


def _says(phrase: str) -> ColumnElement[bool]:
    return or_(_contains(post.c.title, phrase), _contains(post.c.text, phrase))


def _contains(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), column.icontains(words, autoescape=True))
