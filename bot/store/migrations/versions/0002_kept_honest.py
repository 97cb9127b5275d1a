"""Threads, visibility, re-checks; rests, budgets and gaps of sources; tombstones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what keeping the sources honest needs."""
    with op.batch_alter_table("post") as post:
        post.add_column(sa.Column("root_id", sa.String(512)))
        post.add_column(sa.Column("milestone", sa.String(256)))
        post.add_column(sa.Column("closes", sa.JSON(), nullable=False, server_default="[]"))
        post.add_column(
            sa.Column("visibility", sa.String(8), nullable=False, server_default="public")
        )
        post.add_column(sa.Column("origin", sa.String(128)))
        post.add_column(sa.Column("checked_at", sa.DateTime(timezone=True)))
    op.create_index("ix_post_origin", "post", ["origin"])
    with op.batch_alter_table("source_state") as state:
        state.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        state.add_column(sa.Column("rests_until", sa.DateTime(timezone=True)))
        state.add_column(sa.Column("budget", sa.JSON()))
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gap"),
    )
    op.create_index("ix_gap_source", "gap", ["source"])
    op.create_table(
        "tombstone",
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_tombstone"),
    )
