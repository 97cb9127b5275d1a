"""The tables, in SQLAlchemy's portable words; `migrations/` holds how they came to be."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no zones, keeps it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database: refuses a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the store")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 the base class asks for it
    ) -> datetime | None:
        """Out of the database: always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of_post(*, primary_key: bool = False) -> Column[int]:
    """A post's id as a foreign key: whatever hangs on a post goes with it."""
    return Column(
        "post_id",
        Integer,
        ForeignKey("post.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(32), nullable=False),
    Column("external_id", String(512), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("venue", String(256), nullable=False),
    Column("author", String(256)),
    Column("role", String(8), nullable=False),
    Column("url", Text),
    Column("parent_id", String(512)),
    Column("updated_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("score", Integer),
    Column("reply_count", Integer),
    Column("state", String(32)),
    Column("labels", JSON, nullable=False),
    Column("duplicate_of", String(512)),
    Column("link", Text),
    Column("root_id", String(512)),
    Column("milestone", String(256)),
    Column("closes", JSON, nullable=False, server_default="[]"),
    Column("visibility", String(8), nullable=False, server_default="public"),
    # The configured source that brought it, and when it was last looked at there again.
    Column("origin", String(128), index=True),
    Column("checked_at", UtcTime),
    # What the full-text index holds besides title and text; NULL for nothing.
    Column("code", Text),
    # Of what the source said: tells an edit from a repeat without comparing them all.
    Column("fingerprint", String(32), nullable=False),
    UniqueConstraint("source", "external_id"),
    Index(None, "created_at"),
    # All that counting asks of a post, so that its words need not be gone through.
    Index(None, "source", "created_at", "parent_id", "role"),
    Index(None, "venue", "created_at"),
    Index(None, "source", "parent_id"),
    Index(None, "source", "root_id"),
)
Index(
    "ix_post_visibility",
    post.c.visibility,
    sqlite_where=post.c.visibility != "public",
    postgresql_where=post.c.visibility != "public",
)

reading = Table(
    "reading",
    metadata,
    _of_post(primary_key=True),
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
Index(
    "ix_reading_sensitive",
    reading.c.post_id,
    sqlite_where=reading.c.sensitive.is_not(None),
    postgresql_where=reading.c.sensitive.is_not(None),
)

ground = Table(
    "ground",
    metadata,
    _of_post(primary_key=True),
    Column("criterion", String(16), primary_key=True),
    # The post's own words: they go with it.
    Column("words", Text, nullable=False),
)

vector = Table(
    "vector",
    metadata,
    _of_post(primary_key=True),
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
    _of_post(primary_key=True),
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
    _of_post(primary_key=True),
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
    _of_post(primary_key=True),
)

unlinked = Table(
    "unlinked",
    metadata,
    # A post that came or was edited: the next linking takes it up.
    _of_post(primary_key=True),
)

freed = Table(
    "freed",
    metadata,
    # A name that lost its first bearer: the next linking looks who bears it now.
    Column("name", BigInteger, primary_key=True, autoincrement=False),
)

theme = Table(
    "theme",
    metadata,
    # The number in "T12". Ids are never used again, so a theme that is gone keeps its row.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("merged_into", Integer, ForeignKey("theme.number")),
    Column("split_from", Integer, ForeignKey("theme.number")),
    # What of the product it is about, in words of public posts. NULL: nothing says so.
    Column("area", Text),
)

placement = Table(
    "placement",
    metadata,
    _of_post(primary_key=True),
    # NULL: the post was considered and belongs to no theme.
    Column("theme", Integer, ForeignKey("theme.number"), index=True),
    Column("centrality", Float, nullable=False),
)

grouping = Table(
    "grouping",
    metadata,
    Column("id", Integer, primary_key=True),
    # When all posts within reach were grouped, not only the newest, and in which way.
    Column("at", UtcTime, nullable=False),
    Column("way", String(256), nullable=False),
)

source_state = Table(
    "source_state",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("cursor", Text),
    Column("read_at", UtcTime),
    Column("error", Text),
    Column("error_at", UtcTime),
    # In a row without a success; and until when it is left alone.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("rests_until", UtcTime),
    # What the source last said of its limits: {"remaining", "limit", "resets_at"}.
    Column("budget", JSON),
)

gap = Table(
    "gap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(128), nullable=False, index=True),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    # Append-only: of a row only the undoing is ever written later. No words of strangers stand
    # here, and their posts are named in `decided_post` alone, which goes with the post.
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(256), nullable=False),
    Column("deed", String(16), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("undone_at", UtcTime),
    Column("undone_by", String(256)),
)

decided_post = Table(
    "decided_post",
    metadata,
    Column("decision_id", Integer, ForeignKey("decision.id"), primary_key=True),
    _of_post(primary_key=True),
    Column("part", String(8), nullable=False),
    # The theme that the part speaks of, and the one that the post stood in, how central, before.
    Column("theme", Integer),
    Column("stood", Integer),
    Column("centrality", Float, nullable=False),
    # Whether the bot had placed the post rightly; NULL where the decision does not say.
    Column("right", Boolean),
    # What the bot reads the post as, where a person says otherwise.
    Column("intent", String(16)),
    Index(None, "post_id"),
)

tombstone = Table(
    "tombstone",
    metadata,
    # A digest, not the name: who asked to be forgotten must not stand here.
    Column("mark", String(32), primary_key=True),
    Column("made_at", UtcTime, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False, index=True),
    Column("asks", String(16), nullable=False),
    # A query in its language, or a question.
    Column("words", Text, nullable=False),
    Column("cadence", String(128), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("style", String(16), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

delivery = Table(
    "delivery",
    metadata,
    # Reckoned from the two columns below: whoever reckons it, it is the same.
    Column("id", String(32), primary_key=True),
    Column("subscription_id", Integer, ForeignKey("subscription.id"), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("since", UtcTime),
    Column("channel", String(32), nullable=False),
    Column("stage", String(16), nullable=False, index=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    # Slack asked to be left alone until then, or we try again then.
    Column("not_before", UtcTime),
    Column("said", String(64)),
    Column("error", Text),
    UniqueConstraint("subscription_id", "due_at"),
)

message = Table(
    "message",
    metadata,
    Column("delivery_id", String(32), ForeignKey("delivery.id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    Column("in_thread", Boolean, nullable=False),
    # From then on it may stand in Slack, also if we never heard that it does.
    Column("begun_at", UtcTime),
    # Slack's name for it; NULL: not known to stand there.
    Column("ts", String(32)),
)

shown = Table(
    "shown",
    metadata,
    # What a message shows, by the block that shows it: what changes or goes is changed there.
    Column("delivery_id", String(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("block_id", String(255), primary_key=True),
    Column("theme", Integer, index=True),
    Column("post_key", Text, index=True),
    ForeignKeyConstraint(
        ["delivery_id", "part"], ["message.delivery_id", "message.part"], ondelete="CASCADE"
    ),
)

picture = Table(
    "picture",
    metadata,
    # What a message shows as a file, until it stands in Slack. All goes with any post that goes:
    # a theme's name in it may be that post's title.
    Column("delivery_id", String(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("png", LargeBinary, nullable=False),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
    ForeignKeyConstraint(
        ["delivery_id", "part"], ["message.delivery_id", "message.part"], ondelete="CASCADE"
    ),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    # Who has seen an alert in a channel, or wants none of a theme until a time. Nothing is changed
    # but to be taken back.
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    # A theme, or the key of a post that is in none.
    Column("what", Text, nullable=False),
    # NULL: it was seen, and alerts go on.
    Column("until", UtcTime),
    Column("by", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("undone_by", String(64)),
    Column("undone_at", UtcTime),
    Index(None, "channel", "until"),
)

feedback = Table(
    "feedback",
    metadata,
    # A digest of a question and what was answered, and who found that good or bad: the last word.
    Column("answer", String(32), primary_key=True),
    Column("by", String(64), primary_key=True),
    Column("question", Text, nullable=False),
    Column("good", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)

inbox = Table(
    "inbox",
    metadata,
    # What Slack told, kept before it is acknowledged. What comes again is known by its id.
    Column("event", String(128), primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    # NULL: it is dealt with.
    Column("told", JSON(none_as_null=True)),
    Column("tries", Integer, nullable=False, server_default="0"),
)

rota = Table(
    "rota",
    metadata,
    Column("id", Integer, primary_key=True),
    # [[id, name], ...]: whose week it is follows from the date.
    Column("people", JSON, nullable=False),
    Column("weekday", String(3), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

capture = Table(
    "capture",
    metadata,
    # A message that somebody filed by a reaction.
    Column("channel", String(32), primary_key=True),
    Column("ts", String(32), primary_key=True),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    # The post that it brought; NULL if that stood here already, or is gone.
    Column("post_id", Integer, ForeignKey("post.id", ondelete="SET NULL"), index=True),
    Column("answer", String(32)),
    Column("ended_at", UtcTime),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcTime, nullable=False),
)

spent = Table(
    "spent",
    metadata,
    # By UTC: what language models cost on a day. Millionths of whatever currency prices are in.
    Column("day", String(10), primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
)

phrasing = Table(
    "phrasing",
    metadata,
    # What a model wrote, by a digest of all that it was shown. All goes with any post that goes
    # (bot/store/purge.py): whose words stand in it is not kept.
    Column("digest", String(32), primary_key=True),
    Column("said", JSON, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)

talk = Table(
    "talk",
    metadata,
    # A channel and a thread in it.
    Column("place", String(96), primary_key=True),
    Column("asked", JSON, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)

look = Table(
    "look",
    metadata,
    # When a member looked at their Home, and when they had looked before that.
    Column("user", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("since", UtcTime),
)

configuration = Table(
    "configuration",
    metadata,
    # Append-only: the last row of a name is what is set, NULL for nothing any more.
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(256), nullable=False),
    Column("name", String(512), nullable=False, index=True),
    Column("value", JSON(none_as_null=True)),
)
