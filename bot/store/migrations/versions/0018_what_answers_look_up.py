"""What every answer looks up, without going through the posts themselves."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the indices."""
    op.create_index(
        "ix_post_source_created_at_parent_id_role",
        "post",
        ["source", "created_at", "parent_id", "role"],
    )
    for name, table, column, rare in (
        ("ix_post_visibility", "post", "visibility", "visibility <> 'public'"),
        ("ix_reading_sensitive", "reading", "post_id", "sensitive IS NOT NULL"),
    ):
        # As text, since `postgresql_where` would load its dialect also where it is SQLite.
        op.execute(f"CREATE INDEX {name} ON {table} ({column}) WHERE {rare}")
