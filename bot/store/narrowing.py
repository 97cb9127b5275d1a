"""Filters before ranking, without reading all posts: which of some, or of all, fulfil a query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.types import Integer

from bot.model import Query
from bot.store.filters import conditions
from bot.store.schema import placement, post, reading


def fulfilling(
    connection: Connection, row_ids: Sequence[int], query: Query, now: datetime
) -> set[int]:
    """Those of some posts that fulfil the query, its words aside."""
    statement = allowed(query, now).where(among(row_ids))
    return {row.id for row in connection.execute(statement)} if len(row_ids) else set()


def all_fulfilling(connection: Connection, query: Query, now: datetime) -> set[int]:
    """Row ids of all posts that fulfil the query, its words aside, in no order.

    Looks at every post of the query's time: for queries that few posts fulfil.
    """
    return {row.id for row in connection.execute(allowed(query, now))}


def allowed(query: Query, now: datetime, *columns: ColumnElement[Any]) -> Select[Any]:
    """The ids of posts that fulfil the query, its words aside, and other columns to be joined."""
    tables = post.outerjoin(reading).outerjoin(placement)
    fulfilled = conditions(replace(query, words=()), now)
    return select(post.c.id, *columns).select_from(tables).where(*fulfilled)


def among(row_ids: Iterable[int]) -> ColumnElement[bool]:
    """That a post is one of some, however many: they go as one value, not as one each."""
    listed = func.json_each(json.dumps([int(i) for i in row_ids]))
    value = listed.table_valued("value").c.value
    return post.c.id.in_(select(value.cast(Integer)))
