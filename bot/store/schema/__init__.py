"""The tables, in SQLAlchemy's portable words; `migrations/` holds how they came to be.

Each stands with its subject. They are imported from here, so that every table is known to
`metadata` whichever of them is asked for.
"""

from __future__ import annotations

from bot.store.schema.base import metadata
from bot.store.schema.decisions import configuration, decided_post, decision, rota
from bot.store.schema.deliveries import (
    acknowledgement,
    delivery,
    message,
    picture,
    shown,
    subscription,
)
from bot.store.schema.posts import gap, post, source_state, tombstone
from bot.store.schema.slack import capture, feedback, inbox, lease, look, talk
from bot.store.schema.themes import grouping, placement, theme
from bot.store.schema.understood import (
    freed,
    ground,
    link,
    mark,
    pending,
    reading,
    sketch,
    unlinked,
    vector,
)
from bot.store.schema.writing import phrasing, spent

__all__ = [
    "acknowledgement",
    "capture",
    "configuration",
    "decided_post",
    "decision",
    "delivery",
    "feedback",
    "freed",
    "gap",
    "ground",
    "grouping",
    "inbox",
    "lease",
    "link",
    "look",
    "mark",
    "message",
    "metadata",
    "pending",
    "phrasing",
    "picture",
    "placement",
    "post",
    "reading",
    "rota",
    "shown",
    "sketch",
    "source_state",
    "spent",
    "subscription",
    "talk",
    "theme",
    "tombstone",
    "unlinked",
    "vector",
]
