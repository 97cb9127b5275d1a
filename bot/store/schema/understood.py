"""What is understood of each post: what it says, its vector, and what it points at."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from bot.store.schema.base import metadata, of_post, of_some

reading = Table(
    "reading",
    metadata,
    of_post(primary_key=True),
    Column("intent", String(16), nullable=False),
    # 0 to 3: how strongly it complains.
    Column("strength", Integer, nullable=False),
    Column("about", Text, nullable=False),
    # The words by which it looks like an undisclosed vulnerability: such a post is never shown.
    Column("sensitive", Text),
    Column("basis", String(16), nullable=False),
    # ISO 639-1. NULL: it cannot be told, or it was read before that was asked.
    Column("language", String(2)),
)
of_some("ix_reading_sensitive", reading.c.post_id, reading.c.sensitive.is_not(None))

ground = Table(
    "ground",
    metadata,
    of_post(primary_key=True),
    Column("criterion", String(16), primary_key=True),
    # The post's own words: they go with it.
    Column("words", Text, nullable=False),
)

vector = Table(
    "vector",
    metadata,
    of_post(primary_key=True),
    Column("embedder", String(64), nullable=False),
    Column("row", LargeBinary, nullable=False),  # float32, little-endian, unit length
    # Which posts have one is asked often, and must not read all vectors.
    Index(None, "embedder", "post_id"),
)

sketch = Table(
    "sketch",
    metadata,
    Column("embedder", String(64), primary_key=True),
    # A block is the posts whose ids are alike but for their last bits.
    Column("block", Integer, primary_key=True, autoincrement=False),
    # Grows with every change of any block of the embedder.
    Column("version", Integer, nullable=False),
    # A bit a post: whether it has a vector.
    Column("held", LargeBinary, nullable=False),
    # The signs of each post's vector, a bit a dimension, in whole 64-bit words.
    Column("rows", LargeBinary, nullable=False),
    Index(None, "embedder", "version"),
    Index(None, "block"),
)

link = Table(
    "link",
    metadata,
    of_post(primary_key=True),
    Column(
        "target_id",
        Integer,
        ForeignKey("post.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    Column("how", String(16), nullable=False),
)

mark = Table(
    "mark",
    metadata,
    of_post(primary_key=True),
    Column("how", String(16), primary_key=True),
    # A digest: names are compared, never shown.
    Column("name", BigInteger, primary_key=True, autoincrement=False),
    # The order of those that bear the name, the first owns it; NULL: the post points at it.
    Column("place", BigInteger),
    Index(None, "name", "place", "how", "post_id"),
)

pending = Table(
    "pending",
    metadata,
    # A post that came, or whose words changed: no run has understood it since.
    of_post(primary_key=True),
)

unlinked = Table(
    "unlinked",
    metadata,
    # A post that came or was edited: the next linking takes it up.
    of_post(primary_key=True),
)

freed = Table(
    "freed",
    metadata,
    # A name that lost its first bearer: the next linking looks who bears it now.
    Column("name", BigInteger, primary_key=True, autoincrement=False),
)
