"""GitHub, in the order in which a post passes: api, lists or graphql, posts, harvest, adapter."""

from __future__ import annotations

from bot.sources.github.adapter import Github

__all__ = ["Github"]
