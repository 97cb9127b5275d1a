"""What a language model costs a day, and what it wrote of which posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "spent",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_spent"),
    )
    op.create_table(
        "phrasing",
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_phrasing"),
    )
    op.create_index("ix_phrasing_at", "phrasing", ["at"])
    op.create_table(
        "phrased_post",
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "post_id", name="pk_phrased_post"),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["phrasing.digest"],
            name="fk_phrased_post_digest_phrasing",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_phrased_post_post_id_post", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_phrased_post_post_id", "phrased_post", ["post_id"])
