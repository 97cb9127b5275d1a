"""Seven kinds, how strongly a post complains and of what, and the criteria that it meets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room for it. Every post is read anew by the next run; what people decided is kept."""
    op.execute("DELETE FROM reading")
    with op.batch_alter_table("reading") as reading:
        reading.drop_column("complaint")
        reading.add_column(sa.Column("strength", sa.Integer(), nullable=False))
        reading.add_column(sa.Column("about", sa.Text(), nullable=False))
        reading.add_column(sa.Column("sensitive", sa.Text()))
        reading.add_column(sa.Column("basis", sa.String(16), nullable=False))
    op.create_table(
        "ground",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "criterion", name="pk_ground"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_ground_post_id_post", ondelete="CASCADE"
        ),
    )
    op.execute("UPDATE decided_post SET intent = 'discussion' WHERE intent = 'other'")
    _rename_decided()


def _rename_decided() -> None:
    """The decisions themselves name the kind, too."""
    decision = sa.table(
        "decision", sa.column("id"), sa.column("deed"), sa.column("arguments", sa.JSON())
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(decision).where(decision.c.deed == "kind")).all()
    for row in rows:
        if row.arguments.get("kind") == "other":
            arguments = row.arguments | {"kind": "discussion"}
            change = sa.update(decision).where(decision.c.id == row.id)
            connection.execute(change.values(arguments=arguments))
