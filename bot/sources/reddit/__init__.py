"""Reddit: its API through praw where there is a key, else its feeds; one adapter for both."""

from __future__ import annotations

from bot.sources.reddit.adapter import Reddit

__all__ = ["Reddit"]
