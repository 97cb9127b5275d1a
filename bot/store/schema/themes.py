"""Themes, and which posts stand in them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, ForeignKey, Integer, String, Table, Text

from bot.store.schema.base import UtcTime, metadata, of_post

theme = Table(
    "theme",
    metadata,
    # The number in "T12". Ids are never used again, so a theme that is gone keeps its row.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("merged_into", Integer, ForeignKey("theme.number")),
    Column("split_from", Integer, ForeignKey("theme.number")),
    # What of the product it is about, in words of public posts. NULL: nothing says so.
    Column("area", Text),
)

placement = Table(
    "placement",
    metadata,
    of_post(primary_key=True),
    # NULL: the post was considered and belongs to no theme.
    Column("theme", Integer, ForeignKey("theme.number"), index=True),
    Column("centrality", Float, nullable=False),
)

grouping = Table(
    "grouping",
    metadata,
    Column("id", Integer, primary_key=True),
    # When all posts within reach were grouped, not only the newest, and in which way.
    Column("at", UtcTime, nullable=False),
    Column("way", String(256), nullable=False),
)
