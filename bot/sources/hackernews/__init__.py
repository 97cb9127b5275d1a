"""Hacker News: found through Algolia, checked against Firebase."""

from __future__ import annotations

from bot.sources.hackernews.adapter import HackerNews

__all__ = ["HackerNews"]
