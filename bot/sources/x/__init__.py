"""X: recent posts that answer a query, by its paid API."""

from __future__ import annotations

from bot.sources.x.adapter import X

__all__ = ["X"]
