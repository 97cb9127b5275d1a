"""Filters before ranking, without reading all posts: which of some, or of all, fulfil a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, select

from bot.model import Query
from bot.store.filters import conditions
from bot.store.rows import one_of
from bot.store.schema import placement, post, reading

Whole = NDArray[np.int64]

_NONE: Whole = np.empty(0, dtype=np.int64)


def fulfilling(
    connection: Connection, row_ids: Sequence[int], query: Query, now: datetime
) -> Whole:
    """Those of some posts that fulfil the query, its words aside, in no order."""
    if not len(row_ids):
        return _NONE
    return ids_of(connection, allowed(query, now).where(among(row_ids)))


def all_fulfilling(connection: Connection, query: Query, now: datetime) -> Whole:
    """Row ids of all posts that fulfil the query, its words aside, in no order.

    Looks at every post of the query's time: for queries that few posts fulfil.
    """
    return ids_of(connection, allowed(query, now))


def ids_of(connection: Connection, found: Select[Any]) -> Whole:
    """The ids that a statement finds: told as one text, for row by row thousands take long."""
    row_id = cast(next(iter(found.subquery().c)), String)
    told = connection.execute(select(func.aggregate_strings(row_id, ","))).scalar()
    return np.fromstring(told, dtype=np.int64, sep=",") if told else _NONE


def allowed(query: Query, now: datetime, *columns: ColumnElement[Any]) -> Select[Any]:
    """The ids of posts that fulfil the query, its words aside, and other columns to be joined."""
    tables = post.outerjoin(reading).outerjoin(placement)
    fulfilled = conditions(replace(query, words=()), now)
    return select(post.c.id, *columns).select_from(tables).where(*fulfilled)


def among(row_ids: Iterable[int]) -> ColumnElement[bool]:
    """That a post is one of some, however many."""
    return one_of(post.c.id, row_ids)
