"""What people decided, post by post, and where a theme was split from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the log of decisions."""
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(256), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.String(256)),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_table(
        "decided_post",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(8), nullable=False),
        sa.Column("theme", sa.Integer()),
        sa.Column("stood", sa.Integer()),
        sa.Column("centrality", sa.Float(), nullable=False),
        sa.Column("right", sa.Boolean()),
        sa.Column("intent", sa.String(16)),
        sa.PrimaryKeyConstraint("decision_id", "post_id", name="pk_decided_post"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name="fk_decided_post_decision_id_decision"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_decided_post_post_id_post", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_decided_post_post_id", "decided_post", ["post_id"])
    with op.batch_alter_table("theme") as theme:
        theme.add_column(sa.Column("split_from", sa.Integer()))
        theme.create_foreign_key("fk_theme_split_from_theme", "theme", ["split_from"], ["number"])
