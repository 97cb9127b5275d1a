"""When a thread was closed, and its replies without reading all posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room for it. Standing posts get it when their source tells of them again."""
    with op.batch_alter_table("post") as post:
        post.add_column(sa.Column("closed_at", sa.DateTime(timezone=True)))
        post.create_index("ix_post_source_parent_id", ["source", "parent_id"])
        post.create_index("ix_post_source_root_id", ["source", "root_id"])
