"""What sources gave: posts, how far each was read, and whose posts are never taken in."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, UniqueConstraint

from bot.store.schema.base import UtcTime, metadata, of_some

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(32), nullable=False),
    Column("external_id", String(512), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("venue", String(256), nullable=False),
    Column("author", String(256)),
    Column("role", String(8), nullable=False),
    Column("url", Text),
    Column("parent_id", String(512)),
    Column("updated_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("score", Integer),
    Column("reply_count", Integer),
    Column("state", String(32)),
    Column("labels", JSON, nullable=False),
    Column("duplicate_of", String(512)),
    Column("link", Text),
    Column("root_id", String(512)),
    Column("milestone", String(256)),
    Column("closes", JSON, nullable=False, server_default="[]"),
    Column("visibility", String(8), nullable=False, server_default="public"),
    # The configured source that brought it, and when it was last looked at there again.
    Column("origin", String(128), index=True),
    Column("checked_at", UtcTime),
    # What the full-text index holds besides title and text; NULL for nothing.
    Column("code", Text),
    # Of what the source said: tells an edit from a repeat without comparing them all.
    Column("fingerprint", String(32), nullable=False),
    UniqueConstraint("source", "external_id"),
    Index(None, "created_at"),
    # All that counting asks of a post, so that its words need not be gone through.
    Index(None, "source", "created_at", "parent_id", "role"),
    Index(None, "venue", "created_at"),
    Index(None, "source", "parent_id"),
    Index(None, "source", "root_id"),
)
of_some("ix_post_visibility", post.c.visibility, post.c.visibility != "public")

source_state = Table(
    "source_state",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("cursor", Text),
    Column("read_at", UtcTime),
    Column("error", Text),
    Column("error_at", UtcTime),
    # In a row without a success; and until when it is left alone.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("rests_until", UtcTime),
    # What the source last said of its limits: {"remaining", "limit", "resets_at"}.
    Column("budget", JSON),
)

gap = Table(
    "gap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(128), nullable=False, index=True),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
)

tombstone = Table(
    "tombstone",
    metadata,
    # A digest, not the name: who asked to be forgotten must not stand here.
    Column("mark", String(32), primary_key=True),
    Column("made_at", UtcTime, nullable=False),
)
