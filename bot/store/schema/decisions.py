"""What people decided about themes, and what they set."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from bot.store.schema.base import UtcTime, metadata, of_post

decision = Table(
    "decision",
    metadata,
    # Append-only: of a row only the undoing is ever written later. No words of strangers stand
    # here, and their posts are named in `decided_post` alone, which goes with the post.
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(256), nullable=False),
    Column("deed", String(16), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("undone_at", UtcTime),
    Column("undone_by", String(256)),
)

decided_post = Table(
    "decided_post",
    metadata,
    Column("decision_id", Integer, ForeignKey("decision.id"), primary_key=True),
    of_post(primary_key=True),
    Column("part", String(8), nullable=False),
    # The theme that the part speaks of, and the one that the post stood in, how central, before.
    Column("theme", Integer),
    Column("stood", Integer),
    Column("centrality", Float, nullable=False),
    # Whether the bot had placed the post rightly; NULL where the decision does not say.
    Column("right", Boolean),
    # What the bot reads the post as, where a person says otherwise.
    Column("intent", String(16)),
    Index(None, "post_id"),
)

configuration = Table(
    "configuration",
    metadata,
    # Append-only: the last row of a name is what is set, NULL for nothing any more.
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(256), nullable=False),
    Column("name", String(512), nullable=False, index=True),
    Column("value", JSON(none_as_null=True)),
)

rota = Table(
    "rota",
    metadata,
    Column("id", Integer, primary_key=True),
    # [[id, name], ...]: whose week it is follows from the date.
    Column("people", JSON, nullable=False),
    Column("weekday", String(3), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)
