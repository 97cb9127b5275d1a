"""Stack Exchange: questions with a tag and all that is said under them."""

from __future__ import annotations

from bot.sources.stackexchange.adapter import StackExchange

__all__ = ["StackExchange"]
