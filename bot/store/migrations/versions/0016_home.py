"""When members looked at their Home, and what is set from within Slack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "look",
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("user", name="pk_look"),
    )
    op.create_table(
        "configuration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(256), nullable=False),
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name="pk_configuration"),
    )
    op.create_index("ix_configuration_name", "configuration", ["name"])
