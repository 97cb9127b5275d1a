"""Posts with their index, vectors, readings, links, themes and sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first schema."""
    _posts()
    _what_is_known_of_posts()
    _themes()
    _sources()
    if op.get_bind().dialect.name == "sqlite":
        _full_text_index()


def _posts() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("external_id", sa.String(512), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.String(256), nullable=False),
        sa.Column("author", sa.String(256)),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("parent_id", sa.String(512)),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.Column("score", sa.Integer()),
        sa.Column("reply_count", sa.Integer()),
        sa.Column("state", sa.String(32)),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("duplicate_of", sa.String(512)),
        sa.Column("link", sa.Text()),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.UniqueConstraint("source", "external_id", name="uq_post_source_external_id"),
    )
    op.create_index("ix_post_created_at", "post", ["created_at"])


def _of_post(table: str, column: str = "post_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["post.id"], name=f"fk_{table}_{column}_post", ondelete="CASCADE"
    )


def _what_is_known_of_posts() -> None:
    op.create_table(
        "reading",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(16), nullable=False),
        sa.Column("complaint", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_reading"),
        _of_post("reading"),
    )
    op.create_table(
        "vector",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("embedder", sa.String(64), nullable=False),
        sa.Column("row", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_vector"),
        _of_post("vector"),
    )
    op.create_table(
        "link",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "target_id", name="pk_link"),
        _of_post("link"),
        _of_post("link", "target_id"),
    )
    op.create_index("ix_link_target_id", "link", ["target_id"])


def _themes() -> None:
    op.create_table(
        "theme",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", sa.Integer()),
        sa.PrimaryKeyConstraint("number", name="pk_theme"),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["theme.number"], name="fk_theme_merged_into_theme"
        ),
    )
    op.create_table(
        "placement",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.Integer()),
        sa.Column("centrality", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_placement"),
        _of_post("placement"),
        sa.ForeignKeyConstraint(["theme"], ["theme.number"], name="fk_placement_theme_theme"),
    )
    op.create_index("ix_placement_theme", "placement", ["theme"])


def _sources() -> None:
    op.create_table(
        "source_state",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.Column("error_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="pk_source_state"),
    )


def _full_text_index() -> None:
    """FTS5 over title and text, kept by triggers so that no writer can forget it."""
    op.execute(
        "CREATE VIRTUAL TABLE post_index USING fts5("
        "title, text, content='post', content_rowid='id', "
        "tokenize=\"porter unicode61 remove_diacritics 2 tokenchars '_'\")"
    )
    gone = (
        "INSERT INTO post_index(post_index, rowid, title, text) "
        "VALUES ('delete', old.id, old.title, old.text);"
    )
    come = "INSERT INTO post_index(rowid, title, text) VALUES (new.id, new.title, new.text);"
    op.execute(f"CREATE TRIGGER post_index_insert AFTER INSERT ON post BEGIN {come} END")
    op.execute(f"CREATE TRIGGER post_index_delete AFTER DELETE ON post BEGIN {gone} END")
    op.execute(
        "CREATE TRIGGER post_index_update AFTER UPDATE OF title, text ON post "
        f"BEGIN {gone} {come} END"
    )
