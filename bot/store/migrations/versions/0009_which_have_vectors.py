"""Which posts have a vector, known without reading the vectors; the newest posts of a venue."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the indices."""
    op.create_index("ix_vector_embedder_post_id", "vector", ["embedder", "post_id"])
    op.create_index("ix_post_venue_created_at", "post", ["venue", "created_at"])
