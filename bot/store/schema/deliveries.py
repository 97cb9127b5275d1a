"""What is told to whom in Slack: subscriptions, their deliveries, and who has seen an alert."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.schema.base import UtcTime, metadata


def _of_message() -> tuple[Column[str], Column[int], ForeignKeyConstraint]:
    """A message's key as a foreign key: whatever hangs on a message goes with it."""
    return (
        Column("delivery_id", String(32), primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        ForeignKeyConstraint(
            ["delivery_id", "part"], ["message.delivery_id", "message.part"], ondelete="CASCADE"
        ),
    )


subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False, index=True),
    Column("asks", String(16), nullable=False),
    # A query in its language, or a question.
    Column("words", Text, nullable=False),
    Column("cadence", String(128), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("style", String(16), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

delivery = Table(
    "delivery",
    metadata,
    # Reckoned from the two columns below: whoever reckons it, it is the same.
    Column("id", String(32), primary_key=True),
    Column("subscription_id", Integer, ForeignKey("subscription.id"), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("since", UtcTime),
    Column("channel", String(32), nullable=False),
    Column("stage", String(16), nullable=False, index=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    # Slack asked to be left alone until then, or we try again then.
    Column("not_before", UtcTime),
    Column("said", String(64)),
    Column("error", Text),
    UniqueConstraint("subscription_id", "due_at"),
)

message = Table(
    "message",
    metadata,
    Column("delivery_id", String(32), ForeignKey("delivery.id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    Column("in_thread", Boolean, nullable=False),
    # From then on it may stand in Slack, also if we never heard that it does.
    Column("begun_at", UtcTime),
    # Slack's name for it; NULL: not known to stand there.
    Column("ts", String(32)),
)

shown = Table(
    "shown",
    metadata,
    # What a message shows, by the block that shows it: what changes or goes is changed there.
    *_of_message(),
    Column("block_id", String(255), primary_key=True),
    Column("theme", Integer, index=True),
    Column("post_key", Text, index=True),
)

picture = Table(
    "picture",
    metadata,
    # What a message shows as a file, until it stands in Slack. All goes with any post that goes:
    # a theme's name in it may be that post's title.
    *_of_message(),
    Column("png", LargeBinary, nullable=False),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    # Who has seen an alert in a channel, or wants none of a theme until a time. Nothing is changed
    # but to be taken back.
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    # A theme, or the key of a post that is in none.
    Column("what", Text, nullable=False),
    # NULL: it was seen, and alerts go on.
    Column("until", UtcTime),
    Column("by", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("undone_by", String(64)),
    Column("undone_at", UtcTime),
    Index(None, "channel", "until"),
)
