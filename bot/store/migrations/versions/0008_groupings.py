"""When posts were last grouped as far back as we reach: between, only the newest ones are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make room for it. The next run groups all within reach, whatever it finds new."""
    op.create_table(
        "grouping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(256), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grouping"),
    )
