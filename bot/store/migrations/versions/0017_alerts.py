"""Pictures that wait to be posted, who has seen which alert, and how good answers were found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the tables."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "picture",
        sa.Column("delivery_id", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "part", name="pk_picture"),
        sa.ForeignKeyConstraint(
            ["delivery_id", "part"],
            ["message.delivery_id", "message.part"],
            name="fk_picture_delivery_id_part_message",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("until", time),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("undone_by", sa.String(64)),
        sa.Column("undone_at", time),
        sa.PrimaryKeyConstraint("id", name="pk_acknowledgement"),
    )
    op.create_index("ix_acknowledgement_channel_until", "acknowledgement", ["channel", "until"])
    op.create_table(
        "feedback",
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.PrimaryKeyConstraint("answer", "by", name="pk_feedback"),
    )
    op.create_index("ix_feedback_at", "feedback", ["at"])
