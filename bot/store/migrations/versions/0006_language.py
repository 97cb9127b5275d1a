"""In which language a post is written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for it. What was read before is in a language unknown until it is read anew."""
    with op.batch_alter_table("reading") as reading:
        reading.add_column(sa.Column("language", sa.String(2)))
