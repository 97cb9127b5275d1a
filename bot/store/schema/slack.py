"""What comes from Slack, and what people do there with what they were told."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from bot.store.schema.base import UtcTime, metadata

inbox = Table(
    "inbox",
    metadata,
    # What Slack told, kept before it is acknowledged. What comes again is known by its id.
    Column("event", String(128), primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    # NULL: it is dealt with.
    Column("told", JSON(none_as_null=True)),
    Column("tries", Integer, nullable=False, server_default="0"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcTime, nullable=False),
)

capture = Table(
    "capture",
    metadata,
    # A message that somebody filed by a reaction.
    Column("channel", String(32), primary_key=True),
    Column("ts", String(32), primary_key=True),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    # The post that it brought; NULL if that stood here already, or is gone.
    Column("post_id", Integer, ForeignKey("post.id", ondelete="SET NULL"), index=True),
    Column("answer", String(32)),
    Column("ended_at", UtcTime),
)

talk = Table(
    "talk",
    metadata,
    # A channel and a thread in it.
    Column("place", String(96), primary_key=True),
    Column("asked", JSON, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)

look = Table(
    "look",
    metadata,
    # When a member looked at their Home, and when they had looked before that.
    Column("user", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("since", UtcTime),
)

feedback = Table(
    "feedback",
    metadata,
    # A digest of a question and what was answered, and who found that good or bad: the last word.
    Column("answer", String(32), primary_key=True),
    Column("by", String(64), primary_key=True),
    Column("question", Text, nullable=False),
    Column("good", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)
