"""What language models wrote, and what that cost."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, String, Table

from bot.store.schema.base import UtcTime, metadata

phrasing = Table(
    "phrasing",
    metadata,
    # What a model wrote, by a digest of all that it was shown. All goes with any post that goes
    # (bot/store/purge.py): whose words stand in it is not kept.
    Column("digest", String(32), primary_key=True),
    Column("said", JSON, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)

spent = Table(
    "spent",
    metadata,
    # By UTC: what language models cost on a day. Millionths of whatever currency prices are in.
    Column("day", String(10), primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
)
