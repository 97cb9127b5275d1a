"""Discourse: a walk down a forum's posts, in the order api, walk, posts, adapter."""

from __future__ import annotations

from bot.sources.discourse.adapter import Discourse

__all__ = ["Discourse"]
