"""The area of each theme: what of the product it is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column, empty: the next grouping of all posts fills it."""
    op.add_column("theme", sa.Column("area", sa.Text()))
