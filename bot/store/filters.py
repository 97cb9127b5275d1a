"""A Query as SQL conditions: the one place where the two meet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    distinct,
    exists,
    false,
    func,
    or_,
    select,
    table,
    true,
)

from bot.model import UNCOMPLAINING, Audience, Query, Role, Visibility
from bot.store.rows import not_after, one_of
from bot.store.schema import ground, placement, post, reading, theme
from bot.store.words import match_all

_DIGITS = 9
"""Of the largest theme number that any database's integer holds."""

index = table("post_index", column("rowid"), column("post_index"))
"""The full-text index: its rowid is a post's id."""

COMPLAINT = "complaint"
"""The kind that is a judgement across intents: `kind:complaint`."""

ENDED = ("closed", "merged", "answered", "solved", "resolved")
"""The states of a thread that waits for nobody any more."""

TELLING = ("release", "entry")
"""Kinds of posts that wait for no answer."""


def conditions(query: Query, now: datetime) -> list[ColumnElement[bool]]:
    """What a post must fulfil, apart from the query's words.

    Needs `reading` and `placement` joined. Posts after `now` do not exist, nor, for whoever asks,
    do those that look like an undisclosed vulnerability: here, so that no output can forget it.

    Raises:
        ValueError: the query speaks of its themes' people or trackers, which no single post
            tells: whoever asks puts the themes that it holds for in their place before.
    """
    if query.people is not None or query.untracked is not None:
        raise ValueError("people: and untracked: must have been turned into themes")
    until = min(now, query.until) if query.until else now
    found: list[ColumnElement[bool]] = [
        # `now` itself has happened; a period's end belongs to the next period.
        post.c.created_at < until
        if query.until and query.until <= now
        else post.c.created_at <= until,
        reading.c.sensitive.is_(None),
    ]
    if not query.audience.everything:
        found.append(readable(query.audience))
    if query.since:
        found.append(post.c.created_at >= query.since)
    if query.strength is not None:
        found.append(_complaining(query.strength))
    for key, field in KEYS.items():
        if values := getattr(query, field):
            found.append(_holding(key, values))
    for key, value in query.excluded:
        found.append(~func.coalesce(_holding(key, (value,)), false()))
    if query.unanswered is not None:
        waits = _unanswered(now)
        found.append(waits if query.unanswered else and_(post.c.parent_id.is_(None), ~waits))
    found.extend(_says(phrase) for phrase in query.phrases)
    found.extend(~_says(word) for word in query.without)
    return found


KEYS = {
    "source": "sources",
    "kind": "kinds",
    "criterion": "criteria",
    "theme": "themes",
    "area": "areas",
    "author": "authors",
    "state": "states",
    "venue": "venues",
    "lang": "languages",
    "label": "labels",
}
"""By key of the query language the query's field whose values are alternatives."""


def _holding(key: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Posts for which one of the values of a key holds; NULL where that is not known."""
    if key == "kind":
        return _of_kind(values)
    if key == "criterion":
        met = select(ground.c.post_id).where(ground.c.criterion.in_(values))
        return post.c.id.in_(met)
    if key == "theme":
        return one_of(placement.c.theme, map(theme_number, values))
    if key == "area":
        return placement.c.theme.in_(_of_area(values))
    if key == "label":
        return or_(*(_contains(cast(post.c.labels, String), f'"{value}"') for value in values))
    return func.lower(_FIELDS[key]).in_([value.lower() for value in values])


def readable(audience: Audience) -> ColumnElement[bool]:
    """The posts that an audience may read: the one visibility filter of all output."""
    public = post.c.visibility == Visibility.PUBLIC.value
    if audience.everything:
        return true()
    return or_(public, post.c.venue.in_(audience.venues)) if audience.venues else public


_FIELDS: dict[str, ColumnElement[str]] = {
    "source": post.c.source,
    "author": post.c.author,
    "state": post.c.state,
    "venue": post.c.venue,
    "lang": reading.c.language,
}


def crowded(query: Query, now: datetime) -> Select[tuple[int]]:
    """The themes that at least `query.people` people speak of.

    Those are the different known users, in any theme that the query names, in its time and its
    places: what else it asks for narrows posts, and leaves the crowd around them as it is.
    """
    places = [(key, value) for key, value in query.excluded if key in {"source", "venue"}]
    wide = Query(
        since=query.since,
        until=query.until,
        sources=query.sources,
        venues=query.venues,
        themes=query.themes,
        excluded=tuple(places),
        audience=query.audience,
    )
    person = case((post.c.role == Role.USER.value, post.c.source + ":" + post.c.author))
    return (
        select(placement.c.theme)
        .select_from(placement.join(post).outerjoin(reading))
        .where(placement.c.theme.is_not(None), *conditions(wide, now))
        .group_by(placement.c.theme)
        .having(func.count(distinct(person)) >= (query.people or 0))
    )


def _unanswered(now: datetime) -> ColumnElement[bool]:
    """Threads that a user opened, that are not over, and that nobody else has answered.

    None of those that ask nothing of anybody: releases, and entries of feeds.

    A bot's reply is no answer, a reply whose author is not known is one. Replies that the source
    counts but that were not read may be answers as well: such a thread does not count as waiting.
    """
    over = and_(
        func.coalesce(post.c.state, "open").in_(ENDED),
        or_(post.c.closed_at.is_(None), post.c.closed_at <= now),
    )
    reply = post.alias("reply")
    of_other = or_(
        reply.c.author.is_(None),
        post.c.author.is_(None),
        func.lower(reply.c.author) != func.lower(post.c.author),
    )
    beneath = [
        and_(reply.c.source == post.c.source, column == post.c.external_id)
        for column in (reply.c.root_id, reply.c.parent_id)  # an index for each
    ]
    answer = and_(reply.c.role != Role.BOT.value, of_other, not_after(reply.c.created_at, now))
    read = [
        select(func.count()).select_from(reply).where(under).scalar_subquery() for under in beneath
    ]
    told = func.coalesce(post.c.reply_count, 0)
    return and_(
        post.c.parent_id.is_(None),
        post.c.role == Role.USER.value,
        post.c.kind.not_in(TELLING),
        ~over,
        *(~exists().where(under, answer) for under in beneath),
        or_(*(told <= count for count in read)),
    )


def saying(words: Sequence[str]) -> ColumnElement[bool]:
    """Posts that hold every one of the words, in any form that the index stems to the same."""
    return post.c.id.in_(
        select(index.c.rowid).where(index.c.post_index.op("MATCH")(match_all(words)))
    )


def theme_number(theme_id: str) -> int:
    """The number in `T12`; -1, which no theme has, for anything else."""
    digits = theme_id[1:]
    named = theme_id[:1] in {"T", "t"} and digits.isdecimal() and len(digits) <= _DIGITS
    return int(digits) if named else -1


def _of_area(names: Sequence[str]) -> Select[tuple[int]]:
    """The themes of areas, by name in any case."""
    lower = func.lower(theme.c.area).in_([name.lower() for name in names])
    # A database may know the lower case of plain letters alone.
    return select(theme.c.number).where(or_(lower, theme.c.area.in_(names)))


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
