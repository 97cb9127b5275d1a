"""Code names in the full-text index, and a sketch of every vector that is read as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.sketches import sketch_all
from bot.store.words import code_words

revision = "0013"
down_revision = "0012"

LOT = 20_000
"""Posts that are held in memory at once."""


def upgrade() -> None:
    """Read every post once: about 5 seconds for 100,000 of them, and in proportion."""
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER post_index_{name}")
    op.execute("DROP TABLE post_index")
    with op.batch_alter_table("post") as post:
        post.add_column(sa.Column("code", sa.Text()))
    _find_code(op.get_bind())
    _full_text_index()
    _sketches()
    sketch_all(op.get_bind())


def _find_code(connection: sa.Connection) -> None:
    last = 0
    while rows := connection.execute(
        sa.text("SELECT id, title, text FROM post WHERE id > :last ORDER BY id LIMIT :lot"),
        {"last": last, "lot": LOT},
    ).all():
        last = rows[-1].id
        found = [{"row": row.id, "code": code_words(row.title, row.text)} for row in rows]
        if named := [one for one in found if one["code"]]:
            connection.execute(sa.text("UPDATE post SET code = :code WHERE id = :row"), named)


def _full_text_index() -> None:
    """FTS5 over title, text and code, kept by triggers so that no writer can forget it.

    Unlike the first, it parts words at "_" too: who looks for `retries` means `max_retries`.
    """
    op.execute(
        "CREATE VIRTUAL TABLE post_index USING fts5("
        "title, text, code, content='post', content_rowid='id', "
        'tokenize="porter unicode61 remove_diacritics 2")'
    )
    gone = (
        "INSERT INTO post_index(post_index, rowid, title, text, code) "
        "VALUES ('delete', old.id, old.title, old.text, old.code);"
    )
    come = (
        "INSERT INTO post_index(rowid, title, text, code) "
        "VALUES (new.id, new.title, new.text, new.code);"
    )
    op.execute(f"CREATE TRIGGER post_index_insert AFTER INSERT ON post BEGIN {come} END")
    op.execute(f"CREATE TRIGGER post_index_delete AFTER DELETE ON post BEGIN {gone} END")
    op.execute(
        "CREATE TRIGGER post_index_update AFTER UPDATE OF title, text, code ON post "
        f"BEGIN {gone} {come} END"
    )
    op.execute("INSERT INTO post_index(post_index) VALUES ('rebuild')")


def _sketches() -> None:
    op.create_table(
        "sketch",
        sa.Column("embedder", sa.String(64), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("embedder", "block", name="pk_sketch"),
    )
    op.create_index("ix_sketch_embedder_version", "sketch", ["embedder", "version"])
    op.create_index("ix_sketch_block", "sketch", ["block"])
