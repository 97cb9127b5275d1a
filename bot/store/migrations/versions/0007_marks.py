"""What posts can be found by and what they point at, so that links need no look at all posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make room for it. The next run finds every link anew; those that stand hold until then."""
    op.create_table(
        "mark",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("name", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger()),
        sa.PrimaryKeyConstraint("post_id", "how", "name", name="pk_mark"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_mark_post_id_post", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_mark_name_place_how_post_id", "mark", ["name", "place", "how", "post_id"])
    op.create_table(
        "unlinked",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_unlinked"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_unlinked_post_id_post", ondelete="CASCADE"
        ),
    )
    op.execute("INSERT INTO unlinked SELECT id FROM post")
    op.create_table(
        "freed",
        sa.Column("name", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_freed"),
    )
