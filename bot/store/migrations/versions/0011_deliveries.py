"""What is told to channels again and again, what was posted, and who may post now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the tables."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("asks", sa.String(16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("cadence", sa.String(128), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("style", sa.String(16), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", time, nullable=False),
        sa.Column("ended_at", time),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_index("ix_subscription_channel", "subscription", ["channel"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("due_at", time, nullable=False),
        sa.Column("since", time),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("not_before", time),
        sa.Column("said", sa.String(64)),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name="fk_delivery_subscription_id_subscription",
        ),
        sa.UniqueConstraint("subscription_id", "due_at", name="uq_delivery_subscription_id_due_at"),
    )
    op.create_index("ix_delivery_stage", "delivery", ["stage"])
    op.create_table(
        "message",
        sa.Column("delivery_id", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("in_thread", sa.Boolean(), nullable=False),
        sa.Column("begun_at", time),
        sa.Column("ts", sa.String(32)),
        sa.PrimaryKeyConstraint("delivery_id", "part", name="pk_message"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_message_delivery_id_delivery"
        ),
    )
    _shown()
    op.create_table(
        "inbox",
        sa.Column("event", sa.String(128), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("told", sa.JSON()),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("event", name="pk_inbox"),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", time, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def _shown() -> None:
    op.create_table(
        "shown",
        sa.Column("delivery_id", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.String(255), nullable=False),
        sa.Column("theme", sa.Integer()),
        sa.Column("post_key", sa.Text()),
        sa.PrimaryKeyConstraint("delivery_id", "part", "block_id", name="pk_shown"),
        sa.ForeignKeyConstraint(
            ["delivery_id", "part"],
            ["message.delivery_id", "message.part"],
            name="fk_shown_delivery_id_part_message",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_shown_theme", "shown", ["theme"])
    op.create_index("ix_shown_post_key", "shown", ["post_key"])
