"""The moment, the releases and the places that the tables of questions are read from."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.speak.standpoint import Released, Standpoint

TOOL, INTERFACE = "acme/quill", "acme/quill-ui"

AT = Standpoint(
    now=datetime(2026, 11, 25, 14, 30, tzinfo=UTC),
    zone="Europe/Berlin",
    releases=(
        Released("v2.3.0", datetime(2026, 9, 14, 9, tzinfo=UTC), TOOL),
        Released("v2.4.0", datetime(2026, 10, 20, 10, tzinfo=UTC), TOOL),
        Released("v2.4.1", datetime(2026, 11, 12, 8, tzinfo=UTC), TOOL),
        Released("v2.5.0-rc.1", datetime(2026, 11, 20, 8, tzinfo=UTC), TOOL, final=False),
        Released("v0.9.0", datetime(2026, 11, 2, 8, tzinfo=UTC), INTERFACE),
    ),
    venues=(
        TOOL,
        INTERFACE,
        "r/quill",
        "r/programming",
        "Hacker News",
        "forum.quill.dev",
        "#quill-help",
        "stackoverflow.com",
    ),
)
